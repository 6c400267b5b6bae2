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
    number = number_for(retries, target, attempts)
    alike = sum(1 for each in made if each.disposition is made[-1].disposition)
    if alike > rule.times or len(made) >= retries.most_tries or number is None:
        return GivenUp(rule.channel)
    return Again(_moment(rule, target, made, number, now))


def number_for(retries: Retries, target: Target, attempts: Sequence[Attempt]) -> str | None:
    """The number to be dialled now; None: all of them are dead."""
    made = _made(attempts)
    dead = {each.number for each in made if each.disposition in _DEAD}
    alive = [number for number in target.numbers if number not in dead]
    if not alive or not made or made[-1].number not in target.numbers:
        return alive[0] if alive else None
    last, rule = made[-1].number, _rule(retries, made[-1])
    if last in alive and not (rule and rule.other_number):
        return last
    place = target.numbers.index(last) + 1
    following = [*target.numbers[place:], *target.numbers[:place]]
    return next(number for number in following if number in alive)


def _made(attempts: Sequence[Attempt]) -> list[Attempt]:
    return [each for each in attempts if each.disposition is not Disposition.NOT_DIALLED]


def _rule(retries: Retries, attempt: Attempt) -> RetryRule | None:
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
