"""The outbox; jobs for `Database.read` and `.write`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ivr.campaigns.channels.model import Channel, Message, MessageState, Moment, Part, PartState, whole
from ivr.campaigns.channels.tables import message_parts, messages
from ivr.campaigns.entries import Whom
from ivr.campaigns.verdicts import Allowed, NotBefore, Verdict

_MESSAGE = [messages.c[name] for name in Message.__slots__ if name != "message_id"]
_PART = [message_parts.c[name] for name in Part.__slots__]


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What is written into the outbox; a message that can't go is written, too, and tells why."""

    campaign_id: int
    target_id: int
    person: str
    channel: Channel
    moment: str
    address: str
    subject: str
    text: str
    key: str
    parts: int = 1
    price: Decimal = Decimal(0)
    why: str = ""


class Permission(Protocol):
    """Whether a message may go; asked in the transaction that takes it for sending."""

    def verdict(self, connection: Connection, message: Message, now: datetime) -> Verdict:
        """What the rules say."""

    def until(self, connection: Connection, message: Message, now: datetime) -> datetime | None:
        """From when on it shall not be delivered any more."""


def write(connection: Connection, new: NewMessage, now: datetime) -> bool:
    """Write a message; False when there is one already for its target, channel and moment."""
    failed = bool(new.why)
    values = {name: getattr(new, name) for name in NewMessage.__slots__} | {
        "channel": new.channel.value,
        "state": (MessageState.FAILED if failed else MessageState.WAITING).value,
        "written_at": now,
        "due_at": now,
        "tries": 0,
        "settled_at": now if failed else None,
    }
    added = connection.execute(upsert(connection, messages).values(**values).on_conflict_do_nothing())
    return added.rowcount == 1


def written_at(connection: Connection, new: NewMessage) -> datetime:
    """When the message of its target, channel and moment was written."""
    same = and_(
        messages.c.target_id == new.target_id,
        messages.c.channel == new.channel.value,
        messages.c.moment == new.moment,
    )
    at: datetime = connection.execute(select(messages.c.written_at).where(same)).scalar_one()
    return at


def has_work(connection: Connection, channel: Channel, now: datetime, sent_before: datetime) -> bool:
    """Whether `take`, `take_back` or `overdue` would find anything."""
    state, due_at = messages.c.state, messages.c.due_at
    mine = messages.c.channel == channel.value
    any_of = or_(
        and_(mine, state == MessageState.WAITING.value, due_at <= now),
        and_(mine, state == MessageState.SENDING.value, messages.c.held_until <= now),
        and_(mine, state == MessageState.SENT.value, due_at <= sent_before),
    )
    query = select(messages.c.id).where(any_of).limit(1)
    return connection.execute(query).first() is not None


def take(
    connection: Connection,
    channel: Channel,
    now: datetime,
    *,
    limit: int,
    until: datetime,
    permission: Permission,
) -> list[tuple[Message, datetime | None]]:
    """Take messages that are due and allowed, each with the moment after which it shall not be delivered."""
    due = and_(
        messages.c.channel == channel.value,
        messages.c.state == MessageState.WAITING.value,
        messages.c.due_at <= now,
    )
    query = (
        select(messages.c.id, *_MESSAGE)
        .where(due)
        .order_by(messages.c.due_at, messages.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = []
    for message in [_message(row) for row in connection.execute(query)]:
        verdict = permission.verdict(connection, message, now)
        _settle(connection, message.message_id, _taking(verdict, now, until))
        if isinstance(verdict, Allowed):
            taken.append((message, permission.until(connection, message, now)))
    return taken


def _taking(verdict: Verdict, now: datetime, until: datetime) -> dict[str, Any]:
    if isinstance(verdict, Allowed):
        return {"state": MessageState.SENDING.value, "held_until": until}
    if isinstance(verdict, NotBefore):
        return {"due_at": verdict.at}
    return {"state": MessageState.WITHDRAWN.value, "why": verdict.why, "settled_at": now}


def begin(
    connection: Connection,
    message_id: int,
    part: int,
    gateway: str,
    now: datetime,
    *,
    held: datetime,
    until: datetime,
) -> bool:
    """Note that a part is about to be handed over; False when the lease was lost, or it was handed over."""
    mine = and_(
        messages.c.id == message_id,
        messages.c.state == MessageState.SENDING.value,
        messages.c.held_until == held,
    )
    if connection.execute(update(messages).where(mine).values(held_until=until)).rowcount != 1:
        return False
    row = {
        "message_id": message_id,
        "part": part,
        "gateway": gateway,
        "gateway_id": "",
        "state": PartState.BEGUN.value,
        "code": "",
        "begun_at": now,
    }
    added = connection.execute(upsert(connection, message_parts).values(**row).on_conflict_do_nothing())
    return added.rowcount == 1


def begun_parts(connection: Connection, message_id: int) -> set[int]:
    """The parts that need not, or may not, be handed over."""
    query = select(message_parts.c.part).where(message_parts.c.message_id == message_id)
    return set(connection.execute(query).scalars())


def ended(
    connection: Connection,
    message_id: int,
    part: int,
    state: PartState,
    now: datetime,
    *,
    gateway_id: str = "",
    code: str = "",
    why: str = "",
) -> None:
    """Note how the handing over of a part has ended, unless more is known of it by now."""
    unanswered = message_parts.c.state.in_([PartState.BEGUN.value, PartState.UNKNOWN.value])
    open_part = and_(_is_part(message_id, part), unanswered, message_parts.c.gateway_id == "")
    values: dict[str, Any] = {
        "state": state.value,
        "gateway_id": gateway_id,
        "code": code,
        "answered_at": now,
    }
    values["settled_at"] = None if state is PartState.ACCEPTED else now
    connection.execute(update(message_parts).where(open_part).values(**values))
    fold(connection, message_id, now, why=why)


def not_sent(
    connection: Connection, message_id: int, part: int, due_at: datetime, *, blame: bool, why: str
) -> None:
    """The part was certainly not taken: it is tried again."""
    begun = message_parts.c.state == PartState.BEGUN.value
    connection.execute(delete(message_parts).where(_is_part(message_id, part), begun))
    tries = messages.c.tries + (1 if blame else 0)
    values = {"state": MessageState.WAITING.value, "due_at": due_at, "tries": tries, "why": why}
    sending = and_(messages.c.id == message_id, messages.c.state == MessageState.SENDING.value)
    connection.execute(update(messages).where(sending).values(**values, held_until=None))


def fold(connection: Connection, message_id: int, now: datetime, *, why: str = "") -> None:
    """Bring a message's state in line with its parts'."""
    query = select(messages.c.parts, messages.c.sent_at).where(messages.c.id == message_id)
    count, sent_at = connection.execute(query).one()
    states = [part.state for part in parts_of(connection, message_id)]
    state = whole(states, count)
    if state is MessageState.SENDING:
        return
    values: dict[str, Any] = {"state": state.value, "why": why, "held_until": None}
    values["settled_at"] = None if state is MessageState.SENT else now
    if sent_at is None and state is not MessageState.FAILED:
        values |= {"sent_at": now, "due_at": now}
    _settle(connection, message_id, values)


def take_back(connection: Connection, channel: Channel, now: datetime, *, repeatable: bool) -> int:
    """Let go of messages whose engine has not come to an end with them; tells how many.

    A part that was begun and not answered is handed over again only where the gateway knows repeats;
    elsewhere nobody can tell whether it was taken.
    """
    left = and_(
        messages.c.channel == channel.value,
        messages.c.state == MessageState.SENDING.value,
        messages.c.held_until <= now,
    )
    found = list(connection.execute(select(messages.c.id).where(left)).scalars())
    for message_id in found:
        _let_go(connection, message_id, now, repeatable=repeatable)
    return len(found)


def _let_go(connection: Connection, message_id: int, now: datetime, *, repeatable: bool) -> None:
    open_parts = and_(
        message_parts.c.message_id == message_id, message_parts.c.state == PartState.BEGUN.value
    )
    if repeatable:
        connection.execute(delete(message_parts).where(open_parts))
    else:
        lost = {"state": PartState.UNKNOWN.value, "settled_at": now}
        connection.execute(update(message_parts).where(open_parts).values(**lost))
    _settle(connection, message_id, {"state": MessageState.WAITING.value, "due_at": now, "held_until": None})
    fold(connection, message_id, now, why="no-answer")


def overdue(connection: Connection, channel: Channel, sent_before: datetime, now: datetime) -> int:
    """Messages without a receipt for so long: nobody can tell whether they arrived; tells how many."""
    late = and_(
        messages.c.channel == channel.value,
        messages.c.state == MessageState.SENT.value,
        messages.c.due_at <= sent_before,
    )
    found = list(connection.execute(select(messages.c.id).where(late).limit(500)).scalars())
    for message_id in found:
        waiting = and_(
            message_parts.c.message_id == message_id, message_parts.c.state == PartState.ACCEPTED.value
        )
        unknown = {"state": PartState.UNKNOWN.value, "settled_at": now}
        connection.execute(update(message_parts).where(waiting).values(**unknown))
        fold(connection, message_id, now, why="no-receipt")
    return len(found)


def handed_over(connection: Connection, whom: Whom, since: datetime) -> list[tuple[datetime, int]]:
    """When messages were handed over for a person, or to one of his numbers, and of which campaign.

    Those under way are included. What lies in the personal account until it is read, and what was asked for,
    is not among them.
    """
    told = and_(
        or_(messages.c.person.in_(whom.persons), messages.c.address.in_(whom.numbers)),
        messages.c.channel != Channel.ACCOUNT.value,
        messages.c.moment != Moment.ASKED.value,
    )
    first = and_(
        message_parts.c.message_id == messages.c.id,
        message_parts.c.part == 1,
        message_parts.c.state != PartState.REFUSED.value,
        message_parts.c.begun_at >= since,
    )
    begun = select(message_parts.c.begun_at, messages.c.campaign_id).join(messages, first).where(told)
    taken = select(messages.c.due_at, messages.c.campaign_id).where(
        told,
        messages.c.state == MessageState.SENDING.value,
        ~messages.c.id.in_(select(message_parts.c.message_id)),
    )
    return [(at, of) for query in (begun, taken) for at, of in connection.execute(query)]


def message(connection: Connection, message_id: int) -> Message | None:
    """One message."""
    row = connection.execute(select(messages.c.id, *_MESSAGE).where(messages.c.id == message_id)).first()
    return None if row is None else _message(row)


def listed(
    connection: Connection,
    *,
    campaign_id: int | None = None,
    person: str | None = None,
    target_id: int | None = None,
) -> list[Message]:
    """Messages of a campaign, of a person or of a target, the first one first."""
    chosen: list[ColumnElement[bool]] = []
    if campaign_id is not None:
        chosen.append(messages.c.campaign_id == campaign_id)
    if person is not None:
        chosen.append(messages.c.person == person)
    if target_id is not None:
        chosen.append(messages.c.target_id == target_id)
    query = select(messages.c.id, *_MESSAGE).where(*chosen).order_by(messages.c.written_at, messages.c.id)
    return [_message(row) for row in connection.execute(query)]


def parts_of(connection: Connection, message_id: int) -> list[Part]:
    """The parts of a message that are begun, in order."""
    query = select(*_PART).where(message_parts.c.message_id == message_id).order_by(message_parts.c.part)
    return [part_of_row(row) for row in connection.execute(query)]


def part_of_row(row: Row[Any]) -> Part:
    """A part from its row."""
    values = dict(row._mapping)
    return Part(**{**values, "state": PartState(values["state"])})


def upsert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that can leave alone what is there."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def _message(row: Row[Any]) -> Message:
    values = dict(row._mapping)
    values["message_id"] = values.pop("id")
    return Message(
        **{**values, "channel": Channel(values["channel"]), "state": MessageState(values["state"])}
    )


def _settle(connection: Connection, message_id: int, values: dict[str, Any]) -> None:
    connection.execute(update(messages).where(messages.c.id == message_id).values(**values))


def _is_part(message_id: int, part: int) -> ColumnElement[bool]:
    return and_(message_parts.c.message_id == message_id, message_parts.c.part == part)
