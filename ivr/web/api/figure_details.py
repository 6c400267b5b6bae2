"""One figure in full, the calls behind it, and what figures can be chosen by, as the API tells them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Self

from pydantic import AwareDatetime, BaseModel, Field

from ivr.kpi.behind import Behind
from ivr.kpi.breakdown import By
from ivr.kpi.choices import Keys
from ivr.kpi.definitions import Definition, Definitions
from ivr.kpi.papers import numbers
from ivr.kpi.papers.book import OF_TIME, Book, Breakdown, Row
from ivr.kpi.papers.facts import told_facts
from ivr.kpi.papers.words import Titles, day, label_of, title_of, words
from ivr.kpi.profiles import Profile
from ivr.kpi.report import Kpi, Slice
from ivr.web.api.figure_models import (
    CellTold,
    FiguresQuery,
    FigureTold,
    PeriodTold,
    cell,
    figures_of,
    goes_on,
    period_before,
)
from ivr.web.api.masks import tail

_OF_CLOCK = frozenset({By.HOUR, By.HALF_HOUR})


class Choice(BaseModel):
    """Something to choose."""

    id: str
    title: str


class ChoicesTold(BaseModel):
    """What figures can be chosen by; of those who have had calls in the last year and a half.

    `standard` is the company's own; `today` is its date, in its time zone.
    """

    standard: str
    standards: list[Choice]
    groups: list[Choice]
    lines: list[Choice]
    topics: list[Choice]
    agents: list[Choice]
    segments: list[Choice]
    queues: list[Choice]
    today: date
    time_zone: str

    @classmethod
    def of(
        cls,
        *,
        standard: str,
        profiles: Iterable[Profile],
        definitions: Definitions,
        keys: Keys,
        titles: Titles,
        today: date,
        time_zone: str,
    ) -> Self:
        """As JSON has it."""
        return cls(
            standard=standard,
            standards=[Choice(id=profile.id, title=profile.title) for profile in profiles],
            groups=[Choice(id=group.id, title=group.title) for group in definitions.groups],
            lines=_choices(By.LINE, {*keys[By.LINE], *titles.get(By.LINE, {})}, titles),
            topics=_choices(By.TOPIC, keys[By.TOPIC], titles),
            agents=_choices(By.AGENT, keys[By.AGENT], titles),
            segments=_choices(By.SEGMENT, keys[By.SEGMENT], titles),
            queues=_choices(By.QUEUE, {*keys[By.QUEUE], *titles.get(By.QUEUE, {})}, titles),
            today=today,
            time_zone=time_zone,
        )


class SeriesQuery(FiguresQuery):
    """One figure by something."""

    by: By | None = None


class PointTold(CellTold):
    """A row of the figure's breakdown; `label` is its title for little room."""

    key: str
    title: str
    label: str
    days: PeriodTold | None = Field(None, description="The part of the period, of a row of days.")


class SeriesTold(BaseModel):
    """A figure, the period before it, and its breakdown: days and hours without gaps.

    A figure that is not made of calls is told by days alone, of a longer period by weeks or months.
    """

    standard: str
    standard_title: str
    period: PeriodTold
    before: PeriodTold | None
    goes_on: bool
    made_at: AwareDatetime
    empty: bool
    figure: FigureTold
    by: By | None
    key_title: str
    points: list[PointTold] = Field(description="In the order of time, or by their number of calls.")

    @classmethod
    def of(cls, book: Book, definition: Definition) -> Self:
        """As JSON has it."""
        report, breakdown = book.report, next(iter(book.breakdowns), None)
        period = report.selection.period
        return cls(
            standard=report.profile.id,
            standard_title=report.profile.title,
            period=PeriodTold(first=period.first, last=period.last),
            before=period_before(book),
            goes_on=goes_on(book),
            made_at=report.made_at,
            empty=report.empty,
            figure=next(each for each in figures_of(book) if each.id == definition.id),
            by=breakdown.by if breakdown else By.DAY if book.slices else None,
            key_title=breakdown.key_title if breakdown else str(words()["key"][By.DAY.value]),
            points=_points(book, breakdown, definition)
            if breakdown
            else [_slice(each) for each in book.slices],
        )


class CallBehind(BaseModel):
    """A call, or a talk, behind a figure. `value` is what it adds: seconds of a length."""

    call_id: str
    at: AwareDatetime
    line: str
    line_title: str
    segment: str
    topic: str
    topic_title: str
    queue: str
    agent: str
    agent_name: str
    caller: str = Field(description="The last digits of the number.")
    value: float
    value_text: str
    facts: list[str] = Field(description="Why it counts, in words: `потерян в очереди`, `ожидание 1:30`.")

    @classmethod
    def of(cls, call: Behind, definition: Definition, titles: Titles, number: str) -> CallBehind:
        """As JSON has it, without personal data."""
        plain = {name: getattr(call, name) for name in cls.model_fields if hasattr(call, name)}
        return cls(
            **plain,
            line_title=title_of(call.line, By.LINE, titles),
            topic_title=title_of(call.topic, By.TOPIC, titles),
            agent_name=title_of(call.agent, By.AGENT, titles) if call.agent else "",
            caller=tail(number),
            value_text=numbers.added(call.value, definition.unit),
            facts=told_facts(call.counted),
        )


class CallsBehind(BaseModel):
    """A page of the calls behind a figure; `more` tells whether there is another one.

    `talks`: what is listed are talks of people, of which a call may have several. `alike`: all add the same
    and come in order of time; else those come first that add most: of a share those that are the part of it.
    """

    id: str
    title: str
    talks: bool
    alike: bool
    total: int
    calls: list[CallBehind]
    more: bool


def _points(book: Book, breakdown: Breakdown, definition: Definition) -> list[PointTold]:
    points = [_point(row, breakdown.by, row.figures.get(definition.id)) for row in book.rows(breakdown)]
    if breakdown.by in _OF_CLOCK:
        return _between_calls(points)
    if breakdown.by in OF_TIME:
        return points
    return sorted((point for point in points if point.calls), key=lambda point: -point.calls)


def _slice(part: Slice) -> PointTold:
    days = PeriodTold(first=part.period.first, last=part.period.last)
    one = days.first == days.last
    title = day(days.first) if one else f"{day(days.first)} – {day(days.last)}"
    label = label_of(days.first.isoformat(), By.DAY, {})
    return PointTold(
        key=days.first.isoformat(), title=title, label=label, days=days, **cell(part.kpi).model_dump()
    )


def _between_calls(points: Sequence[PointTold]) -> list[PointTold]:
    """From the first hour that has something to the last one."""
    known = [at for at, point in enumerate(points) if point.calls]
    return list(points[known[0] : known[-1] + 1]) if known else []


def _point(row: Row, by: By, kpi: Kpi | None) -> PointTold:
    at = date.fromisoformat(row.key) if by is By.DAY else None
    days = None if at is None else PeriodTold(first=at, last=at)
    told = CellTold.nothing() if kpi is None else cell(kpi)
    return PointTold(key=row.key, title=row.title, label=row.label, days=days, **told.model_dump())


def _choices(by: By, keys: Iterable[str], titles: Titles) -> list[Choice]:
    found = [Choice(id=key, title=title_of(key, by, titles)) for key in keys]
    return sorted(found, key=lambda choice: (choice.title.casefold(), choice.id))
