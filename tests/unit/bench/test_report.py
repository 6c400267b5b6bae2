from __future__ import annotations

import json

from ivr.bench.calls import RateTried, Round
from ivr.bench.histogram import Histogram
from ivr.bench.report import Measured, document, text


def one(asterisk: float, engine: float | None = None, *, failed: int = 0) -> Round:
    cpu, memory = {"asterisk": asterisk}, {"asterisk": 70.0}
    turnaround = Histogram({})
    if engine is not None:
        cpu |= {"engine": engine, "watchdog": 0.5}
        memory |= {"engine": 100.0, "watchdog": 20.0}
        turnaround = Histogram({0.001: 99.0, 0.002: 1.0})
    return Round(
        calls=100,
        failed=failed,
        cpu_ms_per_call=cpu,
        sipp_cpu_ms_per_call=5.0,
        most_at_once=90,
        memory_mb=memory,
        turnaround=turnaround,
    )


def tried(*failures: int) -> list[RateTried]:
    return [RateTried(10.0 * place, one(10, failed=failed)) for place, failed in enumerate(failures, 1)]


NATIVE = Measured([one(10), one(12), one(50)], one(11), tried(0, 0, 3))
ENGINE = Measured([one(12, 3.5), one(14, 3.5), one(90, 3.5)], one(13, 4, failed=2), tried(0, 1))


def test_the_document_keeps_the_contract_and_its_medians() -> None:
    found = json.loads(json.dumps(document(NATIVE, ENGINE, {"cores": 2})))
    assert found["native"]["cpu_ms_per_call"] == 12
    assert found["engine"]["asterisk_cpu_ms_per_call"] == 14
    assert found["engine"]["engine_cpu_ms_per_call"] == 4
    assert found["cpu_ratio"] == 1.5
    assert (found["calls_per_second"], found["native"]["calls_per_second"]) == (10, 20)
    assert found["failed_calls"] == 2
    assert found["agi_turnaround_ms"] == {"p50": 0.505, "p99": 1.0, "calls_at_once": 90}
    assert found["engine_rss_mb"] == 120
    assert found["machine"] == {"cores": 2}
    assert found["differs"]


def test_without_an_engine_only_the_native_flow_is_told() -> None:
    found = document(NATIVE, None, {})
    assert "engine" not in found
    assert "cpu_ratio" not in found
    assert found["failed_calls"] == 0


def test_no_rate_without_a_lost_call_is_nought() -> None:
    assert Measured([one(1)], one(1), tried(1)).sustained == 0


def test_people_read_every_figure() -> None:
    told = text(document(NATIVE, ENGINE, {"cores": 2}))
    assert "cpu_ratio: 1.5" in told
    assert "  cores: 2" in told
