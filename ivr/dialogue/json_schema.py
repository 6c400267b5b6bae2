"""The JSON Schema (draft 2020-12) of scenario files, for editors.

One schema for every kind of file: the key that only that kind has tells which it is. A state is told by its
verb, in the order of the loader, so that an editor names the key that is wrong and not twelve alternatives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from ivr.dialogue.schema.conversations import TestsFile
from ivr.dialogue.schema.files import CalendarsFile, EverywhereFile, FlowFile, ForbiddenFile, PromptsFile
from ivr.dialogue.schema.verbs import VERBS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
STATE = "State"
Schema = dict[str, Any]

KINDS: Mapping[str, type[BaseModel]] = {
    "prompts": PromptsFile,
    "calendars": CalendarsFile,
    "phrases": ForbiddenFile,
    "commands": EverywhereFile,
    "tests": TestsFile,
}
"""The key that tells a kind of file; without one of them it is a flow."""

CLASSES: Mapping[str, str] = {"for_each": "ForEach"}
"""The definition of a verb where it is not the verb with a capital."""


def json_schema() -> Schema:
    """The schema of all kinds of files."""
    definitions: Schema = {}
    models: list[type[BaseModel]] = [FlowFile, *KINDS.values()]
    for model in models:
        schema = model.model_json_schema(by_alias=True)
        definitions |= {**schema.pop("$defs", {}), model.__name__: schema}
    definitions[STATE] = _state()
    states = definitions["FlowFile"]["properties"]["states"]["patternProperties"]
    for pattern in states:
        states[pattern] = _reference(STATE)
    kinds = ((key, _reference(model.__name__)) for key, model in KINDS.items())
    return {
        "$schema": DIALECT,
        "title": "Scenario files",
        **_first_that_has(kinds, _reference("FlowFile")),
        "$defs": {name: _strict(definition) for name, definition in definitions.items()},
    }


def _state() -> Schema:
    """A state, by its verb."""
    verbs = [verb for verb in VERBS if verb not in {"end", "say"}]
    cases = ((verb, _reference(CLASSES.get(verb, verb.capitalize()))) for verb in verbs)
    going: Schema = {
        "if": {"required": ["end"], "not": {"required": ["say", "then"]}},
        "then": _reference("End"),
        "else": {"if": {"required": ["say"]}, "then": _reference("Say"), "else": _verb_wanted()},
    }
    return _first_that_has(cases, going)


def _verb_wanted() -> Schema:
    return {"type": "object", "anyOf": [{"required": [verb]} for verb in VERBS]}


def _first_that_has(cases: Iterable[tuple[str, Schema]], otherwise: Schema) -> Schema:
    """The schema of the first case whose key is there."""
    (key, then), *others = cases
    rest = _first_that_has(others, otherwise) if others else otherwise
    return {"if": {"required": [key]}, "then": then, "else": rest}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _strict(part: Any) -> Any:
    """The same, with names refused that do not fit their pattern; the loader refuses them too."""
    if isinstance(part, list):
        return [_strict(item) for item in part]
    if not isinstance(part, dict):
        return part
    strict = {key: _strict(value) for key, value in part.items()}
    return {**strict, "additionalProperties": False} if "patternProperties" in part else strict
