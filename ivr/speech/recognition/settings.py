"""Settings of hearing: which model listens, what counts as speech, when an answer has ended."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class SlotSettings(_Part):
    """A model and how many callers it hears at once."""

    engine: Literal["auto", "vosk", "whisper", "onnx"] = Field(
        "auto", description="Engine; auto takes the best of the models that are installed"
    )
    model: str = Field("", description="Id of an installed model, or a folder; empty: the engine's best one")
    threads: int = Field(0, ge=0, le=256, description="Turns worked on at the same moment; 0: one per core")
    most_turns: int = Field(
        100, ge=1, description="Turns listened to at once; more are refused, callers use keys"
    )


class PauseSettings(_Part):
    """The silence that ends an answer, by what is listened for."""

    yes_no: int = Field(500, ge=100, le=5000, description="After yes or no, milliseconds")
    choice: int = Field(500, ge=100, le=5000, description="After an option, milliseconds")
    name: int = Field(600, ge=100, le=5000, description="After a name, milliseconds")
    speech: int = Field(700, ge=100, le=5000, description="After free speech, milliseconds")
    number: int = Field(
        1200,
        ge=100,
        le=5000,
        description="Between the digits or words of a number, a date, an amount, milliseconds",
    )
    greeting: int = Field(
        600, ge=300, le=3000, description="After the greeting of whom we have called, milliseconds"
    )
    all_digits: int = Field(
        250, ge=60, le=5000, description="After the last digit of a number of known length, milliseconds"
    )


class VoiceSettings(_Part):
    """What counts as speech."""

    detector: Literal["onnx", "pysilero"] = Field(
        "onnx",
        description="How the Silero network is run: onnx (ONNX Runtime) costs a tenth of pysilero (ggml)",
    )
    threshold: float = Field(
        0.5, gt=0, lt=1, description="Probability of speech from which a sound is a voice"
    )
    hysteresis: float = Field(
        0.15, ge=0, lt=0.5, description="A voice goes on until the probability is so far below the threshold"
    )
    silence_dbfs: float = Field(
        -60.0, ge=-96, le=-20, description="Quieter sound is silence without asking the detector, dBFS"
    )
    pre_roll: int = Field(
        300,
        ge=0,
        le=1000,
        description="Sound before the detected speech that is recognised with it, milliseconds",
    )
    barge_in: int = Field(
        160, ge=60, le=3000, description="Speech of this length during a prompt stops it, milliseconds"
    )
    patient_barge_in: int = Field(
        900,
        ge=60,
        le=5000,
        description="The same where words are needed and the engine tells them only at the end, milliseconds",
    )
    least_speech: int = Field(
        90, ge=30, le=1000, description="A shorter sound after the prompt is a noise, milliseconds"
    )


class RecognitionSettings(_Part):
    """Hearing the caller."""

    closed: SlotSettings = Field(
        SlotSettings(), description="Closed questions: numbers, yes and no, options, names"
    )
    free: SlotSettings = Field(SlotSettings(most_turns=20), description="Free speech")
    pauses: PauseSettings = Field(PauseSettings(), description="Silence that ends an answer")
    voice: VoiceSettings = Field(VoiceSettings(), description="What counts as speech")
    alternatives: int = Field(
        3, ge=0, le=10, description="Readings kept besides the best one of a closed question"
    )
    longest_speech: int = Field(
        30_000,
        ge=1000,
        le=120_000,
        description="Bound of the longest speech that a question may ask for, milliseconds",
    )
    batch: int = Field(
        60,
        ge=20,
        le=500,
        description="Least sound for which a thread is woken, milliseconds; more where less can't matter",
    )
    work_seconds: float = Field(
        8.0, gt=0, le=60, description="A recogniser that keeps a turn waiting for so long has failed, seconds"
    )
    grammars_folder: Path = Field(
        Path("var/grammars"), description="Closed grammars, shared with the engine's process"
    )
    brief_greeting: int = Field(
        1500,
        ge=500,
        le=5000,
        description="Who greets no longer than this is a person, and is not recognised, milliseconds",
    )
    keep_clips: bool = Field(
        False, description="Whether the sound of speech that was not understood is kept for review"
    )
    clips_folder: Path = Field(
        Path("var/clips"), description="Folder for the kept sound; holds personal data"
    )
    pending_clips: int = Field(
        1800, ge=60, description="Sound of which nobody has said in time that it is kept is dropped, seconds"
    )
