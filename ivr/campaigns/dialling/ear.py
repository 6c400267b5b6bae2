"""What the exchange tells of attempts: kept at once for the pace, and written down in order."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from functools import partial

import structlog

from ivr.campaigns.book import CampaignBook
from ivr.campaigns.dialling.calls import Call, Calls, Stage
from ivr.campaigns.dialling.fates import CONNECTED, CONNECTED_LATE
from ivr.campaigns.dialling.metrics import CampaignMetrics
from ivr.campaigns.dialling.overseers import Overseers
from ivr.campaigns.dialling.settling import Settling
from ivr.campaigns.dialling.talks import CampaignTalks
from ivr.campaigns.dialling.writing import Writing
from ivr.campaigns.dispositions import disposition_of
from ivr.campaigns.model import Attempt, Disposition
from ivr.campaigns.ports import CallEnd, CallLog, Dialler
from ivr.dialogue.ports import Clock

log = structlog.get_logger(__name__)

_UNANSWERED = frozenset({Stage.CLAIMED, Stage.ORDERED})
_SETTLED_SECONDS = 5.0
"""A call ordered so shortly before a snapshot is heard of need not be in it."""


class Ear:
    """`DialEar` of the ports. What it is told twice, late or in another order changes nothing more."""

    def __init__(
        self,
        *,
        calls: Calls,
        book: CampaignBook,
        writing: Writing,
        settling: Settling,
        talks: CampaignTalks,
        dialler: Dialler,
        log_of_calls: CallLog,
        overseers: Overseers,
        metrics: CampaignMetrics,
        clock: Clock,
    ) -> None:
        self._calls = calls
        self._book = book
        self._writing = writing
        self._settling = settling
        self._talks = talks
        self._dialler = dialler
        self._log = log_of_calls
        self._overseers = overseers
        self._metrics = metrics
        self._clock = clock

    # --- DialEar --------------------------------------------------------------------------------------

    def answered(self, attempt_id: str, at: datetime) -> None:
        """As `DialEar.answered`."""
        call = self._there(attempt_id)
        if call is None:
            return
        if call.stage in _UNANSWERED:
            call.stage = Stage.ANSWERED
        self._writing.put(attempt_id, partial(self._book.answered, attempt_id, at))

    def reached(self, attempt_id: str, at: datetime) -> None:
        """As `DialEar.reached`."""
        self.answered(attempt_id, at)
        call = self._calls.of_attempt(attempt_id)
        if call is None or call.reached_at is not None:
            return
        call.reached_at = self._clock.monotonic()
        if call.stage is Stage.ANSWERED:
            call.stage = Stage.REACHED
        overseer = self._overseers.of(call.campaign_id)
        if overseer is not None:
            overseer.pacer.reached(call, call.reached_at)

    def connected(self, attempt_id: str, at: datetime) -> None:
        """As `DialEar.connected`."""
        self.reached(attempt_id, at)
        call = self._calls.of_attempt(attempt_id)
        if call is None or call.connected_at is not None:
            return
        call.stage = Stage.CONNECTED
        call.connected_at = self._clock.monotonic()
        if not call.queue:
            return
        overseer = self._overseers.of(call.campaign_id)
        in_time = overseer is None or overseer.pacer.connected(call, call.connected_at)
        outcome = CONNECTED if in_time else CONNECTED_LATE
        self._writing.put(attempt_id, partial(self._book.result, attempt_id, outcome, {}))

    def ended(self, attempt_id: str, end: CallEnd) -> None:
        """As `DialEar.ended`."""
        self._talks.rehearsed(attempt_id)
        call = self._calls.of_attempt(attempt_id)
        if call is None:
            return
        whole = replace(end, answered=end.answered or call.stage not in _UNANSWERED)
        if whole.answered:
            self.answered(attempt_id, end.at)
        self.finish(call, disposition_of(whole, call.way), end.cause, end.at)

    def seen(self, attempt_ids: Collection[str]) -> None:
        """As `DialEar.seen`."""
        there, now = frozenset(attempt_ids), self._clock.monotonic()
        for call in self._calls:
            attempt = call.attempt
            if attempt is None:
                continue
            if attempt.attempt_id in there:
                self._there(attempt.attempt_id)
                self._writing.put(attempt.attempt_id, partial(self._book.dialled, attempt.attempt_id))
            elif call.missing_since is None:
                call.missing_since = self._missing_from(call, now)

    def _missing_from(self, call: Call, now: float) -> float:
        """Since when a call that a snapshot lacks is missed; a young one has time to tell of itself."""
        young = not call.in_doubt and now - call.began < _SETTLED_SECONDS
        return now if call.ends_by is None or not young else call.ends_by

    # --- ends -----------------------------------------------------------------------------------------

    def finish(self, call: Call, disposition: Disposition, cause: int, at: datetime) -> None:
        """A call is over; its line is free at once, the book follows."""
        call.disposition = disposition
        attempt = self._off_the_line(call)
        self._note_end(call, disposition)
        self._writing.put(
            attempt.attempt_id, partial(self._book.ended, attempt.attempt_id, disposition, cause, at)
        )
        self._settle(attempt.attempt_id)

    def lost(self, call: Call) -> None:
        """The exchange has no such call (any more): its end is in the log, or nobody knows it."""
        attempt = self._off_the_line(call)
        self._writing.put(attempt.attempt_id, partial(self._look_up, call, attempt))
        self._settle(attempt.attempt_id)

    def settle(self, attempt: Attempt) -> None:
        """An attempt has ended, and what follows was not written down: after a crash."""
        self._settle(attempt.attempt_id)

    async def _look_up(self, call: Call, attempt: Attempt) -> None:
        end = await self._log.end_of(attempt.attempt_id)
        disposition = await self._without_end(attempt) if end is None else disposition_of(end, call.way)
        at, cause = (self._clock.now(), 0) if end is None else (end.at, end.cause)
        if end is not None and end.answered:
            await self._book.answered(attempt.attempt_id, end.at)
        if await self._book.ended(attempt.attempt_id, disposition, cause, at):
            self._note_end(call, disposition)
            log.warning("campaigns.missing", attempt=attempt.attempt_id, disposition=disposition.value)

    async def _without_end(self, attempt: Attempt) -> Disposition:
        """Of an attempt whose end nobody has heard: was there a call at all?"""
        never = await self._dialler.withdraw(attempt.attempt_id, attempt.written_at)
        return Disposition.NOT_DIALLED if never else Disposition.LOST

    def _settle(self, attempt_id: str) -> None:
        self._writing.put(attempt_id, partial(self._talks.finished, attempt_id))
        self._writing.put(attempt_id, partial(self._settling.settle, attempt_id))

    def _off_the_line(self, call: Call) -> Attempt:
        if call.attempt is None:
            raise ValueError("a call without an attempt has no end")
        self._calls.drop(call)
        return call.attempt

    def _note_end(self, call: Call, disposition: Disposition) -> None:
        self._metrics.ended(disposition)
        overseer = self._overseers.of(call.campaign_id)
        if overseer is not None:
            overseer.pacer.ended(call, self._clock.monotonic())
            overseer.attempt_ended(call.trunk, disposition, call.way)

    def _there(self, attempt_id: str) -> Call | None:
        """The call, which the exchange certainly has."""
        call = self._calls.of_attempt(attempt_id)
        if call is not None:
            call.in_doubt, call.missing_since = False, None
        return call
