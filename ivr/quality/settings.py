"""Settings of transcripts, marks and evaluations: what the standards leave open."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """A branch."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class When(StrEnum):
    """Whether recordings are transcribed."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


class TranscriptSettings(Part):
    """Recordings into words, in the background."""

    when: When = Field(When.AUTO, description="auto: where a model of free speech is installed; on; off.")
    model: str = Field("", description="Id of an installed model, or a folder; empty: that of free speech.")
    talks_only: bool = Field(False, description="Only recordings in which a person answered.")
    core_percent: int = Field(
        50, ge=1, le=100, description="Most of one core that the process may take, percent."
    )
    most_calls: int = Field(10, ge=0, description="It waits while more calls go on.")
    settle_seconds: float = Field(
        60.0, ge=0, description="A recording is transcribed so long after it was taken over, seconds."
    )
    look_seconds: float = Field(
        30.0, gt=0, description="So often it is looked for new recordings, and for calls, seconds."
    )
    piece_seconds: float = Field(
        300.0, gt=0, description="One utterance may take so long before the process is ended, seconds."
    )
    linger_seconds: float = Field(
        600.0, ge=0, description="An idle process, and its model, stays so long, seconds."
    )
    attempts: int = Field(5, ge=1, description="A recording that fails so often is given up.")
    retry_seconds: float = Field(
        60.0, gt=0, description="Pause after the first failure, seconds; it doubles, up to a day."
    )


class MarkSettings(Part):
    """What is marked for review; where a standard says more it wins."""

    forbidden_phrases: bool = Field(
        True, description="Mark phrases of scenarios/forbidden-phrases.yaml that operators say."
    )
    greeting: bool = Field(
        True, description="Mark talks without greeting, company or own name, also where no standard asks."
    )
    greeting_seconds: float = Field(
        15.0, gt=0, description="The greeting has to come within so many seconds of the answer."
    )
    company_names: tuple[str, ...] = Field(
        (), description="Names by which operators name the company, besides `company.name`."
    )
    silence_seconds: float = Field(
        25.0,
        ge=0,
        description="Silence of both from which it is marked, seconds; 0: never. Holds do not count.",
    )
    overlap_seconds: float = Field(
        4.0, ge=0, description="Speech of both at once from which it is marked, seconds; 0: never."
    )


class EvaluationSettings(Part):
    """Evaluations of talks by supervisors."""

    form: Path = Field(Path("metrics/evaluation.yaml"), description="The criteria.")
    shown_to_operators: bool = Field(False, description="Whether operators may read their own evaluations.")
    sample: int = Field(
        5, ge=1, le=100, description="Talks an operator and month that are drawn for evaluation."
    )
    least_talk_seconds: float = Field(30.0, ge=0, description="Shorter talks are not drawn, seconds.")


class QualitySettings(Part):
    """Quality of conversations."""

    transcripts: TranscriptSettings = TranscriptSettings()
    marks: MarkSettings = MarkSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
