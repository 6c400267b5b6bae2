"""Hears of every telephone that is rung: tells the ledger of legs, and the desk of queues and telephones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, Protocol

import structlog

from ivr.asterisk.ami import AmiLink, Event, Snapshot
from ivr.asterisk.desk.channels import CallChannels, PhoneChannel
from ivr.asterisk.desk.endings import leg_end
from ivr.asterisk.desk.reachability import Contacts
from ivr.asterisk.desk.taking_stock import take_stock
from ivr.calls.legs import LegAnswered, LegEnd, LegEnded, LegEvent, LegHeld, LegRang, LegResumed, LegRole
from ivr.desk.ports import ExchangeListener
from ivr.dialogue.ports import Clock

log = structlog.get_logger(__name__)

LEG_EVENT: Final = "IvrLeg"
"""User event of the dialplan for a telephone that no queue rings (asterisk-conf/extensions_desk.conf.j2)."""

_ORIGINATE_ENDS: Final = {"1": LegEnd.NO_ANSWER, "5": LegEnd.BUSY, "8": LegEnd.BUSY}
"""`Reason` of `OriginateResponse`: control frames of Asterisk, 1 = still ringing when the time was over."""


CallGone = Callable[[str, int | None, datetime], Awaitable[None] | None]
"""Told the id of a call that is over, Asterisk's cause if it is known, and when."""


class LegBook(Protocol):
    """The ledger, as far as it is told of legs."""

    def leg(self, event: LegEvent) -> None:
        """Something happened on a leg."""


class DeskWatch:
    """Turns events into legs of calls.

    Queues tell of the telephones they ring by events of their own; all others tell of themselves by the
    dialplan's user event. The end of each is its `Hangup`. What was missed while the link was away is made up
    from a snapshot; telling the ledger twice does no harm there.
    """

    def __init__(
        self,
        link: AmiLink,
        channels: CallChannels,
        legs: LegBook,
        floor: ExchangeListener,
        *,
        agent_of: Callable[[str], str | None],
        on_gone: CallGone,
        clock: Clock,
    ) -> None:
        """Subscribe; after the `CallWatch` of the same link, so that callers are known first.

        Args:
            link: Asterisk's events.
            channels: The map that `CallWatch` and the switchboard share.
            legs: Is told of legs.
            floor: Is told of queues and telephones.
            agent_of: Login of whoever works at a device, or None.
            on_gone: Told of an outgoing call that ended before the client answered.
            clock: The time of events.
        """
        self._channels = channels
        self._legs = legs
        self._floor = floor
        self._agent_of = agent_of
        self._on_gone = on_gone
        self._clock = clock
        self._contacts = Contacts()
        link.on_resync(self._resync)
        link.on("AgentCalled", self._offered)
        link.on("AgentConnect", lambda event: self._answered(event["DestUniqueid"], event))
        link.on("AgentRingNoAnswer", self._missed)
        link.on("UserEvent", self._told, {"UserEvent": {LEG_EVENT}})
        link.on("Hold", self._held)
        link.on("Unhold", self._resumed)
        link.on("HangupRequest", self._asked_to_hang_up)
        link.on("Hangup", self._hung_up)
        link.on("OriginateResponse", self._not_originated, {"Response": {"Failure"}})
        link.on("QueueCallerJoin", self._joined)
        link.on("QueueCallerLeave", self._left)
        link.on("ContactStatus", self._contact)

    # --- a telephone rings -------------------------------------------------------------------------------

    def _offered(self, event: Event) -> None:
        """A queue rings a member for a caller, or for an operator who asks the queue."""
        call_id, line = self._channels.call_of(event["Uniqueid"]), self._line(event["Uniqueid"])
        role, order_id = LegRole.QUEUE, ""
        if line is not None:
            call_id, role, order_id = line.call_id, LegRole.CONSULT, line.order_id
        if call_id is None:
            return
        device, name = event["Interface"], event["MemberName"]
        phone = PhoneChannel(
            channel_id=event["DestUniqueid"], call_id=call_id, role=role, device=device, order_id=order_id
        )
        agent = name if name not in ("", device) else self._agent_of(device)
        self._rang(phone, role, agent, event["Queue"], self._at(event))

    def _told(self, event: Event) -> None:
        """The dialplan tells of a telephone that is about to ring, or has answered."""
        phone = self._channels.phone(event["Uniqueid"]) or self._introduce(event)
        if phone is not None and event["Step"] == "answered":
            self._answered(phone.channel_id, event)

    def _introduce(self, event: Event) -> PhoneChannel | None:
        try:
            role = LegRole(event["Role"])
        except ValueError:
            log.error("desk.unknown-role", role=event["Role"])
            return None
        outside = role is LegRole.CLIENT or event["Channel"].startswith("PJSIP/trunk-")
        device = "" if outside else event["Channel"].rpartition("-")[0]
        phone = PhoneChannel(
            channel_id=event["Uniqueid"],
            call_id=event["CallId"],
            role=role,
            device=device,
            order_id=event["Order"],
        )
        self._rang(phone, role, self._agent_of(device) if device else None, None, self._at(event))
        return phone

    def _at(self, event: Event) -> datetime:
        return event.happened(self._clock.now())

    def _rang(
        self, phone: PhoneChannel, role: LegRole, agent: str | None, queue: str | None, at: datetime
    ) -> None:
        self._channels.add(phone)
        self._legs.leg(
            LegRang(
                at=at,
                call_id=phone.call_id,
                leg_id=phone.channel_id,
                role=role,
                device=phone.device,
                agent=agent,
                queue=queue,
            )
        )

    # --- and after ---------------------------------------------------------------------------------------

    def _answered(self, channel_id: str, event: Event) -> None:
        phone = self._leg(channel_id)
        if phone is None or phone.answered:
            return
        phone.answered = True
        self._legs.leg(LegAnswered(at=self._at(event), call_id=phone.call_id, leg_id=channel_id))
        if phone.role is LegRole.CLIENT:
            self._channels.bind(channel_id, phone.call_id)

    def _missed(self, event: Event) -> None:
        if phone := self._leg(event["DestUniqueid"]):
            phone.expected = phone.expected or LegEnd.NO_ANSWER

    def _held(self, event: Event) -> None:
        if phone := self._leg(event["Uniqueid"]):
            self._legs.leg(LegHeld(at=self._at(event), call_id=phone.call_id, leg_id=phone.channel_id))

    def _resumed(self, event: Event) -> None:
        if phone := self._leg(event["Uniqueid"]):
            self._legs.leg(LegResumed(at=self._at(event), call_id=phone.call_id, leg_id=phone.channel_id))

    def _asked_to_hang_up(self, event: Event) -> None:
        phone = self._channels.phone(event["Uniqueid"])
        if phone is None:
            return
        phone.asked = True
        if phone.answered and self._channels.loss_expected(phone.device, self._clock.monotonic()):
            phone.expected = LegEnd.LOST

    def _hung_up(self, event: Event) -> Awaitable[None] | None:
        cause = int(event["Cause"]) if event["Cause"].isdecimal() else 0
        phone = self._channels.phone(event["Uniqueid"])
        return None if phone is None else self._end(phone, leg_end(phone, cause), cause, self._at(event))

    def _not_originated(self, event: Event) -> Awaitable[None] | None:
        """An order came to nothing; a channel that there was has told so itself, and is forgotten."""
        phone = self._channels.phone(event["ActionID"]) or self._channels.phone(event["Uniqueid"])
        if phone is None or phone.answered:
            return None
        end = _ORIGINATE_ENDS.get(event["Reason"], LegEnd.FAILED)
        return self._end(phone, end, None, self._at(event))

    def _end(
        self, phone: PhoneChannel, end: LegEnd, cause: int | None, at: datetime
    ) -> Awaitable[None] | None:
        """The telephone is gone, and with the last one of an outgoing call the call."""
        self._channels.phone_gone(phone.channel_id)
        if phone.role is not None:
            self._legs.leg(LegEnded(at=at, call_id=phone.call_id, leg_id=phone.channel_id, end=end))
        ended = self._channels.unmet_ended(phone.call_id)
        return self._on_gone(phone.call_id, cause, at) if ended else None

    def _line(self, channel_id: str) -> PhoneChannel | None:
        phone = self._channels.phone(channel_id)
        return phone if phone is not None and phone.role is None else None

    def _leg(self, channel_id: str) -> PhoneChannel | None:
        phone = self._channels.phone(channel_id)
        return phone if phone is not None and phone.role is not None else None

    # --- queues and telephones ---------------------------------------------------------------------------

    def _joined(self, event: Event) -> None:
        if call_id := self._channels.call_of(event["Uniqueid"]):
            self._floor.caller_joined(event["Queue"], call_id, self._at(event))

    def _left(self, event: Event) -> None:
        if call_id := self._channels.call_of(event["Uniqueid"]):
            self._floor.caller_left(event["Queue"], call_id, self._at(event))

    def _contact(self, event: Event) -> None:
        seen = self._contacts.seen(event["EndpointName"], event["URI"], event["ContactStatus"])
        if seen is not None:
            self._floor.phone_reachable(*seen)

    # --- after a time in which nobody watched ------------------------------------------------------------

    async def _resync(self, snapshot: Snapshot) -> None:
        stock = take_stock(snapshot, self._channels, self._clock.now(), self._agent_of)
        gone = self._channels.replace_phones(stock.phones)
        for event in stock.events:
            self._legs.leg(event)
        for phone in gone:
            over = self._end(phone, phone.expected or LegEnd.UNKNOWN, None, self._clock.now())
            if over is not None:
                await over
        self._contacts.reset(stock.floor.reachable)
        self._floor.resync(stock.floor)
