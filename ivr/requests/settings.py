"""Settings of requests, appointments and call-backs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AppointmentsSettings(_Settings):
    """Appointments at an office."""

    slot_minutes: int = Field(default=30, ge=5, le=240, description="Length of an appointment, minutes.")
    capacity: int = Field(default=1, ge=0, description="Clients at once in one office.")
    office_capacity: Mapping[str, int] = Field(
        default={}, description="Clients at once in offices that differ, by the office's id; 0 takes none."
    )
    notice_minutes: int = Field(
        default=120, ge=0, description="Shortest time between the call and the visit, minutes."
    )
    ahead_days: int = Field(default=14, ge=1, le=90, description="How far ahead visits are offered, days.")
    offered: int = Field(default=5, ge=1, le=20, description="Most visits that are offered at once.")
    offered_a_day: int = Field(
        default=2, ge=1, le=20, description="Most visits of one day that are offered at once."
    )

    def capacity_of(self, office: str) -> int:
        """Clients at once in an office."""
        return self.office_capacity.get(office, self.capacity)


class CallbacksSettings(_Settings):
    """Promises to call."""

    step_minutes: int = Field(
        default=15, ge=1, le=60, description="Promised times are multiples of this, minutes."
    )
    ahead_days: int = Field(
        default=14, ge=1, le=60, description="How far ahead a call may be promised, days."
    )
    said_characters: int = Field(
        default=500, ge=0, description="How much of what the caller said is kept, characters."
    )


class RequestsSettings(_Settings):
    """Requests, appointments and call-backs."""

    titles: Path | None = Field(
        default=None, description="YAML with the titles of kinds and states; default: those of the program."
    )
    told_days: int = Field(default=60, ge=0, description="How long after its answer a request is told, days.")
    told_most: int = Field(default=3, ge=1, le=10, description="Most requests that are told at once.")
    appointments: AppointmentsSettings = Field(
        default=AppointmentsSettings(), description="Appointments at an office."
    )
    callbacks: CallbacksSettings = Field(default=CallbacksSettings(), description="Promises to call.")
