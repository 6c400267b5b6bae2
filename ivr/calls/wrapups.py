"""Wrap-ups: how an operator sums a talk up; a draft while he types, final once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Executable, select
from sqlalchemy.dialects import postgresql, sqlite

from ivr.calls import pending
from ivr.calls.tables import wrapups
from ivr.dialogue.ports import Clock
from ivr.store import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUp:
    """What an operator notes of a talk. Moments are aware.

    Attributes:
        agent: Login.
        topic: Of `kb/`, or None while not chosen.
        result: Of `results.yaml`, or None while not chosen.
        personal: Whether the client's personal data were spoken of.
        alone: Whether the operator answered without anybody's help.
        promised_at: When an answer was promised for, or None.
        note: For those who read the call later; personal.
        began_at: When the talk ended; None while it goes on.
        saved_at: When the wrap-up was finished; None for a draft.
    """

    call_id: str
    agent: str
    topic: str | None = None
    result: str | None = None
    personal: bool = False
    alone: bool = True
    promised_at: datetime | None = None
    note: str = field(default="", repr=False)
    began_at: datetime | None = None
    saved_at: datetime | None = None

    @property
    def seconds(self) -> float | None:
        """How long it took after the talk; None where that is not known."""
        if self.began_at is None or self.saved_at is None:
            return None
        return (self.saved_at - self.began_at).total_seconds()


_FIELDS = tuple(each.name for each in fields(WrapUp))


class WrapUps:
    """Keeps the wrap-ups of all operators."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def save(self, wrapup: WrapUp) -> bool:
        """Write it, durably. A final one may be corrected, its times stay; a draft never replaces it.

        Returns:
            Whether it stands now; False for a draft that came after the final one.

        Raises:
            StoreUnavailable: Nothing was written.
            IntegrityError: There is no such call.
        """
        return await self._database.write(partial(_put, wrapup, self._clock.now()))

    async def of(self, call_id: str, agent: str) -> WrapUp | None:
        """An operator's wrap-up of a call, finished or not.

        Raises:
            StoreUnavailable: It cannot be read.
        """
        found = await self.of_call(call_id)
        return next((wrapup for wrapup in found if wrapup.agent == agent), None)

    async def of_call(self, call_id: str) -> list[WrapUp]:
        """All wrap-ups of a call, the first to be finished first, drafts at the end.

        Raises:
            StoreUnavailable: They cannot be read.
        """
        return await self._database.read(partial(of_call, call_id=call_id))


def of_call(connection: Connection, call_id: str) -> list[WrapUp]:
    """The wrap-ups of a call; a job for `Database.read`."""
    query = select(wrapups).where(wrapups.c.call_id == call_id)
    ordered = query.order_by(wrapups.c.saved_at.is_(None), wrapups.c.saved_at, wrapups.c.agent)
    return [_wrapup(row) for row in connection.execute(ordered).mappings()]


def _wrapup(row: Mapping[Any, Any]) -> WrapUp:
    return WrapUp(**{name: row[name] for name in _FIELDS})


def _put(wrapup: WrapUp, now: datetime, connection: Connection) -> bool:
    values = {name: getattr(wrapup, name) for name in _FIELDS}
    key = (wrapups.c.call_id == wrapup.call_id) & (wrapups.c.agent == wrapup.agent)
    final = connection.execute(select(wrapups.c.began_at, wrapups.c.saved_at).where(key)).first()
    if final is not None and final.saved_at is not None:
        if wrapup.saved_at is None:
            return False
        values |= final._mapping
    connection.execute(_upsert(connection.dialect.name, {**values, "changed_at": now}))
    if wrapup.saved_at is not None:
        pending.note(connection, [wrapup.call_id])
    return True


def _upsert(dialect: str, values: Mapping[str, Any]) -> Executable:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    row = insert(wrapups).values(values)
    told = {column.name: row.excluded[column.name] for column in wrapups.c if not column.primary_key}
    return row.on_conflict_do_update(index_elements=list(wrapups.primary_key), set_=told)
