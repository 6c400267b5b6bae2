"""From what the dialogue listens for to an order for the recogniser's process. Loads no model."""

from __future__ import annotations

import structlog

from ivr.dialogue.ports import AnswerKind, Listen
from ivr.speech.recognition.grammars import GrammarStore
from ivr.speech.recognition.ports import BargeIn, Slot, TurnOrder
from ivr.speech.recognition.vocabulary import phrases_of

_OPEN = frozenset({AnswerKind.SPEECH, AnswerKind.GREETING, AnswerKind.TONE})
"""What is listened for without a grammar."""

_log = structlog.get_logger(__name__)


def order(
    listen: Listen,
    grammars: GrammarStore,
    *,
    number: int,
    prompt_milliseconds: int = 0,
    barge_in: BargeIn = BargeIn.SPEECH,
    keep_clip: bool = False,
) -> TurnOrder:
    """The order for one turn.

    Args:
        listen: What is listened for.
        grammars: Keeps the closed grammar for the recogniser's process.
        number: Number of the turn in its call.
        prompt_milliseconds: Length of the prompt.
        barge_in: What stops the prompt.
        keep_clip: Whether the sound is kept for review.

    Returns:
        The order; without a grammar when the disk refuses it: anything is listened for then.
    """
    free = listen.free or listen.kind in _OPEN
    return TurnOrder(
        number=number,
        slot=Slot.FREE if free else Slot.CLOSED,
        grammar=None if free else _grammar(listen, grammars),
        kind=listen.kind,
        digits=listen.digits,
        barge_in=barge_in,
        prompt_milliseconds=prompt_milliseconds,
        most_milliseconds=round(listen.most_seconds * 1000),
        keep_clip=keep_clip,
    )


def _grammar(listen: Listen, grammars: GrammarStore) -> str | None:
    try:
        return grammars.put(phrases_of(listen))
    except OSError as error:
        _log.error("grammar_not_written", error=error.strerror)
        return None
