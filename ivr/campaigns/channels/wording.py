"""The text of a message: the kind's, or the campaign's own, with the values of campaign and target."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from ivr.campaigns.channels.model import Channel
from ivr.campaigns.channels.plan import rules_of
from ivr.campaigns.kinds import Kinds, MessageRule
from ivr.campaigns.model import Campaign, Target
from ivr.dialogue.expressions import EvaluationError, ExpressionError, Surroundings, compiled
from ivr.dialogue.ports import Value
from ivr.dialogue.templates import Hole, parse_template
from ivr.errors import Fault

_NO_BREAK = "\u00a0"


@dataclass(frozen=True, slots=True)
class Composed:
    """What is sent."""

    subject: str
    text: str


class Wording:
    """Composes messages."""

    def __init__(self, kinds: Callable[[], Kinds], *, profile: str, zone: tzinfo) -> None:
        """The kinds of campaigns as they are now, the standard that is kept, the company's zone."""
        self._kinds = kinds
        self._profile = profile
        self._zone = zone

    def compose(self, campaign: Campaign, target: Target, channel: Channel, moment: str) -> Composed:
        """The message for a channel; the text of another moment where that moment has none.

        Raises:
            Fault: There is no text for the channel, it can't be read, or a value is missing.
        """
        rule = self._rule(campaign, channel, moment)
        given = self._kinds().given(campaign, target, profile=self._profile, zone=self._zone)
        try:
            return Composed(written(rule.subject, given), written(rule.text, given))
        except (ExpressionError, EvaluationError) as error:
            raise _fault(campaign, channel, str(error)) from error

    def _rule(self, campaign: Campaign, channel: Channel, moment: str) -> MessageRule:
        try:
            every = rules_of(self._kinds()[campaign.kind], campaign.overrides)
        except ValidationError as error:
            raise _fault(campaign, channel, f"{error.error_count()} rules are none") from error
        mine = [each for each in every if each.channel == channel.value]
        if not mine:
            raise _fault(campaign, channel, "there is none")
        return next((each for each in mine if each.moment == moment), mine[0])


def written(template: str, values: Mapping[str, Value]) -> str:
    """A text with its values as they are written in Russian.

    Raises:
        ExpressionError: The template can't be read.
        EvaluationError: A value is not there.
    """
    around = _Around(values)
    return "".join(
        _hole(part, around) if isinstance(part, Hole) else part for part in parse_template(template).parts
    )


@dataclass(frozen=True, slots=True)
class _Around:
    """What a value of a message may be made of: other values, neither the time nor calendars."""

    variables: Mapping[str, Value]

    def now(self) -> datetime:
        raise EvaluationError("a message knows no time")

    def is_open(self, calendar: str) -> bool:
        raise EvaluationError("a message knows no calendars")

    def opens(self, calendar: str) -> datetime | None:
        raise EvaluationError("a message knows no calendars")


def _hole(hole: Hole, around: Surroundings) -> str:
    value: Any = compiled(hole.node)(around)
    if value is None:
        raise EvaluationError("a value is missing")
    return _FILTERS.get(hole.filter or "text", str)(value)


def _amount(value: Decimal) -> str:
    whole, kopecks = f"{value:.2f}".split(".")
    grouped = f"{int(whole):,}".replace(",", _NO_BREAK)
    return f"{grouped},{kopecks}{_NO_BREAK}руб."


def _day(value: date | datetime) -> str:
    return f"{value:%d.%m.%Y}"


def _time(value: time | datetime) -> str:
    return f"{value:%H:%M}"


_FILTERS: Mapping[str, Callable[[Any], str]] = {"amount": _amount, "date": _day, "day": _day, "time": _time}
"""All others write a value as it is."""


def _fault(campaign: Campaign, channel: Channel, what: str) -> Fault:
    return Fault(
        f"The campaign has no text for {channel.value}: {what}.",
        f"kind {campaign.kind}, messages",
        "Write it into messages of the kind, or into the campaign's own.",
    )
