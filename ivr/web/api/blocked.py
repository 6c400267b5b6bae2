"""The block list: numbers that are kept away for a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from pydantic import AwareDatetime, BaseModel, Field

from ivr.access.audit import Action, Audit
from ivr.access.model import Right
from ivr.calls.blocklist import Block, BlockList, e164
from ivr.web.api.audited import entry_of
from ivr.web.api.route import Asked, Refused, Route
from ivr.web.api.work_faults import id_of
from ivr.web.api.work_models import Phone

_BAD_NUMBER = "Это не телефонный номер. Введите его с кодом города."
_BAD_END = "Так надолго номер не блокируют, или это время уже прошло. Выберите другой срок."
_NOT_THERE = "Этого номера в списке нет."


class BlockMade(BaseModel):
    """A number to keep away."""

    phone: Phone
    reason: str = Field(min_length=3, max_length=300)
    until: AwareDatetime | None = Field(default=None, description="None: as long as the settings say.")
    call_id: str = Field(default="", max_length=64)


class BlockTold(BaseModel):
    """A number that is kept away; `hits` are calls that were refused."""

    id: int
    phone: str = Field(repr=False)
    reason: str
    blocked_by: str
    blocked_at: AwareDatetime
    until: AwareDatetime
    hits: int
    hit_at: AwareDatetime | None

    @classmethod
    def of(cls, block: Block) -> BlockTold:
        """As JSON has it."""
        return cls(**{name: getattr(block, name) for name in cls.model_fields})


class BlocksTold(BaseModel):
    """What is in force, the latest first."""

    blocked: list[BlockTold]


def routes(blocklist: BlockList, audit: Audit) -> list[Route]:
    """`/blocked`."""
    does = _Blocked(blocklist, audit)
    route = partial(Route, right=Right.BLOCK)
    return [
        route(
            method="GET", path="/blocked", title="Numbers that are kept away", run=does.all, answer=BlocksTold
        ),
        route(
            method="POST",
            path="/blocked",
            title="Keep a number away",
            run=does.add,
            body=BlockMade,
            answer=BlockTold,
            status=201,
        ),
        route(method="DELETE", path="/blocked/{id}", title="Let a number in again", run=does.lift),
    ]


@dataclass(frozen=True, slots=True)
class _Blocked:
    blocklist: BlockList
    audit: Audit

    async def all(self, asked: Asked) -> BlocksTold:
        return BlocksTold(blocked=[BlockTold.of(each) for each in await self.blocklist.listed()])

    async def add(self, asked: Asked) -> BlockTold:
        made: BlockMade = asked.body
        try:
            phone = e164(made.phone)
        except ValueError as error:
            raise Refused(422, "bad-number", _BAD_NUMBER, "phone") from error
        try:
            block = await self.blocklist.add(phone, made.reason, asked.user.login, made.until)
        except ValueError as error:
            raise Refused(422, "bad-end", _BAD_END, "until") from error
        await self._record(asked, phone, made.call_id, "blocked")
        return BlockTold.of(block)

    async def lift(self, asked: Asked) -> None:
        id = id_of(asked)
        if not await self.blocklist.lift(id, asked.user.login):
            raise Refused(404, "not-there", _NOT_THERE)
        await self._record(asked, "", "", f"unblocked {id}")

    async def _record(self, asked: Asked, subject: str, call_id: str, what: str) -> None:
        entry = entry_of(asked, action=Action.CHANGED, subject=subject, call_id=call_id, what=what)
        await self.audit.record(entry)
