"""`ivr quality status|again`: how far the transcripts of recordings are, and once more."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

import typer

from ivr.app.transcripts import listener
from ivr.commands.opened import with_database
from ivr.commands.output import Format, FormatOption, emit
from ivr.errors import Fault
from ivr.quality import rows
from ivr.quality.rows import Progress
from ivr.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands to `ivr quality`."""
    app.command("status")(show_status)
    app.command("again")(transcribe_again)


def show_status(context: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """Tell how far the transcripts of recordings are."""
    settings: Settings = context.obj
    model = listener(settings)
    found = with_database(settings.store, lambda database: database.read(rows.progress))
    document = {"model": model.name if model else None, **_document(found)}
    who = (
        f"{model.name} transcribes." if model else "Nothing is transcribed: no model, or it is switched off."
    )
    emit(document, "\n".join([who, *_lines(found)]), output)


def transcribe_again(
    context: typer.Context,
    ids: Annotated[
        list[str] | None, typer.Argument(help="Of recordings or calls; without any, all given up")
    ] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Have recordings transcribed anew by the running engine; what there is stays until then."""
    settings: Settings = context.obj
    job = partial(rows.again, ids=ids or [], now=datetime.now(UTC))
    count = with_database(settings.store, lambda database: database.write(job))
    if ids and not count:
        raise Fault("There is no such recording.", ", ".join(ids), "See them with: ivr recordings list.")
    emit({"waiting": count}, f"{count} will be transcribed again.", output)


def _document(found: Progress) -> dict[str, Any]:
    return {
        "waiting": found.waiting,
        "failing": found.failing,
        "done": found.done,
        "given_up": found.given_up,
        "sound_seconds": round(found.sound_seconds, 1),
        "work_seconds": round(found.work_seconds, 1),
        "real_time_factor": _factor(found),
    }


def _lines(found: Progress) -> list[str]:
    given_up = ", ".join(f"{reason} {count}" for reason, count in sorted(found.given_up.items()))
    told = [
        f"{found.done} done, {found.waiting} wait, of these {found.failing} failed before.",
        f"Given up: {given_up or 'none'}.",
    ]
    factor = _factor(found)
    if factor is not None:
        told.append(f"A second of a recording takes {factor:.2f} s of a processor.")
    return told


def _factor(found: Progress) -> float | None:
    return round(found.work_seconds / found.sound_seconds, 3) if found.sound_seconds else None
