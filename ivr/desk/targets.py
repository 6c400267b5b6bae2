"""Where an operator may send a call, or whom he may ask: colleagues, queues, desks, flows, numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ivr.desk.dialable import dialable
from ivr.desk.model import Agent, AgentState
from ivr.desk.ports import Target, TargetKind
from ivr.desk.settings_talks import TalksSettings

_FREE: Final = frozenset({AgentState.READY, AgentState.PAUSED, AgentState.WRAP_UP})
_ORDER: Final = ("colleague", "desk", "queue", "robot")


class PlaceKind(StrEnum):
    """A target as operators see it: a desk is a number that they need not know."""

    COLLEAGUE = "colleague"
    QUEUE = "queue"
    DESK = "desk"
    OUTSIDE = "outside"
    ROBOT = "robot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A target that may be chosen.

    Attributes:
        value: Login, queue, id of a desk or of a flow.
        title: For people.
        free: Whether it can be reached now.
    """

    kind: PlaceKind
    value: str
    title: str
    free: bool = True


class NoTarget(Exception):
    """It is on no list, or may not be dialled.

    Attributes:
        why: `unknown`, `busy` or `refused`.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Targets:
    """The lists."""

    def __init__(
        self,
        settings: TalksSettings,
        *,
        agents: Callable[[], Sequence[Agent]],
        queues: Mapping[str, str],
    ) -> None:
        """Args: `agents` gives who is signed in; `queues` titles by Asterisk's name of the queue."""
        self._settings = settings
        self._agents = agents
        self._queues = queues

    def offers(self, text: str, but: str) -> list[Offer]:
        """Those whose title or id holds the text, the free ones of each kind first.

        Args:
            text: Typed; empty: all.
            but: Login of who asks.
        """
        wanted = text.strip().casefold()
        found = [one for one in self._all(but) if wanted in f"{one.title} {one.value}".casefold()]
        return sorted(found, key=lambda one: (_ORDER.index(one.kind), not one.free, one.title.casefold()))

    def find(self, kind: PlaceKind, value: str, but: str) -> Target:
        """What is dialled.

        Raises:
            NoTarget: It is on no list, busy, or may not be dialled.
        """
        if kind is PlaceKind.OUTSIDE:
            return Target(TargetKind.OUTSIDE, self.number(value))
        offer = next((one for one in self._all(but) if (one.kind, one.value) == (kind, value)), None)
        if offer is None:
            raise NoTarget("unknown")
        if not offer.free:
            raise NoTarget("busy")
        if kind is PlaceKind.DESK:
            number = next(desk.number for desk in self._settings.directory if desk.id == value)
            return Target(TargetKind.OUTSIDE, number)
        return Target(TargetKind(kind.value), value)

    def number(self, text: str) -> str:
        """An outside number as it is dialled.

        Raises:
            NoTarget: It may not be dialled.
        """
        number = dialable(text, self._settings.outside)
        if number is None:
            raise NoTarget("refused")
        return number

    def _all(self, but: str) -> Iterator[Offer]:
        for agent in self._agents():
            if agent.login != but and agent.phone is not None:
                free = agent.state in _FREE and agent.reachable
                yield Offer(kind=PlaceKind.COLLEAGUE, value=agent.login, title=agent.name, free=free)
        for desk in self._settings.directory:
            yield Offer(kind=PlaceKind.DESK, value=desk.id, title=desk.title)
        for queue, title in self._queues.items():
            yield Offer(kind=PlaceKind.QUEUE, value=queue, title=title or queue)
        for flow in self._settings.robot_flows:
            yield Offer(kind=PlaceKind.ROBOT, value=flow.id, title=flow.title)
