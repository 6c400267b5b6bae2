"""Finding recordings by what is known of their calls; a job for the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Select, false, or_, select, union

from ivr.archive.index import Absence, Recording
from ivr.archive.tables import recording_absences, recording_purges, recordings
from ivr.calls.tables import call_legs, calls, identifications, wrapups
from ivr.readings.tables import readings
from ivr.requests.tables import requests


class Texts(Protocol):
    """What was said, in words; whoever transcribes recordings implements it."""

    def matching(self, text: str) -> Select[tuple[str]]:
        """A selection of the ids of the recordings in which the words were said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which recordings are looked for; what is empty does not matter.

    Attributes:
        since: They began at this instant or later, aware.
        until: They began before this instant, aware.
        number: The client's number, in E.164 as the ledger has it, or its last digits.
        account: Number of an account with which the call had to do.
        agent: Login of an operator who talked or was rung in the call.
        topic: Of the call, or of what an operator noted.
        request: Number of a request that was made in the call.
        line: The line.
        text: Words that were said.
        held: Only those that are held.
    """

    since: datetime | None = None
    until: datetime | None = None
    number: str = ""
    account: str = ""
    agent: str = ""
    topic: str = ""
    request: str = ""
    line: str = ""
    text: str = ""
    held: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A recording and its call; all but the recording is None when the ledger has no such call.

    Attributes:
        recording: The recording.
        line: Of the call.
        number: The client's; personal.
        agent: The first operator.
        topic: Of the call.
        kind: `inbound` or `outbound`.
        came_at: When the call came, aware.
    """

    recording: Recording
    line: str | None
    number: str | None
    agent: str | None
    topic: str | None
    kind: str | None
    came_at: datetime | None


def find(
    connection: Connection,
    wanted: Wanted,
    *,
    limit: int,
    before: tuple[datetime, str] | None = None,
    texts: Texts | None = None,
) -> list[Found]:
    """The latest recordings that fit, newest first.

    Args:
        connection: To read with.
        wanted: What is looked for.
        limit: How many at most.
        before: Begin and id of the last one of the page before.
        texts: Where words are looked up; without it `wanted.text` finds nothing.
    """
    about = (calls.c.line, calls.c.caller_number, calls.c.agent, calls.c.topic, calls.c.kind, calls.c.came_at)
    statement = (
        select(recordings, *(column.label(f"call_{column.name}") for column in about))
        .join_from(recordings, calls, calls.c.call_id == recordings.c.call_id, isouter=True)
        .where(recordings.c.purge_begun_at.is_(None), *_conditions(wanted, texts))
        .order_by(recordings.c.started_at.desc(), recordings.c.id.desc())
        .limit(limit)
    )
    if before:
        at, last = before
        later = (recordings.c.started_at == at) & (recordings.c.id < last)
        statement = statement.where((recordings.c.started_at < at) | later)
    return [_found(dict(row)) for row in connection.execute(statement).mappings()]


def _conditions(wanted: Wanted, texts: Texts | None) -> list[ColumnElement[bool]]:
    makers: dict[str, Callable[[Any], ColumnElement[bool]]] = {
        "since": lambda instant: recordings.c.started_at >= instant,
        "until": lambda instant: recordings.c.started_at < instant,
        "number": _of_number,
        "account": _of_account,
        "agent": _of_agent,
        "topic": _of_topic,
        "request": lambda number: _in(select(requests.c.call_id).where(requests.c.number == number)),
        "line": lambda line: calls.c.line == line,
        "held": lambda _: recordings.c.legal_hold.is_(True),
    }
    given = {name: getattr(wanted, name) for name in makers}
    conditions = [makers[name](value) for name, value in given.items() if value]
    if wanted.text:
        words = texts.matching(wanted.text) if texts else select(recordings.c.id).where(false())
        conditions.append(recordings.c.id.in_(words))
    return conditions


def _of_number(number: str) -> ColumnElement[bool]:
    if number.startswith("+"):
        return calls.c.caller_number == number
    digits = "".join(filter(str.isdigit, number))
    ending = select(calls.c.caller_number).where(calls.c.caller_number.endswith(digits)).distinct()
    return _in(select(calls.c.call_id).where(calls.c.caller_number.in_(ending)))


def _of_account(account: str) -> ColumnElement[bool]:
    return _in(
        union(
            select(identifications.c.call_id).where(identifications.c.account_number == account),
            select(requests.c.call_id).where(requests.c.account_number == account),
            select(readings.c.call_id).where(readings.c.account_number == account),
            select(calls.c.call_id).where(calls.c.carried["account"]["number"].as_string() == account),
        )
    )


def _of_agent(agent: str) -> ColumnElement[bool]:
    rung = select(call_legs.c.call_id).where(call_legs.c.agent == agent, call_legs.c.answered_at.is_not(None))
    return or_(calls.c.agent == agent, _in(rung))


def _of_topic(topic: str) -> ColumnElement[bool]:
    return or_(calls.c.topic == topic, _in(select(wrapups.c.call_id).where(wrapups.c.topic == topic)))


def _in(call_ids: Select[Any] | CompoundSelect[Any]) -> ColumnElement[bool]:
    return recordings.c.call_id.in_(call_ids)


def _found(row: dict[str, Any]) -> Found:
    of_call = {
        name[5:]: row.pop(name) for name in list(row) if name.startswith("call_") and name != "call_id"
    }
    return Found(
        Recording(**row),
        line=of_call["line"],
        number=of_call["caller_number"],
        agent=of_call["agent"],
        topic=of_call["topic"],
        kind=of_call["kind"],
        came_at=of_call["came_at"],
    )


def parts_of(connection: Connection, call_id: str) -> Sequence[Recording]:
    """All recordings of a call in the order in which they began."""
    mine = select(recordings).where(recordings.c.call_id == call_id).order_by(recordings.c.started_at)
    return [Recording(**row) for row in connection.execute(mine).mappings()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """What there is of a call to be heard, or why there is nothing.

    Attributes:
        recordings: In the order in which they began, also those whose deletion has begun.
        absences: What was not recorded, with the reason.
        purged_at: When recordings of the call were deleted, aware.
        requests: Numbers of the requests that were registered in the call.
    """

    recordings: Sequence[Recording]
    absences: Sequence[Absence]
    purged_at: Sequence[datetime]
    requests: Sequence[str]


def whereabouts(connection: Connection, call_id: str) -> Whereabouts:
    """Where the recordings of a call are; a job for the database."""
    absent = select(recording_absences).where(recording_absences.c.call_id == call_id)
    purged = select(recording_purges.c.purged_at).where(recording_purges.c.call_id == call_id)
    numbers = select(requests.c.number).where(requests.c.call_id == call_id).order_by(requests.c.number)
    return Whereabouts(
        recordings=parts_of(connection, call_id),
        absences=[Absence(**row) for row in connection.execute(absent).mappings()],
        purged_at=list(connection.execute(purged).scalars()),
        requests=list(connection.execute(numbers).scalars()),
    )
