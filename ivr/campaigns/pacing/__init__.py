"""How fast campaigns dial. Pure: time and what is observed are passed in."""

from ivr.campaigns.pacing.kinds import Agentless, Preview, Progressive
from ivr.campaigns.pacing.ledger import Ledger
from ivr.campaigns.pacing.limits import TrunkGate, TrunkLimit
from ivr.campaigns.pacing.observed import (
    Abandoned,
    Connected,
    Missed,
    News,
    Observed,
    Pace,
    Reached,
    TalkEnded,
    WrapUpEnded,
)
from ivr.campaigns.pacing.predictive import Predictive

__all__ = [
    "Abandoned",
    "Agentless",
    "Connected",
    "Ledger",
    "Missed",
    "News",
    "Observed",
    "Pace",
    "Predictive",
    "Preview",
    "Progressive",
    "Reached",
    "TalkEnded",
    "TrunkGate",
    "TrunkLimit",
    "WrapUpEnded",
]
