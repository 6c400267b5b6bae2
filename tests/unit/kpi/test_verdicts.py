"""Figures held against what the standards state, or else the company."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.kpi.definitions import Definition, Value, load_definitions
from ivr.kpi.profiles import Profile, load_profiles
from ivr.kpi.settings import CompanyTarget
from ivr.kpi.verdicts import Aim, Bound, SetBy, Verdict, aim_of, verdict

METRICS = Path(__file__).parents[3] / "metrics"
PROFILES = load_profiles(METRICS / "standards")
DEFINITIONS = load_definitions(METRICS / "definitions.yaml")


def of(id: str) -> Definition:
    found = DEFINITIONS.find(id)
    assert found is not None
    return found


def profile(name: str) -> Profile:
    return PROFILES[name]


@pytest.mark.parametrize(
    ("standard", "kpi", "value", "bound", "clause"),
    [
        ("bryansk", "lost-calls", 0.15, Bound.AT_MOST, "п. 79 г"),
        ("bryansk", "wait-maximum", 600, Bound.AT_MOST, "п. 79 з"),
        ("bryansk", "answer-average-personal", 300, Bound.AT_MOST, "п. 79 ж"),
        ("bryansk", "requests-answer-days", 30, Bound.AT_MOST, "п. 123, табл. 3"),
        ("omsk", "wait-average", 40, Bound.AT_MOST, "2.2.1"),
        ("omsk", "answered-alone", 0.9, Bound.AT_LEAST, "4.1"),
        ("omsk", "requests-in-time", 1, Bound.AT_LEAST, "2.2.2"),
    ],
)
def test_what_the_standards_state(standard: str, kpi: str, value: float, bound: Bound, clause: str) -> None:
    aim = aim_of(of(kpi), profile(standard), {})
    assert aim is not None
    assert (aim.value, aim.bound, aim.set_by, aim.clause) == (value, bound, SetBy.STANDARD, clause)


@pytest.mark.parametrize("standard", sorted(PROFILES))
def test_no_standard_states_a_service_level(standard: str) -> None:
    assert aim_of(of("service-level"), profile(standard), {}) is None
    assert aim_of(of("service-level-offered"), profile(standard), {}) is None


def test_bryansk_states_nothing_of_the_figure_without_the_robots_callers() -> None:
    assert aim_of(of("lost-unserved"), profile("bryansk"), {}) is None


def test_a_recommendation_is_shown_as_one() -> None:
    aim = aim_of(of("corporate-talk-recommended"), profile("bryansk"), {})
    assert aim is not None
    assert aim.recommended


def test_the_company_decides_where_the_standard_is_silent_and_there_alone() -> None:
    company = {"lost-calls": CompanyTarget(at_most=0.05)}
    stated = aim_of(of("lost-calls"), profile("bryansk"), company)
    own = aim_of(of("lost-calls"), profile("omsk"), company)
    assert stated == Aim(value=0.15, bound=Bound.AT_MOST, set_by=SetBy.STANDARD, clause="п. 79 г")
    assert own == Aim(value=0.05, bound=Bound.AT_MOST, set_by=SetBy.COMPANY)


@pytest.mark.parametrize(
    ("value", "bound", "expected"),
    [
        (0.15, Bound.AT_MOST, Verdict.MET),
        (0.1501, Bound.AT_MOST, Verdict.MISSED),
        (0.15, Bound.AT_LEAST, Verdict.MET),
        (0.1499, Bound.AT_LEAST, Verdict.MISSED),
        (None, Bound.AT_LEAST, Verdict.NO_DATA),
    ],
)
def test_verdicts(value: float | None, bound: Bound, expected: Verdict) -> None:
    aim = Aim(value=0.15, bound=bound, set_by=SetBy.STANDARD)
    assert verdict(Value(value, 7), aim) is expected


def test_without_a_target_nothing_is_judged() -> None:
    assert verdict(Value(0.3, 7), None) is Verdict.NO_TARGET
    assert verdict(Value(None), None) is Verdict.NO_DATA
