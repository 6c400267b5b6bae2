"""Words and keys that work at every question of every flow, compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.dialogue.expressions import Surroundings
from ivr.dialogue.interpreter.utterances import Compiled
from ivr.dialogue.ports import Command, Speech


class Elsewhere(Exception):
    """The caller has said a word that takes the call over to another flow, whatever it was in."""

    def __init__(self, flow: str, command: Command) -> None:
        """Args: the flow that takes over, and the word."""
        super().__init__(flow)
        self.flow = flow
        self.command = command


@dataclass(frozen=True, slots=True)
class Everywhere:
    """What holds at every question.

    Attributes:
        flows: Word → the flow that takes the call over.
        keys: Key → the word that means the same.
        sayings: Word → what is said before the question is repeated.
        heard: Word → how it is called when it is asked about.
        unsure: The question whether `{heard}` was meant.
        deaf: Said when speech can't be listened to.
    """

    flows: Mapping[Command, str] = field(default_factory=dict)
    keys: Mapping[str, Command] = field(default_factory=dict)
    sayings: Mapping[Command, Compiled] = field(default_factory=dict)
    heard: Mapping[Command, str] = field(default_factory=dict)
    unsure: Compiled | None = None
    deaf: Compiled | None = None

    def said(self, command: Command, around: Surroundings) -> tuple[Speech, ...]:
        """What is said before the question is repeated for that word."""
        saying = self.sayings.get(command)
        return () if saying is None else saying.speeches(around)
