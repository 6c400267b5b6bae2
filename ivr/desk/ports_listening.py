"""What listening to a talk that goes on needs from the telephone exchange, and what the exchange tells of it.

`ivr.asterisk.desk.listening` implements `ListeningPost` and tells a `ListeningEar`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from ivr.desk.ports import Phone


class ListenMode(StrEnum):
    """Who hears the supervisor; he hears both in each."""

    LISTEN = "listen"  # nobody
    WHISPER = "whisper"  # the operator alone
    JOIN = "join"  # operator and client


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenOrder:
    """A telephone is to be rung and joined to a talk.

    Attributes:
        order_id: Unique id of its channel, made and written down by us before: an order is never given twice.
        phone: The supervisor's.
        call_id: Of the talk: what the client hears of the supervisor is recorded as a part of it.
        leg_id: The operator's leg of the talk.
        mode: In which it begins.
    """

    order_id: str
    phone: Phone
    call_id: str
    leg_id: str
    mode: ListenMode


class ListeningPost(Protocol):
    """Acts on Asterisk. Every method raises `ExchangeAway`, `set_mode` raises `CallNotThere` too."""

    async def listen(self, order: ListenOrder) -> None:
        """Ring the telephone; when it is answered it hears the talk. It ends with the operator's leg."""

    async def set_mode(self, order_id: str, leg_id: str, mode: ListenMode) -> None:
        """Change who hears the supervisor."""

    async def stop(self, order_id: str) -> None:
        """Hang his telephone up; no fault when it is gone."""


class ListeningEar(Protocol):
    """Is told what becomes of the orders; no method waits."""

    def began(self, order_id: str) -> None:
        """The telephone was answered: the talk is heard."""

    def ended(self, order_id: str) -> None:
        """The telephone is gone, answered or not; may be told twice."""

    def seen(self, order_ids: Collection[str]) -> None:
        """The link was away; these telephones listen, or ring for that."""
