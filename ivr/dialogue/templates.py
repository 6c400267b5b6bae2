"""Spoken text with values in it, as `Ваш долг {account.debt|amount}`.

`{{` and `}}` stand for the braces themselves. A value without a filter is a text and is said as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ivr.dialogue.expressions import ExpressionError, Node, parse

FILTERS = frozenset(
    {"number", "kwh", "amount", "date", "day", "digits", "account", "phone", "time", "text", "name", "whom"},
)
"""Filters that every set of formatters has."""

PIECE = re.compile(
    r"""
    (?P<text>(?:[^{}]|\{\{|\}\})+)
  | \{(?P<hole>(?:[^{}"']|"[^"]*"|'[^']*')*)\}
    """,
    re.VERBOSE,
)
HOLE = re.compile(
    r"""(?P<expression>(?:[^|"']|"[^"]*"|'[^']*')*)(?P<bar>\|\s*(?P<filter>.*?)\s*)?""", re.DOTALL
)
FILTER = re.compile(r"[a-z_]+")


@dataclass(frozen=True, slots=True)
class Hole:
    """A place for a value.

    Attributes:
        filter: How the value is spoken; None for a text as it is.
        offset: Where the expression begins in the template, characters.
    """

    node: Node
    filter: str | None
    offset: int


@dataclass(frozen=True, slots=True)
class Template:
    """Text and holes, in order."""

    source: str
    parts: tuple[str | Hole, ...]

    @property
    def holes(self) -> Iterator[Hole]:
        """The places for values."""
        return (part for part in self.parts if isinstance(part, Hole))


def parse_template(source: str) -> Template:
    """Read a spoken text.

    Raises:
        ExpressionError: With the offset in the template.
    """
    parts: list[str | Hole] = []
    offset = 0
    while offset < len(source):
        match = PIECE.match(source, offset)
        if match is None:
            raise ExpressionError(
                "a brace without its partner: '{value|filter}', or '{{' for the sign", offset
            )
        if match["text"] is not None:
            parts.append(match["text"].replace("{{", "{").replace("}}", "}"))
        else:
            parts.append(_hole(match["hole"], match.start("hole")))
        offset = match.end()
    return Template(source, tuple(parts))


def _hole(source: str, offset: int) -> Hole:
    match = HOLE.fullmatch(source)
    if match is None or (match["bar"] and not FILTER.fullmatch(match["filter"])):
        raise ExpressionError("a filter's name is expected after '|': '{value|number}'", offset)
    try:
        return Hole(parse(match["expression"]), match["filter"], offset)
    except ExpressionError as error:
        raise ExpressionError(str(error), offset + error.offset) from None
