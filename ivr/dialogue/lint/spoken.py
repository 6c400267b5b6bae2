"""Everything that a flow or the catalogue says, with its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ivr.dialogue import contents
from ivr.dialogue.documents import Document, Place
from ivr.dialogue.flow import Flow
from ivr.dialogue.lint.scope import Scope
from ivr.dialogue.loader import PROMPTS_FILE
from ivr.dialogue.schema.values import Line, PromptId, Utterance
from ivr.dialogue.templates import Template

GAP = "…"
"""Stands for a value in a text."""


class Phrase(NamedTuple):
    """A text that is said, values left out."""

    document: Document
    place: Place
    text: str


class Said(NamedTuple):
    """Lines that are said in one go."""

    document: Document
    place: Place
    utterance: Utterance


def phrases(scope: Scope) -> Iterator[Phrase]:
    """Every text of the flows and of the catalogue, once for each place."""
    for flow in scope.flows.values():
        for place, template in contents.of_kind(flow.file, Template):
            yield Phrase(flow.document, place, text_of(template))
    catalogue = scope.loaded.documents.get(PROMPTS_FILE)
    if catalogue is not None:
        for name, prompt in scope.loaded.prompts.items():
            yield Phrase(catalogue, ("prompts", name), prompt.text)


def utterances(flow: Flow) -> Iterator[Said]:
    """Every utterance of a flow."""
    return (Said(flow.document, place, utterance) for place, utterance in _utterances(flow.file, ()))


def texts(scope: Scope, utterance: Utterance) -> Iterator[str]:
    """The texts of an utterance, prompts looked up in the catalogue."""
    for line in utterance:
        if isinstance(line.prompt, PromptId):
            prompt = scope.loaded.prompts.get(line.prompt.id)
            yield prompt.text if prompt is not None else ""
        else:
            yield text_of(line.prompt)


def text_of(template: Template) -> str:
    """The text with a gap for each value."""
    return "".join(part if isinstance(part, str) else GAP for part in template.parts)


def _utterances(part: object, place: Place) -> Iterator[tuple[Place, Utterance]]:
    if isinstance(part, tuple) and part and isinstance(part[0], Line):
        yield place, part
        return
    for key, inside in contents.members(part):
        yield from _utterances(inside, (*place, key))
