"""`ivr recordings`: list, check, delete after the term, hold, export."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

import typer

from ivr.archive import index, keeping
from ivr.archive.index import Recording, Selection
from ivr.archive.settings import ArchiveSettings
from ivr.commands.output import Format, FormatOption, emit
from ivr.errors import Fault
from ivr.store import Database, StoreSettings

app = typer.Typer(help="Recordings: list, verify, purge, hold, export.", no_args_is_help=True)
T = TypeVar("T")

IdsArgument = Annotated[list[str] | None, typer.Argument(help="Ids of recordings or calls; without any, all")]
SinceOption = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day")]
UntilOption = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day")]


class Company(Protocol):
    """Whose recordings they are."""

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the days."""


class RecordingsContext(Protocol):
    """What these commands take from the settings of the call."""

    @property
    def store(self) -> StoreSettings:
        """The database."""

    @property
    def archive(self) -> ArchiveSettings:
        """The archive."""

    @property
    def company(self) -> Company:
        """The company."""


@app.command("list")
def list_recordings(
    context: typer.Context,
    ids: IdsArgument = None,
    since: SinceOption = None,
    until: UntilOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """List recordings by id."""
    settings: RecordingsContext = context.obj
    chosen = _selection(settings, ids, since, until)

    async def collect(database: Database) -> list[Recording]:
        return [row async for page in keeping.select(database, chosen) for row in page]

    found = _with_database(settings, collect)
    emit(_document(found), _lines(found, settings.company.zone), output)


@app.command("verify")
def verify_recordings(
    context: typer.Context,
    ids: IdsArgument = None,
    since: SinceOption = None,
    until: UntilOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Find recordings that are missing or changed, and files that nobody knows; status 1 if there are any."""
    settings: RecordingsContext = context.obj
    chosen = _selection(settings, ids, since, until)
    result = _with_database(
        settings, partial(keeping.verify, folder=settings.archive.folder, selection=chosen)
    )
    problems = {"missing": result.missing, "changed": result.changed, "orphaned": result.orphaned}
    absent = [{"call_id": each.call_id, "part": each.part, "reason": each.reason} for each in result.absences]
    lines = [f"{name}: {each}" for name, found in problems.items() for each in found]
    lines.append(
        f"{len(result.recordings)} checked, {len(lines)} problems, {len(absent)} absent for a reason."
    )
    emit({**_document(result.recordings), **problems, "absent": absent}, "\n".join(lines), output)
    if not result.ok:
        raise typer.Exit(1)


@app.command("purge")
def purge_recordings(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be deleted")] = False,
    output: FormatOption = Format.TEXT,
) -> None:
    """Delete recordings whose term is over, unless they are held; each deletion stays on record."""
    settings: RecordingsContext = context.obj
    gone = _with_database(
        settings,
        partial(keeping.purge, folder=settings.archive.folder, now=datetime.now(UTC), dry_run=dry_run),
    )
    done = "would be deleted" if dry_run else "deleted"
    text = f"{_lines(gone, settings.company.zone)}\n{len(gone)} {done}.".lstrip("\n")
    emit({**_document(gone), "dry_run": dry_run}, text, output)


@app.command("hold")
def hold_recording(
    context: typer.Context,
    recording: Annotated[str, typer.Argument(help="Id of the recording")],
    lift: Annotated[bool, typer.Option("--lift", help="Lift the hold")] = False,
    output: FormatOption = Format.TEXT,
) -> None:
    """Keep a recording whatever its age, or lift that again."""
    settings: RecordingsContext = context.obj
    job = partial(index.hold, recording_id=recording, on=not lift)
    if not _with_database(settings, lambda database: database.write(job)):
        raise Fault("There is no such recording.", recording, "See them with: ivr recordings list.")
    emit({"id": recording, "legal_hold": not lift}, f"{recording}: {'lifted' if lift else 'held'}.", output)


@app.command("export")
def export_recordings(
    context: typer.Context,
    target: Annotated[Path, typer.Option("--output", "-o", help="New or empty folder")],
    ids: IdsArgument = None,
    since: SinceOption = None,
    until: UntilOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Copy recordings, checked, with a manifest."""
    settings: RecordingsContext = context.obj
    chosen = _selection(settings, ids, since, until)
    done = _with_database(
        settings, partial(keeping.export, folder=settings.archive.folder, selection=chosen, target=target)
    )
    emit({**_document(done), "folder": target}, f"{len(done)} recordings copied to {target}.", output)


def _selection(
    settings: RecordingsContext, ids: list[str] | None, since: datetime | None, until: datetime | None
) -> Selection:
    return Selection(
        ids=frozenset(ids or ()),
        since=since.date() if since else None,
        until=until.date() if until else None,
        zone=settings.company.zone,
    )


def _with_database(settings: RecordingsContext, work: Callable[[Database], Awaitable[T]]) -> T:
    async def run() -> T:
        database = await Database.open(settings.store)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


def _document(found: Sequence[Recording]) -> dict[str, Any]:
    return {"recordings": [keeping.described(recording) for recording in found]}


def _lines(found: Sequence[Recording], zone: ZoneInfo) -> str:
    return "\n".join(
        f"{row.started_at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {row.id}  {row.seconds:7.1f} s  "
        f"until {row.expires_at.astimezone(zone):%Y-%m-%d}{'  held' if row.legal_hold else ''}"
        for row in found
    )
