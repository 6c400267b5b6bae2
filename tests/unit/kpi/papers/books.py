"""A book made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from ivr.kpi.behind import Behind
from ivr.kpi.breakdown import By
from ivr.kpi.definitions import load_definitions
from ivr.kpi.papers.book import Book, Breakdown, CallsBehind
from ivr.kpi.periods import Period
from ivr.kpi.profiles import load_profile
from ivr.kpi.report import Group, Report, Reporter
from ivr.kpi.settings import CompanyTarget
from ivr.kpi.sums import Selection

METRICS = Path(__file__).parents[4] / "metrics"
ZONE = ZoneInfo("Europe/Moscow")
SUMS = {
    "incoming": 1_000,
    "lost_literal": 151,
    "lost": 60,
    "answered": 700,
    "waited": 800,
    "wait_us": 800 * 38_000_000,
    "longest_wait_us": 700_000_000,
    "queue_answered": 700,
    "answered_in_sl": 560,
}
QUIET = {"incoming": 10, "lost_literal": 1, "answered": 9, "waited": 9, "wait_us": 9_000_000}
EVIL = '=HYPERLINK("http://evil","<script>alert(1)</script>")'


def reporter() -> Reporter:
    return Reporter(
        definitions=load_definitions(METRICS / "definitions.yaml"),
        targets={"service-level": CompanyTarget(at_least=0.9, at_most=None)},
        elsewhere=cast(Any, None),
    )


def book(
    groups: Mapping[By, Mapping[str, Mapping[str, int]]] | None = None,
    calls: Sequence[Behind] | None = None,
    sums: Mapping[str, int] = SUMS,
) -> Book:
    makes, profile = reporter(), load_profile(METRICS / "standards" / "bryansk.yaml")
    period = Period(date(2026, 11, 1), date(2026, 11, 4), ZONE)
    report = Report(
        profile=profile,
        selection=Selection(period=period, line="main"),
        made_at=datetime(2026, 12, 1, 4, tzinfo=UTC),
        kpis=makes.kpis(profile, sums, {}),
        empty=not sums,
    )
    breakdowns = [
        Breakdown(by, tuple(Group(key, makes.kpis(profile, each, {})) for key, each in found.items()))
        for by, found in (groups or {}).items()
    ]
    lost = makes.definitions.find("lost-calls")
    assert lost is not None
    return Book(
        report=report,
        breakdowns=tuple(breakdowns),
        behind=() if calls is None else (CallsBehind(lost, tuple(calls)),),
        titles={By.LINE: {"main": "Единый номер"}, By.AGENT: {"anna": "Анна Иванова", "evil": EVIL}},
    )


def call(call_id: str, agent: str = "anna") -> Behind:
    return Behind(
        call_id=call_id,
        at=datetime(2026, 11, 2, 21, 30, 15, tzinfo=UTC),
        line="main",
        segment="private",
        topic="",
        queue="clients",
        agent=agent,
        value=1,
    )


DAYS = {By.DAY: {"2026-11-01": QUIET, "2026-11-03": SUMS}}
AGENTS = {By.AGENT: {"anna": QUIET, "evil": SUMS, "": QUIET}}
