"""Settings of the archive of recordings."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class SoundFormat(StrEnum):
    """How recordings are compressed; each keeps the length to the sample."""

    OPUS = "opus"
    MP3 = "mp3"
    WAV = "wav"


class S3Settings(BaseModel):
    """A bucket of an S3-compatible storage; versioning and object lock are to be off in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bucket: str = Field(min_length=3, description="Name of the bucket; it must exist.")
    prefix: str = Field("", description="What all names in the bucket begin with.")
    endpoint: str = Field("", description="http(s)://host[:port] of the storage; empty: Amazon's.")
    region: str = Field("us-east-1", description="Region; many storages take any.")
    access_key_id: str = Field("", description="Name of the access key; empty: of the environment.")
    secret_access_key: SecretStr | None = Field(None, description="The access key's secret.")
    virtual_hosted: bool = Field(False, description="The bucket's name is part of the host's name.")
    timeout_seconds: float = Field(20.0, gt=0, description="One request may last so long, seconds.")


class ArchiveSettings(BaseModel):
    """Where recordings are kept, how, and how long."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path = Field(
        Path("recordings"),
        description="The archive: YYYY/MM/DD/<call id>[-part].sealed; not encrypted: .<format>.",
    )
    s3: S3Settings | None = Field(None, description="A bucket in place of the folder.")
    keys: Path = Field(
        Path("var/keys/archive"),
        description="Folder of the master keys, the highest is the current one; keep a copy elsewhere.",
    )
    encrypt: bool = Field(True, description="Encrypt recordings; a first key is made when there is none.")
    format: SoundFormat = Field(SoundFormat.OPUS, description="Compression: opus, mp3 or wav (none).")
    kilobits: int = Field(
        24, ge=6, le=128, description="Kilobits a second of compressed sound; Opus in stereo needs 24."
    )
    retention_days: int = Field(
        60,
        ge=1,
        description="Calendar days that a recording is kept; a longer term of the line's profile wins.",
    )
    purge_seconds: float = Field(
        3600.0, gt=0, description="What is past its term is deleted so often, seconds."
    )
    warn_days_left: float = Field(
        14.0, ge=0, description="Warn when the disk is full in so many days at the rate of the last week."
    )
    warn_free_bytes: int = Field(1_000_000_000, ge=0, description="Warn when less is free, bytes.")
    settle_seconds: float = Field(
        2.0, ge=0, description="A file without a true header must have rested so long, seconds."
    )
    retry_seconds: float = Field(
        10.0, gt=0, description="Pause before a failed file is tried again, seconds."
    )
    sweep_seconds: float = Field(60.0, gt=0, description="The spool is searched so often, seconds.")
    orphan_seconds: float = Field(
        3600.0,
        ge=0,
        description="A file of an unknown call is taken over when it has rested so long, seconds.",
    )
    export_files: int = Field(
        200, ge=1, description="Most recordings that a supervisor takes away in one ZIP."
    )
    export_bytes: int = Field(
        536_870_912, ge=1, description="Most sound in one ZIP, bytes; it is made while it is sent."
    )
    batch_files: int = Field(
        4, ge=1, description="Most files taken over in one go: rows are written after each."
    )

    @model_validator(mode="after")
    def _both_sides_stay_apart(self) -> Self:
        if self.format is SoundFormat.OPUS and self.kilobits < 24:
            raise ValueError(
                "archive.kilobits: below 24 Opus mixes the caller with the operator; give 24 or more"
            )
        return self
