"""`ivr prompts`: what the robot says, built ahead."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ivr.app.spoken import fixed_texts, of_database
from ivr.clock import SystemClock
from ivr.commands.opened import with_database
from ivr.commands.output import Format, FormatOption, emit
from ivr.settings import Settings
from ivr.speech.building import Report, StaticText, build, inventory, open_library
from ivr.speech.library import PromptLibrary

app = typer.Typer(help="Prompts: build them ahead, list them for a studio, try a text.", no_args_is_help=True)


@app.command("build")
def build_prompts(context: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """Make every prompt that is missing: catalogue, scenarios' texts, pieces of numbers, hold music."""
    settings: Settings = context.obj
    texts = all_texts(settings)
    began = time.monotonic()
    report = asyncio.run(_build(_library(settings, texts), texts))
    seconds = round(time.monotonic() - began, 1)
    lines = [f"{name}: {reason}" for name, reason in report.failed.items()]
    summary = f"Prompts: {report.made} made, {report.present} were there, {len(lines)} failed; {seconds} s."
    emit({**asdict(report), "seconds": seconds}, "\n".join([*lines, summary]), output)
    if report.failed:
        raise typer.Exit(1)


@app.command("list")
def list_prompts(context: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """List all prompts with the file in which a studio would deliver each."""
    settings: Settings = context.obj
    texts = all_texts(settings)
    items = inventory(_library(settings, texts), texts)
    lines = [f"{item.state:8}  {item.recording:60}  {item.text}" for item in items]
    emit({"prompts": [asdict(item) for item in items]}, "\n".join(lines), output)


@app.command("say")
def say_text(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="What to say")],
    target: Annotated[Path, typer.Option("--output", "-o", help="WAV file to write, 8 kHz")],
    output: FormatOption = Format.TEXT,
) -> None:
    """Speak a text into a file, as a caller would hear it."""
    settings: Settings = context.obj
    sound = asyncio.run(_say(_library(settings, ()), text))
    target.write_bytes(sound)
    emit({"file": target, "bytes": len(sound)}, f"{target}: {len(sound)} bytes", output)


@app.command("clean")
def clean(
    context: typer.Context,
    days: Annotated[float, typer.Option(min=0, help="Drop what was not used for so many days")] = 30,
    output: FormatOption = Format.TEXT,
) -> None:
    """Drop prompts of calls and of earlier scenarios that are no longer used."""
    settings: Settings = context.obj
    dropped = _library(settings, all_texts(settings)).drop_unused(days * 86400)
    emit({"dropped": dropped}, f"{dropped} prompts dropped.", output)


def all_texts(settings: Settings) -> tuple[StaticText, ...]:
    """Every text that is known before a call: the scenarios', and what the database holds to be spoken."""
    read = of_database(settings, SystemClock(settings.company.zone).now())
    spoken = with_database(settings.store, lambda database: database.read(read))
    return (*fixed_texts(settings), *((None, text) for text in spoken))


def _library(settings: Settings, texts: Iterable[StaticText]) -> PromptLibrary:
    return open_library(settings.speech, settings.prompts_folder, texts)


async def _build(library: PromptLibrary, texts: tuple[StaticText, ...]) -> Report:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=Console(stderr=True)) as progress:
            bar = progress.add_task("Prompts", total=len(inventory(library, texts)))
            return await build(library, texts, lambda item: progress.advance(bar))
    finally:
        await library.close()


async def _say(library: PromptLibrary, text: str) -> bytes:
    try:
        sound = await library.record(library.source(None, text))
        return sound.wav
    finally:
        await library.close()
