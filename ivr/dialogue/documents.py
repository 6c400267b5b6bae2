"""YAML 1.2, strictly: what is written is what is meant, and every value keeps its place.

Each text is read by libyaml, which takes an eighth of the time; what that refuses, or may read otherwise
than YAML 1.2 has it, is read by ruamel.yaml, whose word counts.

Of the plain scalars only `true`, `false`, `null`, whole numbers without a leading zero and decimal numbers
are more than text; `012`, `1:30`, `no`, `on` and dates stay text. Keys are always text. Duplicate keys,
anchors, tags and further documents are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import cast

import yaml as libyaml
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError
from ruamel.yaml.events import Event, ScalarEvent

from ivr.dialogue.problems import Mark, Problem

MOST_BYTES = 512 * 1024
DEEPEST = 30

Plain = str | int | Decimal | bool | None | list["Plain"] | dict[str, "Plain"]
Place = tuple[str | int, ...]

QUOTES = frozenset({"'", '"'})
CONSTANTS: Mapping[str, Plain] = {"true": True, "false": False, "null": None, "~": None, "": None}
INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,12}")

_EITHER_WAY = re.compile(r"""[\t\x85\u2028\u2029\ufeff]|^[%|>]|^ +$|["']:\S|[|>][-+0-9]*#""", re.MULTILINE)
"""Tabs, line ends of YAML 1.1, byte order marks, directives, a text alone, lines of blanks, keys in quotes
whose value follows at once, blocks whose comment does: there libyaml goes its own way."""

_PARSER: type | None = getattr(libyaml, "CSafeLoader", None)
"""None where PyYAML was built without libyaml."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read.

    Attributes:
        file: The path as it was given.
        content: Plain data.
        marks: Where each value begins, by its path: `("states", "find", "do")`; of a quoted text, its text.
        keys: Where the key of each value begins.
    """

    file: str
    content: Plain
    marks: Mapping[Place, Mark]
    keys: Mapping[Place, Mark] = field(default_factory=dict)

    def find(self, *path: str | int) -> Mark:
        """Where something is written, parts of the path that are not in the file left out."""
        return self.marks.get(self._known(path), Mark(1, 1))

    def find_key(self, *path: str | int) -> Mark:
        """Where the key of something is written, parts of the path that are not in the file left out."""
        return self.keys.get(self._known(path)) or self.find(*path)

    def _known(self, path: Place) -> Place:
        """The place in the file that uses the latest parts of the path, and as many as possible."""
        reached: dict[Place, int] = {(): 0}
        for number, part in enumerate(path, start=1):
            deeper = [(*place, part) for place in reached]
            reached.update({place: number for place in deeper if place in self.marks})
        return max(reached, key=lambda place: (reached[place], len(place)))

    def problem(self, path: Place, code: str, message: str) -> Problem:
        """A problem at the value of that path."""
        mark = self.find(*path)
        return Problem(self.file, mark.line, mark.column, code, message)


def read(path: Path) -> Document | list[Problem]:
    """Read a file; the problems when it is not what it should be."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        return [Problem(str(path), 1, 1, "unreadable", f"the file can't be read: {error.strerror}")]
    if len(raw) > MOST_BYTES:
        return [Problem(str(path), 1, 1, "too-large", f"the file is larger than {MOST_BYTES // 1024} KiB")]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return [Problem(str(path), line, 1, "encoding", "the file is not UTF-8")]
    return parse(text, str(path))


def parse(text: str, file: str) -> Document | list[Problem]:
    """Read a text; the problems when it is not what it should be."""
    return _parsed_fast(text, file) or _parsed(text, file)


def _parsed_fast(text: str, file: str) -> Document | None:
    """None when anything is wrong, or might be."""
    if _PARSER is None or _EITHER_WAY.search(text):
        return None
    reader = _Reader(file)
    try:
        for event in libyaml.parse(text, Loader=_PARSER):
            if isinstance(event, libyaml.ScalarEvent) and not (event.value or event.style):
                return None  # the two have different opinions of where nothing stands
            reader.take(event)
    except (_Refused, libyaml.YAMLError, UnicodeError):
        return None
    return None if reader.problems else Document(file, reader.content, reader.marks, reader.keys)


def _parsed(text: str, file: str) -> Document | list[Problem]:
    reader = _Reader(file)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            reader.take(event)
    except _Refused as refusal:
        reader.problems.append(refusal.problem)
    except YAMLError as error:
        reader.problems.append(_syntax_problem(error, file))
    if reader.problems:
        return reader.problems
    return Document(file, reader.content, reader.marks, reader.keys)


def _syntax_problem(error: YAMLError, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark if isinstance(error, MarkedYAMLError) else None
    message = (error.problem or error.context or "") if isinstance(error, MarkedYAMLError) else ""
    message = message or str(error).splitlines()[0]
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    return Problem(file, line, column, "yaml", f"this is not YAML: {message}")


class _Refused(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


@dataclass(slots=True)
class _Open:
    """A collection that is being read."""

    value: list[Plain] | dict[str, Plain]
    path: Place
    key: str | None = None


class _Reader:
    """Builds plain data out of the parser's events, without recursion."""

    def __init__(self, file: str) -> None:
        self.content: Plain = None
        self.marks: dict[Place, Mark] = {}
        self.keys: dict[Place, Mark] = {}
        self.problems: list[Problem] = []
        self._file = file
        self._stack: list[_Open] = []
        self._documents = 0

    def take(self, event: Event) -> None:
        """Args: event, of either library: they are named alike, and have the same attributes."""
        handler = self._HANDLERS.get(type(event).__name__)
        if handler is not None:
            handler(self, event)

    def _document(self, event: Event) -> None:
        self._documents += 1
        if self._documents > 1:
            self._refuse(event, "documents", "one file holds one document: remove the '---'")
        version = getattr(event, "version", None)
        if version is not None and tuple(version) != (1, 2):
            self._refuse(event, "yaml-version", "scenarios are YAML 1.2: remove the %YAML directive")

    def _alias(self, event: Event) -> None:
        self._refuse(event, "alias", "aliases are not part of the language: write '*' in quotes")

    def _scalar(self, event: Event) -> None:
        scalar = cast(ScalarEvent, event)
        self._plainly(scalar)
        holder = self._stack[-1] if self._stack else None
        if holder is not None and isinstance(holder.value, dict) and holder.key is None:
            self._key(holder, holder.value, scalar)
        else:
            self._place(scalar, scalar.value if scalar.style else _resolved(scalar.value))

    def _sequence(self, event: Event) -> None:
        self._open(event, [])

    def _mapping(self, event: Event) -> None:
        self._open(event, {})

    def _end(self, _event: Event) -> None:
        self._stack.pop()

    _HANDLERS: Mapping[str, Callable[[_Reader, Event], None]] = {
        "DocumentStartEvent": _document,
        "AliasEvent": _alias,
        "ScalarEvent": _scalar,
        "SequenceStartEvent": _sequence,
        "MappingStartEvent": _mapping,
        "SequenceEndEvent": _end,
        "MappingEndEvent": _end,
    }

    def _open(self, event: Event, value: list[Plain] | dict[str, Plain]) -> None:
        self._plainly(event)
        if len(self._stack) >= DEEPEST:
            self._refuse(event, "too-deep", f"more than {DEEPEST} levels are nested here")
        holder = self._stack[-1] if self._stack else None
        if holder is not None and isinstance(holder.value, dict) and holder.key is None:
            self._refuse(event, "key", "a key must be a text: put what begins with '{' or '[' in quotes")
        path = self._place(event, value)
        self._stack.append(_Open(value, path))

    def _place(self, event: Event, value: Plain) -> Place:
        if not self._stack:
            path: Place = ()
            self.content = value
        else:
            path = self._into(self._stack[-1], value)
        mark = self._mark(event)
        quoted = getattr(event, "style", None) in QUOTES
        self.marks[path] = Mark(mark.line, mark.column + 1) if quoted else mark
        return path

    def _into(self, holder: _Open, value: Plain) -> Place:
        if isinstance(holder.value, list):
            holder.value.append(value)
            return (*holder.path, len(holder.value) - 1)
        key, holder.key = str(holder.key), None
        holder.value[key] = value
        return (*holder.path, key)

    def _key(self, holder: _Open, mapping: dict[str, Plain], event: ScalarEvent) -> None:
        if event.value in mapping:
            first = self.keys[(*holder.path, event.value)]
            mark = self._mark(event)
            message = f"the key {event.value!r} is already there on line {first.line}"
            self.problems.append(Problem(self._file, mark.line, mark.column, "duplicate-key", message))
        holder.key = event.value
        self.keys.setdefault((*holder.path, event.value), self._mark(event))

    def _plainly(self, event: Event) -> None:
        if getattr(event, "anchor", None) is not None:
            self._refuse(event, "anchor", "anchors are not part of the language: write '&' in quotes")
        if getattr(event, "tag", None) is not None:
            self._refuse(event, "tag", "tags are not part of the language: write '!' in quotes")

    def _refuse(self, event: Event, code: str, message: str) -> None:
        mark = self._mark(event)
        raise _Refused(Problem(self._file, mark.line, mark.column, code, message))

    @staticmethod
    def _mark(event: Event) -> Mark:
        start: StringMark = event.start_mark
        return Mark(start.line + 1, start.column + 1)


def _resolved(text: str) -> Plain:
    """The value of a plain scalar."""
    if text in CONSTANTS:
        return CONSTANTS[text]
    if INTEGER.fullmatch(text):
        return int(text)
    return Decimal(text) if DECIMAL.fullmatch(text) else text
