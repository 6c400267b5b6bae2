"""`ivr quality`: how conversations go, the review of what was not understood, transcripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from ivr.calls import quality, review
from ivr.calls.quality import Period, StateQuality
from ivr.calls.review import Misunderstood
from ivr.commands import quality_transcripts
from ivr.commands.opened import with_database
from ivr.commands.output import Format, FormatOption, emit
from ivr.errors import Fault
from ivr.settings import Settings
from ivr.speech.recognition.clips import Clips
from ivr.store import Database

app = typer.Typer(help="Quality: how turns went, what was not understood, transcripts.", no_args_is_help=True)
quality_transcripts.register(app)


@app.command("report")
def report_quality(
    context: typer.Context,
    since: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day")] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day")] = None,
    flow: Annotated[str | None, typer.Option(help="Only this flow, with or without its version")] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Tell how turns went by flow and state, what hurts callers most first."""
    settings: Settings = context.obj
    zone = settings.company.zone
    period = Period(
        since and since.replace(tzinfo=zone), until and (until + timedelta(days=1)).replace(tzinfo=zone), flow
    )
    states = with_database(
        settings.store, lambda database: database.read(partial(quality.report, period=period))
    )
    document = {
        "from": since and since.date(),
        "to": until and until.date(),
        "states": [quality.document(state) for state in states],
    }
    emit(document, _table(states), output)


@app.command("review")
def review_misunderstood(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many at most")] = 50,
    output: FormatOption = Format.TEXT,
) -> None:
    """List what was not understood and nobody has looked at, newest first. Shows what callers said."""
    settings: Settings = context.obj
    clips = _clips(settings)

    async def collect(database: Database) -> tuple[list[Misunderstood], int]:
        found = await database.read(partial(review.waiting, limit=limit))
        return found, await database.read(review.count_waiting)

    found, total = with_database(settings.store, collect)
    items = [_item(each, clips, settings.company.zone) for each in found]
    text = "\n".join([*(_line(item) for item in items), f"{len(items)} of {total}."])
    emit({"utterances": items, "total": total}, text, output)


@app.command("resolve")
def resolve_misunderstood(
    context: typer.Context,
    ids: Annotated[list[int], typer.Argument(metavar="ID...", help="Numbers in the review list")],
    topic: Annotated[str | None, typer.Option(help="Topic that was meant")] = None,
    note: Annotated[str | None, typer.Option(help="What was found out, 500 characters at most")] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Mark what was looked at: it leaves the review list."""
    settings: Settings = context.obj
    _check_length("topic", topic, 64)
    _check_length("note", note, 500)
    job = partial(review.resolve, ids=set(ids), at=datetime.now(UTC), topic=topic, note=note)
    unknown = with_database(settings.store, lambda database: database.write(job))
    if unknown:
        raise Fault(
            "There is no such speech to review.",
            ", ".join(str(id_) for id_ in sorted(unknown)),
            "See them with: ivr quality review. The others have been marked.",
        )
    emit({"resolved": sorted(set(ids))}, f"{len(set(ids))} marked as looked at.", output)


@app.command("purge")
def purge_misunderstood(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be deleted")] = False,
    output: FormatOption = Format.TEXT,
) -> None:
    """Delete text and sound past their term; the running engine does the same every day."""
    settings: Settings = context.obj
    before = datetime.now(UTC) - timedelta(days=settings.ledger.review.keep_days)
    folder = settings.speech.recognition.clips_folder
    gone = with_database(
        settings.store, lambda database: review.purge(database, folder, before, dry_run=dry_run)
    )
    done = "would be deleted" if dry_run else "deleted"
    text = f"{gone.turns} speeches and {gone.files} files {done}."
    emit({**asdict(gone), "before": before, "dry_run": dry_run}, text, output)


def _clips(settings: Settings) -> Clips:
    recognition = settings.speech.recognition
    return Clips(recognition.clips_folder, recognition.pending_clips)


def _item(found: Misunderstood, clips: Clips, zone: ZoneInfo) -> Mapping[str, object]:
    sound: Path | None = clips.file(found.clip) if found.clip else None
    return {**asdict(found), "at": found.at.astimezone(zone), "clip": sound}


def _line(item: Mapping[str, object]) -> str:
    head = "{id:6}  {at:%Y-%m-%d %H:%M:%S}  {line:12}  {flow:20} {state:16} {kind:14} {confidence:4.2f}  "
    text = f"«{item['text']}»" if item["text"] else "(no words)"
    shown = {**item, "line": item["line"] or "?", "confidence": item["confidence"] or 0.0}
    return head.format(**shown) + text + (f"  {item['clip']}" if item["clip"] else "")


_SHARES = ("voice", "no_input", "no_match", "command", "deaf", "unsure", "hang_up")


def _table(states: Sequence[StateQuality]) -> str:
    if not states:
        return "No turns in that time."
    names = "".join(f"{name.replace('_', '-'):>10}" for name in _SHARES)
    head = f"{'flow':24} {'state':20} {'turns':>7}{names}{'p50 ms':>8}{'p95 ms':>8}"
    return "\n".join([head, *(_row(state) for state in states)])


def _row(state: StateQuality) -> str:
    told = quality.document(state)
    shares = "".join(f"{told[name]:>10.1%}" for name in _SHARES)
    latency = "".join(f"{_milliseconds(state.latency(share)):>8}" for share in (0.5, 0.95))
    return f"{state.flow:24} {state.state:20} {state.turns:>7}{shares}{latency}"


def _milliseconds(value: int | None) -> str:
    return "–" if value is None else str(value)


def _check_length(name: str, value: str | None, most: int) -> None:
    if value is not None and not 0 < len(value) <= most:
        raise Fault(f"The {name} must have 1 to {most} characters.", name, "Shorten it.")
