"""Looks at everything an engine needs before it takes calls, and says how to mend what is not in order."""

from ivr.app.doctor.checks import checks
from ivr.app.doctor.finding import Check, Finding, Result, examine

__all__ = ["Check", "Finding", "Result", "checks", "examine"]
