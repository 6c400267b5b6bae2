"""The manager interface (AMI): events in, actions out, over links that mend themselves."""

from ivr.asterisk.ami.errors import ActionRefused, LinkLost
from ivr.asterisk.ami.link import AmiLink
from ivr.asterisk.ami.messages import Event, Response
from ivr.asterisk.ami.observer import AmiObserver, LinkState, Unobserved
from ivr.asterisk.ami.settings import AmiLogin, AmiSettings
from ivr.asterisk.ami.snapshot import Channel, Queue, QueueCaller, QueueMember, Snapshot

__all__ = [
    "ActionRefused",
    "AmiLink",
    "AmiLogin",
    "AmiObserver",
    "AmiSettings",
    "Channel",
    "Event",
    "LinkLost",
    "LinkState",
    "Queue",
    "QueueCaller",
    "QueueMember",
    "Response",
    "Snapshot",
    "Unobserved",
]
