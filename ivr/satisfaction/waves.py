"""When a questionnaire is due: the periods of its cycle, and how each stands. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from ivr.kpi.profiles import Cycle, Source, Survey
from ivr.satisfaction.questionnaires import Questionnaire

_DAY = timedelta(days=1)
_MONTHS = {Cycle.MONTH: 1, Cycle.QUARTER: 3, Cycle.HALF_YEAR: 6, Cycle.YEAR: 12}


class Standing(StrEnum):
    """How a period of a questionnaire stands."""

    DUE = "due"  # the period goes on, nobody has been asked yet
    RUNNING = "running"
    DONE = "done"
    LATE = "late"  # the period is over without an answer


@dataclass(frozen=True, slots=True)
class Span:
    """Days of a period, the last one included."""

    first: date
    last: date

    def before(self) -> Span:
        """The period of as many months before it."""
        months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        return Span(_month(self.first, -months), self.first - _DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """One asking of one group of clients in one period. Moments are aware.

    Attributes:
        sample: How many clients it wants to hear.
        invited: How many have been drawn to be asked.
        answers: How many have answered.
        closed_at: None while answers are taken.
    """

    id: int
    questionnaire: str
    profile: str
    segment: str
    first_day: date
    last_day: date
    sample: int
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    invited: int = 0
    answers: int = 0

    @property
    def span(self) -> Span:
        """Its period."""
        return Span(self.first_day, self.last_day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A period of a questionnaire with what has become of it.

    Attributes:
        source: The clause that asks for it; None where the company has decided so.
        act_within_working_days: How soon measures are taken after it; None where the standard is silent.
        wave: None where nobody has been asked.
    """

    questionnaire: Questionnaire
    span: Span
    standing: Standing
    source: Source | None
    act_within_working_days: int | None
    wave: Wave | None


def period_of(questionnaire: Questionnaire, survey: Survey | None, day: date) -> Span | None:
    """The period of a day in which the questionnaire is to be asked once; None where nothing says how often.

    A cycle of several times is cut: twice a year is once in each half-year.
    """
    cycle = survey.cycle if survey else questionnaire.cycle
    months = _MONTHS.get(cycle, 0) if cycle else 0
    if survey and months:
        months = max(1, months // survey.times)
    if not months:
        return None
    begins = (day.month - 1) // months * months + 1
    first = date(day.year, begins, 1)
    return Span(first, _month(first, months) - _DAY)


def planned(
    questionnaire: Questionnaire,
    survey: Survey | None,
    waves: Iterable[Wave],
    today: date,
    since: date | None,
) -> Sequence[Planned]:
    """How a questionnaire stands: its period of today, the one before where that is late, waves that run.

    Args:
        questionnaire: Which.
        survey: What the standard says of it.
        waves: Those of the questionnaire.
        today: In the company's zone.
        since: From this day on a period without an answer is late.
    """
    mine = sorted(waves, key=lambda wave: wave.first_day)
    now = period_of(questionnaire, survey, today)
    found = {} if now is None else {now: _standing(now, mine, today)}
    if now is not None and _was_owed(now.before(), mine, since):
        before = now.before()
        if _standing(before, mine, today) is Standing.LATE:
            found[before] = Standing.LATE
    found |= {
        wave.span: Standing.RUNNING for wave in mine if wave.closed_at is None and wave.span not in found
    }
    return [
        Planned(
            questionnaire=questionnaire,
            span=span,
            standing=standing,
            source=survey.source if survey else None,
            act_within_working_days=survey.act_within_working_days if survey else None,
            wave=_within(span, mine),
        )
        for span, standing in sorted(found.items(), key=lambda item: item[0].first)
    ]


def _was_owed(span: Span, waves: Sequence[Wave], since: date | None) -> bool:
    return (since is not None and since <= span.first) or any(wave.first_day <= span.first for wave in waves)


def _standing(span: Span, waves: Sequence[Wave], today: date) -> Standing:
    wave = _within(span, waves)
    over = today > span.last
    if wave is None or (over and not wave.answers):
        return Standing.LATE if over else Standing.DUE
    return Standing.DONE if wave.closed_at else Standing.RUNNING


def _within(span: Span, waves: Sequence[Wave]) -> Wave | None:
    return next((wave for wave in waves if span.first <= wave.first_day <= span.last), None)


def _month(first: date, months: int) -> date:
    """The first day of a month so many months later."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)
