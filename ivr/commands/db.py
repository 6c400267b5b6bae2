"""`ivr db`: the database."""

from __future__ import annotations

import asyncio

import typer

from ivr.commands.output import Format, FormatOption, emit
from ivr.settings import Settings
from ivr.store import Database, StoreSettings, upgrade
from ivr.store.upgrading import Upgrade

app = typer.Typer(help="The database: bring its tables up to date.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `upgrade` a command of its own while it is the only one."""


@app.command("upgrade")
def upgrade_tables(context: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """Bring the tables to the version of this program."""
    settings: Settings = context.obj
    done = asyncio.run(_upgrade(settings.store))
    before = done.before or "empty"
    text = f"up to date: {done.after}" if done.before == done.after else f"{before} -> {done.after}"
    emit({"before": done.before, "after": done.after}, text, output)


async def _upgrade(settings: StoreSettings) -> Upgrade:
    database = await Database.open(settings)
    try:
        return await upgrade(database)
    finally:
        await database.close()
