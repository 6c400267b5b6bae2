"""A call told in order of time, and the calls of a client."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from pydantic import BaseModel, Field

from ivr.access.audit import Action
from ivr.access.model import Right
from ivr.calls import durations, queries, whole
from ivr.calls.ledger import Ledger
from ivr.calls.moments import Moment, moments
from ivr.calls.queries import Earlier
from ivr.calls.story import CallKind, Disposition, Stage, Story
from ivr.calls.whole import WholeCall
from ivr.desk.cards import Cards
from ivr.store import Database
from ivr.web.api.audited import entry_of
from ivr.web.api.cards import NO_CALL, AuditTrail, Viewing
from ivr.web.api.route import Asked, Refused, Route

NOT_HIS = "Звонки этого клиента открыты только во время разговора с ним."
_MOST = 50


class MomentTold(BaseModel):
    """One thing that happened; personal data are left out."""

    at: datetime
    what: str
    who: str | None
    told: dict[str, Any]


class CallTold(BaseModel):
    """A call; durations in seconds."""

    call_id: str
    kind: CallKind
    parent_call_id: str | None
    about_kind: str | None
    about_id: str | None
    line: str | None
    segment: str | None
    stage: Stage
    disposition: Disposition
    topic: str | None
    queue: str | None
    agent: str | None
    came_at: datetime
    agent_answered_at: datetime | None
    ended_at: datetime | None
    waits: list[float | None]
    talk_seconds: float
    hold_seconds: float
    requeued: int
    transfers: int
    moments: list[MomentTold]


class ClientQuestion(BaseModel):
    """In which call the client is spoken with."""

    call_id: str | None = Field(default=None, max_length=64)


class CallOfClient(BaseModel):
    """A call of a client."""

    call_id: str
    kind: CallKind
    at: datetime
    disposition: Disposition
    topic: str | None
    operator: str | None
    result: str | None


class CallsOfClient(BaseModel):
    """The newest first."""

    calls: list[CallOfClient]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRoutes:
    """Tells of calls."""

    database: Database
    ledger: Ledger
    cards: Cards
    viewing: Viewing
    audit: AuditTrail

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route(
                method="GET",
                path="/calls/{call_id}",
                title="Tell a call",
                right=Right.WORK,
                run=self.tell,
                answer=CallTold,
            ),
            Route(
                method="GET",
                path="/clients/{client}/calls",
                title="List the calls of a telephone number or of an account",
                right=Right.WORK,
                run=self.of_client,
                query=ClientQuestion,
                answer=CallsOfClient,
            ),
        ]

    async def tell(self, asked: Asked) -> CallTold:
        """`GET /calls/{call_id}`."""
        call_id = asked.path["call_id"]
        await self.viewing.story(call_id, asked)
        await self.ledger.durable()
        call = await self.database.read(partial(whole.read, call_id=call_id))
        if call is None:
            raise Refused(404, "no-such-call", NO_CALL)
        return _call(call)

    async def of_client(self, asked: Asked) -> CallsOfClient:
        """`GET /clients/{client}/calls`: by right, or within a talk with the client."""
        client, call_id = asked.path["client"], asked.query.call_id
        if not asked.user.may(Right.CARDS):
            await self._require(client, call_id, asked)
        await self.audit.record(
            entry_of(asked, action=Action.VIEWED, subject=client, call_id=call_id or "", what="calls")
        )
        is_phone = client.startswith("+")
        job = partial(
            queries.earlier,
            number=client if is_phone else "",
            accounts=() if is_phone else (client,),
            but="",
            limit=_MOST,
        )
        return CallsOfClient(calls=[_of_client(each) for each in await self.database.read(job)])

    async def _require(self, client: str, call_id: str | None, asked: Asked) -> None:
        if call_id is None:
            raise Refused(403, "not-his", NOT_HIS)
        story = await self.viewing.story(call_id, asked)
        if client != story.caller_number and client not in await self.cards.identified_accounts(call_id):
            raise Refused(403, "not-his", NOT_HIS)


def _call(call: WholeCall) -> CallTold:
    story: Story = call.story
    figures = {
        "waits": [wait.seconds for wait in durations.waits(story)],
        "talk_seconds": durations.talk_seconds(story),
        "hold_seconds": durations.hold_seconds(story),
        "requeued": durations.requeued(story),
        "transfers": durations.transfers(story),
        "moments": [_moment(moment) for moment in moments(call)],
    }
    plain = {name: getattr(story, name) for name in CallTold.model_fields if name not in figures}
    return CallTold(**plain, **figures)


def _moment(moment: Moment) -> MomentTold:
    return MomentTold(at=moment.at, what=moment.what, who=moment.who, told=dict(moment.told))


def _of_client(call: Earlier) -> CallOfClient:
    return CallOfClient(
        call_id=call.call_id,
        kind=call.kind,
        at=call.came_at,
        disposition=call.disposition,
        topic=call.topic,
        operator=call.agent,
        result=call.result,
    )
