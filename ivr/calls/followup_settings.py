"""Settings of the block list and of the survey."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BlockListSettings(_Settings):
    """Numbers that are kept away."""

    days: int = Field(
        default=30, ge=1, description="How long a number is blocked unless said otherwise, days."
    )
    most_days: int = Field(default=365, ge=1, description="How long a number may be blocked at most, days.")
    refresh_seconds: float = Field(
        default=30.0, gt=0, description="The list is read again so often: others may change it, seconds."
    )


class Ask(StrEnum):
    """Who is asked after a talk."""

    AGREED = "agreed"  # who said to the operator that he does not mind
    ALWAYS = "always"
    NEVER = "never"


class SurveySettings(_Settings):
    """The survey after a talk."""

    ask: Ask = Field(default=Ask.AGREED, description="Who is asked: agreed, always or never.")
    share: float = Field(default=1.0, ge=0, le=1, description="Share of those calls that are asked.")
    why_characters: int = Field(
        default=500, ge=0, description="How much of the word on why is kept, characters."
    )
