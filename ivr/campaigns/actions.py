"""What flows of campaigns may do for the person on the line: `campaigns.…`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from ivr.dialogue.ports import Action, CallFacts, Clock, Kind, Result, Shape, Value

_TEXT, _NUMBER, _BOOL = Shape(Kind.TEXT), Shape(Kind.NUMBER), Shape(Kind.BOOL)
_DATE, _TIME = Shape(Kind.DATE), Shape(Kind.TIME)

AGREED = Shape(Kind.RECORD, {"day": _DATE, "from_time": _TIME, "today": _BOOL, "tomorrow": _BOOL})
"""From when on the person is called again, in his own time."""

REGISTERED = Shape(Kind.RECORD, {"number": _TEXT, "due_on": _DATE, "has_term": _BOOL})
"""The request; `due_on` is none where no term holds."""


class When(StrEnum):
    """When it suits to be called again."""

    LATER = "later"  # in two hours
    EVENING = "evening"
    TOMORROW = "tomorrow"


class NoSuchAttempt(LookupError):
    """The call is no attempt of a campaign."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """The request that a dispute has become."""

    number: str
    due_on: date | None


class Wishes(Protocol):
    """What a person may want of a campaign during a talk; `ivr.campaigns.wishes` implements it.

    Each is durable when it returns, and the same once more changes nothing. Each raises NoSuchAttempt.
    """

    async def refuse(self, attempt_id: str, *, everywhere: bool) -> None:
        """No calls any more: to the person wherever he is called, else to this number alone."""

    async def stranger(self, attempt_id: str) -> None:
        """Somebody else's number: the person is never called at it again."""

    async def again(self, attempt_id: str, when: When) -> datetime | None:
        """Call again: the first allowed moment from then on, in the person's zone; None: there is none."""

    async def promise(self, attempt_id: str, day: date) -> None:
        """The person will pay by that day."""

    async def paid(self, attempt_id: str) -> None:
        """The person says that he has paid: no calls about debt until billing can know it."""

    async def dispute(self, attempt_id: str, said: str) -> Dispute:
        """Register that the person does not agree; once more with his words adds them."""

    async def message(self, attempt_id: str) -> bool:
        """Send what the kind has for who asks for it; False: there is nothing, or no way to that number."""

    async def note(self, attempt_id: str, name: str, value: str) -> None:
        """Keep an answer, even if the person hangs up right after it."""


def actions(wishes: Wishes, clock: Clock) -> list[Action]:
    """The actions `campaigns.…`; the call's id is the attempt's."""
    does = _Actions(wishes, clock)
    return [
        Action(
            name="campaigns.refuse",
            inputs={"everywhere": _BOOL},
            outcomes={"refused": None},
            run=does.refuse,
            commits=True,
        ),
        Action(
            name="campaigns.stranger", inputs={}, outcomes={"noted": None}, run=does.stranger, commits=True
        ),
        Action(
            name="campaigns.again",
            inputs={"when": _TEXT},
            outcomes={"agreed": AGREED, "too_late": None},
            run=does.again,
            commits=True,
        ),
        Action(
            name="campaigns.promise",
            inputs={"day": _DATE, "most_days": _NUMBER},
            outcomes={"promised": None, "past": None, "too_late": Shape(Kind.RECORD, {"latest": _DATE})},
            run=does.promise,
            commits=True,
        ),
        Action(name="campaigns.paid", inputs={}, outcomes={"noted": None}, run=does.paid, commits=True),
        Action(
            name="campaigns.dispute",
            inputs={"said": _TEXT},
            outcomes={"registered": REGISTERED},
            run=does.dispute,
            commits=True,
        ),
        Action(
            name="campaigns.message",
            inputs={},
            outcomes={"sent": None, "unavailable": None},
            run=does.message,
            commits=True,
        ),
        Action(
            name="campaigns.note",
            inputs={"name": _TEXT, "value": _TEXT},
            outcomes={"noted": None},
            run=does.note,
            commits=True,
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Actions:
    wishes: Wishes
    clock: Clock

    async def refuse(self, facts: CallFacts, everywhere: bool) -> Result:
        await self.wishes.refuse(facts.call_id, everywhere=everywhere)
        return Result("refused")

    async def stranger(self, facts: CallFacts) -> Result:
        await self.wishes.stranger(facts.call_id)
        return Result("noted")

    async def again(self, facts: CallFacts, when: str) -> Result:
        at = await self.wishes.again(facts.call_id, When(when))
        if at is None:
            return Result("too_late")
        today = self.clock.now().astimezone(at.tzinfo).date()
        told: dict[str, Value] = {
            "day": at.date(),
            "from_time": at,
            "today": at.date() == today,
            "tomorrow": at.date() == today + timedelta(days=1),
        }
        return Result("agreed", told)

    async def promise(self, facts: CallFacts, day: date, most_days: Decimal | int) -> Result:
        today = self.clock.now().date()
        latest = today + timedelta(days=int(most_days))
        if day < today:
            return Result("past")
        if day > latest:
            return Result("too_late", {"latest": latest})
        await self.wishes.promise(facts.call_id, day)
        return Result("promised")

    async def paid(self, facts: CallFacts) -> Result:
        await self.wishes.paid(facts.call_id)
        return Result("noted")

    async def dispute(self, facts: CallFacts, said: str | None) -> Result:
        request = await self.wishes.dispute(facts.call_id, said or "")
        told: dict[str, Value] = {
            "number": request.number,
            "due_on": request.due_on,
            "has_term": request.due_on is not None,
        }
        return Result("registered", told)

    async def message(self, facts: CallFacts) -> Result:
        return Result("sent" if await self.wishes.message(facts.call_id) else "unavailable")

    async def note(self, facts: CallFacts, name: str, value: str | Decimal | int) -> Result:
        await self.wishes.note(facts.call_id, name, str(value))
        return Result("noted")
