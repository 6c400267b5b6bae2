"""`ivr requests`: what clients have asked for, and how it stands. Shows personal data."""

from __future__ import annotations

import getpass
import uuid
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ivr.commands.importing import bad_lines_of, tell
from ivr.commands.output import Format, FormatOption, emit
from ivr.commands.request_rooms import when, with_requests
from ivr.commands.visits import appointments_app, callbacks_app, visits_app
from ivr.customers.sheets import Imported, columns_of
from ivr.errors import Fault
from ivr.requests.cases import NewRequest, UnknownRequest
from ivr.requests.importing import RequestRow, import_requests
from ivr.requests.lifecycle import (
    Answer,
    Assign,
    Interim,
    Note,
    NotPossible,
    Obstacle,
    Refuse,
    Step,
    Withdraw,
)
from ivr.requests.model import AnswerChannel, Change, Request, RequestKind, RequestStatus
from ivr.requests.search import Wanted
from ivr.requests.service import Requests
from ivr.requests.terms import Form
from ivr.settings import Settings

__all__ = ["app", "appointments_app", "callbacks_app", "visits_app"]
app = typer.Typer(help="Registered requests and how they stand.", no_args_is_help=True)

_OBSTACLES = {
    Obstacle.CLOSED: "The request has its answer already.",
    Obstacle.PROLONGED_ALREADY: "The term was put off once already.",
    Obstacle.UNKNOWN_GROUND: "The standard has no such ground of refusal.",
    Obstacle.OTHER_CHANNEL: "The client has named another channel for the answer.",
}
_IMPORT_HELP = f"""Take registered requests over from a CSV file; a repeat changes nothing.

Encoding (UTF-8, CP1251) and delimiter (; , tab) are found out. Each bad line is told on stderr and left out.

\b
Columns:
{columns_of(RequestRow)}
"""

Number = Annotated[str, typer.Argument(help="Number of the request")]
By = Annotated[str, typer.Option(help="Login of who does it", default_factory=getpass.getuser)]
Words = Annotated[str, typer.Option(help="What is written down")]


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

    tell(with_requests(settings, work), output)


@app.command("list")
def list_requests(
    context: typer.Context,
    account: Annotated[str | None, typer.Option(help="Only those of this account")] = None,
    status: Annotated[list[RequestStatus] | None, typer.Option(help="Only those that stand so")] = None,
    responsible: Annotated[str | None, typer.Option(help="Only those that this login answers")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those that are owed and late")] = False,
    text: Annotated[str | None, typer.Option(help="Part of number, name, account or words")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most")] = 20,
    output: FormatOption = Format.TEXT,
) -> None:
    """List requests; without filters those registered last, else those that are owed first, by term."""
    wanted = Wanted(
        account=account, status=status or (), responsible=responsible, overdue=overdue or None, text=text
    )

    async def work(requests: Requests) -> list[Request]:
        if wanted == Wanted(account=account):
            return await requests.register.latest(limit, account)
        return list((await requests.lists.search(wanted, limit)).requests)

    found = with_requests(context.obj, work)
    emit({"requests": [asdict(each) for each in found]}, _lines(found), output)


@app.command("due")
def due_soon(context: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """List the open requests whose term is over or ends soon, the most urgent first."""
    settings: Settings = context.obj
    now = datetime.now(settings.company.zone)
    found = with_requests(settings, lambda requests: requests.lists.due_soon(now))
    emit({"requests": [asdict(each) for each in found]}, _lines(found), output)


@app.command("show")
def show(context: typer.Context, number: Number, output: FormatOption = Format.TEXT) -> None:
    """Show a request and all that was done with it."""

    async def work(requests: Requests) -> tuple[Request, list[Change]]:
        return await _known(number, requests)

    request, history = with_requests(context.obj, work)
    text = "\n".join([_request(request), request.text, *map(_change, history)])
    emit({"request": asdict(request), "history": [asdict(each) for each in history]}, text, output)


@app.command("register")
def register(
    context: typer.Context,
    kind: Annotated[RequestKind, typer.Option(help="What the client wants")],
    text: Annotated[str, typer.Option(help="His words")],
    channel: Annotated[AnswerChannel, typer.Option(help="How he wants the answer")],
    by: By,
    account: Annotated[str, typer.Option(help="Account number")] = "",
    name: Annotated[str, typer.Option(help="Name, when there is no account")] = "",
    phone: Annotated[str, typer.Option(help="Telephone, when there is no account")] = "",
    answer_to: Annotated[str, typer.Option(help="Postal or e-mail address for the answer")] = "",
    topic: Annotated[str, typer.Option(help="Topic of kb/")] = "",
    form: Annotated[Form, typer.Option(help="How it has come")] = Form.WRITTEN,
    key: Annotated[str | None, typer.Option(help="A repeat with the same key registers nothing")] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Register a request, as one that has come by post."""
    settings: Settings = context.obj
    if not (account or (name and phone)):
        raise Fault("The client is not told.", "", "Give --account, or --name and --phone.")
    new = NewRequest(
        key=key or uuid.uuid4().hex,
        by=by,
        kind=kind,
        text=text,
        answer_channel=channel,
        answer_to=answer_to,
        form=form,
        topic=topic,
        account_number=account,
        client_name=name,
        phone=phone,
        profile=settings.company.profile,
    )
    _tell(with_requests(settings, lambda requests: requests.cases.register(new)), output)


@app.command("assign")
def assign(
    context: typer.Context,
    number: Number,
    responsible: Annotated[str, typer.Argument(help="Login of who answers")],
    by: By,
    output: FormatOption = Format.TEXT,
) -> None:
    """Say who answers a request."""
    _take(context.obj, number, Assign(by=by, responsible=responsible), output)


@app.command("extend")
def extend(
    context: typer.Context,
    number: Number,
    text: Annotated[str, typer.Option(help="What the client was told in the interim answer")],
    by: By,
    output: FormatOption = Format.TEXT,
) -> None:
    """Note an interim answer; the term is put off, once."""
    _take(context.obj, number, Interim(by=by, text=text), output)


@app.command("answer")
def answer(
    context: typer.Context,
    number: Number,
    channel: Annotated[AnswerChannel, typer.Option(help="How the answer went out")],
    by: By,
    text: Words = "",
    satisfied: Annotated[
        bool, typer.Option("--satisfied", help="By telephone, and the client wants nothing in writing")
    ] = False,
    unreachable: Annotated[
        bool, typer.Option("--unreachable", help="The channel that the client named does not reach him")
    ] = False,
    output: FormatOption = Format.TEXT,
) -> None:
    """Close a request with its answer."""
    step = Answer(by=by, text=text, channel=channel, satisfied=satisfied, unreachable=unreachable)
    _take(context.obj, number, step, output)


@app.command("refuse")
def refuse(
    context: typer.Context,
    number: Number,
    ground: Annotated[str, typer.Option(help="Id of a ground of the standard")],
    by: By,
    text: Words = "",
    output: FormatOption = Format.TEXT,
) -> None:
    """Close a request that is not considered."""
    _take(context.obj, number, Refuse(by=by, ground=ground, text=text), output)


@app.command("withdraw")
def withdraw(
    context: typer.Context, number: Number, by: By, text: Words = "", output: FormatOption = Format.TEXT
) -> None:
    """Close a request that the client has taken back."""
    _take(context.obj, number, Withdraw(by=by, text=text), output)


@app.command("note")
def note(
    context: typer.Context,
    number: Number,
    text: Annotated[str, typer.Option(help="What is written down")],
    by: By,
    output: FormatOption = Format.TEXT,
) -> None:
    """Add to the history of a request."""
    _take(context.obj, number, Note(by=by, text=text), output)


def _take(settings: Settings, number: str, step: Step, output: Format) -> None:
    async def work(requests: Requests) -> Request:
        request, _ = await _known(number, requests)
        try:
            return await requests.cases.do(number, step)
        except NotPossible as error:
            grounds = ", ".join(each.id for each in requests.cases.grounds(request.profile))
            fix = f"There are: {grounds}." if error.obstacle is Obstacle.UNKNOWN_GROUND else ""
            raise Fault(_OBSTACLES[error.obstacle], f"request {number}", fix) from error

    _tell(with_requests(settings, work), output)


async def _known(number: str, requests: Requests) -> tuple[Request, list[Change]]:
    try:
        return await requests.cases.find(number)
    except UnknownRequest as error:
        raise Fault("There is no such request.", number, "See `ivr requests list`.") from error


def _tell(request: Request, output: Format) -> None:
    emit({"request": asdict(request)}, _request(request), output)


def _lines(found: list[Request]) -> str:
    return "\n".join(map(_request, found)) or "no requests"


def _request(request: Request) -> str:
    due = f", due {when(request.due_at)}" if request.due_at else ""
    answered = f", answered {when(request.answered_at)}" if request.answered_at else ""
    client = request.account_number and f"account {request.account_number}"
    head = f"{request.number}  {client or request.phone}  {request.kind.value}  {request.status.value}"
    line = f"{head}  {when(request.registered_at)}{due}{answered}  {request.topic}".rstrip()
    return f"{line}  ({request.responsible})" if request.responsible else line


def _change(change: Change) -> str:
    return f"  {when(change.at)}  {change.by}  {change.step}  {change.status.value}  {change.note}".rstrip()
