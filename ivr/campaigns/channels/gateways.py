"""What takes messages to their addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class NotSent(Exception):
    """The gateway has certainly not taken it; the text tells why, without personal data.

    Attributes:
        final: It never will: trying again is of no use.
        pause: Seconds in which nothing else is to be handed over, as the gateway is away or wants it
            slower; the message is then not blamed for it. 0: it is this message's own fault.
        code: What the gateway calls the reason.
    """

    def __init__(self, why: str, *, final: bool = False, pause: float = 0.0, code: str = "") -> None:
        super().__init__(why)
        self.final = final
        self.pause = pause
        self.code = code


class Unsure(Exception):
    """Nobody can tell whether the gateway has taken it; the text tells why, without personal data."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is handed to a gateway.

    Attributes:
        key: The same each time this message is handed over.
        reference: Number of the message, for joining its parts.
        parts: Of how many parts it is handed over, as `Gateway.parts` told when it was written.
        written_at: When the message was written.
        valid_until: A gateway that can is told not to deliver it later.
    """

    key: str
    reference: int
    address: str
    subject: str
    text: str
    parts: int
    written_at: datetime
    valid_until: datetime | None = None


class Gateway(Protocol):
    """Takes messages."""

    def parts(self, whole: str) -> int:
        """Of how many parts a text is made that are handed over one by one."""

    async def hand_over(self, letter: Letter, part: int) -> str:
        """Hand over a part, from 1; gives the gateway's id of it, or nothing where it has none.

        Raises:
            NotSent: It was not taken.
            Unsure: Nobody can tell.
        """

    async def run(self) -> None:
        """Keep the connection, where there is one, until cancelled."""
