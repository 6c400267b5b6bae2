"""`ivr kpi deliveries`: what became of the reports that are made by themselves."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from ivr.commands.opened import with_database
from ivr.commands.output import Format, FormatOption, emit
from ivr.kpi.papers.deliveries import Delivery, listed
from ivr.kpi.papers.text import table
from ivr.settings import Settings
from ivr.store import Database


def register(app: typer.Typer) -> None:
    """Add the command to `ivr kpi`."""
    app.command("deliveries")(deliveries)


def deliveries(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many at most")] = 50,
    output: FormatOption = Format.TEXT,
) -> None:
    """List reports that are made by themselves, those that have not arrived first."""
    settings: Settings = context.obj

    async def work(database: Database) -> list[Delivery]:
        return await database.read(partial(listed, limit=limit))

    found = with_database(settings.store, work)
    names = ("name", "first", "last", "destination", "state", "attempts", "due_at", "done_at", "error")
    document = {"deliveries": [{name: getattr(each, name) for name in names} for each in found]}
    rows = [
        ["REPORT", "PERIOD", "TO", "STATE", "ATTEMPTS", "ERROR"],
        *(
            [
                each.name,
                f"{each.first} – {each.last}",
                each.destination,
                each.state.value,
                str(each.attempts),
                each.error or "",
            ]
            for each in found
        ),
    ]
    emit(document, table(rows), output)
