"""The call that is measured: a reading handed in by keys, and who can hand one in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ivr.bench.sipp import Caller, Endpoint, ExpectHangup, Keys, Wait

_BEFORE_NOTICE_SECONDS = 1.0
"""Asterisk waits up to half a second for media after the answer; then a breath before the first key."""
_LISTEN_SECONDS = 0.6
_FAREWELL_SECONDS = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account with one meter of one zone.

    Attributes:
        number: Number of the account, digits.
        street: Street as it is read back.
        last: Last reading, kWh.
        usual: Usual consumption of a month, kWh.
    """

    number: str
    street: str
    last: int
    usual: int

    @property
    def reading(self) -> int:
        """A plausible next reading, kWh."""
        return self.last + self.usual


class FlowUnderTest(Protocol):
    """One way to serve the call: an Asterisk, with or without an engine beside it."""

    @property
    def name(self) -> str:
        """`native` or `engine`."""

    @property
    def target(self) -> Endpoint:
        """SIP address of its Asterisk; known once it runs."""

    @property
    def number(self) -> str:
        """Number that is called."""

    @property
    def accounts(self) -> Sequence[Account]:
        """Accounts that exist; each has one meter of one zone and an open window for readings."""

    @property
    def notice_seconds(self) -> float:
        """Length of what is said before the first key counts."""

    @property
    def metrics_url(self) -> str | None:
        """Where the engine's figures are, None where there is no engine."""

    async def start(self) -> None:
        """Start it and return when it takes calls."""

    async def stop(self) -> None:
        """Stop it."""

    def processes(self) -> Mapping[str, Sequence[int]]:
        """Ids of its processes by name: `asterisk`, and all else belongs to the engine."""

    async def readings(self) -> int:
        """How many readings have been committed so far."""

    async def clear(self) -> None:
        """Throw away the recordings made so far."""


def callers(flow: FlowUnderTest) -> list[Caller]:
    """A caller for each account: listens to the notice, then answers every question at once."""
    return [
        Caller(
            number=flow.number,
            actions=(
                Wait(_BEFORE_NOTICE_SECONDS + flow.notice_seconds),
                Keys(f"{account.number}#"),
                Wait(_LISTEN_SECONDS),
                Keys("1"),
                Wait(_LISTEN_SECONDS),
                Keys(f"{account.reading}#"),
                Wait(_LISTEN_SECONDS),
                Keys("1"),
                ExpectHangup(_FAREWELL_SECONDS),
            ),
        )
        for account in flow.accounts
    ]
