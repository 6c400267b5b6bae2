"""The bench of dialers works, on few targets and calls."""

from __future__ import annotations

from pathlib import Path

from ivr.bench.dialer import Size, measure

KEYS = {"targets", "targets_selected_per_second", "originates_per_second", "rss_mb", "machine"}


async def test_few_targets_are_selected_and_few_calls_ordered(tmp_path: Path) -> None:
    size = Size(targets=4_400, claimed=200, calls=20)
    measured = await measure(size, tmp_path, lambda text: None)
    document = measured.document(size, {})
    assert set(document) >= KEYS
    assert measured.engine is not None
    assert measured.panoramisk is not None
    assert (measured.engine.calls, measured.engine.ended, measured.panoramisk.ended) == (20, 20, 20)
    assert len(measured.claims) == 2
    assert 0 < measured.bare < 1_000_000, "bare SQL has found something to claim"
