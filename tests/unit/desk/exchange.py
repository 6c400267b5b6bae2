"""An Asterisk of the desk's own: members of queues as app_queue has them, and a link that fails when told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, StaticPool, create_engine

from ivr.desk.ports import ExchangeAway, FloorSeen, MemberSeen, Phone, PhoneKind
from ivr.desk.tables import agent_sessions, agent_states
from ivr.store import StoreUnavailable, metadata

T = TypeVar("T")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOUR = 3600.0


class HandClock:
    """Time that a test moves; short sleeps take no time, an hour and more lasts to the end of the test."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.at = now
        self.start = now

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - self.start).total_seconds()

    async def sleep(self, seconds: float) -> None:
        if seconds >= HOUR:
            await asyncio.Event().wait()
        await asyncio.sleep(0)

    def pass_by(self, seconds: float) -> datetime:
        self.at += timedelta(seconds=seconds)
        return self.at


@dataclass
class FakeExchange:
    """A `Switchboard` as far as queues go; everything else is no concern of these tests."""

    members: dict[tuple[str, str], str | None] = field(default_factory=dict)
    agents: dict[tuple[str, str], str] = field(default_factory=dict)
    talks: dict[str, str] = field(default_factory=dict)
    reachable: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)  # of the next commands: "", "before" or "after"
    commands: int = 0

    async def join(self, queue: str, phone: Phone, agent: str, pause: str | None) -> None:
        def put() -> None:
            if (queue, phone.device) not in self.members:  # app_queue leaves a member that is there as it is
                self.members[queue, phone.device] = pause
                self.agents[queue, phone.device] = agent

        await self._do(put)

    async def leave(self, queue: str, phone: Phone) -> None:
        await self._do(lambda: self.members.pop((queue, phone.device), None))

    async def pause(self, phone: Phone, reason: str | None) -> None:
        def put() -> None:
            for queue, device in list(self.members):
                if device == phone.device:
                    self.members[queue, device] = reason

        await self._do(put)

    async def _do(self, effect: Any) -> None:
        self.commands += 1
        failure = self.failures.pop(0) if self.failures else ""
        await asyncio.sleep(0)
        if failure == "before":
            raise ExchangeAway
        effect()
        await asyncio.sleep(0)
        if failure == "after":
            raise ExchangeAway

    def seen(self) -> FloorSeen:
        return FloorSeen(
            members=[
                MemberSeen(queue=queue, device=device, paused=pause is not None, reason=pause or "")
                for (queue, device), pause in self.members.items()
            ],
            callers=(),
            talks=dict(self.talks),
            reachable=frozenset(self.reachable),
        )

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the floor has no business with {name}")


def phone(extension: int) -> Phone:
    return Phone(PhoneKind.BROWSER, str(extension))


class MemoryDatabase:
    """The store as far as a room uses it: jobs run at once, and fail when told. It outlives an engine."""

    def __init__(self) -> None:
        self._engine = create_engine("sqlite://", poolclass=StaticPool)
        metadata.create_all(self._engine, tables=[agent_sessions, agent_states])
        self.failures = 0

    async def write(self, job: Callable[[Connection], T]) -> T:
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable("for the test")
        with self._engine.begin() as connection:
            return job(connection)

    read = write

    def close(self) -> None:
        self._engine.dispose()
