"""What the flows around a talk may do."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ivr.calls.surveys import Surveys
from ivr.dialogue.ports import Action, CallFacts, Kind, Result, Shape


def actions(surveys: Surveys) -> list[Action]:
    """The actions `survey.…`."""
    does = _Actions(surveys)
    return [
        Action(
            name="survey.save",
            inputs={"score": Shape(Kind.NUMBER), "why": Shape(Kind.TEXT)},
            outcomes={"saved": None},
            run=does.save,
            commits=True,
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Actions:
    surveys: Surveys

    async def save(self, facts: CallFacts, score: int | Decimal, why: str | None) -> Result:
        await self.surveys.save(facts.call_id, int(score), why or "")
        return Result("saved")
