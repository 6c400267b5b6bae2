"""What becomes of a target after an attempt. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ivr.campaigns.kinds import TalkEnd
from ivr.campaigns.model import Attempt, Disposition, Target, TargetState
from ivr.campaigns.plans import Plan
from ivr.campaigns.retries import Again, GivenUp, next_step

PAID = "paid"
CONNECTED = "connected"
CONNECTED_LATE = "connected-late"
"""Outcomes of calls that operators took; the second one later than is allowed: it counts as abandoned."""

AGAIN_AT = "again_at"
"""Of an attempt's result: when the person wants to be called, ISO 8601 with an offset."""

_STATES = {
    TalkEnd.DONE: TargetState.DONE,
    TalkEnd.REFUSED: TargetState.REFUSED,
    TalkEnd.FAILED: TargetState.FAILED,
}


@dataclass(frozen=True, slots=True)
class Over:
    """The target has ended.

    Attributes:
        outcome: Of the talk, else how the last attempt ended.
        instead: Channel of the message that takes the call's place, or empty.
    """

    state: TargetState
    outcome: str
    instead: str = ""


def fate_of(plan: Plan, target: Target, attempts: Sequence[Attempt], now: datetime) -> Again | Over:
    """What follows the last of the attempts, all of which have ended.

    How the talk ended decides where there was one; else how the call ended, by the retry rules.
    """
    last = attempts[-1]
    end = _talk_end(plan, last)
    if end in _STATES:
        return Over(_STATES[end], last.outcome or str(last.disposition))
    wished = _wished(last) if end is TalkEnd.LATER else None
    if wished is not None:
        return Again(max(wished, now))
    step = next_step(plan.retries, target, attempts, now)
    if isinstance(step, Again):
        return step
    instead = step.channel if isinstance(step, GivenUp) else ""
    return Over(TargetState.FAILED, last.outcome or str(last.disposition), instead)


def _talk_end(plan: Plan, attempt: Attempt) -> TalkEnd:
    if attempt.outcome in (CONNECTED, CONNECTED_LATE):
        return TalkEnd.DONE
    if attempt.disposition is Disposition.MESSAGE_LEFT and not attempt.outcome:
        return TalkEnd.DONE
    return plan.end_of(attempt.outcome) if attempt.outcome else TalkEnd.RETRY


def _wished(attempt: Attempt) -> datetime | None:
    told = attempt.result.get(AGAIN_AT)
    try:
        moment = datetime.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
