"""Settings of readings: when they are taken, what is plausible, how they leave to billing."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LatePolicy(StrEnum):
    """What becomes of a reading outside the window."""

    KEEP = "keep"
    REFUSE = "refuse"


class WindowSettings(_Settings):
    """Days of the month on which readings are taken; 1 to 31 is always."""

    from_day: int = Field(default=1, ge=1, le=31, description="First day.")
    to_day: int = Field(default=31, ge=1, le=31, description="Last day; in a shorter month, its last day.")
    late: LatePolicy = Field(
        default=LatePolicy.KEEP,
        description="Outside the window: keep the reading for the next window, or refuse it.",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_day > self.to_day:
            raise ValueError("from_day is after to_day")
        return self


class PlausibilitySettings(_Settings):
    """How much may have been consumed since the last reading."""

    usual_factor: float = Field(
        default=3.0, gt=1, description="Times the usual consumption that are plausible."
    )
    floor_kwh: int = Field(
        default=500, ge=0, description="Consumption a month that is always plausible, kWh."
    )
    without_usual_kwh: int = Field(
        default=3_000,
        ge=0,
        description="Plausible consumption a month where the usual one is not known, kWh.",
    )


class HookSettings(_Settings):
    """The HTTP hook that takes readings over (docs/billing-api.md)."""

    url: str = Field(description="Readings are posted there.", pattern="^https?://")
    token: SecretStr | None = Field(default=None, description="Bearer token.")
    attempt_seconds: float = Field(default=10.0, gt=0, description="Time limit of one attempt.")
    attempts: int = Field(default=12, ge=1, description="Attempts before a reading is laid aside as dead.")
    first_delay_seconds: float = Field(
        default=5.0, gt=0, description="Delay after the first failure; doubles."
    )
    longest_delay_seconds: float = Field(default=3_600.0, gt=0, description="Longest delay between attempts.")
    at_once: int = Field(default=4, ge=1, description="Most requests at once.")
    poll_seconds: float = Field(default=2.0, gt=0, description="How often the outbox is looked at when idle.")


class ReadingsSettings(_Settings):
    """Readings of meters."""

    window: WindowSettings = Field(default=WindowSettings(), description="When readings are taken.")
    profiles: Mapping[str, WindowSettings] = Field(
        default={}, description="Windows of profiles that differ, by the profile's id."
    )
    plausibility: PlausibilitySettings = Field(
        default=PlausibilitySettings(), description="What is plausible."
    )
    csv: bool = Field(default=True, description="Whether readings are kept for the export to CSV.")
    export_folder: Path = Field(default=Path("var/readings"), description="Where exported files go.")
    hook: HookSettings | None = Field(default=None, description="HTTP hook of billing, if it has one.")

    def window_of(self, profile: str) -> WindowSettings:
        """The window of a profile."""
        return self.profiles.get(profile, self.window)
