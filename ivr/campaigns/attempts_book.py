"""Attempts as rows: written before anything is dialled, then only forward. Jobs for the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, insert, or_, select, update

from ivr.campaigns import rows, selection
from ivr.campaigns.entries import Contact, ContactKind, Page
from ivr.campaigns.model import Attempt, AttemptState, Campaign, Disposition, Target, TargetState
from ivr.campaigns.tables import campaign_attempts, campaign_people, campaign_targets
from ivr.campaigns.verdicts import Allowed, Verdict

Check = Callable[[Connection, Target, str, datetime], Verdict]
"""The rules, asked in the transaction that writes the attempt: of target and number, at this moment."""

_ATTEMPT = [campaign_attempts.c[each.name] for each in fields(Attempt)]
_of = campaign_attempts.c
_UNDER_WAY = _of.ended_at.is_(None)
_CONTACTS: Mapping[Disposition | None, ContactKind] = {
    Disposition.PERSON: ContactKind.TALK,
    Disposition.ABANDONED: ContactKind.TALK,
    Disposition.MESSAGE_LEFT: ContactKind.VOICE_MESSAGE,
    Disposition.LOST: ContactKind.UNDECIDED,
    None: ContactKind.UNDECIDED,
}


class NotClaimed(Exception):
    """The target is not this dialer's any more, or its campaign does not run; nothing was written."""


@dataclass(frozen=True, slots=True)
class Order:
    """An attempt that a dialer wants to make."""

    attempt_id: str
    target_id: int
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
    person = _claimed(connection, order).person
    connection.execute(select(campaign_people).where(campaign_people.c.person == person).with_for_update())
    target = _claimed(connection, order, lock=True)
    verdict = check(connection, target, order.number, now)
    if not isinstance(verdict, Allowed):
        return verdict
    told = {**asdict(order), "campaign_id": target.campaign_id, "person": target.person, "written_at": now}
    told |= {"state": AttemptState.WRITTEN, "cause": 0, "outcome": "", "result": {}}
    written = connection.execute(insert(campaign_attempts).values(told).returning(*_ATTEMPT)).one()
    mine = campaign_targets.c.id == target.target_id
    counted = {"attempt_id": order.attempt_id, "tries": campaign_targets.c.tries + 1}
    connection.execute(update(campaign_targets).where(mine).values(counted))
    return attempt(written)


def _claimed(connection: Connection, order: Order, *, lock: bool = False) -> Target:
    of = campaign_targets.c
    claim = and_(of.state == TargetState.CALLING, of.dialer == order.dialer, of.attempt_id.is_(None))
    asked = select(*rows.TARGET).where(of.id == order.target_id, claim)
    row = connection.execute(asked.with_for_update() if lock else asked).first()
    if row is None or not connection.execute(selection.running([row.campaign_id])).first():
        raise NotClaimed
    return rows.target(row)


def dialled(connection: Connection, attempt_id: str, now: datetime) -> bool:
    """WRITTEN becomes DIALLED; whether it did."""
    told = {"state": AttemptState.DIALLED, "dialled_at": now}
    return _step(connection, attempt_id, (AttemptState.WRITTEN,), told)


def answered(connection: Connection, attempt_id: str, at: datetime) -> bool:
    """What is under way becomes ANSWERED, once; whether it did."""
    told = {"state": AttemptState.ANSWERED, "answered_at": at}
    return _step(connection, attempt_id, (AttemptState.WRITTEN, AttemptState.DIALLED), told)


def ended(
    connection: Connection, attempt_id: str, disposition: Disposition, cause: int, at: datetime
) -> bool:
    """What is under way becomes ENDED, once; whether it did."""
    told = {"state": AttemptState.ENDED, "ended_at": at, "disposition": disposition, "cause": cause}
    under_way = (AttemptState.WRITTEN, AttemptState.DIALLED, AttemptState.ANSWERED)
    if not _step(connection, attempt_id, under_way, told):
        return False
    if disposition is Disposition.NOT_DIALLED:
        mine = select(_of.target_id).where(_of.attempt_id == attempt_id).scalar_subquery()
        taken_back = update(campaign_targets).where(campaign_targets.c.id == mine)
        connection.execute(taken_back.values(tries=campaign_targets.c.tries - 1))
    return True


def _step(
    connection: Connection, attempt_id: str, before: tuple[AttemptState, ...], told: Mapping[str, Any]
) -> bool:
    which = and_(_of.attempt_id == attempt_id, _of.state.in_(before))
    return connection.execute(update(campaign_attempts).where(which).values(told)).rowcount > 0


def result(connection: Connection, attempt_id: str, outcome: str, data: Mapping[str, Any]) -> bool:
    """Keep what a talk has left, also after its end; whether there is such an attempt."""
    told = {"outcome": outcome[:200], "result": dict(data)}
    which = _of.attempt_id == attempt_id
    return connection.execute(update(campaign_attempts).where(which).values(told)).rowcount > 0


# --- looking ---


def find(connection: Connection, attempt_id: str) -> Attempt | None:
    """An attempt by its id."""
    row = connection.execute(select(*_ATTEMPT).where(_of.attempt_id == attempt_id)).first()
    return None if row is None else attempt(row)


def facts(connection: Connection, attempt_id: str) -> tuple[Campaign, Target, Attempt] | None:
    """An attempt under way, and what it is made for."""
    found = find(connection, attempt_id)
    if found is None or found.state is AttemptState.ENDED:
        return None
    asked = select(*rows.TARGET).where(campaign_targets.c.id == found.target_id)
    target = rows.target(connection.execute(asked).one())
    return rows.existing(connection, found.campaign_id), target, found


def of_target(connection: Connection, target_id: int) -> list[Attempt]:
    """All attempts at a target, the first one first."""
    return _all(connection, select(*_ATTEMPT).where(_of.target_id == target_id).order_by(_of.id))


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


def contacts(connection: Connection, person: str, since: datetime, number: str = "") -> list[Contact]:
    """What reached a person since then, over all campaigns, or may have: for the limits; the first one first.

    Args:
        connection: Of the transaction; inside a `Check` nobody else writes an attempt at this person.
        person: Key, as of `Target.person`.
        since: Aware; attempts written at it or later.
        number: E.164; whoever was called there counts, too: one who has several accounts is one person.
    """
    asked = select(_of.written_at, _of.disposition, _of.campaign_id)
    whose = or_(_of.person == person, _of.number == number) if number else _of.person == person
    asked = asked.where(whose, _of.written_at >= since).order_by(_of.written_at, _of.id)
    made = [(row, row.disposition and Disposition(row.disposition)) for row in connection.execute(asked)]
    return [Contact(row.written_at, _CONTACTS[how], row.campaign_id) for row, how in made if how in _CONTACTS]


def _all(connection: Connection, asked: Select[Any]) -> list[Attempt]:
    return [attempt(row) for row in connection.execute(asked)]
