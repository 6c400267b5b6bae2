"""Files → flows, prompts, calendars and forbidden phrases, with every fault and its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ivr.dialogue import documents
from ivr.dialogue.documents import Document
from ivr.dialogue.flow import Flow
from ivr.dialogue.problems import Problem, closest
from ivr.dialogue.schema import files, states, turns, values, verbs
from ivr.dialogue.schema.files import (
    CalendarHours,
    CalendarsFile,
    EverywhereFile,
    FlowFile,
    ForbiddenFile,
    ForbiddenPhrase,
    PromptsFile,
    PromptText,
)

PROMPTS_FILE = "prompts.yaml"
CALENDARS_FILE = "calendars.yaml"
FORBIDDEN_FILE = "forbidden-phrases.yaml"
EVERYWHERE_FILE = "everywhere.yaml"
COMPANY_FILES = (PROMPTS_FILE, CALENDARS_FILE, FORBIDDEN_FILE, EVERYWHERE_FILE)
"""Files that every flow of a folder shares."""

OTHER_FILES = ("kinds.yaml", "answered.yaml")
"""Files among the flows of `campaigns/` that `ivr.campaigns` reads."""

TEST_SUFFIX = ".test.yaml"

FileModel = TypeVar("FileModel", bound=BaseModel)


@dataclass(slots=True)
class Loaded:
    """What was read, and what was wrong with it.

    Attributes:
        flows: Those without faults of syntax or schema, by id.
        prompts: The catalogue, by id.
        calendars: By name.
        forbidden: Phrases that are never said.
        everywhere: Words and keys that work at every question, or None.
        documents: The company's files, by file name.
    """

    flows: dict[str, Flow] = field(default_factory=dict)
    prompts: dict[str, PromptText] = field(default_factory=dict)
    calendars: dict[str, CalendarHours] = field(default_factory=dict)
    forbidden: list[ForbiddenPhrase] = field(default_factory=list)
    everywhere: EverywhereFile | None = None
    documents: dict[str, Document] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def load(paths: list[Path]) -> Loaded:
    """Read files and folders of scenarios.

    A folder stands for its `*.yaml` files and for those of its sub-folders; tests are left out. The company's
    files of a file's home (the catalogue `prompts.yaml`, `calendars.yaml`, `everywhere.yaml`,
    `forbidden-phrases.yaml`) belong to it.
    """
    loaded = Loaded()
    for path in _scenario_files(paths, loaded.problems):
        _load_file(path, loaded)
    return loaded


def _scenario_files(paths: list[Path], problems: list[Problem]) -> list[Path]:
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            problems.append(Problem(str(path), 1, 1, "missing-file", "there is no such file or folder"))
        home = home_of(path if path.is_dir() else path.parent)
        company = [home / name for name in COMPANY_FILES]
        chosen = [*sorted(path.glob("*.yaml")), *sorted(path.glob("*/*.yaml"))] if path.is_dir() else [path]
        for file in [*company, *chosen]:
            if file.is_file() and file.name not in OTHER_FILES and not file.name.endswith(TEST_SUFFIX):
                found[file] = None
    return list(found)


def home_of(folder: Path) -> Path:
    """Where the company's files of a folder are: the folder above, where they are there and not in itself."""
    own, above = (any((each / name).is_file() for name in COMPANY_FILES) for each in (folder, folder.parent))
    return folder.parent if above and not own else folder


def _load_file(path: Path, loaded: Loaded) -> None:
    document = documents.read(path)
    if not isinstance(document, Document):
        loaded.problems.extend(document)
    elif path.name in COMPANY_FILES:
        loaded.documents[path.name] = document
        _load_company_file(document, path.name, loaded)
    elif file := validated(document, FlowFile, loaded.problems):
        _add_flow(Flow.of(file, document), loaded)


def _load_company_file(document: Document, name: str, loaded: Loaded) -> None:
    problems = loaded.problems
    if name == PROMPTS_FILE and (prompts := validated(document, PromptsFile, problems)):
        loaded.prompts.update(prompts.prompts)
    elif name == CALENDARS_FILE and (calendars := validated(document, CalendarsFile, problems)):
        loaded.calendars.update(calendars.calendars)
    elif name == FORBIDDEN_FILE and (forbidden := validated(document, ForbiddenFile, problems)):
        loaded.forbidden.extend(forbidden.phrases)
    elif name == EVERYWHERE_FILE:
        loaded.everywhere = validated(document, EverywhereFile, problems)


def _add_flow(flow: Flow, loaded: Loaded) -> None:
    other = loaded.flows.get(flow.id)
    if other is not None:
        message = f"the flow {flow.id!r} is already in {other.document.file}"
        loaded.problems.append(flow.document.problem(("id",), "duplicate-flow", message))
    else:
        loaded.flows[flow.id] = flow


def validated(document: Document, model: type[FileModel], problems: list[Problem]) -> FileModel | None:
    """The file's content as a model; None and the problems when it does not fit."""
    try:
        return model.model_validate(document.content)
    except ValidationError as error:
        details = error.errors(include_url=False)
        problems.extend(_problem(document, detail) for detail in details if not _follows(detail, details))
        return None


def _follows(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """Whether it only says that a list is too short because its items are faulty."""
    path = detail["loc"]
    return detail["type"] == "too_short" and any(
        other["loc"][: len(path)] == path and len(other["loc"]) > len(path) for other in details
    )


def _problem(document: Document, detail: ErrorDetails) -> Problem:
    code, message = _explained(detail)
    path = detail["loc"]
    at_key = detail["type"] == "extra_forbidden" or path[-1:] == (KEY_ITSELF,)
    mark = document.find_key(*path) if at_key else document.find(*path)
    offset = int(detail.get("ctx", {}).get("offset", 0))
    return Problem(document.file, mark.line, mark.column + offset, code, message)


KEY_ITSELF = "[key]"
"""How pydantic says that it means the key of a mapping."""

PLAIN_MESSAGES = {
    "string_type": ("type", "a text was expected: put numbers in quotes"),
    "int_type": ("type", "a whole number was expected"),
    "bool_type": ("type", "true or false was expected"),
    "dict_type": ("type", "keys with values were expected here: 'key: value'"),
    "model_type": ("type", "keys with values were expected here: 'key: value'"),
    "model_attributes_type": ("type", "keys with values were expected here: 'key: value'"),
    "tuple_type": ("type", "a list was expected here: '[one, two]'"),
    "union_tag_not_found": ("expectation", "the key 'kind' is missing"),
}
EXPECTATIONS = (
    "digits",
    "choice",
    "yes_no",
    "amount",
    "number",
    "date",
    "account_number",
    "reading",
    "name",
    "speech",
)


def _explained(detail: ErrorDetails) -> tuple[str, str]:
    """Code and message of an error of validation."""
    kind, last = detail["type"], str(detail["loc"][-1]) if detail["loc"] else ""
    if kind in PLAIN_MESSAGES:
        return PLAIN_MESSAGES[kind]
    match kind:
        case "missing":
            return "missing-key", f"the key {last!r} is missing"
        case "extra_forbidden":
            return "unknown-key", _unknown_key(last)
        case "string_pattern_mismatch":
            return "name", _bad_name(str(detail["input"]), str(detail["ctx"]["pattern"]))
        case "union_tag_invalid":
            given = str(detail["ctx"]["tag"])
            known = f": one of {', '.join(EXPECTATIONS)}"
            return "expectation", f"{given!r} is no kind of answer{closest(given, EXPECTATIONS) or known}"
    return kind.replace("_", "-"), detail["msg"]


def _bad_name(name: str, pattern: str) -> str:
    if pattern == values.KEY_PATTERN:
        return f"{name!r} is no key of the telephone: one of 0 to 9 and *"
    return f"{name!r} is not a name here: small Latin letters, digits and '_' or '-'"


def _unknown_key(key: str) -> str:
    if key in verbs.VERBS:
        return f"a state does one thing: '{key}' does not go with the rest of it"
    return f"there is no key {key!r} here{closest(key, KEYS)}"


def _keys() -> Iterator[str]:
    """Every key that the language knows."""
    for module in (files, states, turns, values):
        for thing in vars(module).values():
            if isinstance(thing, type) and issubclass(thing, BaseModel):
                yield from (field.alias or name for name, field in thing.model_fields.items())


KEYS = frozenset(_keys())
