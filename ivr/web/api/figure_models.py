"""Figures of the standard as the API tells them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from ivr.kpi.behind import counts_talks
from ivr.kpi.breakdown import By
from ivr.kpi.definitions import Better, Definition, Unit
from ivr.kpi.papers import numbers
from ivr.kpi.papers.book import Book, Breakdown, ground
from ivr.kpi.papers.deliveries import Delivery, State
from ivr.kpi.papers.spans import Days, Span, around
from ivr.kpi.papers.tendency import Trend, tendency
from ivr.kpi.report import Kpi
from ivr.kpi.verdicts import Bound, SetBy, Verdict

_NO_PERIOD = "Укажите период: первый и последний день, либо вид периода и любой его день."
_TWO_PERIODS = "Укажите либо первый и последний день, либо вид периода."

Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 1, 1))]
Key = Annotated[str | None, Field(max_length=128)]


class Narrower(BaseModel):
    """Which calls; what is left out does not matter."""

    line: Key = None
    topic: Key = None
    agent: Key = None
    segment: Key = None
    queue: Key = None

    def narrower(self) -> dict[str, str | None]:
        """By what the calls are chosen."""
        return {name: getattr(self, name) for name in Narrower.model_fields}


class FiguresQuery(Narrower):
    """Which figures: `from` and `to`, or `period` (with `of`, a day of it; else today's)."""

    standard: str | None = Field(None, max_length=64, description="Profile; left out: the company's.")
    first: Day | None = Field(None, alias="from", description="First day.")
    last: Day | None = Field(None, alias="to", description="Last day.")
    period: Span | None = None
    of: Day | None = None

    @model_validator(mode="after")
    def _one_period(self) -> Self:
        days = self.first is not None, self.last is not None
        if self.period is not None and any(days):
            raise ValueError(_TWO_PERIODS)
        if self.period is None and not all(days):
            raise ValueError(_NO_PERIOD)
        return self

    def days(self, today: date) -> Days:
        """The period."""
        if self.period is not None:
            return around(self.period, self.of or today)
        assert self.first is not None  # noqa: S101  # the validator has seen to it
        assert self.last is not None  # noqa: S101
        return Days(self.first, self.last)


class BrokenDown(FiguresQuery):
    """Figures by something; `by` may be given several times."""

    by: list[By] = Field([], max_length=9)


class ReportQuery(BrokenDown):
    """A report; with `before` each figure stands beside that of the period before."""

    before: bool = False


class PaperQuery(BrokenDown):
    """A file; `calls` are KPIs whose calls are listed."""

    calls: list[str] = Field([], max_length=5)


class BehindQuery(FiguresQuery):
    """The calls behind a figure, page by page."""

    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0, le=1_000_000)


class PeriodTold(BaseModel):
    """Whole days, the first and the last one included."""

    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")


class BeforeTold(BaseModel):
    """A figure of the period before, and what has changed; the three last are empty where one has no data."""

    value: float | None
    value_text: str
    calls: int
    change: float | None
    change_text: str
    trend: Trend | None

    @classmethod
    def of(cls, now: Kpi, before: Kpi, *, goes_on: bool) -> BeforeTold:
        """As JSON has it."""
        changed = tendency(now, before, goes_on=goes_on)
        return cls(
            value=before.value.value,
            value_text=numbers.figure(before.value.value, before.definition.unit),
            calls=before.value.calls,
            change=changed.by if changed else None,
            change_text=changed.text if changed else "",
            trend=changed.trend if changed else None,
        )


Counted = Literal["calls", "talks", "cases"]


def _counted(definition: Definition) -> Counted:
    if not definition.shown:
        return "cases"
    return "talks" if counts_talks(definition) else "calls"


class FigureTold(BaseModel):
    """One KPI. A share is a fraction of one, a length is in seconds; the texts are for people."""

    id: str
    group: str
    title: str
    explanation: str
    unit: Unit
    better: Better
    value: float | None
    value_text: str
    target: float | None
    target_text: str
    bound: Bound | None
    target_source: SetBy | None
    recommended: bool
    clause: str | None
    ground: str
    verdict: Verdict
    calls: int
    counts: Counted = Field(description="What `calls` counts: `cases` are requests, operators, days.")
    has_calls: bool = Field(description="Whether the calls behind it can be listed.")
    before: BeforeTold | None = None

    @classmethod
    def of(cls, kpi: Kpi, before: BeforeTold | None = None) -> FigureTold:
        """As JSON has it."""
        definition, aim = kpi.definition, kpi.aim
        return cls(
            id=definition.id,
            group=definition.group,
            title=definition.title,
            explanation=definition.explanation,
            unit=definition.unit,
            better=definition.better,
            value=kpi.value.value,
            value_text=numbers.figure(kpi.value.value, definition.unit, aim),
            target=aim.value if aim else None,
            target_text=numbers.target(aim, definition.unit),
            bound=aim.bound if aim else None,
            target_source=aim.set_by if aim else None,
            recommended=aim.recommended if aim else False,
            clause=(aim.clause or None) if aim else None,
            ground=ground(kpi),
            verdict=kpi.verdict,
            calls=kpi.value.calls,
            counts=_counted(definition),
            has_calls=bool(definition.shown),
            before=before,
        )


class CellTold(BaseModel):
    """A KPI of a row of a breakdown."""

    value: float | None
    text: str
    verdict: Verdict
    calls: int

    @classmethod
    def nothing(cls) -> CellTold:
        """Of a row in which nothing happened."""
        return cls(value=None, text=numbers.figure(None, Unit.COUNT), verdict=Verdict.NO_DATA, calls=0)


class RowTold(BaseModel):
    """A row of a breakdown; the KPIs by id, none where nothing happened."""

    key: str
    title: str
    figures: dict[str, CellTold]


class BreakdownTold(BaseModel):
    """A breakdown: days and hours without gaps, others by their number of calls."""

    by: By
    title: str
    key_title: str
    rows: list[RowTold]


class ReportTold(BaseModel):
    """A report; `empty` when no call came in the period.

    `before` are the days that figures are compared with: as many as have begun of a period that goes on.
    """

    standard: str
    standard_title: str
    company: str
    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    time_zone: str
    made_at: AwareDatetime
    goes_on: bool = Field(description="Whether its last day is not over.")
    before: PeriodTold | None
    empty: bool
    kpis: list[FigureTold]
    breakdowns: list[BreakdownTold]

    @classmethod
    def of(cls, book: Book) -> ReportTold:
        """As JSON has it."""
        report = book.report
        period = report.selection.period
        return cls(
            standard=report.profile.id,
            standard_title=report.profile.title,
            company=report.profile.company,
            first=period.first,
            last=period.last,
            time_zone=str(period.zone),
            made_at=report.made_at,
            goes_on=goes_on(book),
            before=period_before(book),
            empty=report.empty,
            kpis=figures_of(book),
            breakdowns=[_breakdown(book, each) for each in book.breakdowns],
        )


class LiveQuery(BaseModel):
    """Which standard, which line."""

    standard: str | None = Field(None, max_length=64)
    line: Key = None


class LiveTold(BaseModel):
    """Today so far, and this moment; no question of it reaches the database."""

    standard: str
    day: date
    at: AwareDatetime
    in_robot: int
    queued: int
    talking: int
    dialling: int
    longest_since: AwareDatetime | None
    kpis: list[FigureTold]


class DeliveryTold(BaseModel):
    """A report that is made by itself, for one destination: `folder:PATH` or `email:ADDRESS`."""

    name: str
    first: date
    last: date
    destination: str
    state: State
    attempts: int
    due_at: AwareDatetime | None
    done_at: AwareDatetime | None
    error: str | None

    @classmethod
    def of(cls, delivery: Delivery) -> DeliveryTold:
        """As JSON has it."""
        return cls(**{name: getattr(delivery, name) for name in cls.model_fields})


class DeliveriesTold(BaseModel):
    """Those that have not arrived first, then the latest."""

    deliveries: list[DeliveryTold]


def figures_of(book: Book) -> list[FigureTold]:
    """The figures of a book, beside those of the period before where it has them."""
    if book.before is None:
        return [FigureTold.of(kpi) for kpi in book.report.kpis]
    before = {kpi.definition.id: kpi for kpi in book.before.kpis}
    on = goes_on(book)
    return [
        FigureTold.of(kpi, BeforeTold.of(kpi, before[kpi.definition.id], goes_on=on))
        for kpi in book.report.kpis
    ]


def goes_on(book: Book) -> bool:
    """Whether the last day of its period is not over."""
    return book.report.made_at < book.report.selection.period.until


def period_before(book: Book) -> PeriodTold | None:
    """What its figures are compared with."""
    if book.before is None:
        return None
    period = book.before.selection.period
    return PeriodTold(first=period.first, last=period.last)


def _breakdown(book: Book, breakdown: Breakdown) -> BreakdownTold:
    return BreakdownTold(
        by=breakdown.by,
        title=breakdown.title,
        key_title=breakdown.key_title,
        rows=[
            RowTold(
                key=row.key,
                title=row.title,
                figures={id: cell(kpi) for id, kpi in row.figures.items()},
            )
            for row in book.rows(breakdown)
        ],
    )


def cell(kpi: Kpi) -> CellTold:
    """A KPI of a row."""
    return CellTold(
        value=kpi.value.value,
        text=numbers.figure(kpi.value.value, kpi.definition.unit, kpi.aim),
        verdict=kpi.verdict,
        calls=kpi.value.calls,
    )
