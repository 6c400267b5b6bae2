"""A flow compiled: states with their verbs and ways out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ivr.dialogue.expressions import Evaluator
from ivr.dialogue.flow import Flow
from ivr.dialogue.interpreter.utterances import Compiled
from ivr.dialogue.ports import Value

if TYPE_CHECKING:
    from ivr.dialogue.interpreter.session import Frame

Assignments = tuple[tuple[str, Evaluator], ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A way out.

    Attributes:
        target: The state it leads to, or `next`; None when it ends the flow.
        end: The outcome with which the flow ends.
    """

    target: str | None
    end: str | None = None
    say: Compiled | None = None
    sets: Assignments = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """How a state was left.

    Attributes:
        outcome: For the journal.
        way: Where it leads; None where the flow forgot to say.
        heard: What the caller answered, as text.
        personal: Whether that is personal data.
        result: What an action or a sub-flow returned, in sight on the way.
    """

    outcome: str = "ok"
    way: Way | None
    heard: str | None = None
    personal: bool = False
    result: Value = None


@dataclass(frozen=True, slots=True)
class Finish:
    """The end of a flow.

    Attributes:
        queued: Whether the caller was handed to people.
        returned: What a sub-flow gives back.
    """

    outcome: str
    queued: bool = False
    returned: Mapping[str, Value] = field(default_factory=dict)


class Verb(Protocol):
    """What a state does."""

    async def run(self, frame: Frame) -> Left | Finish:
        """Do it. Whatever it raises but `CallerGone` leads to the error exit."""


@dataclass(frozen=True, slots=True)
class Node:
    """A state, compiled.

    Attributes:
        name: Of the verb.
        visits: How often it may be entered, and where one visit more leads.
        reached: The outcome that is reached on entering.
        error: Where a fault leads.
    """

    name: str
    verb: Verb
    visits: tuple[int, Way] | None = None
    reached: str | None = None
    error: Way | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """A flow, compiled; immutable and shared by calls."""

    flow: Flow
    nodes: Mapping[str, Node]
    on_error: Way | None
