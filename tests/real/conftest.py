"""The demo company, started once for all tests that call it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.real.company import Company

LONGEST_FIRST = (
    "test_voice_calls.py",
    "test_day_of_calls.py",
    "test_surroundings.py",
    "test_conversations.py",
    "test_restarts.py",
    "test_engine_faults.py",
    "test_lost_operators.py",
    "test_strangers.py",
    "test_waiting.py",
    "test_crowd.py",
)
"""Files that take minutes. Workers take whole files in this order, so that no long one begins at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; all else keeps its order."""
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    company = Company(tmp_path_factory.mktemp("company"))
    company.prepare()
    with company.running():
        yield company
