"""What a flow says → what the caller port is told to say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ivr.dialogue.expressions import EvaluationError, Evaluator, Surroundings, compiled
from ivr.dialogue.ports import Formatter, Fragment, Prompt, Speech, Spoken, Text
from ivr.dialogue.schema.files import PromptText
from ivr.dialogue.schema.values import Interruption, Line, PromptId, Utterance
from ivr.dialogue.templates import Hole, Template

WORD = re.compile(r"\w")
SAYABLE = re.compile(r"[\w,.;:!?…]")
EDGE = " \t\n–—-"

Maker = Callable[[Surroundings], Fragment]
"""Puts a value into words."""

Parts = tuple[Fragment | Maker, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Fragments that may be cut short in the same way."""

    parts: Parts
    how: Interruption

    def speech(self, around: Surroundings) -> Speech:
        """The fragments, with the values of the moment."""
        made = tuple(part(around) if callable(part) else part for part in self.parts)
        return _speech(made, self.how)


class Compiled:
    """An utterance, ready to be said. A fixed one is made once; only values are put into words in a call."""

    def __init__(self, stretches: tuple[Stretch, ...]) -> None:
        self._stretches = stretches
        self._fixed = _fixed(stretches)

    def speeches(self, around: Surroundings) -> tuple[Speech, ...]:
        """One speech for each stretch that may be cut short in its own way.

        Raises:
            EvaluationError: A value is missing or cannot be spoken.
        """
        if self._fixed is not None:
            return self._fixed
        return tuple(stretch.speech(around) for stretch in self._stretches)


def _fixed(stretches: tuple[Stretch, ...]) -> tuple[Speech, ...] | None:
    """The speeches when no value is in them."""
    speeches: list[Speech] = []
    for stretch in stretches:
        fragments = tuple(part for part in stretch.parts if not callable(part))
        if len(fragments) < len(stretch.parts):
            return None
        speeches.append(_speech(fragments, stretch.how))
    return tuple(speeches)


def _speech(fragments: tuple[Fragment, ...], how: Interruption) -> Speech:
    return Speech(fragments, how.by_keys, how.by_voice, patient=how is Interruption.PATIENT)


class UtteranceCompiler:
    """Compiles what flows say, knowing the catalogue and the filters."""

    def __init__(self, prompts: Mapping[str, PromptText], formatters: Mapping[str, Formatter]) -> None:
        self._prompts = prompts
        self._formatters = formatters

    def compiled(self, utterance: Utterance, turn: Interruption = Interruption.BOTH) -> Compiled:
        """The utterance, said in a turn that may be cut short so."""
        stretches: list[Stretch] = []
        for line in utterance:
            how = self._interruption(line, turn)
            parts = tuple(self._parts(line.prompt))
            if stretches and stretches[-1].how is how:
                parts = stretches.pop().parts + parts
            stretches.append(Stretch(parts, how))
        return Compiled(tuple(stretches))

    def _interruption(self, line: Line, turn: Interruption) -> Interruption:
        if isinstance(line.prompt, PromptId):
            prompt = self._prompts[line.prompt.id].cut_short
            if prompt is not Interruption.BOTH:
                return prompt
        return turn if line.interruptible is None else line.interruptible

    def _parts(self, words: PromptId | Template) -> Iterator[Fragment | Maker]:
        if isinstance(words, PromptId):
            yield Prompt(words.id)
            return
        for part in spoken_parts(words):
            yield self._hole(part) if isinstance(part, Hole) else Text(part)

    def _hole(self, hole: Hole) -> Maker:
        value = compiled(hole.node)
        return _as_it_is(value) if hole.filter is None else _filtered(value, self._formatters[hole.filter])


def run_together(speeches: Iterable[Speech]) -> tuple[Speech, ...]:
    """Neighbours that may be cut short in the same way become one speech."""
    together: list[Speech] = []
    for speech in speeches:
        if together and replace(together[-1], fragments=speech.fragments) == speech:
            speech = replace(speech, fragments=together.pop().fragments + speech.fragments)
        together.append(speech)
    return tuple(together)


def spoken_parts(template: Template) -> Iterator[str | Hole]:
    """The pieces of a template that are heard; signs alone only where more follows, as a pause."""
    last = len(template.parts) - 1
    for position, part in enumerate(template.parts):
        if isinstance(part, Hole):
            yield part
        elif (text := plain(part)) and (position < last or WORD.search(text)):
            yield text


def plain(text: str) -> str:
    """A fixed piece of a text as it is synthesised; signs at its beginning stay, for they are pauses.

    Empty when nothing in it can be said or heard as a pause.
    """
    return " ".join(text.lstrip(EDGE).split()) if SAYABLE.search(text) else ""


def _as_it_is(value: Evaluator) -> Maker:
    def make(around: Surroundings) -> Fragment:
        text = value(around)
        if not isinstance(text, str):
            raise EvaluationError("only a text is said without a filter")
        return Spoken(text, (text,))

    return make


def _filtered(value: Evaluator, formatter: Formatter) -> Maker:
    def make(around: Surroundings) -> Fragment:
        try:
            return formatter(value(around))
        except ValueError as error:
            raise EvaluationError("a value cannot be put into words") from error

    return make
