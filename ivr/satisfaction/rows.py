"""Waves, clients who are asked and their answers as rows; jobs for the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from ivr.calls.tables import calls
from ivr.customers.tables import accounts, phones
from ivr.kpi.profiles import Segment
from ivr.satisfaction.model import Invited, Mark, NewReply, Saved
from ivr.satisfaction.questionnaires import Kind, Questionnaire
from ivr.satisfaction.tables import (
    survey_invited,
    survey_marks,
    survey_refusals,
    survey_replies,
    survey_waves,
)
from ivr.satisfaction.waves import Span, Wave

_WAVE = [survey_waves.c[each.name] for each in fields(Wave) if each.name not in {"invited", "answers"}]
_MARK = tuple(each.name for each in fields(Mark))


# --- waves ---


def waves(connection: Connection, questionnaire: str | None = None) -> list[Wave]:
    """All waves, or those of a questionnaire, the newest first."""
    query = select(*_WAVE, _count(survey_invited), _count(survey_replies))
    if questionnaire is not None:
        query = query.where(survey_waves.c.questionnaire == questionnaire)
    ordered = query.order_by(survey_waves.c.first_day.desc(), survey_waves.c.id.desc())
    return [Wave(**row) for row in connection.execute(ordered).mappings()]


def wave(connection: Connection, id: int) -> Wave | None:
    """The wave of an id."""
    query = select(*_WAVE, _count(survey_invited), _count(survey_replies)).where(survey_waves.c.id == id)
    row = connection.execute(query).mappings().first()
    return None if row is None else Wave(**row)


def _count(table: Any) -> Any:
    name = "invited" if table is survey_invited else "answers"
    mine = select(func.count()).where(table.c.wave_id == survey_waves.c.id)
    return mine.scalar_subquery().label(name)


def open_wave(
    connection: Connection, questionnaire: Questionnaire, span: Span, by: str, now: datetime
) -> int:
    """Begin a wave; one that is there already is opened again. Gives its id."""
    mine = (survey_waves.c.questionnaire == questionnaire.id) & (survey_waves.c.first_day == span.first)
    known = connection.execute(select(survey_waves.c.id).where(mine)).scalar()
    if known is not None:
        connection.execute(update(survey_waves).where(mine).values(closed_at=None))
        return int(known)
    row = {
        "questionnaire": questionnaire.id,
        "profile": questionnaire.profile,
        "segment": questionnaire.segment.value,
        "first_day": span.first,
        "last_day": span.last,
        "sample": questionnaire.sample,
        "opened_at": now,
        "opened_by": by,
    }
    return int(connection.execute(insert(survey_waves).values(row).returning(survey_waves.c.id)).scalar_one())


def close_wave(connection: Connection, id: int, now: datetime) -> None:
    """Take no more answers; a wave that is closed stays as it is."""
    open_ = (survey_waves.c.id == id) & survey_waves.c.closed_at.is_(None)
    connection.execute(update(survey_waves).where(open_).values(closed_at=now))


# --- who is asked ---


def callers(connection: Connection, segment: str, since: datetime) -> list[Invited]:
    """Whoever has called since then on a line of the segment, each number once."""
    columns = calls.c
    query = (
        select(columns.caller_number)
        .where(
            columns.kind == "inbound",
            columns.came_at >= since,
            columns.caller_number.is_not(None),
            columns.caller_number != "",
            columns.disposition.in_(("served", "answered")),
        )
        .distinct()
        .order_by(columns.caller_number)
    )
    if segment != Segment.ANY:
        query = query.where(columns.segment.in_((segment, Segment.ANY.value)))
    return [Invited(client=number, phone=number) for number in connection.execute(query).scalars()]


def account_holders(connection: Connection, segment: str) -> list[Invited]:
    """Every account of the segment with its first telephone number; those without a number are left out."""
    first = func.min(phones.c.number).label("phone")
    query = (
        select(accounts.c.number, first)
        .join(phones, phones.c.account_id == accounts.c.id)
        .group_by(accounts.c.number)
        .order_by(accounts.c.number)
    )
    if segment != Segment.ANY:
        query = query.where(accounts.c.segment == segment)
    rows = connection.execute(query).all()
    return [Invited(client=row.number, phone=row.phone, account_number=row.number) for row in rows]


def not_to_ask(connection: Connection, wave_id: int) -> set[str]:
    """Clients, and their numbers, who are drawn or have answered in this wave, or do not want to be asked."""
    drawn = select(survey_invited.c.client, survey_invited.c.phone, survey_invited.c.account_number)
    found = {
        each for row in connection.execute(drawn.where(survey_invited.c.wave_id == wave_id)) for each in row
    }
    answered = select(survey_replies.c.client).where(survey_replies.c.wave_id == wave_id)
    found |= set(connection.execute(answered).scalars())
    found |= set(connection.execute(select(survey_refusals.c.client)).scalars())
    return {each for each in found if each}


def invite(connection: Connection, wave_id: int, clients: Sequence[Invited], now: datetime) -> None:
    """Write down who is to be asked."""
    rows = [{**asdict(each), "wave_id": wave_id, "drawn_at": now} for each in clients]
    if rows:
        connection.execute(insert(survey_invited), rows)


def unasked(connection: Connection, wave_id: int) -> list[Invited]:
    """Whoever was drawn and is not asked yet."""
    columns = survey_invited.c
    query = select(columns.client, columns.phone, columns.account_number).where(
        columns.wave_id == wave_id, columns.asked_at.is_(None)
    )
    return [Invited(**row) for row in connection.execute(query.order_by(columns.client)).mappings()]


def asked(connection: Connection, wave_id: int, clients: Sequence[str], now: datetime) -> None:
    """They have been handed to whoever asks."""
    mine = (survey_invited.c.wave_id == wave_id) & survey_invited.c.client.in_(list(clients))
    connection.execute(update(survey_invited).where(mine).values(asked_at=now))


def refuse(connection: Connection, client: str, now: datetime) -> None:
    """The client does not want to be asked, now or later."""
    if connection.execute(select(survey_refusals).where(survey_refusals.c.client == client)).first() is None:
        connection.execute(insert(survey_refusals).values(client=client, at=now))


# --- answers ---


def save(connection: Connection, of: Wave, reply: NewReply, now: datetime) -> Saved:
    """Keep a reply; the same key again replaces its answers."""
    if reply.client and _has_refused(connection, reply.client):
        return Saved.REFUSED
    mine = (survey_replies.c.wave_id == of.id) & (survey_replies.c.key == reply.key)
    known = connection.execute(select(survey_replies).where(mine)).mappings().first()
    is_new = known is None or known["client"] != reply.client
    if is_new and reply.client and _has_answered(connection, of.id, reply.client):
        return Saved.TWICE
    if known is not None:
        return _replace(connection, known, reply)
    row = {
        "wave_id": of.id,
        "profile": of.profile,
        "segment": of.segment,
        "taken_at": now,
        **_told(reply),
        "key": reply.key,
        "taken_by": reply.taken_by,
    }
    made = connection.execute(insert(survey_replies).values(row).returning(survey_replies.c.id))
    _put_marks(connection, made.scalar_one(), reply.marks)
    return Saved.ADDED


def _told(reply: NewReply) -> dict[str, Any]:
    return {"client": reply.client, "way": reply.way, "answered_at": reply.answered_at}


def _replace(connection: Connection, known: Mapping[Any, Any], reply: NewReply) -> Saved:
    told = _told(reply)
    same = all(known[name] == value for name, value in told.items())
    before = marks_of(connection, [known["id"]]).get(known["id"], [])
    if same and before == sorted(reply.marks, key=lambda mark: mark.question):
        return Saved.UNCHANGED
    connection.execute(update(survey_replies).where(survey_replies.c.id == known["id"]).values(**told))
    connection.execute(delete(survey_marks).where(survey_marks.c.reply_id == known["id"]))
    _put_marks(connection, known["id"], reply.marks)
    return Saved.CHANGED


def _put_marks(connection: Connection, reply_id: int, marks: Sequence[Mark]) -> None:
    connection.execute(insert(survey_marks), [{**asdict(mark), "reply_id": reply_id} for mark in marks])


def _has_refused(connection: Connection, client: str) -> bool:
    query = select(survey_refusals.c.client).where(survey_refusals.c.client == client)
    return connection.execute(query).first() is not None


def _has_answered(connection: Connection, wave_id: int, client: str) -> bool:
    mine = (survey_replies.c.wave_id == wave_id) & (survey_replies.c.client == client)
    return connection.execute(select(survey_replies.c.id).where(mine)).first() is not None


def marks_of(connection: Connection, reply_ids: Sequence[int]) -> dict[int, list[Mark]]:
    """The answers of these replies by the ids of their questions."""
    query = select(survey_marks).where(survey_marks.c.reply_id.in_(list(reply_ids)))
    found: dict[int, list[Mark]] = {}
    for row in connection.execute(query.order_by(survey_marks.c.question)).mappings():
        told = {name: row[name] for name in _MARK} | {"kind": Kind(row["kind"])}
        found.setdefault(row["reply_id"], []).append(Mark(**told))
    return found
