"""What a snapshot of Asterisk tells of callers, telephones and queues."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ivr.asterisk.ami import Channel, Snapshot
from ivr.asterisk.desk.channels import LINE_ROLE, CallChannels, PhoneChannel
from ivr.asterisk.desk.reachability import reachable_devices
from ivr.calls.legs import LegAnswered, LegEvent, LegRang, LegRole
from ivr.desk.ports import CallerSeen, FloorSeen, MemberSeen, Phone

_PASSING = "Surrogate/"
"""Asterisk's name of a channel that is there only while it moves another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenStock:
    """Everything that goes on.

    Attributes:
        phones: Every telephone that rings or talks.
        events: What the ledger is told of their legs, with the times that Asterisk knows.
        floor: What the desk is told.
    """

    phones: list[PhoneChannel]
    events: list[LegEvent]
    floor: FloorSeen


def live_calls(channels: Sequence[Channel]) -> dict[str, Channel]:
    """The channel that stands for each call: the caller's, or while there is none the oldest."""
    found: dict[str, Channel] = {}
    for channel in sorted(channels, key=lambda one: (_rank(one), one.seconds)):
        if call_id := channel.variables.get("CALL_ID"):
            found[call_id] = channel
    return found


def callers_of(channels: Sequence[Channel]) -> dict[str, str]:
    """Call by unique id of every caller's channel."""
    return {
        channel.uniqueid: call_id for call_id, channel in live_calls(channels).items() if _rank(channel) > 0
    }


def _rank(channel: Channel) -> int:
    """0: never the caller's; 1: his, if it is the oldest; 2: a client who has answered."""
    role = channel.variables.get("IVR_ROLE")
    if role == LegRole.CLIENT:
        return 2 if channel.state == "Up" else 0
    return 0 if role or Phone.of(channel.name) or channel.name.startswith(_PASSING) else 1


def take_stock(
    snapshot: Snapshot, channels: CallChannels, now: datetime, agent_of: Callable[[str], str | None]
) -> TakenStock:
    """Read a snapshot; the callers in `channels` are those of the same snapshot."""
    there = [one for one in snapshot.channels if "CALL_ID" in one.variables]
    there = [one for one in there if channels.call_of(one.uniqueid) is None or _rank(one) == 2]
    pairs = [(one, _phone(one)) for one in there if not one.name.startswith(_PASSING)]
    return TakenStock(
        phones=[phone for _, phone in pairs],
        events=[event for one, phone in pairs for event in _legs(one, phone, now, agent_of)],
        floor=_floor(snapshot, channels, [phone for _, phone in pairs], now),
    )


def _phone(channel: Channel) -> PhoneChannel:
    variables = channel.variables
    role = variables.get("IVR_ROLE") or LegRole.QUEUE
    outside = channel.name.startswith("PJSIP/trunk-")
    return PhoneChannel(
        channel_id=channel.uniqueid,
        call_id=variables["CALL_ID"],
        role=None if role == LINE_ROLE else LegRole(role),
        device="" if outside else channel.name.rpartition("-")[0],
        answered=channel.state == "Up",
        order_id=variables.get("IVR_ORDER", ""),
        consults_for=variables.get("IVR_FOR", "") if role == LINE_ROLE else "",
    )


def _legs(
    channel: Channel, phone: PhoneChannel, now: datetime, agent_of: Callable[[str], str | None]
) -> Iterator[LegEvent]:
    if phone.role is None:
        return
    rang_at = now - timedelta(seconds=channel.seconds)
    agent = agent_of(phone.device) if phone.device else None
    yield LegRang(
        at=rang_at,
        call_id=phone.call_id,
        leg_id=phone.channel_id,
        role=phone.role,
        device=phone.device,
        agent=agent,
    )
    if phone.answered:
        at = _instant(channel.variables.get("IVR_ANSWERED", "")) or rang_at
        yield LegAnswered(at=at, call_id=phone.call_id, leg_id=phone.channel_id)


def _instant(text: str) -> datetime | None:
    """Seconds since 1970 with a fraction, as the dialplan notes them."""
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except ValueError:
        return None


def _floor(
    snapshot: Snapshot, channels: CallChannels, phones: Sequence[PhoneChannel], now: datetime
) -> FloorSeen:
    members = [
        MemberSeen(queue=queue.name, device=one.interface, paused=one.paused, reason=one.pause_reason)
        for queue in snapshot.queues
        for one in queue.members
    ]
    callers = [
        CallerSeen(queue=queue.name, call_id=call_id, since=now - timedelta(seconds=one.waited_seconds))
        for queue in snapshot.queues
        for one in queue.callers
        if (call_id := channels.call_of(one.uniqueid))
    ]
    ringing_first = sorted(
        (phone for phone in phones if phone.role and phone.device), key=lambda one: one.answered
    )
    return FloorSeen(
        members=members,
        callers=callers,
        talks={phone.device: phone.channel_id for phone in ringing_first},
        reachable=reachable_devices(snapshot.devices),
    )
