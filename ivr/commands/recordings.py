"""`ivr recordings`: find, check, delete after the term, hold, export; `keys`: the master keys."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from ivr.archive import chain, index, keeping, purging, search
from ivr.archive.exporting import export
from ivr.archive.index import Recording, Selection
from ivr.archive.keeping import Verified
from ivr.archive.search import Wanted
from ivr.archive.vault import Vault
from ivr.commands import recording_keys
from ivr.commands.output import Format, FormatOption, emit
from ivr.commands.recording_context import RecordingsContext, with_database
from ivr.errors import Fault
from ivr.knowledge.words import Dictionary
from ivr.quality.rows import forget
from ivr.quality.texts import Texts
from ivr.store import Database

app = typer.Typer(help="Recordings: list, find, verify, purge, hold, export, keys.", no_args_is_help=True)
app.add_typer(recording_keys.app, name="keys")

IdsArgument = Annotated[list[str] | None, typer.Argument(help="Ids of recordings or calls; without any, all")]
SinceOption = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day")]
UntilOption = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; it goes into the log")]
WhoOption = Annotated[str, typer.Option("--who", help="Who says so; without it, the user of this machine")]


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

    found = with_database(settings, collect)
    emit(_document(found), _lines(found, settings.company.zone), output)


@app.command("find")
def find_recordings(
    context: typer.Context,
    since: SinceOption = None,
    until: UntilOption = None,
    number: Annotated[str, typer.Option(help="The client's number, or its last digits")] = "",
    account: Annotated[str, typer.Option(help="Number of an account")] = "",
    agent: Annotated[str, typer.Option(help="Login of an operator")] = "",
    topic: Annotated[str, typer.Option(help="Topic of the call")] = "",
    request: Annotated[str, typer.Option(help="Number of a request")] = "",
    line: Annotated[str, typer.Option(help="Line")] = "",
    text: Annotated[str, typer.Option(help="Words that were said, in any form")] = "",
    held: Annotated[bool, typer.Option("--held", help="Only those that are held")] = False,
    limit: Annotated[int, typer.Option(help="How many at most")] = 100,
    output: FormatOption = Format.TEXT,
) -> None:
    """Find recordings by their calls, the latest first."""
    settings: RecordingsContext = context.obj
    zone = settings.company.zone
    wanted = Wanted(
        since=since.replace(tzinfo=zone) if since else None,
        until=until.replace(tzinfo=zone) + timedelta(days=1) if until else None,
        number=number,
        account=account,
        agent=agent,
        topic=topic,
        request=request,
        line=line,
        text=text,
        held=held,
    )
    job = partial(search.find, wanted=wanted, limit=limit, texts=Texts(Dictionary()))
    found = [one.recording for one in with_database(settings, lambda database: database.read(job))]
    emit(_document(found), _lines(found, zone), output)


@app.command("verify")
def verify_recordings(
    context: typer.Context,
    ids: IdsArgument = None,
    since: SinceOption = None,
    until: UntilOption = None,
    head: Annotated[str, typer.Option(help="A head of the log that was told before; it must be in it")] = "",
    output: FormatOption = Format.TEXT,
) -> None:
    """Find what is missing, changed or unknown, and breaks of the log; status 1 if there is anything."""
    settings: RecordingsContext = context.obj
    chosen = _selection(settings, ids, since, until)

    async def check(database: Database) -> tuple[Verified, bool]:
        found = await keeping.verify(database, Vault(settings.archive), chosen)
        return found, not head or await database.read(partial(chain.holds, head=head))

    result, holds = with_database(settings, check)
    problems = result.problems() | {"head-unknown": [] if holds else [head]}
    absent = [{"call_id": each.call_id, "part": each.part, "reason": each.reason} for each in result.absences]
    lines = [f"{name}: {each}" for name, found in problems.items() for each in found]
    counted = f"{len(result.recordings)} checked, {len(lines)} problems, {len(absent)} absent for a reason."
    lines += [counted, f"Log: {result.log.entries} entries, head {result.log.head or '-'}"]
    about_log = {"log": {"entries": result.log.entries, "head": result.log.head}}
    emit(
        {**_document(result.recordings), **problems, "absent": absent, **about_log}, "\n".join(lines), output
    )
    if not result.ok or not holds:
        raise typer.Exit(1)


@app.command("purge")
def purge_recordings(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be deleted")] = False,
    output: FormatOption = Format.TEXT,
) -> None:
    """Delete recordings whose term is over, unless they are held; each deletion stays on record."""
    settings: RecordingsContext = context.obj
    storage, now = Vault(settings.archive).storage, datetime.now(UTC)
    work = partial(purging.purge, storage=storage, now=now, dry_run=dry_run, forget=[forget])
    gone = with_database(settings, work)
    done = "would be deleted" if dry_run else "deleted"
    text = f"{_lines(gone, settings.company.zone)}\n{len(gone)} {done}.".lstrip("\n")
    emit({**_document(gone), "dry_run": dry_run}, text, output)


@app.command("hold")
def hold_recording(
    context: typer.Context,
    recording: Annotated[
        str, typer.Argument(help="Id of the recording, or of a call: all of its recordings")
    ],
    reason: ReasonOption,
    lift: Annotated[bool, typer.Option("--lift", help="Lift the hold")] = False,
    who: WhoOption = "",
    output: FormatOption = Format.TEXT,
) -> None:
    """Keep a recording whatever its age, or lift that again; who and why goes into the log."""
    settings: RecordingsContext = context.obj
    work = index.release if lift else index.hold
    by, now = who or getpass.getuser(), datetime.now(UTC)
    job = partial(work, chosen=recording, reason=reason, who=by, now=now)
    done = with_database(settings, lambda database: database.write(job))
    if not done:
        what = "There is no such recording that is held." if lift else "There is no such recording."
        raise Fault(what, recording, "See them with: ivr recordings list.")
    text = "\n".join(f"{each}: {'lifted' if lift else 'held'}." for each in done)
    emit({"recordings": done, "legal_hold": not lift, "who": by, "reason": reason}, text, output)


@app.command("log")
def show_log(
    context: typer.Context,
    recording: Annotated[str, typer.Argument(help="Id of the recording; it may be deleted already")],
    output: FormatOption = Format.TEXT,
) -> None:
    """What was done with a recording: taken, listened to, exported, held, deleted; by whom and why."""
    settings: RecordingsContext = context.obj
    job = partial(chain.of, recording_id=recording)
    entries = with_database(settings, lambda database: database.read(job))
    zone = settings.company.zone
    lines = [
        f"{row['seq']}  {row['at'].astimezone(zone):%Y-%m-%d %H:%M:%S}  "
        f"{row['what']}  {row['who']}  {row['why']}"
        for row in entries
    ]
    emit({"entries": [{**row, "at": row["at"].isoformat()} for row in entries]}, "\n".join(lines), output)


@app.command("export")
def export_recordings(
    context: typer.Context,
    target: Annotated[Path, typer.Option("--output", "-o", help="New or empty folder")],
    reason: ReasonOption = "no reason given",
    ids: IdsArgument = None,
    since: SinceOption = None,
    until: UntilOption = None,
    who: WhoOption = "",
    output: FormatOption = Format.TEXT,
) -> None:
    """Copy recordings, decrypted and checked, with a manifest; who and why goes into the log."""
    settings: RecordingsContext = context.obj
    chosen = _selection(settings, ids, since, until)
    vault, by, now = Vault(settings.archive), who or getpass.getuser(), datetime.now(UTC)

    async def work(database: Database) -> list[Recording]:
        pages = keeping.select(database, chosen)
        return await export(database, vault, pages, target, who=by, why=reason, now=now)

    done = with_database(settings, work)
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


def _document(found: Sequence[Recording]) -> dict[str, Any]:
    return {"recordings": [keeping.described(recording) for recording in found]}


def _lines(found: Sequence[Recording], zone: ZoneInfo) -> str:
    return "\n".join(
        f"{row.started_at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {row.id}  {row.seconds:7.1f} s  "
        f"until {row.expires_at.astimezone(zone):%Y-%m-%d}{'  held' if row.legal_hold else ''}"
        for row in found
    )
