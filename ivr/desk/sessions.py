"""Writes operators and the history of their states down, and reads them after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, delete, insert, select, update

from ivr.desk.model import AgentState
from ivr.desk.seat import Seat
from ivr.desk.tables import agent_sessions, agent_states
from ivr.dialogue.ports import Clock
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)

_SEAT = TypeAdapter(Seat)
_HANDLING = (AgentState.TALKING.value, AgentState.WRAP_UP.value)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """A call that was talked in and wrapped up."""

    queue: str
    seconds: float


def _row(seat: Seat) -> Row | None:
    """Of `agent_sessions`; None when he is signed out."""
    if seat.state is AgentState.OFFLINE:
        return None
    return {
        "login": seat.login,
        "signed_in_at": seat.signed_in_at,
        "changed_at": seat.since,
        "seat": _SEAT.dump_python(seat, mode="json"),
    }


def _state_row(seat: Seat) -> Row:
    """Of `agent_states`."""
    about = seat.subject
    return {
        "login": seat.login,
        "state": seat.state.value,
        "reason": seat.pause_reason,
        "since": seat.since,
        "call_id": about.call_id if about else None,
        "queue": about.queue if about else None,
    }


class SessionBook:
    """Takes changes at once, writes them in order, keeps them while the database is away."""

    def __init__(self, database: Database, clock: Clock, retry_seconds: float) -> None:
        self._database = database
        self._clock = clock
        self._retry_seconds = retry_seconds
        self._seats: dict[str, Row | None] = {}
        self._states: list[Row] = []
        self._task: asyncio.Task[None] | None = None
        self._attempt: asyncio.Future[StoreUnavailable | None] | None = None
        self._closing = False

    async def close(self) -> None:
        """Write what waits; what can't be written now is given up."""
        self._closing = True
        if self._task is not None:
            await self._task

    def changed(self, seat: Seat, *, moved: bool) -> None:
        """The operator is to be written, as he is now; `moved`: a new state began for him."""
        self._seats[seat.login] = _row(seat)
        if moved:
            self._states.append(_state_row(seat))
        if self._task is None or self._task.done():
            self._attempt = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._write(), name="desk-sessions")

    async def durable(self) -> None:
        """Wait until everything told so far is in the database.

        Raises:
            StoreUnavailable: It can't be written now; it will be as soon as it can.
        """
        while self._task is not None and not self._task.done() and self._attempt is not None:
            failure = await asyncio.shield(self._attempt)
            if failure is not None:
                raise failure

    async def load(self) -> list[Seat]:
        """Who was signed in. A row that can't be read is left out: he signs in again.

        Raises:
            StoreUnavailable: The database can't be read now.
        """
        return await self._database.read(_seats)

    async def handled(self, limit: int) -> list[Handled]:
        """The last calls of all queues, the oldest first.

        Raises:
            StoreUnavailable: The database can't be read now.
        """
        return await self._database.read(partial(_handled, limit))

    async def _write(self) -> None:
        while self._seats or self._states:
            seats, self._seats = self._seats, {}
            states, self._states = self._states, []
            try:
                await self._database.write(partial(_put, seats, states))
            except StoreUnavailable as fault:
                self._seats = seats | self._seats
                self._states = states + self._states
                self._attempted(fault)
                if self._closing:
                    log.error("desk.sessions_lost", operators=len(self._seats))
                    return
                await self._clock.sleep(self._retry_seconds)
            except Exception:
                log.exception("desk.sessions_refused", operators=len(seats), states=len(states))
                self._attempted(StoreUnavailable("The states of operators were refused."))
            else:
                self._attempted(None)

    def _attempted(self, failure: StoreUnavailable | None) -> None:
        attempt = self._attempt
        self._attempt = asyncio.get_running_loop().create_future()
        if attempt is not None:
            attempt.set_result(failure)


def _put(seats: Mapping[str, Row | None], states: Sequence[Row], connection: Connection) -> None:
    for login, row in seats.items():
        connection.execute(delete(agent_sessions).where(agent_sessions.c.login == login))
        if row is not None:
            connection.execute(insert(agent_sessions).values(row))
    for state in states:
        lasting = (agent_states.c.login == state["login"]) & agent_states.c.until.is_(None)
        connection.execute(update(agent_states).where(lasting).values(until=state["since"]))
        if state["state"] != AgentState.OFFLINE:
            connection.execute(insert(agent_states).values(state))


def _seats(connection: Connection) -> list[Seat]:
    seats = []
    for row in connection.execute(select(agent_sessions.c.login, agent_sessions.c.seat)):
        try:
            seats.append(_SEAT.validate_python(row.seat))
        except ValidationError:
            log.warning("desk.session_unreadable")
    return seats


def _handled(limit: int, connection: Connection) -> list[Handled]:
    states = agent_states.c
    ended = states.state.in_(_HANDLING) & states.queue.is_not(None) & states.until.is_not(None)
    query = select(agent_states).where(ended).order_by(states.since.desc()).limit(2 * limit)
    calls: dict[tuple[str, str, str], tuple[datetime, float]] = {}
    for row in connection.execute(query):
        key = (row.queue, row.login, row.call_id)
        since, seconds = calls.get(key, (row.since, 0.0))
        calls[key] = (min(since, row.since), seconds + (row.until - row.since).total_seconds())
    oldest_first = sorted(calls.items(), key=lambda item: item[1][0])
    return [Handled(queue=key[0], seconds=seconds) for key, (_, seconds) in oldest_first]
