"""Lost callers as rows; jobs for the database."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from ivr.calls.story import Disposition
from ivr.calls.tables import calls
from ivr.desk.news import local
from ivr.desk.work_tables import lost_callers, lost_calls
from ivr.requests import callback_rows
from ivr.requests.callback_model import Callback


class LostStatus(StrEnum):
    """How a lost caller stands."""

    OPEN = "open"
    TAKEN = "taken"
    DONE = "done"


PENDING = (LostStatus.OPEN, LostStatus.TAKEN)


class LostStage(StrEnum):
    """Where he was lost."""

    ROBOT = "robot"
    QUEUE = "queue"
    PROMISE = "promise"  # he was promised a call, and nobody reached him


class LostEnd(StrEnum):
    """Why nobody has to call him any more."""

    GOT_THROUGH = "got-through"
    CALLED_BACK = "called-back"
    BY_HAND = "by-hand"


class LostKind(StrEnum):
    """What a lost call is in the list."""

    LISTED = "listed"
    SHORT = "short"  # hung up at once
    WITHHELD = "withheld"  # there is no number to call
    PROMISED = "promised"  # a call is promised to him
    SETTLED = "settled"  # he has got through since


@dataclass(frozen=True, slots=True, kw_only=True)
class LostCaller:
    """Who was lost, all his calls together. Moments are aware.

    Attributes:
        phone: In E.164; personal.
        calls: How many of his calls were lost.
        waited_seconds: The longest that he waited in a queue.
        stage: Where his last call was lost; so line, queue and call.
        taken_by: Login of whoever sees to it.
        note: Reason of a person who closed it.
    """

    id: int
    phone: str
    status: LostStatus
    first_at: datetime
    last_at: datetime
    calls: int
    waited_seconds: int
    stage: LostStage
    line: str
    queue: str
    call_id: str
    taken_by: str | None
    taken_at: datetime | None
    closed_at: datetime | None
    closed_as: LostEnd | None
    closed_by: str | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LostCall:
    """A call that was lost.

    Attributes:
        phone: In E.164, empty when withheld; personal.
        came_at: When he called.
        at: When he hung up.
    """

    call_id: str
    phone: str
    came_at: datetime
    at: datetime
    stage: LostStage
    line: str
    queue: str
    waited_seconds: int
    short: bool


_COLUMNS = [lost_callers.c[each.name] for each in fields(LostCaller)]
_PENDING = lost_callers.c.status.in_(PENDING)


def lose(connection: Connection, call: LostCall) -> bool:
    """Write a lost call down; a repetition changes nothing. Whether somebody has to call him."""
    known = select(lost_calls.c.call_id).where(lost_calls.c.call_id == call.call_id)
    if connection.execute(known).first() is not None:
        return False
    kind = _kind(connection, call)
    lost_id = _count(connection, call) if kind is LostKind.LISTED else None
    row = {"call_id": call.call_id, "lost_id": lost_id, "at": call.at, "kind": kind}
    connection.execute(insert(lost_calls).values(row))
    return lost_id is not None


def break_promise(connection: Connection, promise: Callback, now: datetime) -> None:
    """A promise to call could not be kept: he is lost."""
    call = LostCall(
        call_id=promise.call_id,
        phone=promise.phone,
        came_at=promise.asked_at,
        at=now,
        stage=LostStage.PROMISE,
        line="",
        queue=promise.queue,
        waited_seconds=0,
        short=False,
    )
    lost_id = _count(connection, call)
    mine = lost_calls.c.call_id == call.call_id
    told = {"lost_id": lost_id, "kind": LostKind.LISTED, "at": now}
    if not connection.execute(update(lost_calls).where(mine).values(told)).rowcount:
        connection.execute(insert(lost_calls).values(call_id=call.call_id, **told))


def find_again(connection: Connection, phone: str, at: datetime, end: LostEnd, by: str | None = None) -> bool:
    """He was talked with at that moment; whether he was lost."""
    mine = (lost_callers.c.phone == phone) & _PENDING & (lost_callers.c.last_at <= at)
    return _close(connection, mine, at, end, by, "")


def pending_of(connection: Connection, phone: str) -> int | None:
    """Id of the row of a number that somebody has to call, or None."""
    mine = (lost_callers.c.phone == phone) & _PENDING
    return connection.execute(select(lost_callers.c.id).where(mine)).scalar()


def take(connection: Connection, id: int, login: str, now: datetime) -> bool:
    """Claim a lost caller; False when somebody else has, or he is lost no longer."""
    free = (lost_callers.c.status == LostStatus.OPEN) | (
        (lost_callers.c.status == LostStatus.TAKEN) & (lost_callers.c.taken_by == login)
    )
    claim = {"status": LostStatus.TAKEN, "taken_by": login, "taken_at": now}
    return _change(connection, (lost_callers.c.id == id) & free, claim)


def give_back(connection: Connection, id: int) -> bool:
    """Let others see to him."""
    taken = (lost_callers.c.id == id) & (lost_callers.c.status == LostStatus.TAKEN)
    return _change(connection, taken, {"status": LostStatus.OPEN, "taken_by": None, "taken_at": None})


def close(connection: Connection, id: int, now: datetime, end: LostEnd, by: str, note: str = "") -> bool:
    """Nobody has to call him any more."""
    return _close(connection, (lost_callers.c.id == id) & _PENDING, now, end, by, note)


def one(connection: Connection, id: int, now: datetime) -> LostCaller | None:
    """A lost caller by his id."""
    row = connection.execute(select(*_COLUMNS).where(lost_callers.c.id == id)).mappings().first()
    return None if row is None else _caller(row, now)


def listed(
    connection: Connection, statuses: Collection[LostStatus], since: datetime, limit: int, now: datetime
) -> list[LostCaller]:
    """Lost callers that stand so, the last ones first; closed ones only if closed since then."""
    fresh = lost_callers.c.closed_at.is_(None) | (lost_callers.c.closed_at >= since)
    query = select(*_COLUMNS).where(lost_callers.c.status.in_(list(statuses)), fresh)
    rows = connection.execute(query.order_by(lost_callers.c.last_at.desc()).limit(limit)).mappings()
    return [_caller(row, now) for row in rows]


def counted(connection: Connection, since: datetime) -> dict[LostKind, int]:
    """How many calls were lost since then, by what they are in the list."""
    query = (
        select(lost_calls.c.kind, func.count()).where(lost_calls.c.at >= since).group_by(lost_calls.c.kind)
    )
    return {LostKind(kind): int(count) for kind, count in connection.execute(query)}


def _kind(connection: Connection, call: LostCall) -> LostKind:
    if not call.phone:
        return LostKind.WITHHELD
    if call.short:
        return LostKind.SHORT
    if any(
        each.promised_at >= call.came_at
        for each in callback_rows.of_client(connection, call.phone, (), call.came_at)
    ):
        return LostKind.PROMISED
    return LostKind.SETTLED if _got_through_since(connection, call) else LostKind.LISTED


def _got_through_since(connection: Connection, call: LostCall) -> bool:
    well = calls.c.disposition.in_([Disposition.ANSWERED, Disposition.SERVED])
    later = (calls.c.came_at > call.came_at) & (calls.c.call_id != call.call_id)
    query = select(calls.c.call_id).where(calls.c.caller_number == call.phone, later, well).limit(1)
    return connection.execute(query).first() is not None


def _count(connection: Connection, call: LostCall) -> int:
    """Add the call to its caller's row; the id of the row."""
    mine = (lost_callers.c.phone == call.phone) & _PENDING
    row = connection.execute(select(*_COLUMNS).where(mine)).mappings().first()
    last = {"stage": call.stage, "line": call.line, "queue": call.queue, "call_id": call.call_id}
    if row is None:
        fresh = {
            "phone": call.phone,
            "status": LostStatus.OPEN,
            "first_at": call.at,
            "last_at": call.at,
            "calls": 1,
            "waited_seconds": call.waited_seconds,
            "note": "",
        }
        statement = insert(lost_callers).values({**fresh, **last}).returning(lost_callers.c.id)
        return int(connection.execute(statement).scalar_one())
    told = {
        "calls": row["calls"] + 1,
        "first_at": min(row["first_at"], call.at),
        "last_at": max(row["last_at"], call.at),
        "waited_seconds": max(row["waited_seconds"], call.waited_seconds),
        **(last if call.at >= row["last_at"] else {}),
    }
    connection.execute(update(lost_callers).where(lost_callers.c.id == row["id"]).values(told))
    return int(row["id"])


def _close(
    connection: Connection, which: Any, now: datetime, end: LostEnd, by: str | None, note: str
) -> bool:
    told = {"status": LostStatus.DONE, "closed_at": now, "closed_as": end, "closed_by": by, "note": note}
    return _change(connection, which, told)


def _change(connection: Connection, which: Any, values: Mapping[str, Any]) -> bool:
    return connection.execute(update(lost_callers).where(which).values(values)).rowcount > 0


def _caller(row: Mapping[Any, Any], now: datetime) -> LostCaller:
    values = local(row, now.tzinfo)
    end = values.pop("closed_as")
    return LostCaller(
        status=LostStatus(values.pop("status")),
        stage=LostStage(values.pop("stage")),
        closed_as=None if end is None else LostEnd(end),
        **values,
    )
