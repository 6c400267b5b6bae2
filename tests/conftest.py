"""What holds for all tests."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

# The same examples in every run; a search for new ones: pytest --hypothesis-profile=search. A machine that is
# busy with calls is slow; that is no fault of what is tested.
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("search"), derandomize=True)
settings.load_profile("same")

# Tests start hundreds of engines and commands: these are compiled once, whatever the surroundings say.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


@pytest.fixture(autouse=True)
def logs_as_they_are_by_default() -> Iterator[None]:
    """A command run within a test configures the logs for its own streams, which end with the test."""
    yield
    structlog.reset_defaults()
