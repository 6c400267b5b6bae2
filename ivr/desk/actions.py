"""What scenarios may do with a caller who waits."""

from __future__ import annotations

from ivr.desk.announcing import Announcement, Word
from ivr.desk.waiting import Waiting
from ivr.dialogue.ports import Action, CallFacts, Kind, Result, Shape, Value

_NUMBER, _BOOL = Shape(Kind.NUMBER), Shape(Kind.BOOL)

NEWS = Shape(Kind.RECORD, {"position": _NUMBER, "minutes": _NUMBER, "offer": _BOOL, "hint": _BOOL})
"""What to say: a place and an expected wait (none: not told), a question or a hint about a call-back.

`minutes` is 0 for less than a minute, 11 for more than ten, else one of the figures in `ivr.desk.estimate`.
"""

_WITHOUT_DATA = frozenset({Word.SILENT, Word.CALLBACK, Word.HOLD})


def actions(waiting: Waiting) -> list[Action]:
    """The action `desk.waiting`."""

    async def announce(facts: CallFacts) -> Result:
        announcement = await waiting.announcement(facts)
        word = announcement.word
        return Result(word.value, None if word in _WITHOUT_DATA else _data(announcement))

    outcomes = {word.value: None if word in _WITHOUT_DATA else NEWS for word in Word}
    return [Action(name="desk.waiting", inputs={}, outcomes=outcomes, run=announce)]


def _data(announcement: Announcement) -> Value:
    return {
        "position": announcement.position,
        "minutes": announcement.minutes,
        "offer": announcement.offer,
        "hint": announcement.hint,
    }
