"""Quality of the conversation: how the turns of callers went, by flow and state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, func, or_, select

from ivr.calls.tables import call_steps, calls, turns
from ivr.dialogue.ports import TurnResult

HANG_UP = "hangup"
"""Outcome of a step in which the caller left."""

Place = tuple[str, str]
"""Label of a flow (`reception@2`) and name of a state."""


@dataclass(frozen=True, slots=True)
class Period:
    """The calls that are meant: those that came from `since` on, before `until`; of one flow if it is named.

    Attributes:
        since: Aware; None for no limit.
        until: The same.
        flow: Id of a flow with or without its version; None for all.
    """

    since: datetime | None = None
    until: datetime | None = None
    flow: str | None = None

    def of(self, table: Table, *columns: ColumnElement[Any]) -> Select[Any]:
        """Counts of the rows of a table, by flow, state and these columns."""
        by = (table.c.flow, table.c.state, *columns)
        statement = select(*by, func.count()).join(calls, calls.c.call_id == table.c.call_id).group_by(*by)
        if self.since is not None:
            statement = statement.where(calls.c.came_at >= self.since)
        if self.until is not None:
            statement = statement.where(calls.c.came_at < self.until)
        if self.flow is None:
            return statement
        versions = table.c.flow.startswith(f"{self.flow}@", autoescape=True)
        return statement.where(or_(table.c.flow == self.flow, versions))


@dataclass(slots=True)
class StateQuality:
    """How callers fared in one state.

    Attributes:
        flow: Label of the flow.
        state: Name of the state.
        visits: How often it was visited.
        hang_ups: Visits in which the caller left.
        results: Turns by how they went, `unsure` among them.
        spoken: Turns in which something was said.
        latencies: Numbers of turns by their latency, milliseconds.
    """

    flow: str
    state: str
    visits: int = 0
    hang_ups: int = 0
    results: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    spoken: int = 0
    latencies: dict[int, int] = field(default_factory=dict)

    @property
    def turns(self) -> int:
        """Turns of callers; to be asked whether that was meant is none of its own."""
        return sum(self.results.values()) - self.results[TurnResult.UNSURE]

    @property
    def hurts(self) -> int:
        """Turns that came to nothing, and callers who left."""
        misses = (TurnResult.NO_INPUT, TurnResult.NO_MATCH, TurnResult.DEAF)
        return sum(self.results[result] for result in misses) + self.hang_ups

    def share(self, result: TurnResult) -> float:
        """Share of the turns, from 0 to 1."""
        return _share(self.results[result], self.turns)

    @property
    def voice_share(self) -> float:
        """Share of the turns in which something was said."""
        return _share(self.spoken, self.turns)

    @property
    def hang_up_share(self) -> float:
        """Share of the visits in which the caller left."""
        return _share(self.hang_ups, self.visits)

    def latency(self, share: float) -> int | None:
        """Quantile of the latency by the nearest rank, milliseconds; None where none was measured."""
        rank = share * sum(self.latencies.values())
        below = 0
        for milliseconds, count in sorted(self.latencies.items()):
            below += count
            if below >= rank:
                return milliseconds
        return None


def report(connection: Connection, period: Period) -> list[StateQuality]:
    """All states that callers were asked in or left in, what hurts most first."""
    states = _States()
    for flow, state, outcome, count in _rows(connection, period.of(call_steps, call_steps.c.outcome)):
        states[flow, state].visits += count
        states[flow, state].hang_ups += count if outcome == HANG_UP else 0
    for flow, state, result, voice, count in _rows(
        connection, period.of(turns, turns.c.result, turns.c.voice)
    ):
        states[flow, state].results[result] += count
        states[flow, state].spoken += count if voice and result != TurnResult.UNSURE else 0
    measured = period.of(turns, turns.c.latency_ms).where(turns.c.latency_ms.is_not(None))
    for flow, state, milliseconds, count in _rows(connection, measured):
        states[flow, state].latencies[milliseconds] = count
    asked = [found for found in states.values() if found.turns or found.hang_ups]
    return sorted(asked, key=lambda found: (-found.hurts, -found.turns, found.flow, found.state))


def document(found: StateQuality) -> Mapping[str, object]:
    """A state for programs; shares from 0 to 1, latency in milliseconds."""
    return {
        "flow": found.flow,
        "state": found.state,
        "visits": found.visits,
        "turns": found.turns,
        "hurts": found.hurts,
        "voice": found.voice_share,
        "answer": found.share(TurnResult.ANSWER),
        "command": found.share(TurnResult.COMMAND),
        "no_input": found.share(TurnResult.NO_INPUT),
        "no_match": found.share(TurnResult.NO_MATCH),
        "deaf": found.share(TurnResult.DEAF),
        "unsure": found.share(TurnResult.UNSURE),
        "hang_up": found.hang_up_share,
        "latency_ms": {"p50": found.latency(0.5), "p95": found.latency(0.95)},
    }


class _States(dict[Place, StateQuality]):
    """States by their place, made when they are first counted."""

    def __missing__(self, place: Place) -> StateQuality:
        found = self[place] = StateQuality(*place)
        return found


def _rows(connection: Connection, statement: Select[Any]) -> Sequence[Any]:
    return connection.execute(statement).all()


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
