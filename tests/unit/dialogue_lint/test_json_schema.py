"""The JSON Schema says what the loader says, as far as a schema can."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from pydantic import BaseModel

from ivr.dialogue.documents import Document, parse, read
from ivr.dialogue.json_schema import KINDS, json_schema
from ivr.dialogue.loader import validated
from ivr.dialogue.schema.files import FlowFile
from tests.unit.dialogue_lint.changes import FLOW, PATHS, PLAIN, VALUES, Where, changed
from tests.unit.dialogue_lint.examples import EXAMPLES, MARK
from tests.unit.dialogue_lint.json_schema_check import Validator

ROOT = Path(__file__).parents[3]
SCHEMA = Validator(json_schema())
FILES = sorted([*ROOT.glob("scenarios/*.yaml"), *ROOT.glob("tests/unit/dialogue/flows/*.yaml")])
HEAD = "id: flow\ntitle: Проверка\nversion: 1\nstart: menu\n"
BAD_STATES = {
    "no verb": "menu: {then: menu}",
    "two verbs": "menu: {say: А., ask: {prompt: Б?, expect: date}, then: menu}",
    "unknown key": "menu: {say: А., them: menu}",
    "state is a text": "menu: say",
    "name of a state": "Menu: {queue: clients}",
    "kind of answer": "menu: {ask: {prompt: А?, expect: dates}, then: menu}",
    "particulars of an answer": "menu: {ask: {prompt: А?, expect: {kind: date, length: 4}}, then: menu}",
    "duration without a unit": "menu: {do: a.b, within: 2, on: {}}",
    "name of an action": "menu: {do: accept, on: {}}",
    "condition without '='": "menu: {when: [{if: x, then: menu}], else: menu}",
    "key of the telephone": 'menu: {choose: {prompt: А?, options: {"#": menu}}, otherwise: menu}',
    "visits without a way": "menu: {say: А., visits: {most: 3}, then: menu}",
    "visits as text": 'menu: {say: А., visits: {most: "3", then: menu}, then: menu}',
    "interruptible": "menu: {say: {prompt: А., interruptible: sometimes}, then: menu}",
    "say without a text": "menu: {say: 12, then: menu}",
    "an empty list of cases": "menu: {when: [], else: menu}",
    "return in another verb": "menu: {queue: clients, return: {a: 1}}",
}
BAD_FILES = {
    "no states": HEAD,
    "no states at all": HEAD + "states: {}",
    "version as text": HEAD.replace("1", '"1"') + "states: {menu: {queue: clients}}",
    "unknown key": HEAD + "stats: {}\nstates: {menu: {queue: clients}}",
    "language": HEAD + "language: en\nstates: {menu: {queue: clients}}",
    "kind": HEAD + "takes: {a: string}\nstates: {menu: {queue: clients}}",
    "prompt id": "prompts: {Hello: Здравствуйте.}",
    "prompt without text": "prompts: {hello: {law: true}}",
    "hours": "calendars: {office: {hours: {mon: 8-20}}}",
    "phrase": "phrases: [{words: вы обязаны}]",
    "test without a flow": "tests: [{name: А, turns: []}]",
    "test without tests": "scenario: flow\ntests: []",
    "keys of a caller": "scenario: flow\ntests: [{name: А, turns: [{caller: {keys: 12a}}]}]",
}


def _taken(document: Document) -> bool:
    """Whether the loader takes it."""
    content = document.content
    kinds = (model for key, model in KINDS.items() if isinstance(content, dict) and key in content)
    model: type[BaseModel] = next(kinds, FlowFile)
    return validated(document, model, []) is not None


def _document(text: str) -> Document:
    document = parse(text, "file.yaml")
    assert isinstance(document, Document)
    return document


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_of_the_repository_fit(path: Path) -> None:
    document = read(path)

    assert isinstance(document, Document)
    assert SCHEMA.fits(document.content)
    assert _taken(document)


@pytest.mark.parametrize(
    "text",
    [text for example in EXAMPLES for text in [*example.bad.values(), *example.good.values()]],
)
def test_what_the_loader_takes_fits(text: str) -> None:
    document = _document(MARK.sub("", text))

    assert SCHEMA.fits(document.content) or not _taken(document)


@pytest.mark.parametrize("name", BAD_STATES)
def test_bad_states_fit_neither(name: str) -> None:
    document = _document(f"{HEAD}states:\n  {BAD_STATES[name]}\n")

    assert not _taken(document)
    assert not SCHEMA.fits(document.content)


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_files_fit_neither(name: str) -> None:
    document = _document(BAD_FILES[name])

    assert not _taken(document)
    assert not SCHEMA.fits(document.content)


def test_the_flow_that_is_changed_below_is_taken() -> None:
    assert _taken(_document(FLOW))
    assert SCHEMA.fits(PLAIN)


@given(path=PATHS, value=VALUES)
def test_no_change_is_taken_by_the_loader_and_refused_by_the_schema(path: Where, value: Any) -> None:
    content = changed(PLAIN, path, value)
    document = Document("file.yaml", content, {})

    assert SCHEMA.fits(content) or not _taken(document)
