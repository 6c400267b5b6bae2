"""What becomes of a caller whose talk with a person has ended: the survey, back to the queue, or the end."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import structlog

from ivr.calls.followup_settings import Ask, SurveySettings
from ivr.calls.legs import Leg, LegEnd
from ivr.calls.surveys import Surveys
from ivr.desk.ports_calls import End, Return, Slice, Survey
from ivr.desk.settings_work import AfterTalkSettings
from ivr.dialogue.ports import Clock
from ivr.store import StoreUnavailable

log = structlog.get_logger(__name__)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_HEAD = 1


class AfterTalks:
    """Implements `AfterTalk`."""

    def __init__(
        self,
        settings: AfterTalkSettings,
        survey: SurveySettings,
        clock: Clock,
        *,
        surveys: Surveys,
        legs: Callable[[str], Sequence[Leg]],
        queue_of: Callable[[str], str],
    ) -> None:
        """Build it.

        Args:
            settings: Of the room.
            survey: Who is asked.
            clock: Its `sleep` bounds the wait.
            surveys: Who has agreed, who was asked.
            legs: The legs of a call, by our id.
            queue_of: Asterisk's queue that a caller belongs to.
        """
        self._settings = settings
        self._survey = survey
        self._clock = clock
        self._surveys = surveys
        self._legs = legs
        self._queue_of = queue_of
        self._awaited: dict[str, asyncio.Event] = {}

    def leg_changed(self, leg: Leg) -> None:
        """The ledger tells of a leg."""
        if leg.call_id in self._awaited:
            self._awaited[leg.call_id].set()

    async def next(self, call_id: str) -> Survey | Return | End:
        """How the call goes on; never raises, for a caller must not be left without an answer."""
        leg = await self._ended(call_id)
        if leg is None:
            log.warning("after_talk.nothing_known", call_id=call_id)
            return End()
        if leg.end is LegEnd.LOST:
            log.info("after_talk.returned", call_id=call_id)
            return Return(self._head(leg))
        if leg.end is LegEnd.AGENT and await self._is_asked(call_id, leg.agent):
            return Survey()
        return End()

    def _head(self, leg: Leg) -> Slice:
        return Slice(
            queue=leg.queue or self._queue_of(leg.call_id),
            seconds=self._settings.slice_seconds,
            priority=self._settings.priority,
            position=_HEAD,
        )

    async def _ended(self, call_id: str) -> Leg | None:
        """The person's leg that ended last; the event that tells of it may come after the question."""
        told = self._awaited.setdefault(call_id, asyncio.Event())
        limit = asyncio.ensure_future(self._clock.sleep(self._settings.settle_seconds))
        try:
            while (leg := self._last(call_id)) is None and not limit.done():
                told.clear()
                news = asyncio.ensure_future(told.wait())
                await asyncio.wait((news, limit), return_when=asyncio.FIRST_COMPLETED)
                news.cancel()
            return leg
        finally:
            limit.cancel()
            self._awaited.pop(call_id, None)

    def _last(self, call_id: str) -> Leg | None:
        """The leg of the talk that has just ended; None while one goes on, or none is known."""
        talks = [leg for leg in self._legs(call_id) if leg.person and leg.answered_at]
        if not talks or any(leg.talking for leg in talks):
            return None
        return max(talks, key=lambda leg: leg.ended_at or _LONG_AGO)

    async def _is_asked(self, call_id: str, agent: str | None) -> bool:
        if self._survey.ask is Ask.NEVER or not self._is_drawn(call_id):
            return False
        try:
            known = await self._surveys.of_call(call_id)
            agreed = known.agreed if known else None
            willing = agreed is True or (agreed is None and self._survey.ask is Ask.ALWAYS)
            return willing and await self._surveys.asked(call_id, agent)
        except StoreUnavailable:
            log.warning("after_talk.survey_left_out", call_id=call_id)
            return False

    def _is_drawn(self, call_id: str) -> bool:
        """Whether the call is in the share that is asked; the same call always is, or never."""
        drawn = int.from_bytes(hashlib.sha256(call_id.encode()).digest()[:4])
        return drawn < self._survey.share * 2**32
