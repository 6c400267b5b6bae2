"""What is known of an operator who is signed in, and what follows: his state, and whether callers come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.calls.legs import LegRole
from ivr.desk.model import Agent, AgentState
from ivr.desk.ports import Phone
from ivr.desk.settings import AgentsSettings

SIGN_IN, MISSED, UNREACHABLE, WRAP_UP = "sign-in", "missed", "unreachable", "wrap-up"
LISTENING = "listening"
"""Reasons of pauses that are made without the operator; titles in `AgentsSettings.own_reasons`."""


class Presence(StrEnum):
    """What the operator wishes to be when no call holds him."""

    READY = "ready"
    PAUSED = "paused"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveLeg:
    """A leg of his telephone that has not ended."""

    call_id: str
    leg_id: str
    role: LegRole
    queue: str | None
    rang_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """The talk that wrap-up will be about.

    Attributes:
        since: When he answered.
    """

    call_id: str
    leg_id: str
    queue: str | None
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUp:
    """The time after a talk in which no call comes."""

    talk: Talk
    until: datetime
    prolonged: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """An operator who is signed in.

    Attributes:
        reason: Why `presence` is a pause; empty otherwise.
        legs: Of his telephone, those that ring or talk.
        talk: The one that he is in, until all legs have ended.
        reserved_until: Callers are kept away for a call-back until then, or None.
        away_since: Since when his telephone can't be reached, or None while it can.
        missed: Offered calls in a row that he did not take.
        listens: Whether he listens to a talk of somebody; that is no leg of his.
        since: When the present state began.
    """

    login: str
    name: str
    phone: Phone
    skills: tuple[str, ...]
    signed_in_at: datetime
    since: datetime
    presence: Presence = Presence.PAUSED
    reason: str = SIGN_IN
    legs: tuple[LiveLeg, ...] = ()
    talk: Talk | None = None
    wrap_up: WrapUp | None = None
    reserved_until: datetime | None = None
    away_since: datetime | None = None
    missed: int = 0
    listens: bool = False

    @property
    def state(self) -> AgentState:
        """What he is doing."""
        if any(leg.answered_at for leg in self.legs):
            return AgentState.TALKING
        return AgentState.RINGING if self.legs else self._at_rest

    @property
    def _at_rest(self) -> AgentState:
        """What he does when no leg holds him."""
        if self.presence is Presence.OFFLINE:
            return AgentState.OFFLINE
        if self.wrap_up:
            return AgentState.WRAP_UP
        if self.presence is Presence.PAUSED or self.away_since or self.listens:
            return AgentState.PAUSED
        return AgentState.READY

    @property
    def pause_reason(self) -> str | None:
        """Id of the reason of a pause; None in every other state."""
        return self._why_paused if self.state is AgentState.PAUSED else None

    @property
    def _why_paused(self) -> str:
        if self.listens:
            return LISTENING
        return self.reason if self.presence is Presence.PAUSED else UNREACHABLE

    @property
    def kept_away(self) -> str | None:
        """Why Asterisk is to keep callers away from him, or None when one may come (a ring is no reason)."""
        if self.state is AgentState.TALKING:
            return AgentState.TALKING.value
        match self._at_rest:
            case AgentState.READY:
                return "reserved" if self.reserved_until else None
            case AgentState.PAUSED:
                return self._why_paused
            case rest:
                return rest.value

    @property
    def free(self) -> bool:
        """Whether he would take a call at this moment."""
        return self.state is AgentState.READY and self.reserved_until is None

    @property
    def subject(self) -> Talk | LiveLeg | None:
        """The call that he talks in, is rung for, or wraps up."""
        if self.talk or self.legs:
            return self.talk or self.legs[0]
        return self.wrap_up.talk if self.wrap_up else None

    def agent(self, rules: AgentsSettings) -> Agent:
        """As the rest of the system sees him."""
        about, state = self.subject, self.state
        wrap_up = self.wrap_up if state is AgentState.WRAP_UP else None
        return Agent(
            login=self.login,
            name=self.name,
            extension=self.phone.extension,
            phone=None if state is AgentState.OFFLINE else self.phone,
            skills=self.skills,
            state=state,
            reason=self.pause_reason,
            since=self.since,
            call_id=about.call_id if about else None,
            leg_id=about.leg_id if about else None,
            missed=self.missed,
            reachable=self.away_since is None,
            until=wrap_up.until if wrap_up else None,
            prolongations=max(0, rules.prolongations - wrap_up.prolonged) if wrap_up else 0,
        )


def shown(seat: Seat) -> tuple[object, ...]:
    """What makes a state a state of its own in the history."""
    about = seat.subject
    return seat.state, seat.pause_reason, about and about.call_id


def ended_talk(before: Seat, seat: Seat) -> Talk | None:
    """The talk that is over now, wrap-up included."""
    was, now = (each.talk or (each.wrap_up.talk if each.wrap_up else None) for each in (before, seat))
    return was if was != now else None
