"""What holds for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def logs_as_they_are_by_default() -> Iterator[None]:
    """A command run within a test configures the logs for its own streams, which end with the test."""
    yield
    structlog.reset_defaults()
