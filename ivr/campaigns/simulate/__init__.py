"""Campaigns in accelerated time: the real pacing against simulated subscribers and operators."""

from ivr.campaigns.simulate.compare import RATIOS, Comparison, Outcome, Plan, compare
from ivr.campaigns.simulate.floor import Site
from ivr.campaigns.simulate.subscribers import Habits, LogNormal

__all__ = ["RATIOS", "Comparison", "Habits", "LogNormal", "Outcome", "Plan", "Site", "compare"]
