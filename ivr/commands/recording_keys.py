"""`ivr recordings keys`: the master keys of the archive."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from functools import partial

import typer

from ivr.archive import rotating
from ivr.archive.crypt import Tampered
from ivr.archive.keyring import KeyMissing, KeyRing
from ivr.commands.output import Format, FormatOption, emit
from ivr.commands.recording_context import RecordingsContext, with_database
from ivr.errors import Fault
from ivr.store import Database

app = typer.Typer(help="Master keys of the archive: list, new, rotate.", no_args_is_help=True)


@app.command("list")
def list_keys(context: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """List the keys, the current one first, and how many recordings need each."""
    settings: RecordingsContext = context.obj
    ids = KeyRing(settings.archive.keys).ids()
    used = with_database(settings, lambda database: database.read(rotating.use))
    rows = [{"id": name, "recordings": used.get(name, 0), "there": True} for name in ids]
    rows += [{"id": name, "recordings": used[name], "there": False} for name in sorted(set(used) - set(ids))]
    lines = [
        f"{row['id']}  {row['recordings']} recordings{'' if row['there'] else '  MISSING'}" for row in rows
    ]
    emit({"keys": rows}, "\n".join(lines) or "There is no key yet.", output)


@app.command("new")
def new_key(context: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """Make a key; recordings that are taken from now on need it. Keep a copy elsewhere."""
    settings: RecordingsContext = context.obj
    ring = KeyRing(settings.archive.keys)
    make = partial(rotating.make_key, ring=ring, who=getpass.getuser(), now=datetime.now(UTC))
    name = with_database(settings, make)
    emit(
        {"id": name}, f"{name} is the current key. Keep a copy of {settings.archive.keys} elsewhere.", output
    )


@app.command("rotate")
def rotate_keys(context: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """Make a key and wrap the keys of all recordings by it; their content stays as it is. May be repeated."""
    settings: RecordingsContext = context.obj
    ring, who, now = KeyRing(settings.archive.keys), getpass.getuser(), datetime.now(UTC)

    async def work(database: Database) -> tuple[str, int]:
        name = await rotating.make_key(database, ring, who, now)
        return name, await rotating.rotate(database, ring, who, now)

    try:
        name, done = with_database(settings, work)
    except KeyMissing as error:
        fix = "Bring its file back from the copy of the keys, then rotate again."
        raise Fault("A key that recordings need is not in the folder.", f"{error}", fix) from error
    except Tampered as error:
        fix = "Find the recording with: ivr recordings verify."
        raise Fault("The key of a recording has been changed.", "recordings", fix) from error
    text = f"{done} recordings need {name} now. Older keys are needed for older copies of the database only."
    emit({"id": name, "recordings": done}, text, output)
