"""Settings of the archive of recordings."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class ArchiveSettings(BaseModel):
    """Where recordings are kept, and how long."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path = Field(
        Path("recordings"),
        description="The archive: YYYY/MM/DD/<call id>[-part].wav; best on the disk of the spool.",
    )
    retention_days: int = Field(
        60,
        ge=1,
        description="Calendar days that a recording is kept; a longer term of the line's profile wins.",
    )
    settle_seconds: float = Field(
        2.0, ge=0, description="A file without a sound header must have rested so long, seconds."
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
    batch_files: int = Field(32, ge=1, description="Most files taken over in one go.")
