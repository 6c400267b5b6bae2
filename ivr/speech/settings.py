"""Settings of the robot's voice, of its prompts and of its ear."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ivr.speech.models.settings import ModelsSettings
from ivr.speech.recognition.settings import RecognitionSettings

GroupLength = Annotated[int, Field(ge=1, le=3)]


class Part(BaseModel):
    """Common behaviour of the settings: unknown keys are refused, values never change."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class FestivalSettings(Part):
    """The embedded voice."""

    program: str = Field("festival", description="Program of Festival")
    voice: str = Field(
        "msu_ru_nsh_clunits", pattern=r"^[a-z0-9_]+$", description="Voice, as Festival names it"
    )
    phrase_seconds: float = Field(
        10.0, gt=0, description="A phrase that takes longer ends the Festival process, seconds"
    )
    idle_seconds: float = Field(
        60.0, gt=0, description="Festival without work for so long is ended and its memory freed, seconds"
    )
    heap_cells: int = Field(
        2_000_000, ge=1_000_000, description="Heap of Festival's Scheme, cells; its own default takes 400 MB"
    )
    start_seconds: float = Field(20.0, gt=0, description="Longest start of Festival with its voice, seconds")


class AudioSettings(Part):
    """How a prompt is mastered: 8 kHz, mono, 16 bit."""

    level_dbfs: float = Field(-21.0, ge=-40, le=-10, description="Mean level of a phrase, dBFS")
    peak_dbfs: float = Field(-1.0, ge=-12, le=0, description="Peaks never get above this, dBFS")
    silence_dbfs: float = Field(
        -45.0, ge=-70, le=-20, description="Quieter than this, after levelling, is silence to trim, dBFS"
    )
    edge_milliseconds: int = Field(50, ge=0, le=500, description="Silence kept at both ends, milliseconds")
    sentence_pause_milliseconds: int = Field(350, ge=0, description="Pause after a sentence, milliseconds")
    comma_pause_milliseconds: int = Field(
        180, ge=0, description="Pause of a comma, also between the groups of a number, milliseconds"
    )


class CacheSettings(Part):
    """The bounded store of what was said during calls."""

    max_megabytes: int = Field(500, ge=1, description="Room for phrases made during calls, megabytes")
    guard_seconds: int = Field(
        900, ge=60, description="A phrase used within so many seconds is not dropped: it may be playing"
    )
    keep_hours: float = Field(
        24.0,
        gt=0,
        description="A phrase made during calls is dropped when it was not used for so many hours: "
        "it may hold a name, an address, an account number or a reading",
    )
    pieces_megabytes: int = Field(
        16, ge=1, description="Memory for the pieces that utterances are joined of, megabytes"
    )


class SpeechSettings(Part):
    """The robot's voice and its ear."""

    voice: Literal["festival"] = Field("festival", description="Engine that speaks what is not recorded")
    festival: FestivalSettings = Field(FestivalSettings(), description="The embedded voice")
    audio: AudioSettings = Field(AudioSettings(), description="Mastering of prompts")
    cache: CacheSettings = Field(CacheSettings(), description="Phrases made during calls")
    recorded_folder: Path = Field(
        Path("scenarios/recorded"), description="Recorded prompts; they win over the voice"
    )
    new_phrase_seconds: float = Field(
        3.0, gt=0, description="Longest wait for a phrase that must be synthesised during a call, seconds"
    )
    slow_tempo: float = Field(
        0.8,
        ge=0.5,
        lt=1,
        description="Speed of the voice for callers who asked to speak slowly, of the usual",
    )
    account_grouping: tuple[GroupLength, ...] = Field(
        (3, 2, 2, 2), description="Lengths of the groups in which an account number is printed on the bill"
    )
    recognition: RecognitionSettings = Field(RecognitionSettings(), description="Hearing the caller")
    models: ModelsSettings = Field(ModelsSettings(), description="Models of recognition")
