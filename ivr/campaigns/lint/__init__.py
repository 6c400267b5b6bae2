"""What is wrong with kinds of campaigns, their flows and messages, and with campaigns; nothing is run."""

from ivr.campaigns.lint.campaign import lint_campaign
from ivr.campaigns.lint.linter import lint_kinds

__all__ = ["lint_campaign", "lint_kinds"]
