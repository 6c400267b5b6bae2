"""What a caller does during a call."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

KEYS = "0123456789*#ABCD"
"""Keys in the order of their event codes (RFC 4733, section 3.2)."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Listen without doing anything, seconds. A hang-up by the other side meanwhile fails the call."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Keys:
    """Press keys one after another, as RFC 4733 events.

    Raises:
        ValueError: A character that is no key, or no key at all.
    """

    keys: str

    def __post_init__(self) -> None:
        if not self.keys or set(self.keys) - set(KEYS):
            raise ValueError(f"{self.keys!r} is not a string of keys")


@dataclass(frozen=True, slots=True)
class Speak:
    """Say what is in a WAV file (8 kHz, mono, 16 bit), as A-law audio."""

    wav: Path


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call; the last action."""


@dataclass(frozen=True, slots=True)
class ExpectHangup:
    """Wait for the other side to end the call, at most so many seconds; the last action."""

    within: float


Action = Wait | Keys | Speak | Hangup | ExpectHangup


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A caller and the whole of the call.

    Attributes:
        number: Number called.
        actions: What is done after the answer; the last one is `Hangup` or `ExpectHangup`.
        caller_id: Number that is shown to the called side.

    Raises:
        ValueError: The actions don't end with an ending, or have one in the middle.
    """

    number: str
    actions: tuple[Action, ...]
    caller_id: str = "+74950000001"

    def __post_init__(self) -> None:
        endings = [isinstance(action, Hangup | ExpectHangup) for action in self.actions]
        if sum(endings) != 1 or not endings[-1]:
            raise ValueError("the last action, and no other, must be Hangup or ExpectHangup")
