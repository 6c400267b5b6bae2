"""Text of an expression → tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<number>\d+(?:\.\d+)?)
  | (?P<name>[A-Za-z_][A-Za-z_0-9]*)
  | (?P<text>"(?:[^"\\]|\\["\\])*"|'(?:[^'\\]|\\['\\])*')
  | (?P<sign>==|!=|<=|>=|[<>+\-*/().,])
    """,
    re.VERBOSE | re.ASCII,
)
WORDS = frozenset({"and", "or", "not", "in", "true", "false", "null"})
END = "end"


class ExpressionError(ValueError):
    """An expression that cannot be read.

    Attributes:
        offset: Where in the expression, characters from its start.
    """

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Attributes:
        kind: `number`, `name`, `text`, or the word or sign itself, or `end`.
    """

    kind: str
    text: str
    offset: int


def tokens(source: str) -> Iterator[Token]:
    """Cut the text into tokens; the last one is always `end`.

    Raises:
        ExpressionError: At a character that begins no token.
    """
    offset = 0
    while offset < len(source):
        match = TOKEN.match(source, offset)
        if match is None:
            raise ExpressionError(_complaint(source[offset]), offset)
        token = _token(match)
        if token is not None:
            yield token
        offset = match.end()
    yield Token(END, "", len(source))


def _token(match: re.Match[str]) -> Token | None:
    kind, text = match.lastgroup or "", match.group()
    if kind == "space":
        return None
    if kind == "sign" or text in WORDS:
        kind = text
    return Token(kind, text, match.start())


def _complaint(character: str) -> str:
    if character == "=":
        return "'=' is not an operator: compare with '=='"
    if character in "\"'":
        return "the text in quotes has no end"
    return f"{character!r} has no meaning in an expression"
