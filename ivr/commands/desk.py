"""`ivr desk`: the shift plan, lost callers, tasks. Shows personal data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from ivr.clock import SystemClock
from ivr.commands.importing import bad_lines_of, tell
from ivr.commands.opened import with_database
from ivr.commands.output import Format, FormatOption, emit
from ivr.customers.sheets import columns_of
from ivr.desk import lost_rows, task_rows
from ivr.desk.lost_rows import PENDING, LostCaller
from ivr.desk.shifts import Shift, ShiftRow, Shifts, import_shifts
from ivr.desk.task_rows import Task, TaskFilter
from ivr.settings import Settings
from ivr.store import Database

app = typer.Typer(help="What operators work with: shifts, lost callers, tasks.", no_args_is_help=True)
shifts_app = typer.Typer(help="The shift plan.", no_args_is_help=True)
app.add_typer(shifts_app, name="shifts")
T = TypeVar("T")
Limit = Annotated[int, typer.Option(min=1, help="How many at most")]

_IMPORT_HELP = f"""Take shifts over from a CSV file; a repeat changes nothing.

Encoding (UTF-8, CP1251) and delimiter (; , tab) are found out. Each bad line is told on stderr and left out.

\b
Columns:
{columns_of(ShiftRow)}
"""


@shifts_app.command("import", help=_IMPORT_HELP)
def import_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV file")],
    output: FormatOption = Format.TEXT,
) -> None:
    """Take a file over; exit status 1 when lines were left out."""
    done = _with_shifts(context.obj, lambda shifts: import_shifts(shifts, file, bad_lines_of(file)))
    tell(done, output)


@shifts_app.command("list")
def list_shifts(
    context: typer.Context,
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day")] = None,
    days: Annotated[int, typer.Option(min=1, max=62, help="How many days")] = 7,
    output: FormatOption = Format.TEXT,
) -> None:
    """List the plan, from today unless said otherwise."""
    settings: Settings = context.obj
    begin: date = first.date() if first else SystemClock(settings.company.zone).now().date()
    last = begin + timedelta(days=days - 1)
    found = _with_shifts(settings, lambda shifts: shifts.between(begin, last))
    text = "\n".join(map(_shift, found)) or "no shifts"
    emit({"shifts": [asdict(each) for each in found]}, text, output)


@app.command("lost")
def list_lost(context: typer.Context, limit: Limit = 100, output: FormatOption = Format.TEXT) -> None:
    """List the lost callers that somebody has to call, the last ones first."""
    settings: Settings = context.obj
    now = SystemClock(settings.company.zone).now()

    async def on(database: Database) -> list[LostCaller]:
        return await database.read(lambda it: lost_rows.listed(it, PENDING, now, limit, now))

    found = with_database(settings.store, on)
    text = "\n".join(map(_lost, found)) or "no lost callers"
    emit({"lost": [asdict(each) for each in found]}, text, output)


@app.command("tasks")
def list_tasks(context: typer.Context, limit: Limit = 100, output: FormatOption = Format.TEXT) -> None:
    """List the open tasks, the most urgent first."""
    settings: Settings = context.obj
    now = SystemClock(settings.company.zone).now()

    async def on(database: Database) -> list[Task]:
        return await database.read(lambda it: task_rows.listed(it, TaskFilter(limit=limit), now))

    found = with_database(settings.store, on)
    text = "\n".join(_task(each, now) for each in found) or "no tasks"
    emit({"tasks": [asdict(each) for each in found]}, text, output)


def _with_shifts(settings: Settings, work: Callable[[Shifts], Awaitable[T]]) -> T:
    clock = SystemClock(settings.company.zone)

    async def on(database: Database) -> T:
        return await work(Shifts(database, clock))

    return with_database(settings.store, on)


def _shift(shift: Shift) -> str:
    breaks = ", ".join(f"{since:%H:%M}-{until:%H:%M}" for since, until in shift.breaks)
    hours = f"{shift.begins_at:%H:%M}-{shift.ends_at:%H:%M}"
    return f"{shift.day}  {shift.login:16} {hours}  {breaks}".rstrip()


def _lost(caller: LostCaller) -> str:
    calls = f"{caller.calls} calls" if caller.calls > 1 else "1 call"
    waited = f"waited {caller.waited_seconds} s" if caller.waited_seconds else caller.stage.value
    taken = f"  taken by {caller.taken_by}" if caller.taken_by else ""
    return f"{caller.last_at:%Y-%m-%d %H:%M}  {caller.phone}  {calls}, {waited}{taken}"


def _task(task: Task, now: datetime) -> str:
    late = "  OVERDUE" if task.is_overdue(now) else ""
    who = task.assignee or (task.role.value if task.role else "anybody")
    return f"{task.at:%Y-%m-%d %H:%M}{late}  {task.id}  {task.kind.value}  {who}  {task.question}"
