"""The report of a campaign as a workbook and as CSV, made part by part: calls go on meanwhile.

CSV as spreadsheets with Russian settings open it: semicolons, UTF-8 with a byte order mark.
"""

from __future__ import annotations

import asyncio
import csv
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from functools import partial
from io import BytesIO, StringIO
from typing import Any, Self

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from ivr.campaigns.kinds import Kinds
from ivr.campaigns.model import Campaign
from ivr.campaigns.report.course import Course
from ivr.campaigns.report.evidence import Evidence, Wanted, evidence
from ivr.campaigns.report.gathered import gathered
from ivr.campaigns.report.words import outcomes_of, title, words
from ivr.kpi.papers.cells import HEADING
from ivr.kpi.papers.plain import plain
from ivr.store import Database

_BOLD = Font(bold=True)
_WIDTHS = (20, 14, 16, 8, 20, 20, 20, 12, 26, 14, 28, 40, 28, 38)
_PART = 100
_NO_TEXT = ("=", "#")
_PAUSE_SECONDS = 0.005
MOST_IN_WORKBOOK = 50_000
"""Attempts in a workbook, which is made in memory; CSV takes all."""

Cell = str | float | None

Titles = Callable[[str], str]
"""What outcomes are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What the report is of.

    Attributes:
        kind: What the campaign's kind is called.
        zone: In which times are written.
        outcome: What outcomes are called.
        results: What the data are called that talks of the kind leave.
    """

    campaign: Campaign
    kind: str
    course: Course
    made_at: datetime
    zone: tzinfo
    outcome: Titles
    results: Mapping[str, str]

    @classmethod
    def of(
        cls, campaign: Campaign, kinds: Kinds | None, course: Course, made_at: datetime, zone: tzinfo
    ) -> Self:
        """The paper of a campaign, in the words of its kind where that is known."""
        kind = kinds[campaign.kind] if kinds is not None and campaign.kind in kinds else None
        return cls(
            campaign=campaign,
            kind=kind.title if kind is not None else campaign.kind,
            course=course,
            made_at=made_at,
            zone=zone,
            outcome=outcomes_of(kinds.outcomes if kinds is not None else {}),
            results=kind.results if kind is not None else {},
        )


async def as_csv(paper: Paper, database: Database) -> AsyncGenerator[bytes, None]:
    """The file in parts: a line for every attempt.

    Raises:
        StoreUnavailable: It can't be read; the file is broken off then.
    """
    yield _lines([words()["csv_heading"]]).encode("utf-8-sig")
    async for part in _parts(paper, database):
        yield (await asyncio.to_thread(_told, paper, part)).encode()


async def as_xlsx(paper: Paper, database: Database) -> AsyncGenerator[bytes, None]:
    """The file, in one part: figures, then every attempt.

    Raises:
        StoreUnavailable: It can't be read.
    """
    book = Workbook(write_only=True)
    _summary(book, paper)
    sheet = book.create_sheet(words()["sheets"]["attempts"])
    sheet.freeze_panes = "A2"
    for column, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.append([_cell(sheet, name, fill=HEADING, font=_HEAD) for name in words()["csv_heading"]])
    written = 0
    async for part in _parts(paper, database):
        await asyncio.to_thread(_append, sheet, paper, part[: MOST_IN_WORKBOOK - written])
        written += len(part)
        if written >= MOST_IN_WORKBOOK:
            break
    told = BytesIO()
    await asyncio.to_thread(book.save, told)
    yield told.getvalue()


_HEAD = Font(bold=True, color="FFFFFFFF")


async def _parts(paper: Paper, database: Database) -> AsyncGenerator[Sequence[Evidence], None]:
    wanted = Wanted(campaign_id=paper.campaign.campaign_id, limit=_PART)
    while part := await database.read(partial(evidence, wanted=wanted)):
        yield part
        wanted = replace(wanted, after=part[-1].id)
        await asyncio.sleep(_PAUSE_SECONDS)


def _row(paper: Paper, one: Evidence) -> list[Cell]:
    seconds = one.talk_seconds
    return [
        _at(one.written_at, paper.zone),
        one.account,
        one.number,
        one.id,
        _at(one.dialled_at, paper.zone),
        _at(one.answered_at, paper.zone),
        _at(one.ended_at, paper.zone),
        None if seconds is None else round(seconds),
        title("dispositions", one.disposition.value) if one.disposition else "",
        one.cause or None,
        paper.outcome(one.outcome) if one.outcome else "",
        gathered(one.result, paper.results, paper.zone),
        paper.outcome(one.target_outcome)
        if one.target_outcome
        else title("target_states", one.target_state.value),
        one.attempt_id,
    ]


def summary(paper: Paper) -> Iterator[tuple[str, Cell]]:
    """The figures of the first sheet: what, and how many; a line without a figure is a heading."""
    told, campaign, course = words(), paper.campaign, paper.course
    yield told["campaign"], campaign.title
    yield told["kind"], paper.kind
    yield told["days"], f"{campaign.first_day:%d.%m.%Y} – {campaign.last_day:%d.%m.%Y}"
    state, why = title("states", campaign.state.value), title("whys", campaign.why)
    yield told["state"], ": ".join(filter(None, (state, why)))
    yield told["made"], _at(paper.made_at, paper.zone)
    yield "", None
    for name, heading in told["funnel"].items():
        yield heading, getattr(course, name)
    yield told["abandoned"], told["none"] if course.abandoned is None else round(course.abandoned, 4)
    yield "", None
    yield told["outcomes_title"], None
    for outcome, count in sorted(course.outcomes.items(), key=lambda each: -each[1]):
        yield paper.outcome(outcome), count
    yield "", None
    yield told["dispositions_title"], None
    for disposition, count in sorted(course.dispositions.items(), key=lambda each: -each[1]):
        yield title("dispositions", disposition.value), count


def _summary(book: Workbook, paper: Paper) -> None:
    sheet = book.create_sheet(words()["sheets"]["summary"])
    sheet.column_dimensions["A"].width = 52
    sheet.column_dimensions["B"].width = 40
    for name, value in summary(paper):
        heading = value is None and name
        sheet.append([_cell(sheet, name, **({"font": _BOLD} if heading else {})), _cell(sheet, value)])
    made = sum(paper.course.dispositions.values()) + paper.course.open
    if made > MOST_IN_WORKBOOK:
        sheet.append([_cell(sheet, words()["cut"].format(shown=MOST_IN_WORKBOOK, all=made))])


def _cell(sheet: Any, value: Cell, **style: Any) -> Any:
    """A text never becomes a formula."""
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"
    for name, each in style.items():
        setattr(cell, name, each)
    return cell


def _at(moment: datetime | None, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%d.%m.%Y %H:%M:%S}" if moment else ""


def _append(sheet: Any, paper: Paper, part: Sequence[Evidence]) -> None:
    for each in part:
        sheet.append([_safe(sheet, value) for value in _row(paper, each)])


def _safe(sheet: Any, value: Cell) -> Any:
    """As it is; a text that would be a formula or an error as a cell that says it is a text."""
    return _cell(sheet, value) if isinstance(value, str) and value.startswith(_NO_TEXT) else value


def _told(paper: Paper, part: Sequence[Evidence]) -> str:
    return _lines([[_text(cell) for cell in _row(paper, each)] for each in part])


def _text(cell: Cell) -> str:
    return "" if cell is None else plain(str(cell))


def _lines(rows: Sequence[Sequence[str]]) -> str:
    told = StringIO(newline="")
    csv.writer(told, delimiter=";", lineterminator="\r\n").writerows(rows)
    return told.getvalue()
