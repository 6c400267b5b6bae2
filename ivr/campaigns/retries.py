"""Whether, when and at which number a target is called again. Pure; the rules are data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from ivr.campaigns.model import Attempt, Disposition, Target
from ivr.campaigns.settings import RetryRule, RetrySettings

_NOT_DIALLED_MINUTES = (1, 5, 15)
"""After a call that was certainly not made; it costs the person nothing, so there is no last time."""

_OTHER_TIME = timedelta(hours=2)
_DEAD = frozenset({Disposition.UNKNOWN_NUMBER, Disposition.FAX})

STRANGER = frozenset({"stranger", "wrong-number"})
"""Outcomes of a talk with somebody who does not know the person: the number is not his."""

_STRANGER_RULE = RetryRule(delay_minutes=0, times=9, other_number=True)


@dataclass(frozen=True, slots=True)
class Retries:
    """The rules of one campaign.

    Attributes:
        rules: By how the attempt ended; without a rule nobody is called again.
        most_tries: Attempts at a target in all, those not dialled left out.
    """

    rules: Mapping[Disposition, RetryRule]
    most_tries: int

    @classmethod
    def of(cls, settings: RetrySettings, *layers: Mapping[str, Any]) -> Self:
        """The company's rules, under the kind's, under the campaign's own.

        Args:
            settings: The company's.
            layers: Disposition → fields of `RetryRule` (those left out stay as they are; None takes the rule
                away), and `most_tries`; later ones go before earlier ones.

        Raises:
            ValueError: A name or a value that is none (pydantic's ValidationError is one).
        """
        rules, most = dict(settings.rules), settings.most_tries
        for layer in layers:
            for name, given in layer.items():
                if name == "most_tries":
                    most = int(given)
                else:
                    _lay(rules, Disposition(name), given)
        return cls(rules, most)


def _lay(rules: dict[Disposition, RetryRule], name: Disposition, given: Mapping[str, Any] | None) -> None:
    if given is None:
        rules.pop(name, None)
        return
    base = rules[name].model_dump() if name in rules else {}
    rules[name] = RetryRule.model_validate({**base, **given})


@dataclass(frozen=True, slots=True)
class Again:
    """Another attempt, not before a moment."""

    at: datetime


@dataclass(frozen=True, slots=True)
class GivenUp:
    """No attempt any more; `channel` is that of a message instead, or empty."""

    channel: str = ""


def next_step(
    retries: Retries, target: Target, attempts: Sequence[Attempt], now: datetime
) -> Again | GivenUp | None:
    """What follows the last of a target's attempts; None: its end needs no other one.

    Args:
        retries: Rules of the campaign.
        target: Whom it is about.
        attempts: All that have ended, the first one first; at least one.
        now: The moment, aware.
    """
    made = _made(attempts)
    if not made or made[-1] is not attempts[-1]:
        return Again(now + timedelta(minutes=_not_dialled_minutes(attempts)))
    rule = _rule(retries, made[-1])
    if rule is None:
        return None
    numbers = numbers_for(retries, target, attempts)
    alike = sum(1 for each in made if each.disposition is made[-1].disposition)
    if alike > rule.times or len(made) >= retries.most_tries or not numbers:
        return GivenUp(rule.channel)
    return Again(_moment(rule, target, made, numbers[0], now))


def numbers_for(retries: Retries, target: Target, attempts: Sequence[Attempt]) -> list[str]:
    """The numbers that may be dialled now, the one whose turn it is first; none: all of them are dead."""
    made = _made(attempts)
    dead = {each.number for each in made if each.disposition in _DEAD or each.outcome in STRANGER}
    turns = list(target.numbers)
    if made and made[-1].number in turns:
        rule = _rule(retries, made[-1])
        place = turns.index(made[-1].number) + (1 if rule and rule.other_number else 0)
        turns = turns[place:] + turns[:place]
    return [number for number in turns if number not in dead]


def _made(attempts: Sequence[Attempt]) -> list[Attempt]:
    return [each for each in attempts if each.disposition is not Disposition.NOT_DIALLED]


def _rule(retries: Retries, attempt: Attempt) -> RetryRule | None:
    if attempt.outcome in STRANGER:
        return _STRANGER_RULE
    if attempt.disposition is Disposition.PERSON:  # he has not heard it, else nobody would ask
        return retries.rules.get(Disposition.PERSON) or retries.rules.get(Disposition.ABANDONED)
    return retries.rules.get(attempt.disposition) if attempt.disposition else None


def _not_dialled_minutes(attempts: Sequence[Attempt]) -> int:
    in_a_row = 0
    for attempt in reversed(attempts):
        if attempt.disposition is not Disposition.NOT_DIALLED:
            break
        in_a_row += 1
    return _NOT_DIALLED_MINUTES[min(in_a_row, len(_NOT_DIALLED_MINUTES)) - 1]


def _moment(rule: RetryRule, target: Target, made: Sequence[Attempt], number: str, now: datetime) -> datetime:
    last = made[-1]
    if rule.other_number and target.numbers.index(number) > _place(target, last.number):
        return now  # a new round of the same numbers waits, the next number of this round does not
    at = now + timedelta(minutes=rule.delay_minutes)
    zone = ZoneInfo(target.zones[0]) if target.zones else now.tzinfo
    return _away_from(last.written_at.astimezone(zone), at.astimezone(zone)) if rule.other_time else at


def _place(target: Target, number: str) -> int:
    return target.numbers.index(number) if number in target.numbers else -1


def _away_from(last: datetime, at: datetime) -> datetime:
    """The first moment from then on whose time of day is two hours or more from that of the last attempt."""
    day = timedelta(days=1)
    since = (at - last) % day
    return at + (_OTHER_TIME - since) % day if min(since, day - since) < _OTHER_TIME else at
