"""How long a call of some kind should take: the quiet timer of the operator's page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ivr.kpi.profiles import Measure, Profile, Segment, Target


class CallKind(StrEnum):
    """Kinds of calls that standards tell apart."""

    READINGS = "readings"
    GENERAL = "general"  # nothing personal is asked
    PERSONAL = "personal"
    CORPORATE = "corporate"


_TALK = {
    CallKind.READINGS: ("answer-average-readings", "answer-average"),
    CallKind.GENERAL: ("answer-average-general", "answer-average"),
    CallKind.PERSONAL: ("answer-average-personal", "answer-average"),
    CallKind.CORPORATE: ("corporate-talk-recommended", "answer-average"),
}
"""Targets that tell how long the talk takes; the first one that the standard has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """What a standard says of one kind of call, seconds; None where it is silent.

    Attributes:
        talk: Length of the answer; no single call breaks an average (see `measure`).
        measure: What `talk` is held against.
        most: Length that no single talk exceeds.
        search: Finding the client, average.
        preparation: From when on a call-back is arranged instead.
        wrap_up: Work after the talk, average.
        clause: Where the length of the talk is stated; empty where it is not.
    """

    kind: CallKind
    talk: float | None
    measure: Measure | None
    most: float | None
    search: float | None
    preparation: int | None
    wrap_up: float | None
    clause: str


def call_kind(segment: str, *, readings: bool, personal: bool) -> CallKind:
    """The kind of a call: by the client, then by what it is about."""
    if segment == Segment.CORPORATE:
        return CallKind.CORPORATE
    if readings:
        return CallKind.READINGS
    return CallKind.PERSONAL if personal else CallKind.GENERAL


def norm(profile: Profile, kind: CallKind) -> Norm:
    """What a standard says of a kind of call."""
    talk = next(filter(None, map(profile.target, _TALK[kind])), None)
    longest = profile.target("corporate-talk-maximum") if kind is CallKind.CORPORATE else None
    return Norm(
        kind=kind,
        talk=_seconds(talk),
        measure=talk.measure if talk else None,
        most=_seconds(longest),
        search=_seconds(profile.target("client-search-average")),
        preparation=_preparation(profile, kind),
        wrap_up=_seconds(profile.target("wrap-up-average")),
        clause=talk.source.clause if talk else "",
    )


def _seconds(target: Target | None) -> float | None:
    return target.at_most if target else None


def _preparation(profile: Profile, kind: CallKind) -> int | None:
    rule = profile.call_back
    meant = {Segment.ANY, Segment.CORPORATE if kind is CallKind.CORPORATE else Segment.PRIVATE}
    return rule.when_answer_takes_seconds if rule and rule.segment in meant else None
