"""Identification: by whom and how a caller was held for the client of an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from ivr.calls import pending
from ivr.calls.tables import identifications
from ivr.store import Database


class How(StrEnum):
    """How a caller was identified, or how else an account came to a call."""

    ROBOT = "robot"  # he named and confirmed the account to the robot
    NAME_AND_ACCOUNT = "name+account"
    NAME_AND_ADDRESS = "name+address"
    ATTACHED = "attached"  # the operator put the account to the call: identifies nobody

    @property
    def identifies(self) -> bool:
        """Whether personal data of the account may be shown and told in this call."""
        return self is not How.ATTACHED


@dataclass(frozen=True, slots=True, kw_only=True)
class Identification:
    """A recorded step.

    Attributes:
        account_number: As on the bill.
        agent: Login; an empty string where the robot did it.
        at: When, aware.
    """

    call_id: str
    account_number: str = field(repr=False)
    how: How
    agent: str
    at: datetime


_FIELDS = tuple(each.name for each in fields(Identification))


class Identifications:
    """Keeps the recorded steps; they are only added to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, identification: Identification) -> None:
        """Write it, durably; a repeated one is left as it was.

        Raises:
            StoreUnavailable: Nothing was written.
            IntegrityError: There is no such call.
        """
        await self._database.write(partial(_put, identification))

    async def of_call(self, call_id: str) -> list[Identification]:
        """The steps of a call in order.

        Raises:
            StoreUnavailable: They cannot be read.
        """
        return await self._database.read(partial(of_call, call_id=call_id))


def of_call(connection: Connection, call_id: str) -> list[Identification]:
    """The steps of a call in order; a job for `Database.read`."""
    query = select(identifications).where(identifications.c.call_id == call_id).order_by(identifications.c.id)
    return [_identification(row) for row in connection.execute(query).mappings()]


def _identification(row: Mapping[Any, Any]) -> Identification:
    values = {name: row[name] for name in _FIELDS}
    return Identification(**values | {"how": How(values["how"])})


def _put(identification: Identification, connection: Connection) -> None:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = insert(identifications).values({name: getattr(identification, name) for name in _FIELDS})
    connection.execute(row.on_conflict_do_nothing())
    pending.note(connection, [identification.call_id])
