"""How a figure has changed since the period before, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.kpi.definitions import Value, load_definitions
from ivr.kpi.papers.tendency import Trend, tendency
from ivr.kpi.report import Kpi
from ivr.kpi.verdicts import Verdict

DEFINITIONS = load_definitions(Path(__file__).parents[4] / "metrics" / "definitions.yaml")


def kpi(id: str, value: float | None) -> Kpi:
    definition = DEFINITIONS.find(id)
    assert definition is not None
    return Kpi(definition, Value(value, 10), None, Verdict.NO_TARGET)


@pytest.mark.parametrize(
    ("id", "now", "before", "trend", "text"),
    [
        ("lost-calls", 0.121, 0.1, Trend.WORSE, "+2,1 п. п."),
        ("lost-calls", 0.1, 0.121, Trend.BETTER, "−2,1 п. п."),
        ("service-level", 0.9, 0.8, Trend.BETTER, "+10 п. п."),
        ("wait-average", 62.4, 50.2, Trend.WORSE, "+0:12"),
        ("wait-average", 4000.0, 100.0, Trend.WORSE, "+1:05:00"),
        ("wait-average", 50.2, 50.4, Trend.SAME, "без изменений"),
        ("incoming", 2520, 2400, Trend.CHANGED, "+120 (+5 %)"),
        ("lost", 3, 0, Trend.WORSE, "+3"),
        ("lost", 2927, 2918, Trend.WORSE, "+9"),
        ("wait-average", 28.7, 28.1, Trend.WORSE, "+0:01"),
        ("csat", 4.25, 4.5, Trend.WORSE, "−0,25"),
        ("lost", 0, 4, Trend.BETTER, "−4 (−100 %)"),
    ],
)
def test_the_change_and_what_it_means(id: str, now: float, before: float, trend: Trend, text: str) -> None:
    found = tendency(kpi(id, now), kpi(id, before))
    assert found is not None
    assert (found.trend, found.text.replace("\N{NO-BREAK SPACE}", " ")) == (trend, text)


def test_a_count_of_a_period_that_goes_on_is_not_judged() -> None:
    lost = tendency(kpi("lost", 3), kpi("lost", 30), goes_on=True)
    share = tendency(kpi("lost-calls", 0.1), kpi("lost-calls", 0.2), goes_on=True)
    assert lost is not None
    assert share is not None
    assert (lost.trend, share.trend) == (Trend.CHANGED, Trend.BETTER)


def test_without_data_nothing_is_compared() -> None:
    assert tendency(kpi("lost", None), kpi("lost", 3)) is None
    assert tendency(kpi("lost", 3), kpi("lost", None)) is None
