"""Tells the engine's own rooms what the script says has happened. Translates; decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zlib import crc32

from ivr.calls.events import (
    AgentCompleted,
    AgentConnected,
    Answered,
    HandedOver,
    HungUp,
    Party,
    QueueAbandoned,
    QueueJoined,
    ScenarioEnded,
)
from ivr.calls.followup_settings import SurveySettings
from ivr.calls.identifications import How, Identification, Identifications
from ivr.calls.ledger import Ledger
from ivr.calls.legs import LegAnswered, LegEnd, LegEnded, LegHeld, LegRang, LegResumed, LegRole
from ivr.calls.running import Told as Event
from ivr.calls.settings import LedgerSettings
from ivr.calls.surveys import Surveys
from ivr.calls.wrapups import WrapUp, WrapUps
from ivr.dialogue.ports import CallFacts, Ending, EndingKind
from ivr.requests import callback_rows
from ivr.requests.callback_model import CallbackEnd, CallbackSource, CallbackStatus
from ivr.requests.model import Wish
from ivr.store import Database
from tests.contract.calls.test_ledger import Seen
from tests.truth.events import Told

QUICK = LedgerSettings(flush_seconds=0.002, retry_seconds=0.01, linger_seconds=60)

_LEG_ENDS = {
    "caller": LegEnd.CALLER,
    "agent": LegEnd.AGENT,
    "transferred": LegEnd.TRANSFERRED,
    "no-answer": LegEnd.NO_ANSWER,
}
_ENDINGS = {
    "robot-served": (EndingKind.COMPLETED, "told"),
    "robot-handed": (EndingKind.QUEUED, "operator"),
    "robot-left": (EndingKind.HUNG_UP, ""),
    "robot-refused": (EndingKind.ENDED, "blocked"),
}


class HeardClock:
    """Shows the moment at which the present word is heard."""

    def __init__(self) -> None:
        self.moment = datetime(2020, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0.001)


class Chronicle:
    """The rooms that keep the history, told of it word by word."""

    def __init__(self, database: Database, profile: str) -> None:
        self._database = database
        self._profile = profile
        self._clock = HeardClock()
        self._ledger = Ledger(database, QUICK, self._clock, Seen())
        self._wrapups = WrapUps(database, self._clock)
        self._surveys = Surveys(database, SurveySettings(), self._clock)
        self._identifications = Identifications(database)

    async def tell(self, history: Sequence[Told]) -> None:
        """All of it, in the order in which it is heard; durable on return."""
        self._ledger.start()
        for told in history:
            self._clock.moment = told.heard_at
            await self._one(told)
        await self._settled()
        await self._ledger.close()

    async def _one(self, told: Told) -> None:
        event = _event(told)
        if event is not None:
            await self._note(told.call.id, event)
        elif told.what == "came":
            self._ledger.open(_facts(told, self._profile), told.call.number_called)
        else:
            await self._settled()
            await self._kept(told)

    async def _note(self, call_id: str, event: Event) -> None:
        """Words on a call that has left the memory are looked up one at a time."""
        stray = self._ledger.find(call_id) is None
        self._ledger.note(call_id, event)
        if stray:
            await self._settled()

    async def _settled(self) -> None:
        strays = [task for task in asyncio.all_tasks() if task.get_name() == "ledger-strays"]
        await asyncio.gather(*strays)
        await self._ledger.durable()

    async def _kept(self, told: Told) -> None:
        words, call = told.told, told.call
        if told.what == "wrapped-up":
            await self._wrapups.save(_wrapup(told))
        elif told.what == "scored":
            await self._surveys.asked(call.id, words["agent"])
            await self._surveys.save(call.id, words["score"])
        elif told.what == "identified":
            await self._identifications.record(_identified(told))
        else:
            await self._database.write(partial(_promise, told=told))


def _event(told: Told) -> Event | None:
    """What the ledger is told; None for what other rooms keep."""
    at, words, id_ = told.at, told.told, told.call.id
    if told.what in _ENDINGS:
        kind, outcome = _ENDINGS[told.what]
        return ScenarioEnded(at, Ending(kind, outcome, topic=words["topic"] or None))
    if "leg" in words:
        return _leg(told.what, {"at": at, "call_id": id_, "leg_id": words["leg"]}, words)
    return _of_call(told.what, at, words)


def _of_call(what: str, at: datetime, words: Mapping[str, Any]) -> Event | None:
    made = {
        "picked-up": lambda: Answered(at),
        "handed-over": lambda: HandedOver(at, words["topic"] or None),
        "joined": lambda: QueueJoined(at, words["queue"]),
        "left-queue": lambda: QueueAbandoned(at),
        "connected": lambda: AgentConnected(at, words["agent"]),
        "completed": lambda: AgentCompleted(at, Party(words["by"])),
        "hung-up": lambda: HungUp(at),
    }.get(what)
    return made() if made else None  # type: ignore[no-untyped-call]


def _leg(what: str, leg: dict[str, Any], words: Mapping[str, Any]) -> Event:
    if what == "rang":
        role, agent = LegRole(words["role"]), words["agent"]
        return LegRang(**leg, role=role, device=f"PJSIP/{agent}", agent=agent, queue=words["queue"] or None)
    if what in ("rang-out", "talk-ended"):
        return LegEnded(**leg, end=_LEG_ENDS[words["by"]])
    return {"answered": LegAnswered, "held": LegHeld, "resumed": LegResumed}[what](**leg)


def _facts(told: Told, profile: str) -> CallFacts:
    call = told.call
    return CallFacts(
        call_id=call.id,
        line=call.line,
        segment=call.segment,
        profile=profile,
        caller_number=f"+{call.caller}" if call.caller else "",
        started_at=call.came_at,
    )


def _wrapup(told: Told) -> WrapUp:
    words = told.told
    return WrapUp(
        call_id=told.call.id,
        agent=words["agent"],
        topic=words["topic"] or None,
        result="answered",
        personal=words["personal"],
        alone=words["alone"],
        began_at=words["began_at"],
        saved_at=told.at,
    )


def _identified(told: Told) -> Identification:
    return Identification(
        call_id=told.call.id,
        account_number=told.told["account"],
        how=How.NAME_AND_ACCOUNT,
        agent=told.told["agent"],
        at=told.at,
    )


def _promise(connection: Any, told: Told) -> None:
    call = told.call
    phone = f"+{call.caller or crc32(call.id.encode())}"
    if told.what == "promised":
        given = {
            "wish": Wish.SOON,
            "due_from": told.at,
            "next_at": None,
            "call_id": call.id,
            "source": CallbackSource.QUEUE,
        }
        known = {"topic": call.topic, "account_number": "", "said": ""}
        callback_rows.promise(connection, phone, given, known, told.at)
        return
    (owed,) = [each for each in callback_rows.owed(connection, told.at) if each.call_id == call.id]
    kept = told.what == "kept"
    status = CallbackStatus.DONE if kept else CallbackStatus.FAILED
    end = CallbackEnd.CALLED if kept else CallbackEnd.GAVE_UP
    callback_rows.close(connection, owed.id, status, end, told.at)
