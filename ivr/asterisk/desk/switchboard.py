"""The switchboard: what the desk wants of Asterisk, as actions of the manager.

Whatever is done with a call that goes on is one action, so that it is carried out whole or not at all: a
`Redirect` of one channel into the dialplan (asterisk-conf/extensions_desk.conf.j2), which knows what to do
when the other party is gone meanwhile. No action is ever sent twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final, NamedTuple

import structlog

from ivr.asterisk.ami import ActionRefused, AmiLink, LinkLost
from ivr.asterisk.desk.channels import LINE_ROLE, CallChannels, PhoneChannel
from ivr.asterisk.desk.settings import SwitchboardSettings
from ivr.asterisk.desk.watch import LegBook
from ivr.calls.legs import LegEnd, LegEnded, LegRang, LegRole
from ivr.calls.story import CallKind
from ivr.desk.ports import CallNotThere, ExchangeAway, Order, Phone, Target, TargetKind
from ivr.dialogue.ports import Clock

log = structlog.get_logger(__name__)

_NO_CHANNEL: Final = re.compile(r"no such channel|does not exist", re.IGNORECASE)
_ALREADY_MEMBER: Final = "Already there"
_NO_MEMBER: Final = re.compile(r"Not there|not found", re.IGNORECASE)
_NORMAL_CLEARING: Final = 16
_KINDS: Final = {LegRole.OUT: CallKind.OUTBOUND, LegRole.CALLBACK: CallKind.CALLBACK}
_EXTENSION: Final = re.compile(r"[A-Za-z0-9+][A-Za-z0-9+._-]{0,79}")


class Place(NamedTuple):
    """A place in the dialplan."""

    context: str
    extension: str


class AsteriskSwitchboard:
    """The `Switchboard` of `ivr.desk.ports` over the manager interface."""

    def __init__(
        self,
        link: AmiLink,
        channels: CallChannels,
        legs: LegBook,
        *,
        phone_of: Callable[[str], Phone | None],
        clock: Clock,
        settings: SwitchboardSettings,
    ) -> None:
        """Args: `phone_of` gives the telephone of an operator who is signed in, by login."""
        self._link = link
        self._channels = channels
        self._legs = legs
        self._phone_of = phone_of
        self._clock = clock
        self._settings = settings

    # --- queues ------------------------------------------------------------------------------------------

    async def join(self, queue: str, phone: Phone, agent: str, pause: str | None) -> None:
        """As `Switchboard.join`."""
        paused = _flag(pause is not None)
        member = {"Queue": queue, "Interface": phone.device}
        try:
            await self._act("QueueAdd", **member, MemberName=agent, Paused=paused)
        except ActionRefused as refusal:
            if _ALREADY_MEMBER not in refusal.reason:
                raise ExchangeAway(str(refusal)) from refusal
        await self._change("QueuePause", **member, Paused=paused, Reason=pause or "")

    async def leave(self, queue: str, phone: Phone) -> None:
        """As `Switchboard.leave`."""
        try:
            await self._act("QueueRemove", Queue=queue, Interface=phone.device)
        except ActionRefused as refusal:
            if not _NO_MEMBER.search(refusal.reason):
                raise ExchangeAway(str(refusal)) from refusal

    async def pause(self, phone: Phone, reason: str | None) -> None:
        """As `Switchboard.pause`; a telephone that serves no queue needs no pause."""
        try:
            await self._act(
                "QueuePause", Interface=phone.device, Paused=_flag(reason is not None), Reason=reason or ""
            )
        except ActionRefused as refusal:
            if not _NO_MEMBER.search(refusal.reason):
                raise ExchangeAway(str(refusal)) from refusal

    # --- outgoing ----------------------------------------------------------------------------------------

    async def call_out(self, order: Order) -> None:
        """As `Switchboard.call_out`."""
        phone = PhoneChannel(
            channel_id=order.order_id,
            call_id=order.call_id,
            role=order.role,
            device=order.phone.device,
            order_id=order.order_id,
        )
        self._channels.add(phone)
        self._legs.leg(
            LegRang(
                at=self._clock.now(),
                call_id=order.call_id,
                leg_id=order.order_id,
                role=order.role,
                device=phone.device,
                agent=order.agent,
            )
        )
        told = {
            "IVR_ROLE": order.role.value,
            "__IVR_KIND": _KINDS[order.role].value,
            "__IVR_CALLS_OUT": order.phone.device,
            "__IVR_STARTED": str(int(self._clock.now().timestamp())),
            "CHANNEL(hangup_handler_push)": r"desk-out-record\,s\,1",
        }
        await self._ring(phone, Place("desk-out", order.number), told)

    async def consult(self, call_id: str, leg_id: str, order_id: str, target: Target) -> None:
        """As `Switchboard.consult`."""
        leg = self._leg(call_id, leg_id)
        place = self._place("desk-consult", target)
        line = PhoneChannel(
            channel_id=order_id,
            call_id=call_id,
            role=None,
            device=leg.device,
            order_id=order_id,
            consults_for=leg_id,
        )
        self._channels.add(line)
        await self._ring(line, place, {"IVR_ROLE": LINE_ROLE, "IVR_FOR": leg_id})

    async def _ring(self, phone: PhoneChannel, place: Place, told: dict[str, str]) -> None:
        """Ring a telephone; it takes its place in the dialplan when it answers."""
        variables = {
            "__CALL_ID": phone.call_id,
            "__IVR_ORDER": phone.order_id,
            "PJSIP_HEADER(add,X-Ivr-Order)": phone.order_id,
            "PJSIP_HEADER(add,X-Ivr-Call)": phone.call_id,
            **told,
        }
        try:
            await self._link.originate(
                phone.channel_id,
                Channel=phone.device,
                Context=place.context,
                Exten=place.extension,
                Priority=1,
                Timeout=int(self._settings.operator_seconds * 1000),
                Variable=[f"{name}={value}" for name, value in variables.items()],
            )
        except ActionRefused as refusal:
            log.warning("desk.refused", action=refusal.action, reason=refusal.reason)
            self._never_rang(phone)
            raise ExchangeAway(str(refusal)) from refusal
        except (LinkLost, TimeoutError) as error:
            raise ExchangeAway("no answer") from error

    def _never_rang(self, phone: PhoneChannel) -> None:
        self._channels.phone_gone(phone.channel_id)
        self._channels.unmet_ended(phone.call_id)
        if phone.role is not None:
            self._legs.leg(
                LegEnded(
                    at=self._clock.now(),
                    call_id=phone.call_id,
                    leg_id=phone.channel_id,
                    end=LegEnd.FAILED,
                )
            )

    # --- a call that goes on -----------------------------------------------------------------------------

    async def complete(self, call_id: str, leg_id: str) -> None:
        """As `Switchboard.complete`; `CallNotThere` also while nobody has answered yet."""
        leg = self._leg(call_id, leg_id)
        asked = self._consulted(leg_id)
        await self._hand_over(leg, Place("desk-join", asked.channel_id))

    async def withdraw(self, call_id: str, leg_id: str) -> None:
        """As `Switchboard.withdraw`."""
        self._leg(call_id, leg_id)
        await self._hang_up_channel(self._line(leg_id).channel_id)

    async def conference(self, call_id: str, leg_id: str) -> None:
        """As `Switchboard.conference`; `CallNotThere` also while nobody has answered yet."""
        self._leg(call_id, leg_id)
        asked = self._consulted(leg_id)
        await self._redirect(asked.channel_id, Place("desk-conference", self._caller(call_id)))

    async def transfer(self, call_id: str, leg_id: str, target: Target) -> None:
        """As `Switchboard.transfer`."""
        leg = self._leg(call_id, leg_id)
        await self._hand_over(leg, self._place("desk-to", target))

    async def hang_up(self, call_id: str, leg_id: str) -> None:
        """As `Switchboard.hang_up`."""
        leg = self._leg(call_id, leg_id)
        with _expecting(leg, LegEnd.AGENT):
            await self._hang_up_channel(leg_id)

    async def end_call(self, call_id: str, prompt: str | None) -> None:
        """As `Switchboard.end_call`."""
        caller = self._caller(call_id)
        with ExitStack() as ending:
            for phone in self._channels.phones(call_id):
                if phone.answered and phone.channel_id != caller:
                    ending.enter_context(_expecting(phone, LegEnd.AGENT))
            if prompt is None:
                await self._hang_up_channel(caller)
            else:
                await self._redirect(caller, Place("desk-end", prompt))

    async def record(self, call_id: str, on: bool) -> None:
        """As `Switchboard.record`: a channel that is not recorded says so and is passed over."""
        legs = [phone.channel_id for phone in self._channels.phones(call_id) if phone.role is not None]
        channels = dict.fromkeys([self._caller(call_id), *legs])
        done = [await self._mute(channel, not on) for channel in channels]
        if not any(done):
            raise ExchangeAway("no recording of the call could be changed")

    async def expect_loss(self, phone: Phone) -> None:
        """As `Switchboard.expect_loss`."""
        until = self._clock.monotonic() + self._settings.loss_seconds
        self._channels.expect_loss(phone.device, until)

    async def _hand_over(self, leg: PhoneChannel, place: Place) -> None:
        """Send the caller there; the operator's telephone is hung up by Asterisk."""
        with _expecting(leg, LegEnd.TRANSFERRED):
            await self._redirect(self._caller(leg.call_id), place)

    # --- what is there -----------------------------------------------------------------------------------

    def _leg(self, call_id: str, leg_id: str) -> PhoneChannel:
        phone = self._channels.phone(leg_id)
        if phone is None or phone.call_id != call_id or not phone.answered:
            raise CallNotThere("the leg has ended, or was not answered")
        return phone

    def _caller(self, call_id: str) -> str:
        caller = self._channels.caller(call_id)
        if caller is None:
            raise CallNotThere("the call has no caller")
        return caller

    def _line(self, leg_id: str) -> PhoneChannel:
        line = self._channels.line_of(leg_id)
        if line is None:
            raise CallNotThere("no consultation goes on")
        return line

    def _consulted(self, leg_id: str) -> PhoneChannel:
        asked = self._channels.consulted(self._line(leg_id))
        if asked is None:
            raise CallNotThere("who is asked has not answered")
        return asked

    def _place(self, prefix: str, target: Target) -> Place:
        extension = target.value
        if target.kind is TargetKind.COLLEAGUE:
            phone = self._phone_of(target.value)
            if phone is None:
                raise CallNotThere("the colleague has no telephone now")
            extension = phone.device.partition("/")[2]
        return Place(f"{prefix}-{target.kind.value}", extension)

    # --- actions -----------------------------------------------------------------------------------------

    async def _redirect(self, channel: str, place: Place) -> None:
        if not _EXTENSION.fullmatch(place.extension):
            raise ValueError("not an extension")
        await self._change(
            "Redirect", Channel=channel, Context=place.context, Exten=place.extension, Priority=1
        )

    async def _hang_up_channel(self, channel: str) -> None:
        await self._change("Hangup", Channel=channel, Cause=_NORMAL_CLEARING)

    async def _mute(self, channel: str, muted: bool) -> bool:
        try:
            await self._act("MixMonitorMute", Channel=channel, Direction="both", State=int(muted))
        except ActionRefused:
            return False
        return True

    async def _change(self, action: str, **fields: str | int) -> None:
        with self._translated():
            await self._act(action, **fields)

    async def _act(self, action: str, **fields: str | int) -> None:
        """Send an action. Raises ActionRefused, and ExchangeAway when nobody answers."""
        try:
            await self._link.actions.action(action, **fields)
        except (LinkLost, TimeoutError) as error:
            raise ExchangeAway("no answer") from error

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """What Asterisk refuses, in the words of the desk."""
        try:
            yield
        except ActionRefused as refusal:
            if _NO_CHANNEL.search(refusal.reason):
                raise CallNotThere(refusal.reason) from refusal
            log.warning("desk.refused", action=refusal.action, reason=refusal.reason)
            raise ExchangeAway(str(refusal)) from refusal


@contextmanager
def _expecting(leg: PhoneChannel, end: LegEnd) -> Iterator[None]:
    """The leg ends so, unless the action fails."""
    before, leg.expected = leg.expected, end
    try:
        yield
    except (CallNotThere, ExchangeAway):
        leg.expected = before
        raise


def _flag(value: bool) -> str:
    return "true" if value else "false"
