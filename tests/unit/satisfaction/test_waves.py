"""When a questionnaire is due, runs, is done or late."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ivr.kpi.profiles import load_profiles
from ivr.satisfaction.questionnaires import load_questionnaires, survey_of
from ivr.satisfaction.waves import Span, Standing, Wave, period_of, planned

METRICS = Path(__file__).parents[3] / "metrics"
PROFILES = load_profiles(METRICS / "standards")
FOUND = load_questionnaires(METRICS / "questionnaires", PROFILES)
TODAY = date(2026, 11, 21)
AUTUMN = Span(date(2026, 7, 1), date(2026, 12, 31))
SPRING = Span(date(2026, 1, 1), date(2026, 6, 30))


def wave(span: Span, **told: object) -> Wave:
    blank = Wave(
        id=1,
        questionnaire="vladimir-private",
        profile="vladimir",
        segment="private",
        first_day=span.first,
        last_day=span.last,
        sample=400,
        opened_at=datetime(2026, 7, 2, tzinfo=UTC),
        opened_by="anna",
        closed_at=None,
    )
    return replace(blank, **told)  # type: ignore[arg-type]


def stands(*waves: Wave, since: date | None = None, today: date = TODAY) -> list[tuple[Span, Standing]]:
    one = FOUND["vladimir-private"]
    found = planned(one, survey_of(one, PROFILES["vladimir"]), waves, today, since)
    return [(each.span, each.standing) for each in found]


@pytest.mark.parametrize(
    ("questionnaire", "first", "last"),
    [
        ("vladimir-private", date(2026, 7, 1), date(2026, 12, 31)),  # half-yearly
        ("omsk-office", date(2026, 7, 1), date(2026, 12, 31)),  # twice a year
        ("omsk-web", date(2026, 11, 1), date(2026, 11, 30)),  # monthly
        ("bryansk-clients", date(2026, 1, 1), date(2026, 12, 31)),  # yearly
        ("krasnoyarsk-clients", date(2026, 7, 1), date(2026, 12, 31)),  # the company's own decision
    ],
)
def test_the_period_follows_from_the_standard(questionnaire: str, first: date, last: date) -> None:
    one = FOUND[questionnaire]
    assert period_of(one, survey_of(one, PROFILES[one.profile]), TODAY) == Span(first, last)


def test_months_begin_and_end_where_they_do() -> None:
    one = FOUND["omsk-web"]
    survey = survey_of(one, PROFILES["omsk"])
    assert period_of(one, survey, date(2028, 2, 29)) == Span(date(2028, 2, 1), date(2028, 2, 29))
    assert period_of(one, survey, date(2026, 12, 31)) == Span(date(2026, 12, 1), date(2026, 12, 31))
    assert Span(date(2027, 1, 1), date(2027, 6, 30)).before() == AUTUMN
    assert AUTUMN.before() == SPRING


def test_a_period_without_a_wave_is_due_and_the_ones_before_the_first_are_not_late() -> None:
    assert stands() == [(AUTUMN, Standing.DUE)]


def test_since_the_day_of_the_settings_a_period_without_answers_is_late() -> None:
    assert stands(since=date(2026, 1, 1)) == [(SPRING, Standing.LATE), (AUTUMN, Standing.DUE)]
    assert stands(since=date(2026, 2, 1)) == [(AUTUMN, Standing.DUE)]


def test_a_wave_runs_until_it_is_closed() -> None:
    assert stands(wave(AUTUMN)) == [(AUTUMN, Standing.RUNNING)]
    closed = datetime(2026, 11, 20, tzinfo=UTC)
    assert stands(wave(AUTUMN, closed_at=closed, answers=12)) == [(AUTUMN, Standing.DONE)]


def test_a_wave_that_nobody_answered_is_late_once_its_period_is_over() -> None:
    assert (SPRING, Standing.LATE) in stands(wave(SPRING))
    assert stands(wave(SPRING, answers=3, closed_at=datetime(2026, 7, 5, tzinfo=UTC))) == [
        (AUTUMN, Standing.DUE)
    ]


def test_a_wave_of_an_earlier_period_that_was_not_closed_still_runs() -> None:
    assert stands(wave(SPRING, answers=3)) == [(SPRING, Standing.RUNNING), (AUTUMN, Standing.DUE)]


def test_the_clause_and_the_term_of_measures_come_from_the_standard() -> None:
    one = FOUND["omsk-office"]
    (found,) = planned(one, survey_of(one, PROFILES["omsk"]), (), TODAY, None)
    assert found.source is not None
    assert found.source.clause == "5.2"
    assert found.act_within_working_days == 21
    own = FOUND["kostroma-feedback"]
    assert planned(own, None, (), TODAY, None)[0].source is None
