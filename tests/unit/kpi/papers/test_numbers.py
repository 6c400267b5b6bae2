"""Figures as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.kpi.definitions import Unit
from ivr.kpi.papers.numbers import added, figure, target
from ivr.kpi.verdicts import Aim, Bound, SetBy

NO_BREAK = "\N{NO-BREAK SPACE}"


def aim(value: float, bound: Bound = Bound.AT_MOST) -> Aim:
    return Aim(value=value, bound=bound, set_by=SetBy.COMPANY)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, Unit.SHARE, "—"),
        (0.045, Unit.SHARE, "4,5 %"),
        (0.15, Unit.SHARE, "15 %"),
        (-0.125, Unit.SHARE, "−12,5 %"),
        (38.2, Unit.SECONDS, "0:38"),
        (59.7, Unit.SECONDS, "1:00"),
        (3_725, Unit.SECONDS, "1:02:05"),
        (3_599.8, Unit.SECONDS, "1:00:00"),
        (0, Unit.SECONDS, "0:00"),
        (0.151, Unit.SECONDS, "0,15 с"),
        (1_234_567, Unit.COUNT, "1 234 567"),
        (100, Unit.COUNT, "100"),
        (4.25, Unit.SCORE, "4,25"),
        (5.0, Unit.SCORE, "5"),
        (3.5, Unit.DAYS, "3,5 дн."),
    ],
)
def test_a_figure(value: float | None, unit: Unit, text: str) -> None:
    assert figure(value, unit).replace(NO_BREAK, " ") == text


@pytest.mark.parametrize(
    ("value", "unit", "held_against", "text"),
    [
        (0.1502, Unit.SHARE, 0.15, "15,02 %"),
        (0.15, Unit.SHARE, 0.15, "15 %"),
        (0.0031, Unit.SHARE, 0.003, "0,31 %"),
        (20.4, Unit.SECONDS, 20, "0:20,4"),
        (119.96, Unit.SECONDS, 120, "1:59,96"),
        (0.1504, Unit.SECONDS, 0.15, "0,1504 с"),
    ],
)
def test_a_missed_target_does_not_read_like_the_target(
    value: float, unit: Unit, held_against: float, text: str
) -> None:
    assert figure(value, unit, aim(held_against)).replace(NO_BREAK, " ") == text


def test_targets_are_told_exactly() -> None:
    assert target(aim(0.003), Unit.SHARE).replace(NO_BREAK, " ") == "не более 0,3 %"
    assert target(aim(0.9995, Bound.AT_LEAST), Unit.SHARE).replace(NO_BREAK, " ") == "не менее 99,95 %"
    assert target(aim(20), Unit.SECONDS) == "не более 0:20"
    assert target(None, Unit.SECONDS) == ""


def test_what_a_call_adds_is_no_share() -> None:
    assert added(1, Unit.SHARE) == "1"
    assert added(95.0, Unit.SECONDS) == "1:35"


@given(
    st.floats(0, 10_000).map(lambda each: round(each, 4)),
    st.integers(0, 10_000),
    st.sampled_from([Unit.SHARE, Unit.SECONDS, Unit.SCORE, Unit.DAYS]),
)
def test_figures_that_differ_read_differently(value: float, whole: int, unit: Unit) -> None:
    held_against = whole / 100 if unit is Unit.SHARE else float(whole)
    same = figure(value, unit, aim(held_against)) == target(aim(held_against), unit).removeprefix("не более ")
    assert same == (value == held_against)
