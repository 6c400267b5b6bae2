"""Operators and queues, as JSON tells them."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import AwareDatetime, BaseModel

from ivr.access.model import User
from ivr.desk.model import Agent, AgentState, QueueState
from ivr.desk.ports import PhoneKind


class PhoneTold(BaseModel):
    """What an operator speaks through."""

    kind: PhoneKind
    extension: str


class AgentTold(BaseModel):
    """An operator at one moment; also the event `agent`. Of colleagues no calls are told.

    Attributes:
        reason: Of a pause: an id of the dictionaries, or `sign-in`, `missed`, `unreachable`, `wrap-up`.
        reason_title: The same for people.
        missed: Calls in a row that he was rung for and did not take.
        reachable: Whether his telephone can be rung.
        until: When wrap-up ends by itself.
        prolongations: How often wrap-up can still be prolonged.
    """

    login: str
    name: str
    extension: str | None
    phone: PhoneTold | None
    skills: tuple[str, ...]
    state: AgentState
    reason: str | None
    reason_title: str | None
    since: AwareDatetime | None
    call_id: str | None
    leg_id: str | None
    missed: int
    reachable: bool
    until: AwareDatetime | None
    prolongations: int

    @classmethod
    def of(cls, agent: Agent, reasons: Mapping[str, str], *, calls: bool = True) -> AgentTold:
        """As JSON has it; `reasons`: id → title of every reason of a pause."""
        return cls(
            login=agent.login,
            name=agent.name,
            extension=agent.extension,
            phone=PhoneTold(kind=agent.phone.kind, extension=agent.phone.extension) if agent.phone else None,
            skills=agent.skills,
            state=agent.state,
            reason=agent.reason,
            reason_title=reasons.get(agent.reason, agent.reason) if agent.reason else None,
            since=agent.since,
            call_id=agent.call_id if calls else None,
            leg_id=agent.leg_id if calls else None,
            missed=agent.missed if calls else 0,
            reachable=agent.reachable,
            until=agent.until,
            prolongations=agent.prolongations,
        )

    @classmethod
    def absent(cls, user: User) -> AgentTold:
        """A user who is not signed in to any telephone."""
        return cls(
            login=user.login,
            name=user.name,
            extension=user.extension,
            phone=None,
            skills=user.skills,
            state=AgentState.OFFLINE,
            reason=None,
            reason_title=None,
            since=None,
            call_id=None,
            leg_id=None,
            missed=0,
            reachable=False,
            until=None,
            prolongations=0,
        )


class QueueTold(BaseModel):
    """A queue at one moment.

    Attributes:
        title: For people.
        longest_since: Since when the one waits who has waited longest.
        ready: Operators who would take a call of it now.
        serving: Operators who serve it: ready, ringing, talking or in wrap-up.
        widened: Whether operators without the skill serve it too.
        estimate_seconds: Expected wait of a caller who came now; null when nobody serves.
    """

    queue: str
    title: str
    waiting: int
    longest_since: AwareDatetime | None
    ready: int
    serving: int
    widened: bool
    estimate_seconds: int | None


class QueuesTold(BaseModel):
    """All queues; also the event `queues`."""

    queues: list[QueueTold]

    @classmethod
    def of(cls, states: list[QueueState], titles: Mapping[str, str]) -> QueuesTold:
        """As JSON has it; `titles`: Asterisk's name of a queue → its name for people."""
        return cls(queues=[_queue(state, titles) for state in states])


def _queue(state: QueueState, titles: Mapping[str, str]) -> QueueTold:
    return QueueTold(
        queue=state.queue,
        title=titles.get(state.queue) or state.queue,
        waiting=state.waiting,
        longest_since=state.longest_since,
        ready=state.ready,
        serving=state.serving,
        widened=state.widened,
        estimate_seconds=state.estimate_seconds,
    )
