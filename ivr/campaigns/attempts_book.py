"""Attempts as rows: written before anything is dialled, then only forward. Jobs for the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, Update, bindparam, insert, or_, select, update

from ivr.campaigns import rows, selection
from ivr.campaigns.entries import Contact, ContactKind, Page, Whom
from ivr.campaigns.model import Attempt, AttemptState, Campaign, Disposition, Target, TargetState
from ivr.campaigns.tables import campaign_attempts, campaign_people, campaign_targets
from ivr.campaigns.verdicts import Allowed, Verdict

Check = Callable[[Connection, Target, str, datetime], Verdict]
"""The rules, asked in the transaction that writes the attempt: of target and number, at this moment."""

_ATTEMPT = [campaign_attempts.c[each.name] for each in fields(Attempt)]
_of = campaign_attempts.c
_target = campaign_targets.c
_UNDER_WAY = _of.ended_at.is_(None)
_CONTACTS: Mapping[Disposition | None, ContactKind] = {
    Disposition.PERSON: ContactKind.TALK,
    Disposition.ABANDONED: ContactKind.TALK,
    Disposition.MESSAGE_LEFT: ContactKind.VOICE_MESSAGE,
    Disposition.LOST: ContactKind.UNDECIDED,
    None: ContactKind.UNDECIDED,
}


# What every call asks is put together once: SQLAlchemy takes longer for that than SQLite for the answer.

_THIS = _of.attempt_id == bindparam("this")
_PERSON = select(campaign_people).where(campaign_people.c.person == bindparam("person")).with_for_update()
_CLAIMED = (
    select(*rows.TARGET)
    .where(
        _target.id == bindparam("target"),
        _target.state == TargetState.CALLING,
        _target.dialer == bindparam("by"),
        _target.attempt_id.is_(None),
    )
    .with_for_update()
)
_PUT = insert(campaign_attempts)
_COUNTED = (
    update(campaign_targets)
    .where(_target.id == bindparam("target"))
    .values(attempt_id=bindparam("this"), tries=_target.tries + 1)
)
_TAKEN_BACK = (
    update(campaign_targets)
    .where(_target.id == select(_of.target_id).where(_THIS).scalar_subquery())
    .values(tries=_target.tries - 1)
)
_FIND = select(*_ATTEMPT).where(_THIS)
_OF_TARGET = select(*_ATTEMPT).where(_of.target_id == bindparam("target")).order_by(_of.id)
_TARGET_OF = (
    select(*rows.TARGET)
    .join_from(campaign_attempts, campaign_targets, _target.id == _of.target_id)
    .where(_THIS)
)

_REACHING = or_(
    _of.person.in_(bindparam("persons", expanding=True)), _of.number.in_(bindparam("numbers", expanding=True))
)
_CONTACTS_OF = (
    select(_of.written_at, _of.disposition, _of.campaign_id)
    .where(_REACHING, _of.written_at >= bindparam("since"))
    .order_by(_of.written_at, _of.id)
)
_IS_CALLED = select(_of.id).where(_REACHING, _UNDER_WAY).limit(1)


def _step_from(*before: AttemptState) -> Update:
    return update(campaign_attempts).where(_THIS, or_(*(_of.state == each for each in before)))


_DIALLED = _step_from(AttemptState.WRITTEN).values(state=AttemptState.DIALLED, dialled_at=bindparam("at"))
_ANSWERED = _step_from(AttemptState.WRITTEN, AttemptState.DIALLED).values(
    state=AttemptState.ANSWERED, answered_at=bindparam("at")
)
_ENDED = _step_from(AttemptState.WRITTEN, AttemptState.DIALLED, AttemptState.ANSWERED).values(
    state=AttemptState.ENDED, ended_at=bindparam("at"), disposition=bindparam("how"), cause=bindparam("why")
)


class NotClaimed(Exception):
    """The target is not this dialer's any more, or its campaign does not run; nothing was written."""


@dataclass(frozen=True, slots=True)
class Order:
    """An attempt that a dialer wants to make."""

    attempt_id: str
    campaign_id: int
    target_id: int
    person: str
    number: str
    trunk: str
    dialer: str


def attempt(row: Row[Any]) -> Attempt:
    """An attempt from its columns."""
    told = {each.name: getattr(row, each.name) for each in fields(Attempt)}
    disposition = told["disposition"] and Disposition(told["disposition"])
    return Attempt(**told | {"state": AttemptState(told["state"]), "disposition": disposition})


def write(connection: Connection, order: Order, check: Check, now: datetime) -> Attempt | Verdict:
    """Write an attempt, unless the rules forbid it. Raises NotClaimed.

    The campaign is kept from being stopped and the person from being written to by others meanwhile.
    """
    if not selection.runs(connection, order.campaign_id):
        raise NotClaimed
    if connection.dialect.name == "postgresql":  # SQLite has one writer
        connection.execute(_PERSON, {"person": order.person})
    row = connection.execute(_CLAIMED, {"target": order.target_id, "by": order.dialer}).first()
    if row is None:
        raise NotClaimed
    verdict = check(connection, rows.target(row), order.number, now)
    if not isinstance(verdict, Allowed):
        return verdict
    told = {**asdict(order), "written_at": now.astimezone(UTC), "state": AttemptState.WRITTEN}
    connection.execute(_PUT, {**told, "cause": 0, "outcome": "", "result": {}})
    connection.execute(_COUNTED, {"target": order.target_id, "this": order.attempt_id})
    del told["dialer"]
    return Attempt(**told)


def dialled(connection: Connection, attempt_id: str, now: datetime) -> bool:
    """WRITTEN becomes DIALLED; whether it did."""
    return connection.execute(_DIALLED, {"this": attempt_id, "at": now}).rowcount > 0


def answered(connection: Connection, attempt_id: str, at: datetime) -> bool:
    """What is under way becomes ANSWERED, once; whether it did."""
    return connection.execute(_ANSWERED, {"this": attempt_id, "at": at}).rowcount > 0


def ended(
    connection: Connection, attempt_id: str, disposition: Disposition, cause: int, at: datetime
) -> bool:
    """What is under way becomes ENDED, once; whether it did."""
    told = {"this": attempt_id, "at": at, "how": disposition, "why": cause}
    if not connection.execute(_ENDED, told).rowcount:
        return False
    if disposition is Disposition.NOT_DIALLED:
        connection.execute(_TAKEN_BACK, {"this": attempt_id})
    return True


def result(connection: Connection, attempt_id: str, outcome: str, data: Mapping[str, Any]) -> bool:
    """Keep what a talk has left, also after its end; whether there is such an attempt."""
    told = {"outcome": outcome[:200], "result": dict(data)}
    which = _of.attempt_id == attempt_id
    return connection.execute(update(campaign_attempts).where(which).values(told)).rowcount > 0


# --- looking ---


def find(connection: Connection, attempt_id: str) -> Attempt | None:
    """An attempt by its id."""
    row = connection.execute(_FIND, {"this": attempt_id}).first()
    return None if row is None else attempt(row)


def whole(connection: Connection, attempt_id: str) -> tuple[Campaign, Target, Attempt] | None:
    """An attempt, and what it is made for."""
    found = find(connection, attempt_id)
    if found is None:
        return None
    asked = select(*rows.TARGET).where(campaign_targets.c.id == found.target_id)
    target = rows.target(connection.execute(asked).one())
    return rows.existing(connection, found.campaign_id), target, found


def facts(connection: Connection, attempt_id: str) -> tuple[Campaign, Target, Attempt] | None:
    """The same of an attempt that is under way."""
    found = whole(connection, attempt_id)
    return None if found is None or found[-1].state is AttemptState.ENDED else found


def of_target(connection: Connection, target_id: int) -> list[Attempt]:
    """All attempts at a target, the first one first."""
    return [attempt(row) for row in connection.execute(_OF_TARGET, {"target": target_id})]


def to_settle(connection: Connection, attempt_id: str) -> tuple[Campaign, Target, list[Attempt]] | None:
    """What decides what becomes of the target of an attempt that has ended; see `CampaignBook.to_settle`."""
    row = connection.execute(_TARGET_OF, {"this": attempt_id}).first()
    if row is None or row.state != TargetState.CALLING:
        return None
    made = of_target(connection, row.id)
    if made[-1].attempt_id != attempt_id or made[-1].disposition is None:
        return None
    return rows.existing(connection, row.campaign_id), rows.target(row), made


def of_person(connection: Connection, person: str, limit: int) -> list[Attempt]:
    """The latest attempts at a person over all campaigns, the latest first."""
    mine = select(*_ATTEMPT).where(_of.person == person)
    return _all(connection, mine.order_by(_of.written_at.desc(), _of.id.desc()).limit(limit))


def under_way(connection: Connection, dialer: str | None) -> list[Attempt]:
    """Attempts that have not ended, of one dialer or all."""
    asked = select(*_ATTEMPT).where(_UNDER_WAY)
    return _all(connection, (asked if dialer is None else asked.where(_of.dialer == dialer)).order_by(_of.id))


def undecided(connection: Connection, dialer: str | None) -> list[Attempt]:
    """Attempts that ended while nobody has said yet what becomes of the target."""
    of = campaign_targets.c
    theirs = of.dialer.is_not(None) if dialer is None else of.dialer == dialer
    joined = campaign_targets.join(campaign_attempts, of.attempt_id == _of.attempt_id)
    asked = select(*_ATTEMPT).select_from(joined).where(theirs, _of.ended_at.is_not(None))
    return _all(connection, asked.order_by(_of.id))


def page(
    connection: Connection, campaign_id: int, after: int, limit: int, disposition: Disposition | None
) -> Page[Attempt]:
    """A part of a campaign's attempts, in the order in which they were written."""
    wanted = [_of.campaign_id == campaign_id, _of.id > after]
    if disposition is not None:
        wanted.append(_of.disposition == disposition)
    found = connection.execute(select(_of.id, *_ATTEMPT).where(*wanted).order_by(_of.id).limit(limit)).all()
    return Page([attempt(row) for row in found], found[-1].id if len(found) == limit else None)


def contacts(connection: Connection, whom: Whom, since: datetime) -> list[Contact]:
    """What reached a person since then, over all campaigns, or may have: for the limits; the first one first.

    Args:
        connection: Of the transaction; inside a `Check` nobody else writes an attempt at this person.
        whom: Whoever was called under one of the keys or at one of the numbers.
        since: Aware; attempts written at it or later.
    """
    found = connection.execute(_CONTACTS_OF, {**_keys(whom), "since": since})
    made = [(row, row.disposition and Disposition(row.disposition)) for row in found]
    return [Contact(row.written_at, _CONTACTS[how], row.campaign_id) for row, how in made if how in _CONTACTS]


def is_called(connection: Connection, whom: Whom) -> bool:
    """Whether an attempt at this person is under way."""
    return connection.execute(_IS_CALLED, _keys(whom)).first() is not None


def _keys(whom: Whom) -> dict[str, list[str]]:
    return {"persons": list(whom.persons), "numbers": list(whom.numbers)}


def _all(connection: Connection, asked: Select[Any]) -> list[Attempt]:
    return [attempt(row) for row in connection.execute(asked)]
