"""When people of the company were connected with the client, from the legs of the call. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.calls.legs import Leg
from ivr.quality.model import Span, Window

_BEFORE = timedelta(seconds=3)
"""A part of the recording begins so much after the answer of the person that it was begun for."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording: when it began, aware, and its length in milliseconds."""

    started_at: datetime
    milliseconds: int

    def place(self, at: datetime) -> int:
        """Of an instant, within the recording."""
        passed = round((at - self.started_at).total_seconds() * 1000)
        return min(max(passed, 0), self.milliseconds)


def windows(sound: Sound, legs: Sequence[Leg]) -> list[Window]:
    """The talks in a recording in order of time; holds are cut out.

    A talk that a hold interrupts is several windows, of which only the first is fresh.
    """
    holds = [Span(sound.place(hold.since), _end(sound, hold.until)) for leg in legs for hold in leg.holds]
    found = [
        window
        for leg in legs
        if leg.person and leg.answered_at
        for window in _of_leg(sound, leg, legs, holds)
    ]
    return sorted(found, key=lambda window: (window.begin, window.end))


def agent_at(talks: Iterable[Window], span: Span) -> str | None:
    """Whose talk something belongs to: of those that it overlaps, the one that began last."""
    mine = [talk for talk in talks if talk.begin < span.end and span.begin < talk.end]
    return mine[-1].agent if mine else None


def united(talks: Iterable[Window]) -> list[Span]:
    """Where somebody of the company could be heard."""
    spans: list[Span] = []
    for talk in talks:
        if spans and talk.begin <= spans[-1].end:
            spans[-1] = Span(spans[-1].begin, max(spans[-1].end, talk.end))
        else:
            spans.append(Span(talk.begin, talk.end))
    return spans


def without(span: Span, holes: Iterable[Span]) -> list[Span]:
    """What is left of a stretch."""
    left = [span]
    for hole in holes:
        left = [piece for each in left for piece in _cut(each, hole)]
    return left


def _cut(span: Span, hole: Span) -> list[Span]:
    if hole.end <= span.begin or span.end <= hole.begin:
        return [span]
    pieces = (Span(span.begin, hole.begin), Span(hole.end, span.end))
    return [piece for piece in pieces if piece.begin < piece.end]


def _of_leg(sound: Sound, leg: Leg, legs: Sequence[Leg], holds: Sequence[Span]) -> list[Window]:
    begin = _met(leg, legs)
    whole = Span(sound.place(begin), _end(sound, leg.ended_at))
    if whole.begin >= whole.end:
        return []
    fresh = begin >= sound.started_at - _BEFORE
    pieces = without(whole, holds)
    return [
        Window(piece.begin, piece.end, leg.agent, fresh and piece.begin == whole.begin) for piece in pieces
    ]


def _met(leg: Leg, legs: Sequence[Leg]) -> datetime:
    """When the person and the client were connected: in an outgoing call the client answers last."""
    assert leg.answered_at is not None  # noqa: S101  # narrows the type
    client = [other.answered_at for other in legs if not other.person and other.answered_at]
    return max(leg.answered_at, min(client)) if client else leg.answered_at


def _end(sound: Sound, at: datetime | None) -> int:
    return sound.milliseconds if at is None else sound.place(at)
