"""Bulletins of the supervisor."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

from pydantic import AwareDatetime, BaseModel, Field

from ivr.access.model import Right
from ivr.desk.bulletins import Bulletin, Bulletins
from ivr.dialogue.ports import Clock
from ivr.web.api.cards import AuditTrail
from ivr.web.api.leading import Leading
from ivr.web.api.route import Asked, Refused, Route
from ivr.web.api.work_faults import id_of, told

_NO_QUEUE = "Такой очереди нет. Обновите страницу."
_WRONG_TIMES = "Объявление должно закончиться позже, чем начнётся."


class BulletinMade(BaseModel):
    """A new bulletin; sent again with the same key it is put up once."""

    key: str | None = Field(default=None, min_length=1, max_length=64)
    text: str = Field(min_length=1, max_length=2_000)
    urgent: bool = False
    since: AwareDatetime | None = Field(default=None, description="None: from now on.")
    until: AwareDatetime
    queue: str = Field(default="", max_length=64, description="For those who serve it; empty: everybody.")


class BulletinTold(BaseModel):
    """A bulletin; `readers` only for those who lead the desk."""

    id: int
    text: str
    queue: str
    urgent: bool
    since: AwareDatetime
    until: AwareDatetime
    written_by: str
    read_at: AwareDatetime | None
    readers: list[str]

    @classmethod
    def of(cls, bulletin: Bulletin) -> BulletinTold:
        """As JSON has it."""
        names = set(cls.model_fields) - {"readers"}
        told = {name: getattr(bulletin, name) for name in names}
        return cls(**told, readers=list(bulletin.readers))


class BulletinsTold(BaseModel):
    """Bulletins."""

    bulletins: list[BulletinTold]


def routes(bulletins: Bulletins, clock: Clock, queues: Collection[str], audit: AuditTrail) -> list[Route]:
    """`/bulletins`; `queues`: those of Asterisk whose operators one may be for."""
    does = _Bulletins(bulletins, clock, queues, Leading(audit))
    work, desk = partial(Route, right=Right.WORK), partial(Route, right=Right.DESK)
    return [
        work(
            method="GET",
            path="/bulletins",
            title="What has to be known now",
            run=does.current,
            answer=BulletinsTold,
        ),
        desk(
            method="GET",
            path="/bulletins/all",
            title="The last bulletins with their readers",
            run=does.all,
            answer=BulletinsTold,
        ),
        desk(
            method="POST",
            path="/bulletins",
            title="Put a bulletin up",
            run=does.write,
            body=BulletinMade,
            answer=BulletinTold,
            status=201,
        ),
        work(method="POST", path="/bulletins/{id}/read", title="I have read it", run=does.read),
        desk(
            method="DELETE",
            path="/bulletins/{id}",
            title="Take a bulletin down",
            run=does.withdraw,
            answer=BulletinTold,
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Bulletins:
    bulletins: Bulletins
    clock: Clock
    queues: Collection[str]
    leading: Leading

    async def current(self, asked: Asked) -> BulletinsTold:
        found = await self.bulletins.current(asked.user.login, asked.user.skills)
        return BulletinsTold(bulletins=[BulletinTold.of(each) for each in found])

    async def all(self, asked: Asked) -> BulletinsTold:
        found = await self.bulletins.all(limit=100)
        return BulletinsTold(bulletins=[BulletinTold.of(each) for each in found])

    async def write(self, asked: Asked) -> BulletinTold:
        made: BulletinMade = asked.body
        if made.queue and made.queue not in self.queues:
            raise Refused(422, "no-queue", _NO_QUEUE, "queue")
        since = made.since or self.clock.now()
        try:
            bulletin = await self.bulletins.write(
                made.text,
                asked.user.login,
                since,
                made.until,
                urgent=made.urgent,
                queue=made.queue,
                key=made.key,
            )
        except ValueError as error:
            raise Refused(422, "wrong-times", _WRONG_TIMES, "until") from error
        await self.leading.did(asked, ("", f"bulletin {bulletin.id} put up for {made.queue or 'everybody'}"))
        return BulletinTold.of(bulletin)

    async def read(self, asked: Asked) -> None:
        with told():
            await self.bulletins.read(id_of(asked), asked.user.login)

    async def withdraw(self, asked: Asked) -> BulletinTold:
        with told():
            bulletin = await self.bulletins.withdraw(id_of(asked))
        await self.leading.did(asked, ("", f"bulletin {bulletin.id} taken down"))
        return BulletinTold.of(bulletin)
