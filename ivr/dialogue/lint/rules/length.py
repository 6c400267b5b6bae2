"""Prompts that are longer than a caller listens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ivr.dialogue.flow import Flow
from ivr.dialogue.lint.scope import Scope
from ivr.dialogue.lint.spoken import GAP, texts, utterances
from ivr.dialogue.problems import Problem, Severity

TOO_LONG = "long-prompt"
MOST_SECONDS = 20.0
CHARACTERS_PER_SECOND = 14.0
"""Calm Russian speech on the telephone, spaces counted."""

SECONDS_PER_VALUE = 2.0
SENTENCE_END = re.compile(r"[.!?…](?:\s|$)")
SECONDS_PER_PAUSE = 0.35


def check(scope: Scope, flow: Flow) -> Iterator[Problem]:
    """Utterances that last too long."""
    for document, place, utterance in utterances(flow):
        seconds = sum(seconds_of(text) for text in texts(scope, utterance))
        if seconds > MOST_SECONDS:
            message = (
                f"about {seconds:.0f} s in one go, and a caller listens for {MOST_SECONDS:.0f} s: "
                "shorten it, or ask in between"
            )
            yield replace(document.problem(place, TOO_LONG, message), severity=Severity.WARNING)


def seconds_of(text: str) -> float:
    """How long a text takes to say, roughly."""
    values = text.count(GAP)
    spoken = len(text.replace(GAP, "")) / CHARACTERS_PER_SECOND
    return spoken + values * SECONDS_PER_VALUE + len(SENTENCE_END.findall(text)) * SECONDS_PER_PAUSE
