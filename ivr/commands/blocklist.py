"""`ivr blocklist`: numbers that are kept away. Shows personal data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, TypeVar

import typer

from ivr.calls.blocklist import Block, BlockList, e164
from ivr.clock import SystemClock
from ivr.commands.opened import with_database
from ivr.commands.output import Format, FormatOption, emit
from ivr.errors import Fault
from ivr.settings import Settings
from ivr.store import Database

app = typer.Typer(help="Numbers that are kept away for a time.", no_args_is_help=True)
T = TypeVar("T")
_BY = "cli"
Number = Annotated[str, typer.Argument(help="Telephone number; one without a country is Russian")]


@app.command("add")
def add(
    context: typer.Context,
    number: Number,
    reason: Annotated[str, typer.Option(help="Why, for people")],
    days: Annotated[int | None, typer.Option(min=1, help="For how long; default: the setting")] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Keep a number away; a running engine knows within the setting refresh_seconds."""
    settings: Settings = context.obj
    phone = _number(number)
    until = None if days is None else SystemClock(settings.company.zone).now() + timedelta(days=days)

    async def work(blocklist: BlockList) -> Block:
        try:
            return await blocklist.add(phone, reason, _BY, until)
        except ValueError as error:
            fix = "Give fewer days, or raise the setting most_days."
            raise Fault("A number can't be blocked for so long.", "--days", fix) from error

    block = _with_list(settings, work)
    emit(asdict(block), _line(block), output)


@app.command("list")
def list_blocked(context: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """List the numbers that are kept away, the latest first."""
    found = _with_list(context.obj, lambda blocklist: blocklist.listed())
    text = "\n".join(map(_line, found)) or "no numbers"
    emit({"blocked": [asdict(each) for each in found]}, text, output)


@app.command("remove")
def remove(context: typer.Context, number: Number, output: FormatOption = Format.TEXT) -> None:
    """Let a number in again."""
    phone = _number(number)

    async def work(blocklist: BlockList) -> None:
        block = next((each for each in await blocklist.listed() if each.phone == phone), None)
        if block is None or not await blocklist.lift(block.id, _BY):
            raise Fault("This number is not on the list.", phone, "See `ivr blocklist list`.")

    _with_list(context.obj, work)
    emit({"removed": phone}, f"{phone} is let in again", output)


def _with_list(settings: Settings, work: Callable[[BlockList], Awaitable[T]]) -> T:
    clock = SystemClock(settings.company.zone)

    async def on(database: Database) -> T:
        return await work(BlockList(database, settings.desk.work.blocklist, clock))

    return with_database(settings.store, on)


def _number(text: str) -> str:
    try:
        return e164(text)
    except ValueError as error:
        fix = "Write it with its area code, such as +74832123456."
        raise Fault("This is no telephone number.", text, fix) from error


def _line(block: Block) -> str:
    return f"{block.phone}  until {block.until:%Y-%m-%d %H:%M}  {block.hits} refused  {block.reason}"
