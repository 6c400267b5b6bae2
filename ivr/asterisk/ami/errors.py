"""What can go wrong with an action, besides `TimeoutError`."""

import traceback
from dataclasses import dataclass


class LinkLost(ConnectionError):
    """The session is down, or went down before the reply: then nobody knows whether it was done."""


@dataclass
class ActionRefused(Exception):
    """Asterisk answered an action with an error.

    Attributes:
        action: Name of the action.
        reason: Asterisk's message, such as `No such channel`.
    """

    action: str
    reason: str

    def __str__(self) -> str:
        return f"{self.action}: {self.reason}"


def where_raised(error: BaseException) -> str:
    """The stack of an error without its text, for logs: the text may hold what a caller said."""
    return "".join(traceback.format_tb(error.__traceback__))
