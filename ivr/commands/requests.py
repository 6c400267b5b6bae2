"""`ivr requests`, `ivr callbacks`, `ivr appointments`: what clients have asked for. Shows personal data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from ivr.clock import SystemClock
from ivr.commands.importing import bad_lines_of, tell
from ivr.commands.opened import with_database
from ivr.commands.output import Format, FormatOption, emit
from ivr.customers.sheets import Imported, columns_of
from ivr.requests.callback_model import Callback
from ivr.requests.importing import RequestRow, import_requests
from ivr.requests.model import Appointment, Request
from ivr.requests.service import Requests
from ivr.requests.slots import NoOffices
from ivr.settings import Settings
from ivr.store import Database

app = typer.Typer(help="Registered requests and how they stand.", no_args_is_help=True)
callbacks_app = typer.Typer(help="Calls that were promised.", no_args_is_help=True)
appointments_app = typer.Typer(help="Visits to an office that are booked.", no_args_is_help=True)
T = TypeVar("T")

_IMPORT_HELP = f"""Take registered requests over from a CSV file; a repeat changes nothing.

Encoding (UTF-8, CP1251) and delimiter (; , tab) are found out. Each bad line is told on stderr and left out.

\b
Columns:
{columns_of(RequestRow)}
"""


@app.command("import", help=_IMPORT_HELP)
def import_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV file")],
    output: FormatOption = Format.TEXT,
) -> None:
    """Take a file over; exit status 1 when lines were left out."""
    settings: Settings = context.obj

    async def work(requests: Requests) -> Imported:
        return await import_requests(requests.register, file, settings.company.zone, bad_lines_of(file))

    tell(_with_requests(settings, work), output)


@app.command("list")
def list_requests(
    context: typer.Context,
    account: Annotated[str | None, typer.Option(help="Only those of this account")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most")] = 20,
    output: FormatOption = Format.TEXT,
) -> None:
    """List the requests registered last, newest first."""
    found = _with_requests(context.obj, lambda requests: requests.register.latest(limit, account))
    text = "\n".join(map(_request, found)) or "no requests"
    emit({"requests": [asdict(each) for each in found]}, text, output)


@callbacks_app.callback()
@appointments_app.callback()
def _group() -> None:
    """Keep `list` a command of its own while it is the only one."""


@callbacks_app.command("list")
def list_callbacks(context: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """List the promises to keep, the earliest first."""
    found = _with_requests(context.obj, lambda requests: requests.callbacks.waiting())
    text = "\n".join(map(_callback, found)) or "no call-backs"
    emit({"callbacks": [asdict(each) for each in found]}, text, output)


@appointments_app.command("list")
def list_appointments(context: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """List the visits from today on, by office and time."""
    found = _with_requests(context.obj, lambda requests: requests.appointments.coming())
    text = "\n".join(map(_appointment, found)) or "no appointments"
    emit({"appointments": [{**asdict(each), "number": each.number} for each in found]}, text, output)


def _with_requests(settings: Settings, work: Callable[[Requests], Awaitable[T]]) -> T:
    """Do it on the tables; no offices and no working hours are needed for that."""
    clock = SystemClock(settings.company.zone)

    async def on(database: Database) -> T:
        return await work(Requests(database, settings.requests, clock, NoOffices(), lambda moment: False))

    return with_database(settings.store, on)


def _request(request: Request) -> str:
    due = f", due {_when(request.due_at)}" if request.due_at else ""
    answered = f", answered {_when(request.answered_at)}" if request.answered_at else ""
    head = f"{request.number}  account {request.account_number}  {request.kind.value}  {request.status.value}"
    return f"{head}  {_when(request.registered_at)}{due}{answered}  {request.topic}".rstrip()


def _callback(callback: Callback) -> str:
    account = f"  account {callback.account_number}" if callback.account_number else ""
    asked = f"{_when(callback.due_from)}  {callback.phone}{account}  (asked {_when(callback.asked_at)})"
    return f"{asked}  {callback.topic}  {callback.said}".rstrip()


def _appointment(appointment: Appointment) -> str:
    visit = f"{appointment.office}  {_when(appointment.starts_at)}  no. {appointment.number}"
    return f"{visit}  account {appointment.account_number}"


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
