"""Alarms: what is wrong is raised, seen by somebody, and over. Pure.

```
         bad for raise_seconds            see()             good for over_seconds
 quiet ─────────────────────▶ raised ───────────────▶ seen ───────────────────────▶ over
                                └──────────── good for over_seconds ───────────────▶ over
```

Between the limit and the limit of being right again nothing changes, and neither does what lasts too short:
an alarm does not flap. What can't be told for a while (`Level.UNKNOWN`) leaves everything as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from ivr.kpi.alarm_settings import AlarmSettings


class Name(StrEnum):
    """What an alarm is about."""

    TARGET = "target"  # a target of the standard is about to be missed
    QUEUE = "queue"  # too many wait
    WAIT = "wait"  # somebody has nearly waited as long as the standard allows
    TRUNK = "trunk"  # a carrier does not answer
    DISK = "disk"  # is filling up
    RECOGNISER = "recogniser"  # does not answer
    ASTERISK = "asterisk"  # its manager interface does not answer
    DATABASE = "database"  # slow, or away
    RECORDING = "recording"  # conversations are not recorded, or not taken over


class Level(StrEnum):
    """How something stands."""

    BAD = "bad"
    BETWEEN = "between"
    GOOD = "good"
    UNKNOWN = "unknown"


class State(StrEnum):
    """How far an alarm is."""

    RAISED = "raised"
    SEEN = "seen"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How one thing stands at one moment.

    Attributes:
        about: Which one: a queue, a trunk, a KPI; a name of the configuration.
        value: In the unit of the thing, or None where there is none.
        limit: What it is held against.
        high_is_bad: On which side of the limit it is wrong.
    """

    name: Name
    about: str
    level: Level
    value: float | None = None
    limit: float | None = None
    high_is_bad: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm.

    Attributes:
        value: As of the last look.
        worst: The worst since it was raised.
    """

    id: str
    name: Name
    about: str
    state: State
    raised_at: datetime
    value: float | None = None
    limit: float | None = None
    worst: float | None = None
    seen_at: datetime | None = None
    seen_by: str | None = None
    over_at: datetime | None = None


def at_most(name: Name, about: str, value: float, limit: float, clear_share: float) -> Finding:
    """Something that is wrong from the limit on, and right again below its share of the limit."""
    level = Level.BAD if value >= limit else Level.BETWEEN if value >= limit * clear_share else Level.GOOD
    return Finding(name=name, about=about, level=level, value=value, limit=limit)


def at_least(name: Name, about: str, value: float, limit: float, clear_share: float) -> Finding:
    """Something that is wrong below the limit, and right again above it by the same share."""
    level = Level.BAD if value < limit else Level.BETWEEN if value * clear_share < limit else Level.GOOD
    return Finding(name=name, about=about, level=level, value=value, limit=limit, high_is_bad=False)


def whether(name: Name, about: str, bad: bool) -> Finding:
    """Something that is right or wrong."""
    return Finding(name=name, about=about, level=Level.BAD if bad else Level.GOOD)


_Key = tuple[Name, str]


@dataclass(slots=True)
class _Watched:
    """One thing: since when it has been as it is, and its alarm, if any."""

    level: Level = Level.GOOD
    since: datetime | None = None
    alarm: Alarm | None = None

    def lasts(self, level: Level, now: datetime) -> timedelta:
        """For how long it has been at this level without a break."""
        if level is not self.level or self.since is None:
            self.level, self.since = level, now
        return now - self.since


class Alarms:
    """All alarms that are not over."""

    def __init__(
        self, settings: AlarmSettings, new_id: Callable[[], str], open_ones: Iterable[Alarm] = ()
    ) -> None:
        """Args: `open_ones` were raised before a restart and are not known to be over."""
        self._raise_after = timedelta(seconds=settings.raise_seconds)
        self._over_after = timedelta(seconds=settings.over_seconds)
        self._new_id = new_id
        self._watched = {(alarm.name, alarm.about): _Watched(alarm=alarm) for alarm in open_ones}

    @property
    def open(self) -> list[Alarm]:
        """Those that are not over, the latest first."""
        found = [each.alarm for each in self._watched.values() if each.alarm is not None]
        return sorted(found, key=lambda alarm: alarm.raised_at, reverse=True)

    def look(self, findings: Iterable[Finding], now: datetime) -> list[Alarm]:
        """Take in how everything stands; gives the alarms that were raised or are over.

        What is not among the findings stands as it stood.
        """
        changed = [self._look(finding, now) for finding in findings]
        return [alarm for alarm in changed if alarm is not None]

    def end_absent(self, findings: Iterable[Finding], now: datetime) -> list[Alarm]:
        """End the alarms of what is no longer looked at, such as a queue that the settings no longer have."""
        looked_at = {(finding.name, finding.about) for finding in findings}
        gone = [key for key, each in self._watched.items() if each.alarm and key not in looked_at]
        ended = [alarm for key in gone if (alarm := self._watched.pop(key).alarm)]
        return [replace(alarm, state=State.OVER, over_at=now) for alarm in ended]

    def see(self, id: str, login: str, now: datetime) -> Alarm | None:
        """Somebody has seen it; the first one counts. None: there is no such alarm, or it is over."""
        for watched in self._watched.values():
            alarm = watched.alarm
            if alarm is not None and alarm.id == id:
                if alarm.state is State.RAISED:
                    alarm = replace(alarm, state=State.SEEN, seen_at=now, seen_by=login)
                    watched.alarm = alarm
                return alarm
        return None

    def _look(self, finding: Finding, now: datetime) -> Alarm | None:
        if finding.level is Level.UNKNOWN:
            return None
        watched = self._watched.setdefault((finding.name, finding.about), _Watched())
        lasts = watched.lasts(finding.level, now)
        if watched.alarm is None:
            return self._quiet(watched, finding, lasts, now)
        watched.alarm = _worsened(watched.alarm, finding)
        if finding.level is Level.GOOD and lasts >= self._over_after:
            over = replace(watched.alarm, state=State.OVER, over_at=now)
            del self._watched[finding.name, finding.about]
            return over
        return None

    def _quiet(self, watched: _Watched, finding: Finding, lasts: timedelta, now: datetime) -> Alarm | None:
        if finding.level is not Level.BAD or lasts < self._raise_after:
            return None
        watched.alarm = Alarm(
            id=self._new_id(),
            name=finding.name,
            about=finding.about,
            state=State.RAISED,
            raised_at=now,
            value=finding.value,
            limit=finding.limit,
            worst=finding.value,
        )
        return watched.alarm


def _worsened(alarm: Alarm, finding: Finding) -> Alarm:
    values = [value for value in (alarm.worst, finding.value) if value is not None]
    worst = (max if finding.high_is_bad else min)(values, default=None)
    return replace(alarm, value=finding.value, limit=finding.limit, worst=worst)
