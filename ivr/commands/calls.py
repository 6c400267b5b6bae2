"""`ivr calls`: what the ledger tells."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Protocol
from zoneinfo import ZoneInfo

import typer

from ivr.calls import queries, telling, whole
from ivr.calls.story import Story
from ivr.calls.whole import WholeCall
from ivr.commands.output import Format, FormatOption, emit
from ivr.errors import Fault
from ivr.store import Database, StoreSettings

app = typer.Typer(help="Calls: the last ones, and the story of one.", no_args_is_help=True)


class Company(Protocol):
    """Whose calls they are."""

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which instants are shown."""


class CallsContext(Protocol):
    """What these commands take from the settings of the call."""

    @property
    def store(self) -> StoreSettings:
        """The database."""

    @property
    def company(self) -> Company:
        """The company."""


@app.command("list")
def list_calls(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many at most")] = 20,
    output: FormatOption = Format.TEXT,
) -> None:
    """List the calls that came last, newest first, without personal data."""
    settings: CallsContext = context.obj
    stories = asyncio.run(_latest(settings.store, limit))
    document = {"calls": [telling.document(story, (), full=False) for story in stories]}
    emit(document, telling.summary(stories, settings.company.zone), output)


@app.command("show")
def show_call(
    context: typer.Context,
    call_id: Annotated[str, typer.Argument(help="Id of the call")],
    full: Annotated[bool, typer.Option("--full", help="Show personal data too")] = False,
    output: FormatOption = Format.TEXT,
) -> None:
    """Tell the story of one call: what the robot and people did in it, in order of time."""
    settings: CallsContext = context.obj
    call = asyncio.run(_one(settings.store, call_id))
    text = telling.tell_whole(call, settings.company.zone, full=full)
    emit(telling.document_whole(call, full=full), text, output)


async def _latest(store: StoreSettings, limit: int) -> list[Story]:
    database = await Database.open(store)
    try:
        return await database.read(partial(queries.latest, limit=limit))
    finally:
        await database.close()


async def _one(store: StoreSettings, call_id: str) -> WholeCall:
    database = await Database.open(store)
    try:
        found = await database.read(partial(whole.read, call_id=call_id))
    finally:
        await database.close()
    if found is None:
        raise Fault("There is no such call.", call_id, "See the last ones with: ivr calls list.")
    return found
