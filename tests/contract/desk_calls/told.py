"""Ledger and desk, as far as the watches tell them anything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ivr.calls.legs import Leg, LegEvent, LegRole
from ivr.desk.ports import FloorSeen


class Book:
    """The ledger: legs are kept, the rest is noted by name."""

    def __init__(self) -> None:
        self.legs: dict[str, Leg] = {}
        self.events: list[LegEvent] = []
        self.told: list[tuple[object, ...]] = []

    def leg(self, event: LegEvent) -> None:
        self.events.append(event)
        leg = self.legs.setdefault(event.leg_id, Leg(call_id=event.call_id, leg_id=event.leg_id))
        leg.apply(event)

    def find(self, call_id: str) -> None:
        return None

    async def reconcile(self, live: object, seen_at: datetime, channels: object) -> None:
        self.told.append(("reconcile", live, channels))

    async def import_records(self, records: object, channels: object) -> None:
        return None

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments: self.told.append((name, *arguments))

    def of(self, role: LegRole) -> Leg | None:
        """The latest leg of a role."""
        return next((leg for leg in reversed(self.legs.values()) if leg.role is role), None)


class Floor:
    """The desk: what it was told, by name."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []
        self.seen: list[FloorSeen] = []

    def caller_joined(self, queue: str, call_id: str, at: datetime) -> None:
        self.told.append(("joined", queue, call_id))

    def caller_left(self, queue: str, call_id: str, at: datetime) -> None:
        self.told.append(("left", queue, call_id))

    def phone_reachable(self, device: str, reachable: bool) -> None:
        self.told.append(("reachable", device, reachable))

    def resync(self, seen: FloorSeen) -> None:
        self.seen.append(seen)
