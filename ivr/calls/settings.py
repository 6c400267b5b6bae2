"""Settings of the ledger, and of the review of what was not understood."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class ReviewSettings(BaseModel):
    """What is kept of speech that was not understood; it is personal data."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keep: bool = Field(
        True, description="Whether text and sound of speech that was not understood are kept for review"
    )
    profiles: dict[str, bool] = Field(
        default_factory=dict, description="The same for single standards, by the id of the profile"
    )
    keep_numbers: bool = Field(
        False,
        description="Whether a speech in which five digits or more are said is kept as it is; "
        "else its numbers are left out of the text, and its sound is not kept",
    )
    keep_days: int = Field(30, ge=1, description="What is kept is deleted after so many days")
    sweep_hours: float = Field(
        24.0, gt=0, description="Pause between two deletions of what is too old, hours"
    )

    def keeps(self, profile: str | None) -> bool:
        """Whether speech on a line of this profile may be kept."""
        return self.profiles.get(profile or "", self.keep)


class LedgerSettings(BaseModel):
    """How calls are written down."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    flush_seconds: float = Field(
        0.2, ge=0, description="Rows are gathered so long before they are written, seconds."
    )
    flush_rows: int = Field(
        500, ge=1, description="So many rows are written at once, without waiting longer."
    )
    backlog_rows: int = Field(
        100_000, ge=1, description="Rows kept while the database is away; older ones are given up beyond it."
    )
    retry_seconds: float = Field(
        1.0, gt=0, description="Pause before a failed write is tried again, seconds."
    )
    linger_seconds: float = Field(
        60.0, ge=0, description="An ended call stays in memory so long, for late events, seconds."
    )
    review: ReviewSettings = Field(
        ReviewSettings(), description="What is kept of speech that was not understood"
    )
