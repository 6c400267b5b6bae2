"""Who is not to be called: refusals with their source and time, numbers of strangers, quiet for a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection, and_, bindparam, insert, or_, select, update

from ivr.campaigns.entries import Whom
from ivr.campaigns.rules.people import known_as
from ivr.campaigns.rules.scopes import ALL, DEBT
from ivr.campaigns.rules.tables import refusals
from ivr.dialogue.ports import Clock
from ivr.store import Database, UtcDateTime

log = structlog.get_logger(__name__)

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
        scope: What is refused: see `ivr.campaigns.rules.scopes`.
        source: Where it was told: `call`, `operator`, `page`, `import`, `letter`, …
        reference: Id of the call or request in which it was told, or empty.
        by: Login, or the flow that heard it.
        until: End of a quiet time; None: no end.
        lifted_why: Where it is known from that it is taken back, such as a letter.
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
    lifted_why: str | None


@dataclass(frozen=True, slots=True)
class _Said:
    """What a refusal says; the same twice is one."""

    person: str
    number: str
    scope: str


_COLUMNS = [refusals.c[each.name] for each in fields(Refusal)]
_LONGEST_WHY = 200
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

    async def lift(self, refusal_id: int, by: str, why: str = "") -> Refusal | None:
        """Take a refusal back; None when there is none in force. Durable on return.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        told = {"lifted_at": self._clock.now(), "lifted_by": by, "lifted_why": why[:_LONGEST_WHY]}
        lifted = await self._database.write(partial(_lift, refusal_id, told))
        log.info("refusals.lifted", found=lifted is not None)
        return lifted

    async def listed(self, whom: Whom | None = None, *, after: int = 0, most: int = 100) -> Sequence[Refusal]:
        """Refusals, lifted ones too, the newest first.

        Args:
            whom: Only those of these persons, or of these numbers.
            after: Only those older than the one of this id, for the next page.
            most: At most so many.

        Raises:
            StoreUnavailable: The database can't be read.
        """
        query = select(*_COLUMNS).order_by(refusals.c.id.desc()).limit(most)
        query = query.where(refusals.c.id < after) if after else query
        if whom is not None:
            of_person, of_number = refusals.c.person.in_(whom.persons), refusals.c.number.in_(whom.numbers)
            query = query.where(or_(of_person, of_number))
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [Refusal(**row) for row in rows]

    async def known_as(self, *, account: str = "", number: str = "") -> Whom:
        """Under which keys and numbers billing knows an account, or who has a number (E.164).

        Raises:
            StoreUnavailable: The database can't be read.
        """
        return await self._database.read(partial(known_as, account=account, number=number))

    async def _put(
        self, said: Sequence[_Said], source: str, by: str, reference: str, until: datetime | None
    ) -> None:
        told = {"source": source, "by": by, "reference": reference, "until": until}
        told |= {"at": self._clock.now(), "lifted_by": ""}
        await self._database.write(partial(_put, said, told))
        log.info("refusals.put", source=source)


def in_force(
    connection: Connection,
    persons: Collection[str],
    numbers: Collection[str],
    scopes: Collection[str],
    now: datetime,
) -> list[Refusal]:
    """What speaks against reaching somebody at one of these numbers.

    Args:
        connection: Of the transaction that the answer is needed in.
        persons: Keys of his, as of `Target.person`.
        numbers: E.164.
        scopes: All that the call or message falls under.
        now: Aware.
    """
    told = {"persons": list(persons), "numbers": list(numbers), "scopes": list(scopes), "now": now}
    return [Refusal(**row) for row in connection.execute(_IN_FORCE, told).mappings()]


def _lasting(now: Any) -> Any:
    return and_(_UNLIFTED, or_(refusals.c.until.is_(None), refusals.c.until > now))


_his = refusals.c.person.in_(bindparam("persons", expanding=True))
_there = refusals.c.number.in_(bindparam("numbers", expanding=True))
_IN_FORCE = select(*_COLUMNS).where(
    or_(
        and_(_his, refusals.c.number == ""),
        and_(_there, refusals.c.person == ""),
        and_(_his, _there),
    ),
    _lasting(bindparam("now", type_=UtcDateTime())),
    refusals.c.scope.in_(bindparam("scopes", expanding=True)),
)


def _put(said: Sequence[_Said], told: Mapping[str, Any], connection: Connection) -> None:
    for each in said:
        known = connection.execute(_same(each, told["at"])).one_or_none()
        if known is None:
            connection.execute(insert(refusals).values(**asdict(each), **told))
        elif _ends_later(told["until"], known.until):
            longer = update(refusals).where(refusals.c.id == known.id)
            connection.execute(longer.values(until=told["until"]))


def _lift(refusal_id: int, told: Mapping[str, Any], connection: Connection) -> Refusal | None:
    mine = update(refusals).where(refusals.c.id == refusal_id, _UNLIFTED).values(told)
    row = connection.execute(mine.returning(*_COLUMNS)).mappings().one_or_none()
    return None if row is None else Refusal(**row)


def _same(said: _Said, now: datetime) -> Any:
    same = and_(*(refusals.c[name] == value for name, value in asdict(said).items()))
    query = select(refusals.c.id, refusals.c.until).where(same, _lasting(now))
    return query.order_by(refusals.c.until.is_(None).desc(), refusals.c.until.desc()).limit(1)


def _ends_later(new: datetime | None, known: datetime | None) -> bool:
    return known is not None and (new is None or new > known)
