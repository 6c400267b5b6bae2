"""Whom an operator reads before he calls, as the API tells it."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from ivr.web.api.campaign_models import Choice


class FactTold(BaseModel):
    """Something known of a target or of its campaign; `kind` says how it is written (`text`, `amount`, …)."""

    title: str
    kind: str
    value: str = Field(repr=False)


class AboutTold(BaseModel):
    """Whom a campaign calls, and what for."""

    campaign_id: str
    campaign: str
    kind: str
    account: str = Field(repr=False)
    numbers: list[str] = Field(repr=False)
    facts: list[FactTold]
    tries: int


class PreviewTold(AboutTold):
    """Whom an operator has before him.

    `stage` is `reading`, `chosen` (his call waits for a line), `calling` or `over`; `until` is when he
    goes back to the others if nothing is done; `called` and `how` tell of a call that is over.
    """

    stage: str
    until: AwareDatetime | None = None
    called: bool = False
    how: str = ""


class PreviewsTold(BaseModel):
    """Campaigns from which an operator may take the next target, and whom he has before him."""

    campaigns: list[Choice]
    mine: PreviewTold | None = None


class SkipAsked(BaseModel):
    """Why he is not called: `later` puts him off for a while, `needless` ends him."""

    why: Literal["later", "needless"]
