"""`ivr kpi report`: how a standard is kept, in every form."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ivr.app.kpi import intake, open_reporting
from ivr.app.papers import Bookmaking, titles_of_topics
from ivr.clock import SystemClock
from ivr.commands.opened import with_database
from ivr.commands.output import say
from ivr.errors import Fault
from ivr.knowledge.loading import topics_of
from ivr.kpi.breakdown import By
from ivr.kpi.papers.book import Book, Wanted
from ivr.kpi.papers.files import put_in_place
from ivr.kpi.papers.forms import Paper, paper, usual_breakdowns
from ivr.kpi.papers.kinds import Form
from ivr.kpi.papers.spans import Days, Span, around
from ivr.kpi.profiles import load_profiles
from ivr.settings import Settings
from ivr.store import Database

_YEARS = range(1900, 9_999)


def day(text: str) -> date:
    """A day of the command line."""
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no day; write it as 2026-11-30") from error
    if found.year not in _YEARS:
        raise typer.BadParameter(f"{text} is no day of these times")
    return found


Standard = Annotated[str | None, typer.Option("--standard", help="Profile; default: the company's")]
Line = Annotated[str | None, typer.Option(help="Only calls of this line")]
Topic = Annotated[str | None, typer.Option(help="Only calls on this topic")]
Agent = Annotated[str | None, typer.Option(help="Only calls that this operator took")]
Segment = Annotated[str | None, typer.Option(help="Only calls of this segment")]
Queue = Annotated[str | None, typer.Option(help="Only calls of this queue")]

_PeriodOption = Annotated[
    Span | None, typer.Option("--period", help="A day, week, month or quarter, instead of --from and --to")
]
_OfOption = Annotated[
    date | None, typer.Option("--of", parser=day, metavar="DATE", help="A day of --period; default: today")
]
_FromOption = Annotated[
    date | None, typer.Option("--from", parser=day, metavar="DATE", help="First day, 2026-11-01")
]
_ToOption = Annotated[
    date | None, typer.Option("--to", parser=day, metavar="DATE", help="Last day, 2026-11-30")
]


def register(app: typer.Typer) -> None:
    """Add the command to `ivr kpi`."""
    app.command("report")(report)


def report(
    context: typer.Context,
    first: _FromOption = None,
    last: _ToOption = None,
    span: _PeriodOption = None,
    of: _OfOption = None,
    standard: Standard = None,
    by: Annotated[list[By] | None, typer.Option(help="Break the figures down; may be repeated")] = None,
    calls: Annotated[
        list[str] | None, typer.Option("--calls", help="KPI whose calls xlsx and html list; may be repeated")
    ] = None,
    line: Line = None,
    topic: Topic = None,
    agent: Agent = None,
    segment: Segment = None,
    queue: Queue = None,
    form: Annotated[
        Form, typer.Option("--format", help="text for people, json for programs, files for offices")
    ] = Form.TEXT,
    output: Annotated[
        Path | None,
        typer.Option("--output", help="File, or a folder: a name without an ending; default: stdout"),
    ] = None,
) -> None:
    """Tell every KPI of a period with target, verdict and clause; days are the company's."""
    settings: Settings = context.obj
    narrower = {"line": line, "topic": topic, "agent": agent, "segment": segment, "queue": queue}
    _require_a_place(form, output)

    async def work(database: Database) -> tuple[Paper, Book]:
        clock = SystemClock(settings.company.zone)
        reporting = open_reporting(settings, load_profiles(settings.standards_folder))
        profile = reporting.profile(standard or settings.company.profile)
        making = Bookmaking(
            reporting=reporting,
            database=database,
            clock=clock,
            topic_titles=lambda: titles_of_topics(topics_of(settings.knowledge.folder)),
        )
        days = _days(first, last, span, of or clock.now().date())
        selection = making.reporting.selection(profile.id, days.first, days.last, clock.now(), **narrower)
        wanted = Wanted(by=by or usual_breakdowns(form, selection.period), behind=making.chosen(calls or []))
        await intake(settings, database, clock).work_off()
        book = await making.book(profile.id, selection, wanted)
        return paper(book, form, profile.id), book

    made, book = with_database(settings.store, work)
    if book.report.empty:
        period = book.report.selection.period
        say(f"No calls came from {period.first} to {period.last}: there is nothing to judge.")
    _hand_out(made, output)


def _days(first: date | None, last: date | None, span: Span | None, of: date) -> Days:
    if span is not None:
        if first or last:
            raise Fault("Both days and a period are given.", "--period", "Leave --from and --to out.")
        return around(span, of)
    if first is None or last is None:
        raise Fault(
            "The period is not told.", "--from, --to", "Give both days, or --period month --of 2026-11-01."
        )
    return Days(first, last)


def _require_a_place(form: Form, output: Path | None) -> None:
    if form.is_binary and output is None and sys.stdout.isatty():
        raise Fault(
            f"A terminal can't show {form.value}.", "--output", "Name a file or a folder: --output reports/"
        )


def _hand_out(made: Paper, output: Path | None) -> None:
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(made.content)
        sys.stdout.buffer.flush()
        return
    file = output / made.name if output.is_dir() or not output.suffix else output
    try:
        put_in_place(file, made.content)
    except OSError as error:
        raise Fault(
            f"The report can't be written: {error.strerror}.", str(file), "Name a place with room and rights."
        ) from error
    say(str(file))
