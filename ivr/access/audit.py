"""The audit: who looked at or changed a client's personal data, when, through which call.

152-FZ, article 19 part 2 point 8, asks for the registration of all that is done with personal data. Entries
are only added; the one thing that deletes them is the end of their term.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, NoReturn

import structlog
from sqlalchemy import Connection, Select, delete, insert, select

from ivr.access.settings import AuditSettings
from ivr.access.tables import audit
from ivr.dialogue.ports import Clock
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)
_HOUR_SECONDS = 3_600.0


class Action(StrEnum):
    """What was done."""

    VIEWED = "viewed"  # personal data were shown
    CHANGED = "changed"  # data of a client were changed
    SIGNED_IN = "signed-in"
    SIGN_IN_REFUSED = "sign-in-refused"
    SIGNED_OUT = "signed-out"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105  # the name of an action
    USER_CHANGED = "user-changed"
    LED = "led"  # a colleague was moved or planned, a bulletin put up
    DENIED = "denied"  # asked for what the user has no right to


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that was done.

    Attributes:
        login: Who; empty where nobody had signed in.
        subject: Whose data: number of an account, a telephone or a login; empty where they are nobody's.
        call_id: The call that it was done for; empty without one.
        what: Which data or which call of the API: names of fields or a path, never the data themselves.
        session_id: Public id of the session.
        address: Network address of the person.
    """

    login: str
    action: Action
    subject: str = field(default="", repr=False)
    call_id: str = ""
    what: str = ""
    session_id: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded(Entry):
    """An entry of the audit.

    Attributes:
        id: Rising.
        at: When, aware.
    """

    id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which entries are wanted, newest first; None and 0 mean any.

    Attributes:
        before: Only entries with a lower id, for the next page.
    """

    login: str | None = None
    action: Action | None = None
    subject: str | None = field(default=None, repr=False)
    call_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int = 0
    limit: int = 100


class Audit:
    """Writes and reads the audit."""

    def __init__(self, database: Database, settings: AuditSettings, clock: Clock) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    async def record(self, *entries: Entry) -> None:
        """Put them down, in one transaction; return once they are durable.

        Personal data are shown only after this has returned.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        if entries:
            rows = [insertable(entry, self._clock.now()) for entry in entries]
            await self._database.write(partial(_insert, rows))

    async def find(self, selection: Selection) -> list[Recorded]:
        """The entries meant, newest first.

        Raises:
            StoreUnavailable: The audit cannot be read.
        """
        return await self._database.read(partial(_select, _query(selection), self._clock.now()))

    async def purge(self) -> int:
        """Delete what is past its term; tells how many entries.

        Raises:
            StoreUnavailable: Nothing was deleted.
        """
        before = self._clock.now() - timedelta(days=self._settings.keep_days)
        return await self._database.write(partial(_delete, before))

    async def run(self) -> NoReturn:
        """Purge until cancelled; what fails is tried again the next time."""
        while True:
            try:
                log.info("audit.purged", entries=await self.purge())
            except StoreUnavailable as fault:
                log.warning("audit.not-purged", fault=type(fault).__name__)
            await self._clock.sleep(self._settings.sweep_hours * _HOUR_SECONDS)


def insertable(entry: Entry, at: datetime) -> dict[str, Any]:
    """The row of an entry; texts are cut to what the columns take."""
    values = {**asdict(entry), "at": at}
    return {
        name: value[: audit.c[name].type.length] if isinstance(value, str) else value  # type: ignore[attr-defined]
        for name, value in values.items()
    }


def _insert(rows: list[dict[str, Any]], connection: Connection) -> None:
    connection.execute(insert(audit), rows)


def _query(selection: Selection) -> Select[Any]:
    query = select(audit).order_by(audit.c.id.desc()).limit(selection.limit)
    for name in ("login", "action", "subject", "call_id"):
        wanted = getattr(selection, name)
        if wanted is not None:
            query = query.where(audit.c[name] == wanted)
    if selection.since is not None:
        query = query.where(audit.c.at >= selection.since)
    if selection.until is not None:
        query = query.where(audit.c.at < selection.until)
    return query.where(audit.c.id < selection.before) if selection.before else query


def _select(query: Select[Any], now: datetime, connection: Connection) -> list[Recorded]:
    return [_recorded(row, now) for row in connection.execute(query).mappings()]


def _recorded(row: Mapping[Any, Any], now: datetime) -> Recorded:
    values = {str(name): value for name, value in row.items()}
    at: datetime = values.pop("at")
    return Recorded(**values | {"action": Action(values["action"])}, at=at.astimezone(now.tzinfo))


def _delete(before: datetime, connection: Connection) -> int:
    return connection.execute(delete(audit).where(audit.c.at < before)).rowcount
