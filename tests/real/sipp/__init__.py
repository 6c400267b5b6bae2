"""The kit for tests with real calls: SIPp callers, phones, ears, and checks for what is left over."""

from ivr.bench.sipp import (
    Caller,
    Endpoint,
    ExpectHangup,
    Hangup,
    Keys,
    Load,
    Phone,
    Speak,
    Tally,
    Wait,
)
from tests.real.sipp.calls import Placed, operator, place
from tests.real.sipp.hearing import Recording, heard
from tests.real.sipp.leaks import Snapshot, assert_no_leaks, snapshot

__all__ = [
    "Caller",
    "Endpoint",
    "ExpectHangup",
    "Hangup",
    "Keys",
    "Load",
    "Phone",
    "Placed",
    "Recording",
    "Snapshot",
    "Speak",
    "Tally",
    "Wait",
    "assert_no_leaks",
    "heard",
    "operator",
    "place",
    "snapshot",
]
