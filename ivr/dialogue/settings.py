"""Settings of the dialogue."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class DialogueSettings(BaseModel):
    """What holds for every flow unless the flow says otherwise. Durations are in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first_key_seconds: float = Field(
        4.0, gt=0, le=60, description="Silence after a prompt that counts as no input, seconds."
    )
    next_key_seconds: float = Field(
        4.0,
        gt=0,
        le=30,
        description=(
            "Pause between keys that ends an answer, seconds. Where it equals first_key_seconds, "
            "one command of Asterisk plays and gathers; else it takes three."
        ),
    )
    action_seconds: float = Field(
        2.0, gt=0, le=60, description="Time limit of an action that names none, seconds."
    )
    filler_after_seconds: float = Field(
        0.7, ge=0, le=10, description="Wait for a slow action before the filler is said, seconds."
    )
    attempts: int = Field(3, ge=1, le=10, description="Silences, or misunderstandings, until giving up.")
    voice: bool = Field(True, description="Whether callers may answer by voice; false: only keys count.")
    speech_seconds: float = Field(
        20.0, gt=0, le=120, description="Longest answer by voice; what goes beyond is cut off, seconds."
    )
    account_digits_least: int = Field(6, ge=4, le=20, description="Fewest digits of an account number.")
    account_digits_most: int = Field(12, ge=4, le=20, description="Most digits of an account number.")
    unheard_states_most: int = Field(
        1000,
        ge=10,
        description="States that may be visited without the caller being heard before a call fails.",
    )
