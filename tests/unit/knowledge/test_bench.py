from __future__ import annotations

from pathlib import Path

from ivr.bench.kb import Size, measure
from ivr.knowledge.loading import load
from tests.unit.knowledge.support import write


def test_the_document_of_the_bench_has_the_keys_of_the_contract(tmp_path: Path) -> None:
    told: list[str] = []
    measured = measure(load(write(tmp_path / "kb")), Size(articles=60, queries=20), told.append)
    document = measured.document({"cores": 1})
    assert document["articles"] == 60
    search_ms = document["search_ms"]
    assert isinstance(search_ms, dict)
    assert 0 < search_ms["p50"] <= search_ms["p95"]
    assert document["machine"] == {"cores": 1}
    assert told


def test_invented_articles_are_found_again(tmp_path: Path) -> None:
    measured = measure(load(write(tmp_path / "kb")), Size(articles=60, queries=40), lambda text: None)
    assert measured.found >= 0.8 * measured.size.queries
    assert measured.found >= measured.found_first
