"""How today's figures will end: what there is, and the rest of the day like the last hour. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from ivr.kpi.alarm_settings import AlarmSettings
from ivr.kpi.alarms import Finding, Level, Name
from ivr.kpi.definitions import Definition, Sums, Value
from ivr.kpi.measures import CALL_MAXIMA
from ivr.kpi.verdicts import Aim, Bound

_STEP = timedelta(minutes=1)
"""Sums of the past are remembered in such steps."""


@dataclass(frozen=True, slots=True)
class _Mark:
    at: datetime
    sums: Mapping[str, int]


class Outlook:
    """Remembers the sums of the last while, of one selection of today's calls."""

    def __init__(self, settings: AlarmSettings) -> None:
        self._window = timedelta(seconds=settings.target_window_seconds)
        self._ends = settings.day_ends
        self._marks: deque[_Mark] = deque()

    def expected(self, sums: Sums, now: datetime) -> Sums:
        """The sums of the whole day. `now` is in the company's time zone; maxima stay as they are.

        While less than a minute of the day is known, the rest is expected to be like all of today.
        """
        recent = self._recent(sums, now)
        rest = max(0.0, (_at(now, self._ends) - now).total_seconds())
        if recent is None or not rest:
            return dict(sums)
        times = rest / (now - recent.at).total_seconds()
        return {
            name: value
            if name in CALL_MAXIMA
            else value + round(times * max(0, value - recent.sums.get(name, 0)))
            for name, value in sums.items()
        }

    def _recent(self, sums: Sums, now: datetime) -> _Mark | None:
        """The oldest sums of the window; notes the present ones."""
        marks = self._marks
        if marks and marks[-1].at.date() != now.date():
            marks.clear()
        while len(marks) > 1 and now - marks[0].at > self._window:
            marks.popleft()
        if not marks or now - marks[-1].at >= _STEP:
            marks.append(_Mark(now, dict(sums)))
        return marks[0] if now - marks[0].at >= _STEP else None


def _at(now: datetime, moment: time) -> datetime:
    return datetime.combine(now.date(), moment, now.tzinfo)


def outlooks(
    aims: Sequence[tuple[Definition, Aim]], today: Sums, expected: Sums, about: str, least_calls: int
) -> list[Finding]:
    """How the targets of today will stand at the end of the day.

    Args:
        aims: KPIs that are sums over calls, with what they are held against.
        today: Sums so far.
        expected: Sums of the whole day.
        about: Comes before the KPI's id, such as `bryansk/`.
        least_calls: Fewer calls say nothing yet.
    """
    return [
        _finding(definition, aim, definition.value(today), definition.value(expected), about, least_calls)
        for definition, aim in aims
    ]


def _finding(
    definition: Definition, aim: Aim, today: Value, expected: Value, about: str, least_calls: int
) -> Finding:
    level = Level.GOOD
    if expected.value is not None and today.calls >= least_calls:
        kept = expected.value <= aim.value if aim.bound is Bound.AT_MOST else expected.value >= aim.value
        level = Level.GOOD if kept else Level.BAD
    return Finding(
        name=Name.TARGET,
        about=f"{about}{definition.id}",
        level=level,
        value=expected.value,
        limit=aim.value,
        high_is_bad=aim.bound is Bound.AT_MOST,
    )
