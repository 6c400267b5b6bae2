"""Settings of the operator's card."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class CardsSettings(BaseModel):
    """What an operator is shown of a call."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ring_wait_seconds: float = Field(
        default=0.15, ge=0, description="At a ring the card waits so long for what is still asked, seconds."
    )
    open_wait_seconds: float = Field(
        default=1.0, ge=0, description="A card that is opened waits so long for what is still asked, seconds."
    )
    give_up_seconds: float = Field(
        default=10.0, gt=0, description="What has not answered by then is missing from the card, seconds."
    )
    fresh_seconds: float = Field(
        default=30.0, ge=0, description="A card that is opened asks anew for what is older, seconds."
    )
    most_accounts: int = Field(default=5, ge=1, description="Most accounts of a number that are shown.")
    most_previous: int = Field(default=5, ge=0, description="Most earlier calls that are shown.")
    kept: int = Field(default=500, ge=1, description="Most calls whose cards are kept ready.")
    texts: Path | None = Field(
        default=None, description="YAML with greetings and titles; default: those of the program."
    )
    results: Path | None = Field(
        default=None, description="YAML with the results of a talk; default: those of the program."
    )
