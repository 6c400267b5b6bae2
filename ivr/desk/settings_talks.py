"""Settings of what an operator may do with a call: where it may be sent, what may be dialled."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

_Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]
_Number = Annotated[str, StringConstraints(pattern=r"^\+?[0-9]{2,15}$")]
_Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,15}$")]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CorporateDesk(_Settings):
    """A desk of the company that calls are sent to, such as the dispatcher of the network company."""

    id: _Id = Field(description="Stays the same when number or title change.")
    title: str = Field(min_length=1, description="For operators, in Russian.")
    number: _Number = Field(description="As the trunk takes it; never shown to the page.")


class RobotFlow(_Settings):
    """A flow of the scenarios that an operator may send a caller to."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_-]*$", description="Id of the flow.")
    title: str = Field(min_length=1, description="For operators, in Russian.")


class OutsideRule(_Settings):
    """Which outside numbers may be dialled."""

    region: str = Field(
        default="RU",
        pattern=r"^[A-Z]{2}$",
        description="Country (ISO 3166) that numbers without a country code belong to.",
    )
    abroad: tuple[_Digits, ...] = Field(
        default=(), description="Country codes besides the region's own that may be dialled, without +."
    )
    refused: tuple[_Digits, ...] = Field(
        default=(), description="Beginnings of numbers (E.164 without +) that are never dialled."
    )
    local: tuple[_Digits, ...] = Field(
        default=(), description="Short numbers that may be dialled as they are, such as an extension."
    )


class TalksSettings(_Settings):
    """What an operator may do with a call."""

    directory: tuple[CorporateDesk, ...] = Field(
        default=(), description="Desks of the company that calls are sent to."
    )
    robot_flows: tuple[RobotFlow, ...] = Field(
        default=(), description="Flows that an operator may send a caller to."
    )
    outside: OutsideRule = Field(default=OutsideRule(), description="Which outside numbers may be dialled.")
    recording_pause_seconds: float = Field(
        default=90.0, gt=0, description="A paused recording goes on by itself after so long, seconds."
    )
    warning_seconds: float = Field(
        default=5.0,
        ge=0,
        description="An abusive caller's call is ended so long after he was warned at the earliest, seconds.",
    )
    abusive_prompt: str = Field(
        default="abusive-end", description="Prompt that an abusive caller hears before the end."
    )
    silent_prompt: str = Field(
        default="caller-silent", description="Prompt that a caller hears before the end who is not heard."
    )
