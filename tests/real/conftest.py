"""The demo company, started once for all tests that call it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.company import Company

HERE = Path(__file__).parent
LONGEST_FIRST = (
    "test_talks.py",
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
    """Put the longest files first, then other calls; all else keeps its order."""
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}

    def place(item: pytest.Item) -> int:
        if HERE not in item.path.parents:
            return len(places) + 1
        return places.get(item.path.name, len(places))

    items.sort(key=place)


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    company = Company(tmp_path_factory.mktemp("company"))
    company.prepare()
    with company.running():
        yield company
