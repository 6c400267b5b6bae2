"""Whether, when and at which number a target is called again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from ivr.campaigns.model import Attempt, Disposition, Target

_PARTS_OF_DAY = (time(0), time(12), time(17))
"""Morning, day and evening begin then, where the subscriber lives."""


class Retry(BaseModel):
    """What follows an attempt that ended in one way."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after_minutes: tuple[float, ...] = Field(
        (60,), min_length=1, description="Minutes until the next attempt, by repetition; the last one repeats"
    )
    count: int = Field(3, ge=1, description="Attempts that may end so; with the last of them it is given up")
    other_number: bool = Field(False, description="The person's next number is tried then")
    other_time: bool = Field(
        False, description="Not before a part of the day (from 0, 12 or 17 o'clock) without an attempt so far"
    )
    channel: str = Field("", description="Channel of the message that is sent when it is given up")

    def delay(self, times: int) -> timedelta:
        """Until the next attempt, after so many that ended so (1 or more)."""
        return timedelta(minutes=self.after_minutes[min(times, len(self.after_minutes)) - 1])


_DEFAULTS: Mapping[Disposition, Retry] = {
    Disposition.BUSY: Retry(after_minutes=(10, 30), count=4),
    Disposition.NO_ANSWER: Retry(after_minutes=(120,), count=3, other_number=True, other_time=True),
    Disposition.REJECTED: Retry(after_minutes=(1440,), count=2, other_time=True),
    Disposition.MACHINE: Retry(after_minutes=(180,), count=3, other_time=True),
    Disposition.ANNOUNCEMENT: Retry(after_minutes=(60, 180), count=3, other_number=True),
    Disposition.CONGESTION: Retry(after_minutes=(5, 15, 30), count=6),
    Disposition.FAULT: Retry(after_minutes=(15, 60), count=4),
    Disposition.UNKNOWN_NUMBER: Retry(after_minutes=(1,), count=9, other_number=True),
    Disposition.FAX: Retry(after_minutes=(1,), count=9, other_number=True),
    Disposition.ABANDONED: Retry(after_minutes=(60,), count=2),
    Disposition.LOST: Retry(after_minutes=(1440,), count=2),
    Disposition.NOT_DIALLED: Retry(after_minutes=(1, 5, 15), count=1000),
}
"""A person who was reached, and a message that was left, are not called again unless a rule says so."""

_DEAD = frozenset({Disposition.UNKNOWN_NUMBER, Disposition.FAX})


class RetryRules(BaseModel):
    """The rules of one kind or campaign."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    most: int = Field(6, ge=1, description="Attempts at a target in all, those not dialled left out")
    dispositions: Mapping[Disposition, Retry] = Field(
        _DEFAULTS, description="By how the attempt ended; without a rule nobody is called again"
    )
    outcomes: Mapping[str, Retry] = Field(
        {}, description="By how the talk ended; goes before the rule of the disposition"
    )

    def overridden(self, own: Mapping[str, Any]) -> Self:
        """With a campaign's own rules (a mapping of this form, incomplete) over these.

        Raises:
            pydantic.ValidationError: They are not of this form.
        """
        base = self.model_dump(mode="json")
        merged = {
            key: {**base[key], **value} if isinstance(value, Mapping) and key in base else value
            for key, value in own.items()
        }
        return self.model_validate({**base, **merged})


@dataclass(frozen=True, slots=True)
class Again:
    """Another attempt, not before a moment."""

    at: datetime


@dataclass(frozen=True, slots=True)
class GivenUp:
    """No attempt any more; `channel` is that of a message instead, or empty."""

    channel: str = ""


def next_step(
    rules: RetryRules, target: Target, attempts: Sequence[Attempt], now: datetime
) -> Again | GivenUp | None:
    """What follows the last of a target's attempts; None: the target is done with it.

    Args:
        rules: Of the campaign.
        target: Whom it is about.
        attempts: All that have ended, the first one first; at least one.
        now: The moment, aware.
    """
    last = attempts[-1]
    retry, times = _rule(rules, attempts)
    if retry is None:
        return None
    tries = sum(1 for each in attempts if each.disposition is not Disposition.NOT_DIALLED)
    if times >= retry.count or tries >= rules.most or number_for(rules, target, attempts) is None:
        return GivenUp(retry.channel)
    at = now + retry.delay(times)
    if retry.other_time and last.disposition is not Disposition.NOT_DIALLED:
        at = _untried_part(at, attempts, ZoneInfo(target.zones[0]) if target.zones else None)
    return Again(at)


def number_for(rules: RetryRules, target: Target, attempts: Sequence[Attempt]) -> str | None:
    """The number to be dialled now; None: all of them are dead."""
    dead = {each.number for each in attempts if each.disposition in _DEAD}
    alive = [number for number in target.numbers if number not in dead]
    if not alive:
        return None
    dialled = [each for each in attempts if each.disposition is not Disposition.NOT_DIALLED]
    if not dialled or dialled[-1].number not in target.numbers:
        return alive[0]
    last = dialled[-1].number
    retry, _ = _rule(rules, dialled)
    if last in alive and not (retry and retry.other_number):
        return last
    place = target.numbers.index(last)
    following = [*target.numbers[place + 1 :], *target.numbers[: place + 1]]
    return next(number for number in following if number in alive)


def _rule(rules: RetryRules, attempts: Sequence[Attempt]) -> tuple[Retry | None, int]:
    """The rule for the last attempt, and how many attempts have ended so."""
    last = attempts[-1]
    outcome = _outcome(last)
    if outcome in rules.outcomes:
        return rules.outcomes[outcome], sum(1 for each in attempts if _outcome(each) == outcome)
    alike = sum(1 for each in attempts if each.disposition is last.disposition)
    return (rules.dispositions.get(last.disposition) if last.disposition else None), alike


def _outcome(attempt: Attempt) -> str:
    return str(attempt.result.get("outcome", ""))


def _untried_part(at: datetime, attempts: Sequence[Attempt], zone: ZoneInfo | None) -> datetime:
    """The first moment from then on in a part of the day without an attempt; then itself if there is none."""
    tried = {
        _part(each.written_at.astimezone(zone))
        for each in attempts
        if each.disposition is not Disposition.NOT_DIALLED
    }
    local = at.astimezone(zone)
    if len(tried) == len(_PARTS_OF_DAY) or _part(local) not in tried:
        return at
    begins = (
        datetime.combine(local.date() + timedelta(days=day), start, local.tzinfo)
        for day in (0, 1)
        for start in _PARTS_OF_DAY
    )
    return next(each for each in begins if each > local and _part(each) not in tried)


def _part(moment: datetime) -> int:
    return sum(1 for start in _PARTS_OF_DAY if moment.time() >= start)
