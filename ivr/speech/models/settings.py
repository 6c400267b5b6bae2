"""Settings of the models of speech recognition: where they are kept, how they are fetched and run."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class WhisperSettings(_Part):
    """The Whisper engine."""

    language: str = Field("ru", pattern=r"^[a-z]{2}$", description="Language that is spoken, two letters")
    threads: int = Field(2, ge=1, le=64, description="Threads per utterance")
    workers: int = Field(1, ge=1, le=64, description="Utterances worked on at once; more wait")
    free_beam: int = Field(5, ge=1, le=10, description="Readings followed at once in free speech")
    closed_beam: int = Field(3, ge=1, le=10, description="The same within the words of a closed question")
    least_seconds: float = Field(
        8.0, ge=1, le=30, description="An utterance is padded with silence to this length, seconds"
    )
    pad_seconds: float = Field(2.0, ge=0, le=10, description="Least silence behind an utterance, seconds")
    no_speech: float = Field(
        0.68, gt=0, le=1, description="Probability of no speech from which nothing was said"
    )
    least_agreement: float = Field(
        0.6,
        ge=0,
        le=1,
        description="How alike the reading within a question's words and the free one must sound to count",
    )


class OnnxSettings(_Part):
    """Models in ONNX."""

    threads: int = Field(1, ge=1, le=64, description="Threads per utterance")


class ModelsSettings(_Part):
    """Models on this machine."""

    folder: Path = Field(
        Path(".cache/models"), description="Folder with one folder per model, named by its id"
    )
    connect_seconds: float = Field(
        15.0, gt=0, description="Longest wait for a connection to a host of models, s"
    )
    silence_seconds: float = Field(
        30.0, gt=0, description="A download that brings nothing for so long is cut, s"
    )
    attempts: int = Field(
        4, ge=1, description="Attempts in a row that bring nothing before a download is given up"
    )
    package_seconds: float = Field(
        1800.0, gt=0, description="Longest time that pip may take for one package, s"
    )
    whisper: WhisperSettings = Field(WhisperSettings(), description="How Whisper reads")
    onnx: OnnxSettings = Field(OnnxSettings(), description="How models in ONNX run")
