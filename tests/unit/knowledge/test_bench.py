from __future__ import annotations

import pytest

from ivr.bench.kb import Measured, Size, measure
from ivr.knowledge.loading import load
from tests.unit.knowledge.support import write


@pytest.fixture(scope="module")
def told() -> list[str]:
    return []


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory, told: list[str]) -> Measured:
    """Measured once: inventing words takes longer than what is done with them."""
    company = load(write(tmp_path_factory.mktemp("company") / "kb"))
    return measure(company, Size(articles=60, queries=40), told.append)


def test_the_document_of_the_bench_has_the_keys_of_the_contract(measured: Measured, told: list[str]) -> None:
    document = measured.document({"cores": 1})
    assert document["articles"] == 60
    search_ms = document["search_ms"]
    assert isinstance(search_ms, dict)
    assert 0 < search_ms["p50"] <= search_ms["p95"]
    assert document["machine"] == {"cores": 1}
    assert told


def test_invented_articles_are_found_again(measured: Measured) -> None:
    assert measured.found >= 0.8 * measured.size.queries
    assert measured.found >= measured.found_first
