"""`ivr kpi`: reports on how a standard is kept, the calls behind them, histories from elsewhere."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from ivr.app.kpi import intake, open_reporting
from ivr.calls.lines import Lines
from ivr.clock import SystemClock
from ivr.commands import kpi_checks, kpi_deliveries, kpi_report
from ivr.commands.importing import bad_lines_of
from ivr.commands.kpi_report import Agent, Line, Queue, Segment, Standard, Topic, day
from ivr.commands.kpi_texts import behind_text, imported_text
from ivr.commands.opened import with_database
from ivr.commands.output import Format, FormatOption, emit, say
from ivr.errors import Fault
from ivr.kpi.behind import Behind, behind
from ivr.kpi.importing import COLUMNS, History, Imported, import_history
from ivr.kpi.intake import all_anew
from ivr.kpi.profiles import load_profiles
from ivr.settings import Settings
from ivr.store import Database

app = typer.Typer(help="KPIs: the profiles of the standards and how they are kept.", no_args_is_help=True)
kpi_checks.register(app)
kpi_report.register(app)
kpi_deliveries.register(app)

_IMPORT_HELP = f"""Take a history of calls over, for migration and checks; a repeat changes nothing.

UTF-8; `,` or `;`; the first line names the columns, in any order. A line that differs from what an earlier
file told replaces it. When a line is wrong nothing is taken over, unless --skip-bad is given.

\b
{COLUMNS}
"""


From = Annotated[date, typer.Option("--from", parser=day, metavar="DATE", help="First day, 2026-11-01")]
To = Annotated[date, typer.Option("--to", parser=day, metavar="DATE", help="Last day, 2026-11-30")]


@app.command("calls")
def calls_behind(
    context: typer.Context,
    kpi: Annotated[str, typer.Argument(help="Id of the KPI, as in the report")],
    first: From,
    last: To,
    standard: Standard = None,
    line: Line = None,
    topic: Topic = None,
    agent: Agent = None,
    segment: Segment = None,
    queue: Queue = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most")] = 100,
    output: FormatOption = Format.TEXT,
) -> None:
    """List the calls behind a figure, without personal data."""
    settings: Settings = context.obj
    narrower = {"line": line, "topic": topic, "agent": agent, "segment": segment, "queue": queue}

    async def work(database: Database) -> list[Behind]:
        clock = SystemClock(settings.company.zone)
        reporting = open_reporting(settings, load_profiles(settings.standards_folder))
        definition = reporting.reporter.definitions.find(kpi)
        if definition is None:
            known = ", ".join(each.id for each in reporting.reporter.definitions.kpis)
            raise Fault(f"There is no KPI {kpi!r}.", "kpi calls", f"Take one of: {known}.")
        profile = reporting.profile(standard or settings.company.profile)
        selection = reporting.selection(profile.id, first, last, clock.now(), **narrower)
        await intake(settings, database, clock).work_off()
        return await database.read(partial(behind, definition=definition, selection=selection, limit=limit))

    found = with_database(settings.store, work)
    zone = settings.company.zone
    document: dict[str, Any] = {"kpi": kpi, "calls": [_told(each, zone) for each in found]}
    emit(document, behind_text(found, zone), output)


def _told(each: Behind, zone: Any) -> dict[str, Any]:
    names = ("call_id", "line", "segment", "topic", "queue", "agent", "value")
    at: datetime = each.at.astimezone(zone)
    return {"at": at, **{name: getattr(each, name) for name in names}}


@app.command("import-calls", help=_IMPORT_HELP)
def import_calls(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV file")],
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave bad lines out")] = False,
    output: FormatOption = Format.TEXT,
) -> None:
    """Take a history of calls over; exit status 1 when lines were left out."""
    settings: Settings = context.obj
    zone = settings.company.zone
    history = History(file, Lines(settings.lines), settings.company.profile, zone)

    async def work(database: Database) -> Imported:
        clock = SystemClock(zone)
        done = await import_history(database, history, clock, bad_lines_of(file), skip_bad=skip_bad)
        await intake(settings, database, clock).work_off()
        return done

    done = with_database(settings.store, work)
    document = {name: getattr(done, name) for name in Imported.__slots__}
    emit(document, imported_text(done), output)
    if done.bad:
        raise typer.Exit(1)


@app.command()
def rebuild(context: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """Count all calls anew from the ledger, as after a change of settings; may be interrupted."""
    settings: Settings = context.obj

    async def work(database: Database) -> int:
        waiting = await database.write(all_anew)
        say(f"{waiting} calls to count")
        clock = SystemClock(settings.company.zone)
        return await intake(settings, database, clock).work_off()

    done = with_database(settings.store, work)
    emit({"calls": done}, f"{done} calls counted", output)
