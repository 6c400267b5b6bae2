"""Checks an installed model: its files, whether it loads, and what it hears."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from ivr.errors import Fault
from ivr.speech.models.catalogue import Model
from ivr.speech.models.choosing import ModelChoice, load
from ivr.speech.models.installed import Note, engine_of
from ivr.speech.models.settings import ModelsSettings
from ivr.speech.recognition.ports import RecogniserFailed, Slot


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found.

    Attributes:
        ok: Whether calls may rely on the model.
        detail: What is wrong, a full sentence; empty when nothing is.
        grammars: Whether it can be held to a closed grammar; None when it could not be loaded.
        load_seconds: Time to load it.
        hear_seconds: Time from the end of the trial utterance to its text.
        text: What it heard; None without a trial.
    """

    id: str
    ok: bool
    detail: str = ""
    grammars: bool | None = None
    load_seconds: float | None = None
    hear_seconds: float | None = None
    text: str | None = None


def check(model: Model, settings: ModelsSettings, trial: bytes | None) -> Checked:
    """Check a model. Blocks for seconds: reads all files, loads it, has it hear.

    Args:
        model: Which.
        settings: Where it is and how it runs.
        trial: An utterance, 16-bit mono PCM of 8 kHz, or None.
    """
    folder = settings.folder / model.id
    if engine_of(folder) is not model.engine:
        return Checked(model.id, ok=False, detail="It is not installed.")
    note = Note.read(folder)
    if changed := note.changed(folder, thoroughly=True) if note else []:
        return Checked(
            model.id,
            ok=False,
            detail=f"Not as installed: {', '.join(changed)}. Remove {folder}, install anew.",
        )
    try:
        return _try(model, ModelChoice(Slot.FREE, model.engine, folder, model.id), settings, trial)
    except (Fault, RecogniserFailed) as error:
        return Checked(model.id, ok=False, detail=str(error))


def _try(model: Model, choice: ModelChoice, settings: ModelsSettings, trial: bytes | None) -> Checked:
    began = time.monotonic()
    recogniser = load(choice, settings)
    loaded = Checked(
        model.id, ok=True, grammars=recogniser.grammars, load_seconds=round(time.monotonic() - began, 2)
    )
    if model.grammars and not recogniser.grammars:
        loaded = replace(loaded, ok=False, detail="It takes no closed grammars, and it should.")
    if trial is None:
        return loaded
    stream = recogniser.stream(None)
    stream.accept(trial)
    began = time.monotonic()
    heard = stream.finish()
    return replace(loaded, hear_seconds=round(time.monotonic() - began, 2), text=heard.text)
