"""Stories made by hand: a call is told as one would tell it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ivr.calls.events import HungUp, LostTrack, QueueAbandoned, QueueJoined, ScenarioEnded
from ivr.calls.legs import LegAnswered, LegEnd, LegEnded, LegHeld, LegRang, LegResumed, LegRole
from ivr.calls.story import CallKind, Origin, Story
from ivr.dialogue.ports import Ending, EndingKind
from ivr.kpi.facts import Rules

CAME = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
RULES = Rules(zone=ZoneInfo("Europe/Moscow"))


def at(seconds: float) -> datetime:
    return CAME + timedelta(seconds=seconds)


class Tale:
    """Tells a call second by second from its coming."""

    def __init__(
        self, call_id: str = "c1", came: datetime = CAME, number: str | None = "+79001234567"
    ) -> None:
        self.came = came
        self.story = Story(
            call_id=call_id,
            origin=Origin.ENGINE,
            came_at=came,
            line="main",
            segment="private",
            profile="bryansk",
            caller_number=number,
            answered_at=came,
        )

    def _at(self, seconds: float) -> datetime:
        return self.came + timedelta(seconds=seconds)

    def about(self, topic: str) -> Tale:
        self.story.topic = topic
        return self

    def robot(self, seconds: float, kind: EndingKind, outcome: str = "done") -> Tale:
        self.story.apply(ScenarioEnded(self._at(seconds), Ending(kind, outcome)))
        return self

    def queued(self, seconds: float, queue: str = "clients") -> Tale:
        self.story.apply(QueueJoined(self._at(seconds), queue))
        return self

    def left_queue(self, seconds: float) -> Tale:
        self.story.apply(QueueAbandoned(self._at(seconds)))
        return self

    def rang(self, seconds: float, agent: str = "anna", role: LegRole = LegRole.QUEUE) -> Tale:
        rang = LegRang(
            at=self._at(seconds),
            call_id=self.story.call_id,
            leg_id=f"{self.story.call_id}-{agent}",
            role=role,
            device=f"PJSIP/{agent}",
            agent=agent,
            queue="clients" if role is LegRole.QUEUE else None,
        )
        self.story.apply_leg(rang)
        return self

    def answered(self, seconds: float, agent: str = "anna", role: LegRole = LegRole.QUEUE) -> Tale:
        self.rang(seconds - 2, agent, role)
        leg_id = f"{self.story.call_id}-{agent}"
        self.story.apply_leg(LegAnswered(at=self._at(seconds), call_id=self.story.call_id, leg_id=leg_id))
        return self

    def held(self, since: float, until: float, agent: str = "anna") -> Tale:
        call_id, leg_id = self.story.call_id, f"{self.story.call_id}-{agent}"
        self.story.apply_leg(LegHeld(at=self._at(since), call_id=call_id, leg_id=leg_id))
        self.story.apply_leg(LegResumed(at=self._at(until), call_id=call_id, leg_id=leg_id))
        return self

    def leg_ended(self, seconds: float, end: LegEnd = LegEnd.CALLER, agent: str = "anna") -> Tale:
        leg_id = f"{self.story.call_id}-{agent}"
        ended = LegEnded(at=self._at(seconds), call_id=self.story.call_id, leg_id=leg_id, end=end)
        self.story.apply_leg(ended)
        return self

    def ended(self, seconds: float) -> Story:
        self.story.apply(HungUp(self._at(seconds), 16))
        return self.story

    def lost_track(self, seconds: float) -> Story:
        self.story.apply(LostTrack(self._at(seconds)))
        return self.story


def outgoing(call_id: str = "o1") -> Tale:
    tale = Tale(call_id)
    tale.story.kind = CallKind.OUTBOUND
    tale.story.answered_at = None
    return tale


def served(call_id: str = "c1", came: datetime = CAME, number: str | None = "+79001234567") -> Story:
    tale = Tale(call_id, came, number).about("balance.debt")
    return tale.robot(40, EndingKind.COMPLETED, "told").ended(45)


def answered(call_id: str = "c1", came: datetime = CAME, wait: float = 15, talk: float = 100) -> Story:
    tale = Tale(call_id, came).about("tariffs.current").robot(20, EndingKind.QUEUED).queued(20)
    return tale.answered(20 + wait).leg_ended(20 + wait + talk).ended(20 + wait + talk)


def gave_up(call_id: str = "c1", came: datetime = CAME, wait: float = 60) -> Story:
    tale = Tale(call_id, came).robot(20, EndingKind.QUEUED).queued(20)
    return tale.left_queue(20 + wait).ended(20 + wait)
