"""Who is not to be called: refusals with their source and time, numbers of strangers, quiet for a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection, and_, insert, or_, select, update

from ivr.campaigns.rules.tables import refusals
from ivr.dialogue.ports import Clock
from ivr.store import Database

log = structlog.get_logger(__name__)

ALL = "all"
"""Scope: every campaign, every way. Others: `CALL`, `DEBT`, a channel of messages, a kind of campaign."""

CALL = "call"
"""Scope: every call, not messages."""

DEBT = "debt"
"""Scope: campaigns about debt."""

WRONG_NUMBER = "wrong-number"
"""Source: a stranger answered at this number of the person."""

PAYMENT = "payment"
"""Source: the person has paid, or says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A refusal; with neither end nor lifting it holds for ever. Moments are UTC.

    Attributes:
        person: As of `Target.person`, or empty: whoever is called at the number.
        number: E.164, or empty: all numbers of the person.
        scope: What is refused: see `ALL`.
        source: Where it was told: `call`, `operator`, `page`, `import`, `letter`, …
        reference: Id of the call or request in which it was told, or empty.
        by: Login, or the flow that heard it.
        until: End of a quiet time; None: no end.
    """

    id: int
    person: str
    number: str
    scope: str
    source: str
    reference: str
    by: str
    at: datetime
    until: datetime | None
    lifted_at: datetime | None
    lifted_by: str


@dataclass(frozen=True, slots=True)
class _Said:
    """What a refusal says; the same twice is one."""

    person: str
    number: str
    scope: str


_COLUMNS = [refusals.c[each.name] for each in fields(Refusal)]
_UNLIFTED = refusals.c.lifted_at.is_(None)


class Refusals:
    """The list; whoever reads it in a later transaction finds what was written before."""

    def __init__(self, database: Database, clock: Clock, quiet_days: int = 3) -> None:
        self._database = database
        self._clock = clock
        self._quiet = timedelta(days=quiet_days)

    async def refuse(
        self,
        *,
        person: str = "",
        number: str = "",
        scope: str = ALL,
        source: str,
        by: str,
        reference: str = "",
        until: datetime | None = None,
    ) -> None:
        """Call the person no more, and at the number nobody; durable on return.

        With both, both hold by themselves. A second time changes nothing, but that an end later than the one
        known, or none, takes its place.

        Raises:
            ValueError: Neither a person nor a number is given.
            StoreUnavailable: Nothing was written.
        """
        said = [_Said(person, "", scope)] if person else []
        said += [_Said("", number, scope)] if number else []
        if not said:
            raise ValueError("a refusal needs a person or a number")
        await self._put(said, source, by, reference, until)

    async def wrong_number(self, person: str, number: str, *, by: str, reference: str = "") -> None:
        """A stranger answers at this number of the person: it is his no more. Durable on return.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        await self._put([_Said(person, number, ALL)], WRONG_NUMBER, by, reference, None)

    async def paid(self, person: str, *, by: str, reference: str = "") -> None:
        """Say nothing of debt to the person until the payment is booked. Durable on return.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        if self._quiet:
            until = self._clock.now() + self._quiet
            await self._put([_Said(person, "", DEBT)], PAYMENT, by, reference, until)

    async def lift(self, refusal_id: int, by: str) -> bool:
        """Take a refusal back; False when there is none in force. Durable on return.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        lifted = {"lifted_at": self._clock.now(), "lifted_by": by}
        mine = update(refusals).where(refusals.c.id == refusal_id, _UNLIFTED).values(lifted)
        done = await self._database.write(lambda connection: connection.execute(mine).rowcount > 0)
        log.info("refusals.lifted", found=done)
        return done

    async def listed(
        self, *, person: str = "", number: str = "", after: int = 0, most: int = 100
    ) -> Sequence[Refusal]:
        """Refusals, lifted ones too, the newest first.

        Args:
            person: Only of this one.
            number: Only of this one.
            after: Only those older than the one of this id, for the next page.
            most: At most so many.

        Raises:
            StoreUnavailable: The database can't be read.
        """
        query = select(*_COLUMNS).order_by(refusals.c.id.desc()).limit(most)
        query = query.where(refusals.c.person == person) if person else query
        query = query.where(refusals.c.number == number) if number else query
        query = query.where(refusals.c.id < after) if after else query
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [Refusal(**row) for row in rows]

    async def _put(
        self, said: Sequence[_Said], source: str, by: str, reference: str, until: datetime | None
    ) -> None:
        told = {"source": source, "by": by, "reference": reference, "until": until}
        told |= {"at": self._clock.now(), "lifted_by": ""}
        await self._database.write(partial(_put, said, told))
        log.info("refusals.put", source=source)


def in_force(
    connection: Connection, person: str, numbers: Collection[str], scopes: Collection[str], now: datetime
) -> list[Refusal]:
    """What speaks against reaching a person at one of these numbers.

    Args:
        connection: Of the transaction that the answer is needed in.
        person: As of `Target.person`.
        numbers: E.164.
        scopes: All that the call or message falls under.
        now: Aware.
    """
    his, there = refusals.c.person == person, refusals.c.number.in_(numbers)
    whom = or_(and_(his, refusals.c.number == ""), and_(there, refusals.c.person == ""), and_(his, there))
    query = select(*_COLUMNS).where(whom, _lasting(now), refusals.c.scope.in_(scopes))
    return [Refusal(**row) for row in connection.execute(query).mappings()]


def _lasting(now: datetime) -> Any:
    return and_(_UNLIFTED, or_(refusals.c.until.is_(None), refusals.c.until > now))


def _put(said: Sequence[_Said], told: Mapping[str, Any], connection: Connection) -> None:
    for each in said:
        known = connection.execute(_same(each, told["at"])).one_or_none()
        if known is None:
            connection.execute(insert(refusals).values(**asdict(each), **told))
        elif _ends_later(told["until"], known.until):
            longer = update(refusals).where(refusals.c.id == known.id)
            connection.execute(longer.values(until=told["until"]))


def _same(said: _Said, now: datetime) -> Any:
    same = and_(*(refusals.c[name] == value for name, value in asdict(said).items()))
    query = select(refusals.c.id, refusals.c.until).where(same, _lasting(now))
    return query.order_by(refusals.c.until.is_(None).desc(), refusals.c.until.desc()).limit(1)


def _ends_later(new: datetime | None, known: datetime | None) -> bool:
    return known is not None and (new is None or new > known)
