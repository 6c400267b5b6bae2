"""`ivr bench popup` with sockets and one page of Chromium: every ring arrives where it was meant to."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.bench.chromium import CHROMIUM
from ivr.bench.popup import QUICK, measure


@pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium: install Debian's chromium-headless-shell")
async def test_every_ring_arrives_and_none_elsewhere(tmp_path: Path) -> None:
    size = replace(QUICK, sessions=5, rings=4)
    found = (await measure(size, tmp_path, CHROMIUM, lambda _: None)).document(size, {})
    assert (found["lost"], found["strays"]) == (0, 0)
    for name in ("event_to_visible_ms", "event_to_socket_ms"):
        assert json.loads(json.dumps(found[name]))["p50"] > 0
    assert found["rss_mb"]
