from __future__ import annotations

from ivr.bench.popup import Measured, Size, _judged, _Rung, _turns


def test_each_ring_is_judged_by_where_it_was_meant_to_be() -> None:
    rung = [
        _Rung(call, login, 1_000_000_000) for call, login in (("a", "page"), ("b", "other"), ("c", "other"))
    ]
    seen = [("a", "page", 1_030.0), ("b", "other", 1_002.0), ("b", "page", 1_003.0)]
    found = _judged(rung, seen, {"page": "secret"}, 100.0)
    assert found == Measured(visible_ms=[30.0], socket_ms=[2.0], lost=1, strays=1, rss_mb=100.0)


def test_pages_and_sockets_are_rung_by_turns() -> None:
    assert _turns(["p1", "p2"], ["o1"], 6) == ["p1", "o1", "p2", "o1", "p1", "o1"]
    assert _turns([], ["o1", "o2"], 3) == ["o1", "o2", "o1"]


def test_the_document_has_the_keys_of_the_contract() -> None:
    told = Measured(visible_ms=[10.0, 20.0], rss_mb=99.96).document(Size(), {"cores": 2})
    assert told["event_to_visible_ms"] == {"p50": 15.0, "p95": 19.5}
    assert (told["sessions"], told["rss_mb"], told["event_to_socket_ms"]) == (200, 100.0, None)
    assert Measured(visible_ms=[7.0]).document(Size(), {})["event_to_visible_ms"] == {"p50": 7.0, "p95": 7.0}
