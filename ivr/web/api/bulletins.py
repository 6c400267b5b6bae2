"""Bulletins of the supervisor."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from pydantic import AwareDatetime, BaseModel, Field

from ivr.access.model import Right
from ivr.desk.bulletins import Bulletin, Bulletins
from ivr.dialogue.ports import Clock
from ivr.web.api.route import Asked, Refused, Route
from ivr.web.api.work_faults import id_of, told

_WRONG_TIMES = "Объявление должно закончиться позже, чем начнётся."


class BulletinMade(BaseModel):
    """A new bulletin."""

    text: str = Field(min_length=1, max_length=2_000)
    urgent: bool = False
    since: AwareDatetime | None = Field(default=None, description="None: from now on.")
    until: AwareDatetime


class BulletinTold(BaseModel):
    """A bulletin; `readers` only for those who lead the desk."""

    id: int
    text: str
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


def routes(bulletins: Bulletins, clock: Clock) -> list[Route]:
    """`/bulletins`."""
    does = _Bulletins(bulletins, clock)
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

    async def current(self, asked: Asked) -> BulletinsTold:
        found = await self.bulletins.current(asked.user.login)
        return BulletinsTold(bulletins=[BulletinTold.of(each) for each in found])

    async def all(self, asked: Asked) -> BulletinsTold:
        found = await self.bulletins.all(limit=100)
        return BulletinsTold(bulletins=[BulletinTold.of(each) for each in found])

    async def write(self, asked: Asked) -> BulletinTold:
        made: BulletinMade = asked.body
        since = made.since or self.clock.now()
        try:
            bulletin = await self.bulletins.write(
                made.text, asked.user.login, since, made.until, urgent=made.urgent
            )
        except ValueError as error:
            raise Refused(422, "wrong-times", _WRONG_TIMES, "until") from error
        return BulletinTold.of(bulletin)

    async def read(self, asked: Asked) -> None:
        with told():
            await self.bulletins.read(id_of(asked), asked.user.login)

    async def withdraw(self, asked: Asked) -> BulletinTold:
        with told():
            return BulletinTold.of(await self.bulletins.withdraw(id_of(asked)))
