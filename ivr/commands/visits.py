"""`ivr callbacks`, `ivr appointments`, `ivr visits`: what clients were promised. Shows personal data."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated

import typer

from ivr.commands.output import Format, FormatOption, emit
from ivr.commands.request_rooms import when, with_requests
from ivr.requests.callback_model import Callback
from ivr.requests.model import Appointment, HomeVisit
from ivr.settings import Settings

callbacks_app = typer.Typer(help="Calls that were promised.", no_args_is_help=True)
appointments_app = typer.Typer(help="Visits to an office that are booked.", no_args_is_help=True)
visits_app = typer.Typer(help="Visits to clients with limited mobility.", no_args_is_help=True)


@callbacks_app.callback()
@appointments_app.callback()
@visits_app.callback()
def _group() -> None:
    """Keep `list` a command of its own while it is the only one."""


@callbacks_app.command("list")
def list_callbacks(context: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """List the promises to keep, the earliest first."""
    found = with_requests(context.obj, lambda requests: requests.callbacks.waiting())
    text = "\n".join(map(_callback, found)) or "no call-backs"
    emit({"callbacks": [asdict(each) for each in found]}, text, output)


@appointments_app.command("list")
def list_appointments(context: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """List the visits from today on, by office and time."""
    found = with_requests(context.obj, lambda requests: requests.appointments.coming())
    text = "\n".join(map(_appointment, found)) or "no appointments"
    emit({"appointments": [{**asdict(each), "number": each.number} for each in found]}, text, output)


@visits_app.command("list")
def list_visits(
    context: typer.Context,
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days from today")] = 30,
    output: FormatOption = Format.TEXT,
) -> None:
    """List the home visits from today on, by time, whatever became of them."""
    settings: Settings = context.obj
    today = datetime.now(settings.company.zone).date()
    last = today + timedelta(days=days - 1)
    found = with_requests(settings, lambda requests: requests.home_visits.of_days(today, last))
    text = "\n".join(map(_visit, found)) or "no home visits"
    emit({"visits": [{**asdict(each), "number": each.number} for each in found]}, text, output)


def _callback(callback: Callback) -> str:
    account = f"  account {callback.account_number}" if callback.account_number else ""
    asked = f"{when(callback.due_from)}  {callback.phone}{account}  (asked {when(callback.asked_at)})"
    return f"{asked}  {callback.topic}  {callback.said}".rstrip()


def _appointment(appointment: Appointment) -> str:
    visit = f"{appointment.office}  {when(appointment.starts_at)}  no. {appointment.number}"
    return f"{visit}  account {appointment.account_number}"


def _visit(visit: HomeVisit) -> str:
    at = f"{visit.day.isoformat()} {visit.window}  no. {visit.number}  {visit.status}"
    return f"{at}  account {visit.account_number}  {visit.address}  {visit.phone}"
