"""When people are there to call back. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from ivr.requests.model import Wish

AtWork = Callable[[datetime], bool]
"""Whether people are at work at a moment of the company's time zone."""

_CLOCK_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


class NobodyWorks(Exception):
    """Nobody is at work as far ahead as a call may be promised."""


def next_working(moment: datetime, at_work: AtWork, step_minutes: int, ahead_days: int) -> datetime:
    """The moment itself when people are at work then, else the first multiple of the step when they are.

    Raises:
        NobodyWorks: There is none within `ahead_days`.
    """
    if at_work(moment):
        return moment
    step = timedelta(minutes=step_minutes)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + step * ((moment - midnight) // step + 1)
    while at <= moment + timedelta(days=ahead_days):
        if at_work(at):
            return at
        at += step
    raise NobodyWorks


def wished(when: str, now: datetime) -> tuple[Wish, datetime]:
    """What a caller wishes, and the earliest moment that satisfies it.

    Args:
        when: Empty or `asap`; `working_hours`; a time of day `HH:MM`, today's or else tomorrow's; a day or a
            moment by ISO 8601, of the company's time zone where it names none.
        now: Aware.

    Raises:
        ValueError: It is none of these.
    """
    text = when.strip()
    if text in {"", Wish.SOON}:
        return Wish.SOON, now
    if text.replace("-", "_") == Wish.WORKING_HOURS:
        return Wish.WORKING_HOURS, now
    return Wish.TIME, max(now, _moment(text, now))


def _moment(text: str, now: datetime) -> datetime:
    clock = _CLOCK_TIME.fullmatch(text)
    if clock:
        at = datetime.combine(now.date(), time(int(clock[1]), int(clock[2])), now.tzinfo)
        return at if at >= now else at + timedelta(days=1)
    if len(text) == len("2026-01-01"):
        return datetime.combine(date.fromisoformat(text), time.min, now.tzinfo)
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=now.tzinfo) if moment.tzinfo is None else moment.astimezone(now.tzinfo)
