"""The state of an operator: a pure machine.

An event goes in, new facts come out (`ivr.desk.seat`). What the operator is doing, and whether Asterisk keeps
callers away from him, follow from the facts, so that no two of them can disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ivr.calls.legs import Leg, LegEnd, LegRole
from ivr.desk.seat import MISSED, SIGN_IN, WRAP_UP, LiveLeg, Presence, Seat, Talk, WrapUp, shown
from ivr.desk.settings import AfterWrapUp, AgentsSettings

_OFFERED = frozenset({LegRole.QUEUE, LegRole.TRANSFER, LegRole.CALLBACK})
_NOT_TAKEN = frozenset({LegEnd.DECLINED, LegEnd.BUSY, LegEnd.FAILED, LegEnd.LOST})


# --- what may happen -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """Something that concerns an operator.

    Attributes:
        at: When, aware.
    """

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready(Happened):
    """He says that he is; this ends wrap-up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(Happened):
    """He takes a pause; this ends wrap-up. In a talk it begins after it."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOut(Happened):
    """He leaves; in a talk, after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedUp(Happened):
    """What the call was about is written down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prolonged(Happened):
    """He needs more time for wrap-up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegSeen(Happened):
    """A leg of his telephone began, or changed.

    Attributes:
        leg: As it is now.
        wrap_up_seconds: Time for wrap-up of its call.
    """

    leg: Leg
    wrap_up_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LegGone(Happened):
    """A leg is not there any more, and its end was not seen."""

    leg_id: str
    wrap_up_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TookOver(Happened):
    """The caller about whom he was asked is his now."""

    call_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneSeen(Happened):
    """His telephone came or went."""

    reachable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved(Happened):
    """He is kept for a call-back."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Released(Happened):
    """He no longer is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listens(Happened):
    """He begins to listen to a talk of somebody, unless a call holds him, or ends it."""

    begins: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed(Happened):
    """Time went by."""


# --- what follows ----------------------------------------------------------------------------------------


def after(seat: Seat, event: Happened, rules: AgentsSettings) -> Seat:
    """The operator after an event. An event that tells nothing new, or does not fit, changes nothing."""
    known = _TRANSITIONS[type(event)](seat, event, rules)
    return known if shown(known) == shown(seat) else replace(known, since=max(seat.since, event.at))


def rejoined(seat: Seat, fresh: Seat) -> Seat:
    """He signs in once more, perhaps at another telephone: the state stays, unless he was leaving."""
    back = replace(seat, name=fresh.name, skills=fresh.skills, phone=fresh.phone)
    if seat.phone != fresh.phone:
        back = replace(back, away_since=fresh.away_since)
    return _pause(back, SIGN_IN) if seat.presence is Presence.OFFLINE else back


def _ready(seat: Seat, event: Ready, rules: AgentsSettings) -> Seat:
    return replace(seat, presence=Presence.READY, reason="", wrap_up=None, missed=0)


def _paused(seat: Seat, event: Paused, rules: AgentsSettings) -> Seat:
    return _pause(replace(seat, wrap_up=None), event.reason)


def _pause(seat: Seat, reason: str) -> Seat:
    return replace(seat, presence=Presence.PAUSED, reason=reason, reserved_until=None)


def _signed_out(seat: Seat, event: Happened, rules: AgentsSettings) -> Seat:
    return replace(seat, presence=Presence.OFFLINE, reason="", wrap_up=None, reserved_until=None)


def _wrapped_up(seat: Seat, event: WrappedUp, rules: AgentsSettings) -> Seat:
    return replace(seat, wrap_up=None)


def _prolonged(seat: Seat, event: Prolonged, rules: AgentsSettings) -> Seat:
    wrap_up = seat.wrap_up
    if wrap_up is None or wrap_up.prolonged >= rules.prolongations:
        return seat
    until = wrap_up.until + timedelta(seconds=rules.prolong_seconds)
    return replace(seat, wrap_up=replace(wrap_up, until=until, prolonged=wrap_up.prolonged + 1))


def _leg_seen(seat: Seat, event: LegSeen, rules: AgentsSettings) -> Seat:
    leg = event.leg
    if leg.ended_at is not None:
        taken = not _missed(leg, rules)
        return _leg_over(seat, event, leg.leg_id, taken, rules)
    live = LiveLeg(
        call_id=leg.call_id,
        leg_id=leg.leg_id,
        role=leg.role,
        queue=leg.queue,
        rang_at=leg.rang_at or event.at,
        answered_at=leg.answered_at,
    )
    others = tuple(each for each in seat.legs if each.leg_id != leg.leg_id)
    seat = replace(seat, legs=(*others, live))
    return _talk_began(seat, live) if live.answered_at else seat


def _talk_began(seat: Seat, leg: LiveLeg) -> Seat:
    seat = replace(seat, missed=0, reserved_until=None)
    if seat.talk is not None or leg.role is LegRole.CONSULT:
        return seat
    return _talks_in(seat, leg)


def _talks_in(seat: Seat, leg: LiveLeg) -> Seat:
    since = leg.answered_at or leg.rang_at
    talk = Talk(call_id=leg.call_id, leg_id=leg.leg_id, queue=leg.queue, since=since)
    return replace(seat, talk=talk, wrap_up=None)


def _missed(leg: Leg, rules: AgentsSettings) -> bool:
    if leg.answered_at or leg.role not in _OFFERED:
        return False
    if leg.end is LegEnd.NO_ANSWER and leg.rang_at and leg.ended_at:
        return (leg.ended_at - leg.rang_at).total_seconds() >= rules.missed_ring_seconds
    return leg.end in _NOT_TAKEN


def _leg_gone(seat: Seat, event: LegGone, rules: AgentsSettings) -> Seat:
    return _leg_over(seat, event, event.leg_id, True, rules)


def _leg_over(seat: Seat, event: LegSeen | LegGone, leg_id: str, taken: bool, rules: AgentsSettings) -> Seat:
    rest = tuple(leg for leg in seat.legs if leg.leg_id != leg_id)
    if len(rest) == len(seat.legs):
        return seat
    seat = replace(seat, legs=rest, missed=seat.missed + (not taken), reserved_until=None)
    if not taken and seat.missed >= rules.missed_calls and seat.presence is Presence.READY:
        seat = _pause(seat, MISSED)
    return seat if rest else _talk_over(seat, event)


def _talk_over(seat: Seat, event: LegSeen | LegGone) -> Seat:
    talk, seconds = seat.talk, event.wrap_up_seconds
    seat = replace(seat, talk=None)
    if talk is None or not seconds or seat.presence is Presence.OFFLINE:
        return seat
    return replace(seat, wrap_up=WrapUp(talk=talk, until=event.at + timedelta(seconds=seconds)))


def _took_over(seat: Seat, event: TookOver, rules: AgentsSettings) -> Seat:
    mine = [leg for leg in seat.legs if leg.call_id == event.call_id and leg.answered_at]
    return _talks_in(seat, mine[0]) if mine and seat.talk is None else seat


def _phone_seen(seat: Seat, event: PhoneSeen, rules: AgentsSettings) -> Seat:
    return replace(seat, away_since=None if event.reachable else seat.away_since or event.at)


def _reserved(seat: Seat, event: Reserved, rules: AgentsSettings) -> Seat:
    return replace(seat, reserved_until=event.until) if seat.free else seat


def _released(seat: Seat, event: Released, rules: AgentsSettings) -> Seat:
    return replace(seat, reserved_until=None)


def _listens(seat: Seat, event: Listens, rules: AgentsSettings) -> Seat:
    if event.begins == seat.listens or (event.begins and seat.legs):
        return seat
    return replace(seat, listens=event.begins, reserved_until=None)


def _passed(seat: Seat, event: Passed, rules: AgentsSettings) -> Seat:
    if seat.reserved_until and seat.reserved_until <= event.at:
        seat = replace(seat, reserved_until=None)
    if seat.wrap_up and seat.wrap_up.until <= event.at:
        seat = _wrap_up_ran_out(seat, rules)
    limit = timedelta(seconds=rules.unreachable_seconds)
    if seat.away_since and not seat.legs and event.at - seat.away_since >= limit:
        seat = _signed_out(seat, event, rules)
    return seat


def _wrap_up_ran_out(seat: Seat, rules: AgentsSettings) -> Seat:
    seat = replace(seat, wrap_up=None)
    stays = rules.after_wrap_up is AfterWrapUp.READY or seat.presence is not Presence.READY
    return seat if stays else _pause(seat, WRAP_UP)


_TRANSITIONS: Mapping[type[Happened], Callable[[Seat, Any, AgentsSettings], Seat]] = {
    Ready: _ready,
    Paused: _paused,
    SignedOut: _signed_out,
    WrappedUp: _wrapped_up,
    Prolonged: _prolonged,
    LegSeen: _leg_seen,
    LegGone: _leg_gone,
    TookOver: _took_over,
    PhoneSeen: _phone_seen,
    Reserved: _reserved,
    Released: _released,
    Listens: _listens,
    Passed: _passed,
}
