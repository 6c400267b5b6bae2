"""FastAGI: the server that Asterisk calls, the session of a call, and the caller on the telephone."""

from ivr.asterisk.agi.ahead import CALL_AWAY
from ivr.asterisk.agi.caller import AgiCaller, Prompts
from ivr.asterisk.agi.listening import Listener, Orders
from ivr.asterisk.agi.protocol import Environment, ProtocolError, Reply
from ivr.asterisk.agi.server import AgiServer, Handler
from ivr.asterisk.agi.session import AgiSession, CommandFailed, CommandObserver, LinkLost
from ivr.asterisk.agi.settings import AgiSettings
from ivr.asterisk.agi.sounds import silence

__all__ = [
    "CALL_AWAY",
    "AgiCaller",
    "AgiServer",
    "AgiSession",
    "AgiSettings",
    "CommandFailed",
    "CommandObserver",
    "Environment",
    "Handler",
    "LinkLost",
    "Listener",
    "Orders",
    "Prompts",
    "ProtocolError",
    "Reply",
    "silence",
]
