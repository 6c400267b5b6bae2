"""What every form of a report is made from: the figures, their breakdowns, and calls on request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ivr.kpi.behind import Behind, behind
from ivr.kpi.breakdown import By
from ivr.kpi.definitions import Definition
from ivr.kpi.papers.words import Titles, day, label_of, title_of, words
from ivr.kpi.periods import local
from ivr.kpi.profiles import Profile
from ivr.kpi.report import Group, Kpi, Report, Reporter, Slice
from ivr.kpi.sums import Selection
from ivr.kpi.verdicts import SetBy, Verdict

KEY_FIGURES = ("incoming", "answered", "lost-calls", "wait-average", "service-level", "handling-average")
"""Columns of a breakdown where there is room for few."""

OF_TIME = frozenset({By.HOUR, By.HALF_HOUR, By.WEEKDAY, By.DAY})
"""Breakdowns along the calendar or the clock."""

MOST_CALLS = 10_000
"""So many calls behind a figure go into a file."""

_NARROWER = (By.LINE, By.TOPIC, By.AGENT, By.SEGMENT, By.QUEUE)


@dataclass(frozen=True, slots=True)
class Row:
    """The KPIs of a key by id; empty where nothing happened. `label` is a title for little room."""

    key: str
    title: str
    label: str
    figures: Mapping[str, Kpi]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The KPIs by keys."""

    by: By
    groups: tuple[Group, ...]

    @property
    def title(self) -> str:
        """For people."""
        return str(words()["by"][self.by.value])

    @property
    def key_title(self) -> str:
        """Heading of the column of keys."""
        return str(words()["key"][self.by.value])

    def document(self) -> dict[str, Any]:
        """For programs."""
        return {"by": self.by.value, "groups": [group.document() for group in self.groups]}


@dataclass(frozen=True, slots=True)
class CallsBehind:
    """Calls behind a figure, the first ones; `cut` tells that there may be more."""

    definition: Definition
    calls: tuple[Behind, ...]
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What goes into a book.

    Attributes:
        by: Breakdowns, in order.
        behind: KPIs whose calls are listed.
        most: So many calls of each.
        before: Whether the same figures of the period before are in it.
        over_time: A KPI that is counted elsewhere, wanted by parts of the period.
    """

    by: Sequence[By] = ()
    behind: Sequence[Definition] = ()
    most: int = MOST_CALLS
    before: bool = False
    over_time: Definition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A report with all that belongs to it.

    Attributes:
        titles: What keys are called.
        before: The report on the period before, where it was wanted.
        slices: The KPI that was wanted by parts of the period.
    """

    report: Report
    breakdowns: tuple[Breakdown, ...] = ()
    behind: tuple[CallsBehind, ...] = ()
    titles: Titles = field(default_factory=dict)
    before: Report | None = None
    slices: tuple[Slice, ...] = ()

    def document(self) -> dict[str, Any]:
        """For programs: a report; the first breakdown stands beside the figures, all in `breakdowns`."""
        told = self.report.document()
        if self.breakdowns:
            told |= self.breakdowns[0].document()
            told["breakdowns"] = [each.document() for each in self.breakdowns]
        return told

    def rows(self, breakdown: Breakdown) -> list[Row]:
        """A breakdown for people: days and hours without gaps, others by their number of calls."""
        found = {group.key: group.figures() for group in breakdown.groups}
        keys: Iterable[str] = found
        if breakdown.by in OF_TIME:
            keys = _without_gaps(breakdown.by, sorted(found), self.report.selection)
        else:
            keys = sorted(found, key=lambda key: (-_size(found[key]), key))
        by, titles = breakdown.by, self.titles
        return [
            Row(key, title_of(key, by, titles), label_of(key, by, titles), found.get(key, {})) for key in keys
        ]

    def narrower(self) -> str:
        """What the calls are narrowed to, such as `Линия: Единый номер`; empty when to nothing."""
        chosen = ((by, getattr(self.report.selection, by.value)) for by in _NARROWER)
        key_titles = words()["key"]
        return ", ".join(
            f"{key_titles[by.value]}: {title_of(key, by, self.titles)}"
            for by, key in chosen
            if key is not None
        )

    def summary(self) -> str:
        """How many targets are kept; recommendations are none."""
        with_target = [kpi.verdict for kpi in self.report.kpis if kpi.aim and not kpi.aim.recommended]
        return str(words()["summary"]).format(
            all=len(with_target),
            met=with_target.count(Verdict.MET),
            missed=with_target.count(Verdict.MISSED),
            no_data=with_target.count(Verdict.NO_DATA),
        )

    def period(self) -> str:
        """Its days."""
        period = self.report.selection.period
        return str(words()["period_alone"]).format(first=day(period.first), last=day(period.last))


def ground(kpi: Kpi) -> str:
    """Where a target stands: a clause, or the company's own setting; empty without a target."""
    aim = kpi.aim
    if aim is None:
        return ""
    told = words()["company"] if aim.set_by is SetBy.COMPANY else aim.clause
    return f"{told} ({words()['recommended']})" if aim.recommended else str(told)


def make_book(
    connection: Connection,
    *,
    reporter: Reporter,
    profile: Profile,
    selection: Selection,
    now: datetime,
    wanted: Wanted,
    titles: Titles,
) -> Book:
    """Make one; a job for `Database.read`."""
    return Book(
        report=reporter.make(connection, profile, selection, now),
        breakdowns=tuple(
            Breakdown(by, reporter.groups(connection, profile, selection, by)) for by in wanted.by
        ),
        behind=tuple(_calls(connection, each, selection, wanted.most) for each in wanted.behind),
        titles=titles,
        before=_before(connection, reporter, profile, selection, now) if wanted.before else None,
        slices=()
        if wanted.over_time is None
        else reporter.over_time(connection, profile, selection, now, wanted.over_time),
    )


def _before(
    connection: Connection, reporter: Reporter, profile: Profile, selection: Selection, now: datetime
) -> Report:
    period = selection.period
    before = period.comparable(local(now, period.zone).date())
    return reporter.make(connection, profile, selection.over(before), now)


def _calls(connection: Connection, definition: Definition, selection: Selection, most: int) -> CallsBehind:
    found = behind(connection, definition, selection, most)
    return CallsBehind(definition, tuple(found), cut=len(found) == most)


def _without_gaps(by: By, known: Sequence[str], selection: Selection) -> list[str]:
    if not known:
        return []
    if by is By.DAY:
        return [each.isoformat() for each in selection.period.dates()]
    if by is By.WEEKDAY:
        return list(known)
    step = 30 if by is By.HALF_HOUR else 60
    clock = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(0, 24 * 60, step)]
    return [each for each in clock if known[0] <= each <= known[-1]]


def _size(figures: Mapping[str, Kpi]) -> float:
    incoming = figures.get("incoming")
    return (incoming.value.value or 0) if incoming else 0
