"""What goes on in Asterisk at one moment, read after each login and whenever events were missed."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ivr.asterisk.ami.messages import Response
from ivr.asterisk.ami.wire import Field


class AskList(Protocol):
    """Sends an action that is answered by a list."""

    def __call__(self, name: str, **fields: Field) -> Awaitable[list[Response]]:
        """Returns the items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel, as `Status` lists it.

    Attributes:
        name: Such as `PJSIP/trunk-00000001`.
        uniqueid: Its own id.
        linkedid: Id of the oldest channel it is linked with.
        state: `Down`, `Ring`, `Ringing`, `Up`, …
        context: Place in the dialplan.
        extension: Place in the dialplan.
        application: Application that runs, such as `AGI` or `Queue`; or an empty string.
        bridge: Id of the bridge it is in, or an empty string.
        seconds: Age.
        variables: Those that were asked for and are set, `CALL_ID` among them.
    """

    name: str
    uniqueid: str
    linkedid: str
    state: str
    context: str
    extension: str = field(repr=False)
    application: str
    bridge: str
    seconds: int
    variables: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMember:
    """A member of a queue.

    Attributes:
        interface: What is dialled.
        name: What people call it.
        device_state: Asterisk's number: 1 not in use, 2 in use, 3 busy, 5 unavailable, 6 ringing, 8 on hold.
        paused: Whether calls are kept away.
        pause_reason: Given when it was paused, or an empty string.
        in_call: Whether it talks to a caller of the queue.
    """

    interface: str
    name: str = field(repr=False)
    device_state: int
    paused: bool
    pause_reason: str
    in_call: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCaller:
    """Someone who waits in a queue.

    Attributes:
        channel: Name of the channel.
        uniqueid: Its id.
        position: From 1.
        waited_seconds: Since it joined.
    """

    channel: str
    uniqueid: str
    position: int
    waited_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A queue with all who are in it."""

    name: str
    members: tuple[QueueMember, ...]
    callers: tuple[QueueCaller, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All channels and queues, and the states of devices.

    The lists are read one after another, and events that Asterisk raised shortly before may arrive
    after the snapshot: whoever follows both must not mind hearing a thing twice.

    Attributes:
        devices: State by device: `NOT_INUSE`, `RINGING`, `UNAVAILABLE`, …
    """

    channels: tuple[Channel, ...]
    queues: tuple[Queue, ...]
    devices: Mapping[str, str] = field(default_factory=dict)


async def read_snapshot(ask: AskList, variables: Sequence[str]) -> Snapshot:
    """Read it; `Status` tells of a channel all that `CoreShowChannels` does, and its variables."""
    return Snapshot(
        channels=await read_channels(ask, variables),
        queues=await read_queues(ask),
        devices=await read_devices(ask),
    )


async def read_channels(ask: AskList, variables: Sequence[str]) -> tuple[Channel, ...]:
    """Read all channels with some of their variables."""
    items = await ask("Status", Variables=",".join(variables), AllVariables="false")
    return tuple(_channel(item) for item in items)


async def read_queues(ask: AskList) -> tuple[Queue, ...]:
    """Read all queues."""
    members: dict[str, list[QueueMember]] = {}
    callers: dict[str, list[QueueCaller]] = {}
    for item in await ask("QueueStatus"):
        queue, kind = item["Queue"], item["Event"]
        members.setdefault(queue, [])
        if kind == "QueueMember":
            members[queue].append(_member(item))
        elif kind == "QueueEntry":
            callers.setdefault(queue, []).append(_caller(item))
    return tuple(
        Queue(name=name, members=tuple(found), callers=tuple(callers.get(name, ())))
        for name, found in members.items()
    )


async def read_devices(ask: AskList) -> dict[str, str]:
    """Read the state of every device that has one."""
    return {item["Device"]: item["State"] for item in await ask("DeviceStateList")}


def _channel(item: Response) -> Channel:
    return Channel(
        name=item["Channel"],
        uniqueid=item["Uniqueid"],
        linkedid=item["Linkedid"],
        state=item["ChannelStateDesc"],
        context=item["Context"],
        extension=item["Exten"],
        application=item["Application"],
        bridge=item["BridgeID"],
        seconds=_number(item["Seconds"]),
        variables=item.variables(),
    )


def _member(item: Response) -> QueueMember:
    return QueueMember(
        interface=item["Location"],
        name=item["Name"],
        device_state=_number(item["Status"]),
        paused=item["Paused"] == "1",
        pause_reason=item["PausedReason"],
        in_call=item["InCall"] == "1",
    )


def _caller(item: Response) -> QueueCaller:
    return QueueCaller(
        channel=item["Channel"],
        uniqueid=item["Uniqueid"],
        position=_number(item["Position"]),
        waited_seconds=_number(item["Wait"]),
    )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
