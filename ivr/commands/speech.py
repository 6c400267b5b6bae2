"""`ivr speech`: what the robot hears and understands, tried on files."""

from __future__ import annotations

import io
import json
import time
import wave
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from ivr.commands import speech_checks
from ivr.commands.output import Format, FormatOption, emit, say
from ivr.errors import Fault
from ivr.settings import Settings
from ivr.speech.audio import read_recording
from ivr.speech.models.catalogue import Engine
from ivr.speech.models.choosing import load
from ivr.speech.recognition.building import require
from ivr.speech.recognition.ports import SAMPLE_RATE, Recogniser, RecogniserFailed, Slot
from ivr.speech.recognition.settings import SlotSettings
from ivr.speech.recognition.vocabulary import spoken_forms

app = typer.Typer(
    help="Speech: hear a file, check how numbers and answers are understood.", no_args_is_help=True
)
speech_checks.register(app)

_CHUNK_BYTES = SAMPLE_RATE // 10 * 2


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was heard in a file.

    Attributes:
        confidence: From 0 to 1.
        seconds_audio: Length of the sound.
        seconds_cpu: Time that all cores took for it.
    """

    file: Path
    text: str
    confidence: float
    seconds_audio: float
    seconds_cpu: float


@app.callback()
def speech() -> None:
    """Keep `ivr speech` a group of commands."""


@app.command("transcribe")
def transcribe(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="WAV...", help="Sound of any sampling rate")],
    engine: Annotated[
        str, typer.Option(help="vosk, whisper, onnx, or a model: id or folder. Default: as in the settings")
    ] = "",
    grammar: Annotated[
        Path | None, typer.Option(help="Closed grammar: a phrase a line, or a JSON list of phrases")
    ] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Recognise speech in files, each as one utterance."""
    settings: Settings = context.obj
    phrases = read_grammar(grammar) if grammar else None
    recogniser = _recogniser(settings, engine, Slot.CLOSED if phrases else Slot.FREE)
    if phrases and not recogniser.grammars:
        say(f"{recogniser.name} can't be held to a grammar: the phrases are a hint to it.")
    results = [_heard(recogniser, file, phrases) for file in files]
    lines = [f"{one.file}: {one.text or '(nothing)'} ({one.confidence:.2f})" for one in results]
    emit({"results": [asdict(one) for one in results]}, "\n".join(lines), output)


def read_grammar(file: Path) -> tuple[str, ...]:
    """The phrases of a grammar file.

    Raises:
        Fault: It can't be read, or holds no phrase.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
        lines = json.loads(text) if text.lstrip().startswith("[") else text.splitlines()
        phrases = tuple(form for line in lines for form in spoken_forms(line))
    except (OSError, ValueError, AttributeError) as error:
        raise Fault(f"The grammar can't be read: {error}.", str(file), _GRAMMAR_FIX) from error
    if not phrases:
        raise Fault("The grammar holds no phrase.", str(file), _GRAMMAR_FIX)
    return phrases


_GRAMMAR_FIX = "Write one phrase a line, or a JSON list of phrases, in UTF-8."


def _recogniser(settings: Settings, engine: str, slot: Slot) -> Recogniser:
    recognition, models = settings.speech.recognition, settings.speech.models
    own = recognition.closed if slot is Slot.CLOSED else recognition.free
    choice = require(models, slot, _wanted(engine) if engine else own)
    if choice.note:
        say(choice.note)
    return load(choice, models, recognition.alternatives)


def _wanted(engine: str) -> SlotSettings:
    return SlotSettings.model_validate({"engine" if engine in set(Engine) else "model": engine})


def _heard(recogniser: Recogniser, file: Path, phrases: tuple[str, ...] | None) -> Transcript:
    pcm = _sound(file)
    began = time.process_time()
    try:
        stream = recogniser.stream(phrases)
        for chunk in _chunks(pcm):
            stream.accept(chunk)
        heard = stream.finish()
    except RecogniserFailed as error:
        raise Fault(f"{recogniser.name} failed: {error}.", str(file), "Try `ivr models check`.") from error
    seconds = len(pcm) / 2 / SAMPLE_RATE
    cpu = time.process_time() - began
    return Transcript(file, heard.text, heard.confidence, round(seconds, 3), round(cpu, 4))


def _sound(file: Path) -> bytes:
    if not file.is_file():
        raise Fault("There is no such file.", str(file), "Name a WAV file.")
    try:
        recording = read_recording(file)
    except Fault as fault:
        raise Fault("This is no sound that can be read.", str(file), "Save it as WAV (PCM).") from fault
    with wave.open(io.BytesIO(recording), "rb") as reader:
        return reader.readframes(reader.getnframes())


def _chunks(pcm: bytes) -> Iterator[bytes]:
    return (pcm[place : place + _CHUNK_BYTES] for place in range(0, len(pcm), _CHUNK_BYTES))
