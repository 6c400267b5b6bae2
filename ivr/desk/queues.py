"""The queues: who waits in them, who serves them, how long it will take."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from ivr.desk.callers import Callers, Place, nobody_promised
from ivr.desk.estimate import HandlingTimes, expected_wait
from ivr.desk.model import AgentState, QueueState
from ivr.desk.routing import Width, next_width, queues_of, unattended
from ivr.desk.seat import Seat
from ivr.desk.settings import DeskSettings

_SERVING = frozenset({AgentState.READY, AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP})
_STEP_SECONDS = 5  # the estimate is shown in such steps, so that a screen is not told every second


class Queues:
    """What is known of all queues; the operators are given with each question."""

    def __init__(
        self,
        names: Collection[str],
        settings: DeskSettings,
        promised: Callable[[str], Sequence[datetime]] = nobody_promised,
    ) -> None:
        """Args: `promised` tells since when the call-backs of a queue wait that keep their place."""
        self.names = tuple(names)
        self.callers = Callers(settings.waiting.away_seconds, promised)
        self.handling = HandlingTimes(settings.estimate)
        self._settings = settings
        self._widths: dict[str, Width] = {}  # by waits
        self._unattended: frozenset[str] = frozenset()

    def staffed(self, seats: Iterable[Seat]) -> None:
        """These are all operators now: a group that is left unattended is wide at once, for as long."""
        serving = (seat.skills for seat in seats if seat.state in _SERVING)
        self._unattended = unattended(self.names, serving)

    def look(self, now: datetime) -> None:
        """Time went by: callers who did not come back are given up, queues become wide or narrow."""
        self.callers.forget_absent(now)
        self._widths = {queue: width for queue in self.names if (width := self._width(queue, now))}

    def _width(self, queue: str, now: datetime) -> Width:
        since = self.callers.longest_since(queue)
        waited = None if since is None else (now - since).total_seconds()
        width = self._widths.get(queue, Width.SKILLED)
        return next_width(width, waited, self.callers.overdue(queue, now), self._settings.routing)

    def of(self, skills: Collection[str]) -> frozenset[str]:
        """The queues that an operator serves now."""
        return queues_of(skills, self.names, self._open_widths)

    @property
    def _open_widths(self) -> Mapping[str, Width]:
        return dict.fromkeys(self._unattended, Width.BASE) | self._widths

    def servers(self, queue: str, seats: Iterable[Seat]) -> list[Seat]:
        """The operators who serve it: those who would take a call of it now or after what they do."""
        return [seat for seat in seats if seat.state in _SERVING and queue in self.of(seat.skills)]

    def estimate(
        self, queue: str, rank: tuple[int, datetime], seats: Collection[Seat], now: datetime
    ) -> float | None:
        """Seconds until somebody of that rank is answered; None when nobody serves.

        Callers of other queues count as far as the same operators serve them.
        """
        servers = self.servers(queue, seats)
        if not servers:
            return None
        mean = self.handling.mean(queue)
        ahead = float(self.callers.ahead(queue, rank))
        for other in self.names:
            if other != queue:
                shared = len(self.servers(other, servers)) / len(servers)
                ahead += shared * self.callers.ahead(other, rank)
        return expected_wait(ahead, [_busy_seconds(seat, mean, now) for seat in servers], mean)

    def ready_for(self, place: Place, seats: Iterable[Seat]) -> bool:
        """Whether an operator is ready whom nobody before that caller takes."""
        seats = list(seats)
        rung = [seat for seat in seats if _rung_by_a_queue(seat)]
        left = [*rung, *(seat for seat in seats if seat.free)]
        for other in self.callers.before(place):
            taker = next((seat for seat in left if other.queue in self.of(seat.skills)), None)
            if taker is not None:
                left.remove(taker)
        return any(seat.free and place.queue in self.of(seat.skills) for seat in left)

    def states(self, seats: Collection[Seat], now: datetime) -> list[QueueState]:
        """All of them."""
        return [self._state(queue, seats, now) for queue in self.names]

    def _state(self, queue: str, seats: Collection[Seat], now: datetime) -> QueueState:
        servers = self.servers(queue, seats)
        newcomer = (0, now + timedelta.resolution)
        seconds = self.estimate(queue, newcomer, seats, now)
        return QueueState(
            queue=queue,
            waiting=len(self.callers.of(queue)),
            longest_since=self.callers.longest_since(queue),
            ready=sum(seat.free for seat in servers),
            serving=len(servers),
            widened=queue in self._open_widths,
            estimate_seconds=None if seconds is None else round(seconds / _STEP_SECONDS) * _STEP_SECONDS,
        )


def _busy_seconds(seat: Seat, mean_seconds: float, now: datetime) -> float:
    """How long he is busy yet; not at all where a queue rings him, for that caller still counts as ahead."""
    if seat.free or _rung_by_a_queue(seat):
        return 0.0
    if seat.state is AgentState.WRAP_UP and seat.wrap_up:
        return min(mean_seconds, max(1.0, (seat.wrap_up.until - now).total_seconds()))
    return mean_seconds


def _rung_by_a_queue(seat: Seat) -> bool:
    return seat.state is AgentState.RINGING and any(leg.queue for leg in seat.legs)
