"""What is to be told to Asterisk so that a telephone is in the right queues: pure.

Commands can fail half-way, and Asterisk can forget or restore members, so what is believed of it has doubts:
a command is due as long as its effect is not certain. Every command may be repeated.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from ivr.desk.ports import MemberSeen


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How Asterisk is to have a telephone.

    Attributes:
        agent: Login.
        queues: That ring it.
        pause: Why callers are kept away, or None.
    """

    agent: str = ""
    queues: frozenset[str] = frozenset()
    pause: str | None = None


NOWHERE: Final = Wish()
"""A telephone at which nobody is signed in."""


@dataclass(frozen=True, slots=True)
class Join:
    """Into a queue, with the pause of the wish."""

    queue: str


@dataclass(frozen=True, slots=True)
class Quit:
    """Out of a queue."""

    queue: str


@dataclass(frozen=True, slots=True)
class SetPause:
    """In all its queues; None lets callers in."""

    reason: str | None


Command = Join | Quit | SetPause


@dataclass(slots=True)
class Belief:
    """What is believed of a telephone in Asterisk.

    Attributes:
        perhaps: Queues that it may be in.
        surely: Those that it is in.
        pause: Its pause, as far as it is known.
        pause_known: Whether `pause` is certain for every queue in `surely`.
        doubts: How often everything became uncertain.
    """

    perhaps: set[str] = field(default_factory=set)
    surely: set[str] = field(default_factory=set)
    pause: str | None = None
    pause_known: bool = False
    doubts: int = 0

    def due(self, wish: Wish) -> Sequence[Command]:
        """The commands that make it as wished; none when it surely is."""
        quits = [Quit(queue) for queue in sorted(self.perhaps - wish.queues)]
        joins = [Join(queue) for queue in sorted(wish.queues - self.surely)]
        right = self.pause_known and self.pause == wish.pause
        pauses = [SetPause(wish.pause)] if wish.queues and not right else []
        return [*pauses, *quits, *joins] if self.surely else [*quits, *joins, *pauses]

    def begun(self, command: Command) -> None:
        """It is being sent: from now on its effect is uncertain."""
        match command:
            case Join(queue):
                self.perhaps.add(queue)
                self.pause_known = False
            case Quit(queue):
                self.surely.discard(queue)
            case SetPause():
                self.pause_known = False

    def done(self, command: Command) -> None:
        """Asterisk has done it."""
        match command:
            case Join(queue):
                self.surely.add(queue)
            case Quit(queue):
                self.perhaps.discard(queue)
            case SetPause(reason):
                self.pause, self.pause_known = reason, True

    def doubt(self, seen: Collection[MemberSeen]) -> None:
        """Asterisk was looked at after a time in which nobody watched.

        What was seen may be older than the last command, so nothing is certain but that it may be in the
        queues seen, and in those believed.
        """
        self.doubts += 1
        self.perhaps |= {member.queue for member in seen}
        self.surely.clear()
        self.pause_known = False
