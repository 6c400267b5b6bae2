"""What each of the five standards makes of the same calls: targets and verdicts written by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.contract.kpi_truth.conftest import Found
from tests.truth.cases import outcomes
from tests.truth.table import table

NOON = datetime(2026, 9, 15, 9, 0, tzinfo=UTC)
SEPTEMBER = (date(2026, 9, 1), date(2026, 9, 30))

JUDGED: dict[str, dict[str, tuple[float, str, str]]] = {
    "bryansk": {
        "lost-calls": (0.15, "missed", "п. 79 г"),  # 13 of 24 ended before a person answered
        "answer-average-readings": (120, "met", "п. 79 д"),  # 119.75 s
        "answer-average-general": (180, "met", "п. 79 е"),
        "answer-average-personal": (300, "met", "п. 79 ж"),  # 240 s
        "wait-maximum": (600, "met", "п. 79 з"),  # 120 s
        "corporate-talk-recommended": (360, "missed", "п. 117"),  # 1200.5 s
        "corporate-talk-maximum": (1200, "missed", "п. 117"),
        "network-delay": (0.15, "no-data", "п. 82 б"),
        "network-loss": (0.003, "no-data", "п. 82 в"),
    },
    "omsk": {
        "wait-average": (40, "met", "2.2.1"),  # 24.8 s
        "client-search-average": (40, "no-data", "2.2.1"),
        "answer-average": (300, "met", "2.2.1"),
        "wrap-up-average": (60, "met", "2.2.1"),
        "answered-alone": (0.9, "met", "4.1"),  # 10 of 11
    },
    "kostroma": {},
    "krasnoyarsk": {},
    "vladimir": {},
}
BY_CALLS = (
    "incoming", "lost-calls", "lost-unserved", "wait-average", "wait-maximum", "service-level",
    "service-level-offered", "answer-speed", "answer-average", "answer-average-readings",
    "answer-average-general", "answer-average-personal", "corporate-talk-recommended",
    "corporate-talk-maximum", "wrap-up-average", "client-search-average", "answered-alone", "first-contact",
    "csat", "robot-containment", "recording-coverage", "network-delay", "network-loss",
)  # fmt: skip


@pytest.mark.parametrize("profile", JUDGED)
def test_only_what_the_standard_states_is_judged_by_it(found: Found, profile: str) -> None:
    company = found("Europe/Moscow", profile)
    company.take_over(table(outcomes(NOON), ZoneInfo("Europe/Moscow")))
    kpis = {kpi["id"]: kpi for kpi in company.report(*SEPTEMBER)["kpis"]}
    assert set(BY_CALLS) <= set(kpis)
    judged = {name: judgement(kpis[name]) for name in BY_CALLS if kpis[name]["target"] is not None}
    assert judged == JUDGED[profile]
    assert {kpis[name]["verdict"] for name in BY_CALLS if name not in judged} <= {"no-target", "no-data"}


def judgement(kpi: dict[str, Any]) -> tuple[float, str, str]:
    return kpi["target"], kpi["verdict"], kpi["clause"]


def test_the_calls_behind_a_figure_with_what_each_adds_in_seconds(found: Found) -> None:
    company = found("Europe/Moscow")
    calls = outcomes(NOON)
    company.take_over(table(calls, ZoneInfo("Europe/Moscow")))
    period = ("--from", str(SEPTEMBER[0]), "--to", str(SEPTEMBER[1]))
    waits = company.ivr("kpi", "calls", "wait-average", *period)["calls"]
    assert {each["call_id"]: each["value"] for each in waits} == {
        call.id: pytest.approx(call.waits[0].seconds, abs=1e-6) for call in calls if call.waits
    }
    talks = company.ivr("kpi", "calls", "answer-average-personal", *period)["calls"]
    assert [(each["call_id"], each["value"]) for each in talks] == [("answered", 240)]
