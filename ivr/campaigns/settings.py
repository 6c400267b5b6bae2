"""Settings of campaigns."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PacingSettings(_Settings):
    """How campaigns with operators dial ahead."""

    abandoned_at_most: float = Field(
        default=0.03,
        gt=0,
        le=0.2,
        description="Share of abandoned calls never exceeded: persons who answered and were not connected "
        "in time, over persons who answered",
    )
    connect_within: float = Field(
        default=2.0, gt=0, le=10, description="Seconds from the end of a person's greeting to the operator"
    )
    window: int = Field(
        default=1000,
        ge=100,
        description="Persons reached one after another for whom the share holds, whichever one begins with",
    )
    aim: float = Field(
        default=0.9,
        gt=0,
        le=1,
        description="What part of the allowed abandoned calls pacing aims at; the rest is reserve",
    )
    reserve_calls: int = Field(
        default=1, ge=0, description="Abandoned calls that the bound would still allow and pacing keeps back"
    )
    reserve_risk: float = Field(
        default=0.0001,
        gt=0,
        lt=1,
        description="Probability, at each decision, that calls under way exceed the allowed abandoned ones",
    )
    confidence: float = Field(
        default=1.0,
        ge=0,
        description="Standard deviations by which the answer rate is taken higher than measured",
    )
    ring_at_most: int = Field(
        default=45, ge=5, le=120, description="Seconds after which every call has answered or is given up"
    )
    talk: float = Field(default=120.0, gt=0, description="Mean talk in seconds, until talks are measured")
    wrap_up: float = Field(
        default=20.0, gt=0, description="Mean wrap-up in seconds, until wrap-ups are measured"
    )
