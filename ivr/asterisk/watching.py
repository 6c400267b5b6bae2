"""Watches Asterisk's events and tells the ledger, under our call id, what became of each caller."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from pathlib import Path

import structlog

from ivr.asterisk.ami import AmiLink, Channel, Event, Snapshot
from ivr.asterisk.desk.channels import CallChannels
from ivr.asterisk.desk.taking_stock import callers_of, live_calls
from ivr.asterisk.withheld import shown
from ivr.calls.ledger import Ledger
from ivr.calls.lines import Lines
from ivr.calls.records import parse
from ivr.calls.story import Party
from ivr.dialogue.ports import CallFacts, Clock

log = structlog.get_logger(__name__)

AWAY_EVENT = "IvrEngineAway"
"""User event of the dialplan for a call that no engine conducts (asterisk-conf/extensions.conf.j2)."""

_ENDED_BY = {"caller": Party.CALLER, "agent": Party.AGENT}

CallEnded = Callable[[str], Awaitable[None] | None]


class CallWatch:
    """Maps channels to calls and feeds the ledger.

    Queue events and hang-ups name the caller's channel by its unique id; the map is filled by the FastAGI
    requests, by the dialplan's own event and, after a reconnect, from a snapshot.
    """

    def __init__(
        self,
        link: AmiLink,
        ledger: Ledger,
        *,
        lines: Lines,
        records: Path,
        clock: Clock,
        on_end: CallEnded,
        channels: CallChannels | None = None,
    ) -> None:
        """Subscribe.

        Args:
            link: Asterisk's events.
            ledger: Is told.
            lines: For calls that came while the engine was away.
            records: Asterisk's own list of calls (`calls.csv`).
            clock: The time of events.
            on_end: Called with the call id when a caller's channel is gone.
            channels: The map, when others watch or act by it too.
        """
        self._ledger = ledger
        self._lines = lines
        self._records = records
        self._read_to = 0
        self._clock = clock
        self._on_end = on_end
        self.channels = CallChannels() if channels is None else channels
        link.on_resync(self._resync)
        link.on("Hangup", self._hung_up)
        link.on("QueueCallerJoin", self._joined)
        link.on("QueueCallerAbandon", self._abandoned)
        link.on("AgentConnect", self._connected)
        link.on("AgentComplete", self._completed)
        link.on("UserEvent", self._engine_away, {"UserEvent": {AWAY_EVENT}})

    def bind(self, unique_id: str, call_id: str) -> None:
        """The caller's channel of a call."""
        self.channels.bind(unique_id, call_id)

    @property
    def calls(self) -> int:
        """Channels that are known to carry a caller."""
        return self.channels.callers

    # --- events ----------------------------------------------------------------------------------------

    def _hung_up(self, event: Event) -> Awaitable[None] | None:
        call_id = self.channels.caller_gone(event["Uniqueid"])
        if call_id is None:
            return None
        cause = event["Cause"]
        return self.ended(call_id, int(cause) if cause.isdecimal() else None, self._at(event))

    def ended(self, call_id: str, cause: int | None, at: datetime) -> Awaitable[None] | None:
        """The call is over; `cause` as of `Ledger.hung_up`."""
        self._ledger.hung_up(call_id, cause, at)
        return self._on_end(call_id)

    def _at(self, event: Event) -> datetime:
        return event.happened(self._clock.now())

    def _joined(self, event: Event) -> None:
        if call_id := self.channels.call_of(event["Uniqueid"]):
            self._ledger.queue_joined(call_id, event["Queue"], self._at(event))

    def _abandoned(self, event: Event) -> None:
        if call_id := self.channels.call_of(event["Uniqueid"]):
            self._ledger.queue_abandoned(call_id, self._at(event))

    def _connected(self, event: Event) -> None:
        if call_id := self.channels.call_of(event["Uniqueid"]):
            agent = event["MemberName"] or event["Interface"]
            self._ledger.agent_connected(call_id, agent, self._at(event))

    def _completed(self, event: Event) -> None:
        if call_id := self.channels.call_of(event["Uniqueid"]):
            by = _ENDED_BY.get(event["Reason"], Party.UNKNOWN)
            self._ledger.agent_completed(call_id, by, self._at(event))

    def _engine_away(self, event: Event) -> None:
        """A call that the dialplan leads, because the engine refused or lost it, has a story all the same."""
        call_id, line = event["CallId"], event["Line"]
        self.bind(event["Uniqueid"], call_id)
        if self._ledger.find(call_id) is None:
            self._ledger.notice(self._facts(call_id, line, shown(event["CallerIDNum"]), self._clock.now()))

    # --- after a time in which nobody watched ------------------------------------------------------------

    async def _resync(self, snapshot: Snapshot) -> None:
        seen_at = self._clock.now()
        there = {channel.uniqueid for channel in snapshot.channels}
        await self.import_records(there)
        self.channels.replace_callers(callers_of(snapshot.channels))
        calls = live_calls(snapshot.channels)
        live = {call_id: self._facts_of(call_id, channel, seen_at) for call_id, channel in calls.items()}
        await self._ledger.reconcile(live, seen_at, there)

    async def import_records(self, channels: Collection[str] = ()) -> None:
        """Read what Asterisk itself has written of calls since the last time; `channels` as of the ledger."""
        if not self._records.exists():
            return
        if self._records.stat().st_size < self._read_to:  # rotated
            self._read_to = 0
        with self._records.open("rb") as stream:
            stream.seek(self._read_to)
            unread = stream.read()
        whole = unread[: unread.rfind(b"\n") + 1]  # the last line may be under way
        self._read_to += len(whole)
        found = parse(whole.decode(errors="replace").splitlines())
        for bad in found.bad:
            log.warning("calls.csv: a line can't be read", line=bad.line, reason=bad.reason)
        await self._ledger.import_records(found.records, channels)

    def _facts_of(self, call_id: str, channel: Channel, seen_at: datetime) -> CallFacts | None:
        line = channel.variables.get("IVR_LINE", "")
        return self._facts(call_id, line, "", seen_at) if line else None

    def _facts(self, call_id: str, line_name: str, caller_number: str, at: datetime) -> CallFacts:
        line = self._lines.by_name(line_name)
        return CallFacts(
            call_id=call_id,
            line=line_name,
            segment=line.segment if line else "any",
            profile=line.profile if line else "",
            caller_number=caller_number,
            started_at=at,
        )
