"""Who waits, since when, and who goes first. A caller keeps his place while the robot speaks to him."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ivr.desk.ports import CallerSeen


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A caller's place.

    Attributes:
        queue: As Asterisk names it.
        since: When he began to wait, whatever slices the wait was cut into.
        overdue_at: From when on he has nearly waited as long as the standard allows, or None.
        inside: Whether he is in Asterisk's queue now.
        left_at: When he left it, or None while he is inside.
    """

    call_id: str
    queue: str
    since: datetime
    overdue_at: datetime | None = None
    priority: int = 0
    inside: bool = False
    left_at: datetime | None = None

    @property
    def rank(self) -> tuple[int, datetime]:
        """Sorts callers in the order in which they are served."""
        return -self.priority, self.since


def nobody_promised(queue: str) -> Sequence[datetime]:
    """No call-back keeps a place."""
    return ()


class Callers:
    """The callers who wait."""

    def __init__(
        self, away_seconds: float, promised: Callable[[str], Sequence[datetime]] = nobody_promised
    ) -> None:
        """Args: `promised` tells since when the call-backs of a queue wait that keep their place."""
        self._away = timedelta(seconds=away_seconds)
        self._promised = promised
        self._places: dict[str, Place] = {}

    def place(self, call_id: str) -> Place | None:
        """Where he is, or None when he does not wait."""
        return self._places.get(call_id)

    def of(self, queue: str) -> list[Place]:
        """Who waits in a queue, in the order in which they are served."""
        return sorted(
            (place for place in self._places.values() if place.queue == queue), key=lambda place: place.rank
        )

    def longest_since(self, queue: str) -> datetime | None:
        """Since when the one waits who has waited longest, or None."""
        return min((place.since for place in self._places.values() if place.queue == queue), default=None)

    def ahead(self, queue: str, rank: tuple[int, datetime]) -> int:
        """How many are served before a caller of that rank, call-backs that keep their place included."""
        callers = sum(place.rank < rank for place in self.of(queue))
        return callers + sum((0, since) < rank for since in self._promised(queue))

    def before(self, place: Place) -> list[Place]:
        """Who is served before him, whatever he waits for, the first one first."""
        others = [other for other in self._places.values() if other.rank < place.rank]
        return sorted(others, key=lambda other: other.rank)

    def position(self, place: Place) -> int:
        """Where he belongs among those who are in Asterisk's queue now, from 1."""
        return 1 + sum(other.inside and other.rank < place.rank for other in self.of(place.queue))

    def overdue(self, queue: str, now: datetime) -> bool:
        """Whether somebody in it has nearly waited as long as the standard allows."""
        return any(place.overdue_at and place.overdue_at <= now for place in self.of(queue))

    def take_place(self, place: Place) -> Place:
        """He waits there now; what he has waited already counts."""
        known = self._places.get(place.call_id)
        kept = replace(place, since=min(place.since, known.since)) if known else place
        self._places[place.call_id] = kept
        return kept

    def joined(self, queue: str, call_id: str, at: datetime) -> None:
        """He is in Asterisk's queue."""
        known = self._places.get(call_id) or Place(call_id=call_id, queue=queue, since=at)
        self._places[call_id] = replace(known, queue=queue, inside=True, left_at=None)

    def left(self, call_id: str, at: datetime) -> None:
        """He is not, and may come back."""
        known = self._places.get(call_id)
        if known is not None:
            self._places[call_id] = replace(known, inside=False, left_at=at)

    def gone(self, call_id: str) -> None:
        """He waits no longer."""
        self._places.pop(call_id, None)

    def seen(self, inside: Iterable[CallerSeen], at: datetime) -> None:
        """Asterisk was looked at after a time in which nobody watched."""
        there = {caller.call_id: caller for caller in inside}
        for caller in there.values():
            self.joined(caller.queue, caller.call_id, caller.since)
        for place in list(self._places.values()):
            if place.inside and place.call_id not in there:
                self.left(place.call_id, at)

    def forget_absent(self, now: datetime) -> None:
        """Give up who left Asterisk's queue and did not come back."""
        for place in list(self._places.values()):
            if place.left_at is not None and now - place.left_at >= self._away:
                self.gone(place.call_id)
