"""Settings of understanding: how sure the robot must be."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class UnderstandingSettings(BaseModel):
    """When words are taken for an answer."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    sure_confidence: float = Field(
        0.75,
        ge=0,
        le=1,
        description="From this confidence of the recogniser on no confirmation is needed, 0 to 1",
    )
    sure_yes_no_confidence: float = Field(
        0.45, ge=0, le=1, description="Confidence from which a yes or a no counts, 0 to 1"
    )
    unsure_confidence: float = Field(
        0.35,
        ge=0,
        le=1,
        description="Below this confidence nothing was understood; in between it is confirmed, 0 to 1",
    )
    sure_likeness: float = Field(
        0.88,
        ge=0,
        le=1,
        description="Likeness of the words to an option or a name that needs no confirmation, 0 to 1",
    )
    unsure_likeness: float = Field(
        0.68, ge=0, le=1, description="Below this likeness no option or name was said, 0 to 1"
    )
    clear_margin: float = Field(
        0.08,
        ge=0,
        le=1,
        description="Lead in likeness over the next option that makes a choice clear, 0 to 1",
    )
    least_margin: float = Field(
        0.02,
        ge=0,
        le=1,
        description="With a smaller lead in likeness neither of two options was said, 0 to 1",
    )
    foreign_words: int = Field(
        4, ge=0, description="More words than this beside a number leave it unsure that it was the answer"
    )
