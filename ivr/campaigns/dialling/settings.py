"""Settings of the loop that dials."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GuardSettings(_Settings):
    """When a campaign pauses itself."""

    refused_in_a_row: int = Field(
        default=20,
        ge=1,
        description="Calls over one trunk one after another with which no telephone has rung",
    )
    billing_away_seconds: float = Field(
        default=600.0, gt=0, description="Billing has not told a debt for so long, seconds"
    )
    billing_away_questions: int = Field(default=5, ge=1, description="… and so often in a row")


class DiallingSettings(_Settings):
    """How the engine dials."""

    dialer: str = Field(
        default="",
        max_length=64,
        description="Name of this engine among those that dial from one database, the same after each start; "
        "empty: the host's name and an id that is kept in data_folder",
    )
    tick_seconds: float = Field(
        default=0.5, gt=0, le=1, description="Pause between two looks at what campaigns want, seconds"
    )
    retry_seconds: float = Field(
        default=1.0, gt=0, description="Pause before the database is asked again when it is away, seconds"
    )
    missing_seconds: float = Field(
        default=10.0,
        gt=0,
        description="A call that the exchange does not show is given up after so long, seconds",
    )
    overdue_seconds: float = Field(
        default=30.0,
        gt=0,
        description="A call that nobody took is ended so long after its time of ringing, seconds",
    )
    longest_seconds: float = Field(
        default=14_400.0, gt=0, description="A call whose end was not heard for so long is ended, seconds"
    )
    result_seconds: float = Field(
        default=10.0, gt=0, description="The result of a talk is waited for so long after its call, seconds"
    )
    billing_again_minutes: float = Field(
        default=15.0, gt=0, description="A target whose debt billing does not tell waits so long, minutes"
    )
    close_seconds: float = Field(
        default=2.0, gt=0, description="What is being written is waited for so long when the engine ends"
    )
    sweep_seconds: float = Field(
        default=10.0,
        gt=0,
        le=15,
        description="Pause between two comparisons with the database, and signs of life in it, seconds",
    )
    gone_seconds: float = Field(
        default=3600.0,
        gt=0,
        description="Calls of another engine are given up when it has been away for so long, seconds",
    )
    preview_seconds: float = Field(
        default=600.0, gt=0, description="A target that an operator reads is his for so long, seconds"
    )
    preview_wait_seconds: float = Field(
        default=30.0, gt=0, description="… and goes back when his call has found no line for so long, seconds"
    )
    preview_later_minutes: float = Field(
        default=60.0, gt=0, description="A target that an operator puts off waits so long, minutes"
    )
    guard: GuardSettings = Field(default=GuardSettings(), description="When a campaign pauses itself")
