"""Refusals to be called, as the API tells them and is told."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from ivr.web.api.campaign_models import Choice, Words


class RefusalTold(BaseModel):
    """Who does not want to be called, and where that was told."""

    id: int
    at: AwareDatetime
    who: str = Field(repr=False)
    scope: str
    source: str
    until: AwareDatetime | None
    lifted_at: AwareDatetime | None
    lifted_by: str
    lifted_why: str


class RefusalsQuery(BaseModel):
    """Of whom: a telephone or the number of an account; empty: the latest."""

    who: str = Field("", max_length=64, repr=False)


class RefusalsTold(BaseModel):
    """Refusals, the newest first; what may be refused."""

    scopes: list[Choice]
    refusals: list[RefusalTold]


class NewRefusal(BaseModel):
    """A refusal that was told otherwise than in a talk with the robot."""

    who: Annotated[str, StringConstraints(strip_whitespace=True, min_length=4, max_length=64)] = Field(
        repr=False
    )
    scope: str = Field(max_length=64)
    note: Words = Field("", description="Where it is known from, such as the number of a letter.")


class Lifting(BaseModel):
    """Where it is known from that a refusal is taken back."""

    why: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=200)]
