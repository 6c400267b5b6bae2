"""Settings of the outage register."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from ivr.outages.model import OutageKind

_REASONS = {OutageKind.PLANNED: "плановые работы", OutageKind.EMERGENCY: "причина уточняется"}


class OutagesSettings(BaseModel):
    """How long an outage is told, and how far ahead."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    overdue_hours: float = Field(
        default=6.0,
        ge=0,
        description="How long an outage is told after its expected end when no expiry is given, hours; "
        "its end is then said to be clarified.",
    )
    open_end_hours: float = Field(
        default=24.0,
        gt=0,
        description="How long an outage is told when neither its end nor its expiry is given, hours.",
    )
    announced_days: float = Field(
        default=14.0, gt=0, description="How far ahead planned outages are told, days."
    )
    reasons: Mapping[OutageKind, str] = Field(
        default=_REASONS,
        description="The reason that callers are told where neither reason nor works are known, by kind.",
    )
