"""What the robot tells a caller who waits, and when it is silent: pure. The words: scenarios/waiting.yaml."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ivr.desk.ports_calls import QueueEnd
from ivr.desk.settings import AfterHours


class Word(StrEnum):
    """What is to be said; an outcome of the action `desk.waiting`."""

    SILENT = "silent"
    NEWS = "news"  # place and expected wait, and perhaps the offer of a call-back
    CALLBACK = "callback"  # he pressed the key for it
    OVERDUE = "overdue"  # he has waited long: he is next, or is called back
    NOBODY = "nobody"  # no operator serves his queue now
    CLOSED = "closed"  # the operators' hours are over
    FULL = "full"  # the queue takes nobody more
    HOLD = "hold"  # Asterisk did not let him in


YIELDING = frozenset({Word.NEWS, Word.OVERDUE, Word.NOBODY, Word.HOLD})
"""What need not be heard to its end when an operator is ready: it speaks of nothing but the wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How things are for one caller.

    Attributes:
        ahead: Callers who are served before him.
        minutes: Expected wait as it is told (`estimate.told_minutes`); None when nobody serves.
        seconds: The same exactly.
        overdue: Whether he has nearly waited as long as the standard allows.
        open: Whether it is within the operators' hours.
        known_number: Whether he can be called back at all.
        key: What he pressed while waiting.
        end: Why he came back from Asterisk's queue.
        elsewhere: Whether telephones serve the queue at which nobody signs in.
        ready: Whether an operator is ready for him at this moment.
    """

    ahead: int
    minutes: int | None
    seconds: float | None
    overdue: bool
    open: bool
    known_number: bool
    key: str = ""
    end: QueueEnd | None = None
    elsewhere: bool = False
    ready: bool = False


@dataclass(slots=True)
class Told:
    """What he has been told and asked already: nothing is asked twice.

    Attributes:
        position: The last that was told, or None.
        minutes: The same of the expected wait.
        hinted: Whether he knows the key for a call-back.
        asked: Offers that were made, by the word that brought them.
    """

    position: int | None = None
    minutes: int | None = None
    hinted: bool = False
    asked: set[Word] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What to say.

    Attributes:
        position: His place, when it is told.
        minutes: His expected wait, when it is told.
        offer: Whether a call-back is offered as a question.
        hint: Whether he is told the key for it.
    """

    word: Word
    position: int | None = None
    minutes: int | None = None
    offer: bool = False
    hint: bool = False


_REFUSED = frozenset({QueueEnd.JOIN_EMPTY, QueueEnd.JOIN_UNAVAILABLE})


def announce(view: View, told: Told, offer_seconds: int, after_hours: AfterHours) -> Announcement:
    """What is said now; `told` learns of it."""
    if view.key:
        return Announcement(word=Word.CALLBACK)
    exception = _exception(view, told, after_hours)
    if exception is not None:
        asked_before = exception is Word.NOBODY and Word.NEWS in told.asked
        told.asked.add(exception)
        return Announcement(word=exception, offer=view.known_number and not asked_before)
    return _news(view, told, offer_seconds)


def _exception(view: View, told: Told, after_hours: AfterHours) -> Word | None:
    """The one thing that goes before place and wait, or None."""
    nobody = view.minutes is None and not view.elsewhere
    if not view.open and (nobody or after_hours is AfterHours.CALLBACK):
        return Word.CLOSED
    if view.end is QueueEnd.FULL:
        return Word.FULL
    for word, holds in ((Word.OVERDUE, view.overdue and not view.ready), (Word.NOBODY, nobody)):
        if holds and word not in told.asked:
            return word
    return Word.HOLD if view.end in _REFUSED else None


def _news(view: View, told: Told, offer_seconds: int) -> Announcement:
    position = view.ahead + 1
    at_once = view.ready or view.seconds is None or (view.seconds == 0 and told.position is None)
    unchanged = (position, view.minutes) == (told.position, told.minutes)
    next_already = position == 1 and told.position is not None
    offer = _offers(view, told, offer_seconds)
    if at_once or ((unchanged or next_already) and not offer):
        return Announcement(word=Word.SILENT)
    news = Announcement(
        word=Word.NEWS,
        position=position if position != told.position else None,
        minutes=view.minutes if view.minutes != told.minutes else None,
        offer=offer,
        hint=not offer and view.known_number and not told.hinted,
    )
    told.position, told.minutes = position, view.minutes
    told.hinted = told.hinted or news.hint or offer
    if offer:
        told.asked.add(Word.NEWS)
    return news


def _offers(view: View, told: Told, offer_seconds: int) -> bool:
    asked = told.asked & {Word.NEWS, Word.OVERDUE, Word.NOBODY}
    long = view.seconds is not None and view.seconds >= offer_seconds
    return long and view.known_number and not asked
