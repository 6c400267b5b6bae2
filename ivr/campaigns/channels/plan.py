"""Which messages go before and after a call; a message instead of calls is a retry rule's `channel`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ivr.campaigns.channels.model import Channel, Moment


class ChannelRule(BaseModel):
    """One message of a kind of campaign, or of one campaign."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channel: Channel = Field(description="sms, email, push or account.")
    moment: Moment = Field(description="before or after.")
    hours: float = Field(0.0, ge=0, le=240, description="Before: so long ahead of the first call.")
    on: frozenset[str] = Field(
        frozenset(), description="After: outcomes of the talk, or ways an attempt ends; left out: every one."
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.moment not in {Moment.BEFORE, Moment.AFTER}:
            raise ValueError("messages instead of a call are a retry rule's, those asked for the flow's")
        if self.moment is Moment.BEFORE and self.on:
            raise ValueError("before a call there is no outcome")
        if self.moment is Moment.AFTER and self.hours:
            raise ValueError("hours are those before a call")
        return self


@dataclass(frozen=True, slots=True)
class Plan:
    """The messages of a campaign."""

    rules: tuple[ChannelRule, ...]

    @classmethod
    def of(cls, *layers: Sequence[Mapping[str, Any]] | None) -> Self:
        """The last layer that is not None holds: the campaign's own rules replace the kind's.

        Raises:
            pydantic.ValidationError: A rule is none.
        """
        given = [layer for layer in layers if layer is not None]
        return cls(tuple(ChannelRule.model_validate(each) for each in (given[-1] if given else ())))

    def before(self) -> list[Channel]:
        """The channels of messages ahead of the first call."""
        return [each.channel for each in self.rules if each.moment is Moment.BEFORE]

    def ahead(self) -> timedelta:
        """How long after them the first call comes."""
        hours = [each.hours for each in self.rules if each.moment is Moment.BEFORE]
        return timedelta(hours=max(hours, default=0.0))

    def after(self, *ended: str) -> list[Channel]:
        """The channels of messages after the target's last call.

        Args:
            ended: Outcome of the talk and disposition of the last attempt, as far as there are any.
        """
        return [
            each.channel
            for each in self.rules
            if each.moment is Moment.AFTER and (not each.on or not each.on.isdisjoint(ended))
        ]
