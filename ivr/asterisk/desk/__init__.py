"""The desk's view of Asterisk: acting on calls and queues, and hearing of every telephone that is rung."""

from ivr.asterisk.desk.channels import SNAPSHOT_VARIABLES, CallChannels, PhoneChannel
from ivr.asterisk.desk.listening import AsteriskListening
from ivr.asterisk.desk.settings import SwitchboardSettings
from ivr.asterisk.desk.switchboard import AsteriskSwitchboard
from ivr.asterisk.desk.watch import DeskWatch, LegBook

__all__ = [
    "SNAPSHOT_VARIABLES",
    "AsteriskListening",
    "AsteriskSwitchboard",
    "CallChannels",
    "DeskWatch",
    "LegBook",
    "PhoneChannel",
    "SwitchboardSettings",
]
