"""Settings of announcements."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class AnnouncementsSettings(BaseModel):
    """What all callers may be told, and for how long."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    most_characters: int = Field(
        default=400, ge=20, description="The longest announcement, characters; 400 last half a minute."
    )
    longest_days: float = Field(
        default=14.0, gt=0, description="So long an announcement may last or a line be closed, days."
    )
    most_at_once: int = Field(
        default=3, ge=1, le=5, description="So many announcements a caller of a line may be told."
    )
    ready_prefix: str = Field(
        default="announce-",
        min_length=1,
        description="Prompts of the catalogue whose id begins so are offered as ready texts.",
    )
    shown_days: float = Field(
        default=7.0, ge=0, description="Announcements that are over are listed for so long, days."
    )
