"""SIP callers and phones played by SIPp: described as actions, written as scenarios, counted by its files."""

from ivr.bench.sipp.actions import Action, Caller, ExpectHangup, Hangup, Keys, Speak, Wait
from ivr.bench.sipp.process import Endpoint, Phone, SippProcess, Tally
from ivr.bench.sipp.run import Calling, Load, answer_calls, place_calls

__all__ = [
    "Action",
    "Caller",
    "Calling",
    "Endpoint",
    "ExpectHangup",
    "Hangup",
    "Keys",
    "Load",
    "Phone",
    "SippProcess",
    "Speak",
    "Tally",
    "Wait",
    "answer_calls",
    "place_calls",
]
