"""Calls of campaigns: ordered over the manager under the attempt's id, and followed to their end.

An order is sent once. What becomes of it is told by events: the dialplan's own (asterisk-conf/
extensions_campaign.conf.j2), `AgentConnect`, `OriginateResponse` and `Hangup`; after a time in which nobody
watched, by a snapshot.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from ivr.asterisk.ami import ActionRefused, AmiLink, Channel, Event, LinkLost, LinkState, Snapshot
from ivr.asterisk.desk.channels import CallChannels
from ivr.calls.events import Answered, HungUp
from ivr.calls.running import Told
from ivr.calls.story import About, CallKind
from ivr.campaigns.answered import greeting_ended
from ivr.campaigns.model import Who
from ivr.campaigns.ports import CallEnd, DialEar, ExchangeAway, NotDialled, OutgoingCall
from ivr.dialogue.ports import CallFacts, Clock

log = structlog.get_logger(__name__)

CAMPAIGN_EVENT: Final = "IvrCampaign"
"""User event of the dialplan: what happened on the channel of a campaign's call."""

_NORMAL_CLEARING: Final = 16
_NO_CHANNEL: Final = re.compile(r"no such channel|does not exist", re.IGNORECASE)
_NUMBER: Final = re.compile(r"\+?[0-9]{3,15}")
_NAME: Final = re.compile(r"[a-z][a-z0-9.-]{0,62}")
_CALLER_ID: Final = re.compile(r"[^<>\"\r\n]{0,60}")
_REHEARSAL: Final = "PJSIP_HEADER(add,X-Ivr-Rehearsal)"
"""The page of who rehearses takes the call by itself: he has just asked for it."""

_NO_CHANNEL_MADE: Final = 44
"""Q.850, requested channel not available: Asterisk could not even make one (a trunk that does not answer)."""

_CHANNEL_SECONDS: Final = 1.0
_WITHDRAWN_SECONDS: Final = 1200
"""How late an order may still arrive that was taken back: longer than a connection repeats what it sends."""

_LOOKS: Final = 20
_LOOK_SECONDS: Final = 0.05
_NOTED_SECONDS: Final = 300.0
"""A note in AstDB is kept so long after the end of its call was heard: by then the end is written down."""

_NOTES_KEPT: Final = 10_000
"""Ended calls whose notes are still to be taken away, one with each order; more are forgotten."""

_SNAPSHOT_LATE_SECONDS: Final = 60.0
"""A call ordered so shortly before a snapshot is handled may have been ordered after it was taken."""


class DialBook(Protocol):
    """The ledger, as far as it is told of calls that are dialled."""

    def open_outgoing(
        self, facts: CallFacts, kind: CallKind, about: About | None = None, parent_call_id: str | None = None
    ) -> object:
        """Begin the story of a call, before anything is dialled."""

    def note(self, call_id: str, told: Told) -> None:
        """An event of a call."""


@dataclass(slots=True)
class _Dialled:
    """A call of ours that has not ended; what the dialplan has told of it.

    Attributes:
        ordered_at: Seconds of `Clock.monotonic`.
    """

    ordered_at: float

    answered: bool = False
    who: Who | None = None
    told: bool = False
    cause: int = 0


class AsteriskDialler:
    """The `Dialler` of `ivr.campaigns.ports` over the manager interface."""

    def __init__(
        self,
        link: AmiLink,
        channels: CallChannels,
        book: DialBook,
        *,
        profile: str,
        clock: Clock,
        device_of: Callable[[str], str | None] = lambda login: None,
    ) -> None:
        """Args: profile, the company's standard; device_of, Asterisk's name of an operator's telephone."""
        self._link = link
        self._channels = channels
        self._book = book
        self._profile = profile
        self._clock = clock
        self._device_of = device_of
        self._calls: dict[str, _Dialled] = {}
        self._heard: deque[tuple[float, str]] = deque(maxlen=_NOTES_KEPT)
        self._ear: DialEar | None = None

    def watch(self, ear: DialEar) -> None:
        """As `Dialler.watch`; after the `CallWatch` of the same link, so that the ledger is told first."""
        self._ear = ear
        self._link.on_resync(self._resync)
        self._link.on("UserEvent", self._told, {"UserEvent": {CAMPAIGN_EVENT}})
        self._link.on("AgentConnect", self._connected)
        self._link.on("OriginateResponse", self._failed, {"Response": {"Failure"}})
        self._link.on("Hangup", self._hung_up)

    # --- orders ------------------------------------------------------------------------------------------

    async def dial(self, call: OutgoingCall) -> None:
        """As `Dialler.dial`."""
        if self._link.actions.state is not LinkState.UP:
            raise NotDialled("the manager link is down")
        fields = _fields(call, self._devices(call), self._clock.now(), self._over())
        self._calls[call.attempt_id] = _Dialled(self._clock.monotonic())
        self._open_story(call)
        self._channels.bind(call.attempt_id, call.attempt_id)
        try:
            await self._link.originate(call.attempt_id, **fields)
        except ActionRefused as refusal:
            log.warning("dialler.refused", reason=refusal.reason)
            self._calls.pop(call.attempt_id, None)
            self._channels.caller_gone(call.attempt_id)
            raise NotDialled(refusal.reason) from refusal
        except (LinkLost, TimeoutError) as error:
            raise ExchangeAway("no answer") from error

    def _devices(self, call: OutgoingCall) -> _Devices:
        """The telephones of our own that it needs. Raises NotDialled when one is not there."""
        operator, called = (
            self._device_of(login) if login else "" for login in (call.operator, call.rehearses)
        )
        if operator is None or called is None:
            raise NotDialled("the operator has gone")
        return _Devices(operator, called)

    def _over(self) -> str:
        """A call that has ended long ago, or empty; each is told once."""
        if not self._heard or self._clock.monotonic() - self._heard[0][0] < _NOTED_SECONDS:
            return ""
        return self._heard.popleft()[1]

    async def hang_up(self, attempt_id: str) -> None:
        """As `Dialler.hang_up`."""
        try:
            await self._link.actions.action("Hangup", Channel=attempt_id, Cause=_NORMAL_CLEARING)
        except ActionRefused as refusal:
            if not _NO_CHANNEL.search(refusal.reason):
                raise ExchangeAway(str(refusal)) from refusal
        except (LinkLost, TimeoutError) as error:
            raise ExchangeAway("no answer") from error

    async def withdraw(self, attempt_id: str, written_at: datetime) -> bool:
        """As `Dialler.withdraw`.

        Asterisk gives an id to one channel at a time: a channel that only waits is given that of the order,
        which can't be carried out from then on. If one was made before, it has left a note in AstDB as its
        first act. An Asterisk that was started since may have lost the note: that proves nothing.
        """
        try:
            if not await self._same_life(written_at) or await self._noted(attempt_id):
                return False
            if not await self._occupied(attempt_id):
                return False
            if await self._noted(attempt_id):
                await self.hang_up(attempt_id)
                return False
        except (ActionRefused, LinkLost, TimeoutError, ExchangeAway):
            return False
        self._calls.pop(attempt_id, None)
        self._channels.caller_gone(attempt_id)
        return True

    async def _same_life(self, since: datetime) -> bool:
        """Whether Asterisk certainly runs since then."""
        begun = await self._value("IVR_BEGUN")
        return begun.isdecimal() and int(begun) + 1 < since.timestamp()

    async def _noted(self, attempt_id: str) -> bool:
        """Whether there was, or may have been, a channel of this order."""
        return await self._value(f"DB_EXISTS({_note(attempt_id)})") != "0"

    async def _occupied(self, attempt_id: str) -> bool:
        """Give the id to a channel that waits; False: a call has it, or that can't be known."""
        await self._link.originate(
            attempt_id,
            Channel="Local/s@campaign-withdrawn/n",
            Context="campaign-withdrawn",
            Exten="s",
            Priority=1,
            Timeout=_WITHDRAWN_SECONDS * 1000,
            Variable="IVR_WITHDRAWN=1",
        )
        for _ in range(_LOOKS):
            if await self._value("IVR_WITHDRAWN", Channel=attempt_id) == "1":
                return True
            await self._clock.sleep(_LOOK_SECONDS)
        return False

    async def _value(self, variable: str, **of: str) -> str:
        """Of a variable or a function, empty where there is none."""
        try:
            return str((await self._link.actions.action("Getvar", Variable=variable, **of))["Value"])
        except ActionRefused as refusal:
            if _NO_CHANNEL.search(refusal.reason):
                return ""
            raise

    def _open_story(self, call: OutgoingCall) -> None:
        facts = CallFacts(
            call_id=call.attempt_id,
            line="",
            segment="any",
            profile=self._profile,
            caller_number=call.number,
            started_at=self._clock.now(),
        )
        self._book.open_outgoing(facts, CallKind.CAMPAIGN, About("campaign", call.campaign))

    # --- news --------------------------------------------------------------------------------------------

    def _told(self, event: Event) -> None:
        """The dialplan tells of a call."""
        attempt_id = event["CallId"]
        call = self._calls.get(attempt_id)
        if call is None or self._ear is None:
            return
        at = self._at(event)
        match event["Step"]:
            case "answered":
                self._note_answer(attempt_id, call, at)
            case "reached":
                waited = greeting_ended(event["Cadence"])
                self._ear.reached(attempt_id, at - timedelta(seconds=waited))
            case "connected":
                self._ear.connected(attempt_id, at)
            case "over":
                if event["Answered"]:
                    self._note_answer(attempt_id, call, at)
                call.who, call.told = _who(event["Who"]), event["Told"] == "yes"
                call.cause = _cause(event)
                self._book.note(attempt_id, HungUp(at, call.cause))

    def _note_answer(self, attempt_id: str, call: _Dialled, at: datetime) -> None:
        if not call.answered and self._ear is not None:
            call.answered = True
            self._book.note(attempt_id, Answered(at))
            self._ear.answered(attempt_id, at)

    def _connected(self, event: Event) -> None:
        if event["Uniqueid"] in self._calls and self._ear is not None:
            self._ear.connected(event["Uniqueid"], self._at(event))

    def _hung_up(self, event: Event) -> None:
        """The channel is gone; the cause that the dialplan has told is the better one."""
        attempt_id = event["Uniqueid"]
        call = self._calls.get(attempt_id)
        if call is not None:
            call.cause = call.cause or _cause(event)
            self._end(attempt_id, call, self._at(event))

    def _failed(self, event: Event) -> None:
        """The order came to nothing; the end of its channel, if there was one, tells why a moment later."""
        attempt_id, at = event["ActionID"], self._at(event)
        if attempt_id in self._calls:
            asyncio.get_running_loop().call_later(_CHANNEL_SECONDS, self._without_channel, attempt_id, at)

    def _without_channel(self, attempt_id: str, at: datetime) -> None:
        call = self._calls.get(attempt_id)
        if call is not None and not call.answered:
            call.cause = call.cause or _NO_CHANNEL_MADE
            self._end(attempt_id, call, at)

    def _end(self, attempt_id: str, call: _Dialled, at: datetime) -> None:
        self._channels.caller_gone(attempt_id)
        del self._calls[attempt_id]
        self._heard.append((self._clock.monotonic(), attempt_id))
        if self._ear is not None:
            end = CallEnd(at=at, cause=call.cause, answered=call.answered, who=call.who, told=call.told)
            self._ear.ended(attempt_id, end)

    def _at(self, event: Event) -> datetime:
        return event.happened(self._clock.now())

    # --- after a time in which nobody watched ------------------------------------------------------------

    def _resync(self, snapshot: Snapshot) -> None:
        there = {one.uniqueid: one for one in snapshot.channels if _is_ours(one)}
        now = self._clock.monotonic()
        self._calls = {
            attempt_id: call
            for attempt_id, call in self._calls.items()
            if attempt_id in there or now - call.ordered_at < _SNAPSHOT_LATE_SECONDS
        }
        for attempt_id, channel in there.items():
            call = self._calls.setdefault(attempt_id, _Dialled(now))
            if channel.state == "Up":
                self._note_answer(attempt_id, call, self._clock.now())
        if self._ear is not None:
            self._ear.seen(there)


def _is_ours(channel: Channel) -> bool:
    """Of a campaign's call alone the channel has the call's id."""
    return channel.variables.get("CALL_ID") == channel.uniqueid


def _note(attempt_id: str) -> str:
    """Where AstDB keeps that an order was carried out."""
    return f"ivr-dialled/{attempt_id}"


@dataclass(frozen=True, slots=True)
class _Devices:
    """Telephones of our own in a call, as Asterisk names them; empty: none.

    Attributes:
        operator: Of who alone takes it.
        called: Of who rehearses: called in the place of the number, over no trunk.
    """

    operator: str
    called: str


def _fields(
    call: OutgoingCall, devices: _Devices, now: datetime, over: str
) -> Mapping[str, str | int | list[str]]:
    """Of the order. Raises NotDialled when something can't be in one.

    Args:
        call: Which one.
        devices: Telephones of our own.
        now: When it is ordered.
        over: An earlier call whose note is not needed any more, or empty.
    """
    _checked(_NUMBER, call.number, "the number")
    _checked(_NAME, call.trunk, "the name of the trunk")
    _checked(_CALLER_ID, call.label, "the label")
    variables = {
        f"DB({_note(call.attempt_id)})": "1",
        "__CALL_ID": call.attempt_id,
        "__IVR_KIND": CallKind.CAMPAIGN.value,
        "IVR_STARTED": str(int(now.timestamp())),
        "__IVR_TRUNK": call.trunk,
        "IVR_MACHINE": call.machine.value,
        "IVR_QUEUE": call.queue,
        "IVR_OPERATOR": devices.operator,
        "CHANNEL(hangup_handler_push)": r"campaign-over\,s\,1",
    }
    variables |= {_REHEARSAL: call.attempt_id} if devices.called else {"GROUP(trunk)": call.trunk}
    if over:
        variables[f"DB_DELETE({_note(over)})"] = "1"
    return {
        "Channel": devices.called or f"PJSIP/{call.number}@trunk-{call.trunk}.campaign",
        "Context": "campaign",
        "Exten": "people" if call.queue or devices.operator else "robot",
        "Priority": 1,
        "Timeout": call.ring_seconds * 1000,
        "CallerID": f'"{call.label}" <{call.caller_id}>' if call.label else call.caller_id,
        "Variable": [f"{name}={value}" for name, value in variables.items()],
    }


def _checked(pattern: re.Pattern[str], value: str, what: str) -> None:
    if pattern.fullmatch(value) is None:
        raise NotDialled(f"{what} can't be dialled")


def _cause(event: Event) -> int:
    return int(event["Cause"]) if event["Cause"].isdecimal() else 0


def _who(text: str) -> Who | None:
    return Who(text) if text in set(Who) else None
