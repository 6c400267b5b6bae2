"""Text of an expression → tree: a Pratt parser over a dozen operators."""

from __future__ import annotations

import re
from decimal import Decimal

from ivr.dialogue.expressions.functions import ARITY, OF_CALENDARS
from ivr.dialogue.expressions.syntax import (
    BINDING,
    COMPARISON,
    NEGATION,
    UNARY_NOT,
    Binary,
    Call,
    Literal,
    Member,
    Name,
    Node,
    Unary,
)
from ivr.dialogue.expressions.tokens import END, WORDS, ExpressionError, Token, tokens
from ivr.dialogue.problems import closest

MOST_CHARACTERS = 500
DEEPEST = 40
CONSTANTS = {"true": True, "false": False, "null": None}


def parse(source: str) -> Node:
    """Read an expression (without the leading `=`).

    Raises:
        ExpressionError: With a message for the author and the offset.
    """
    if len(source) > MOST_CHARACTERS:
        raise ExpressionError(f"the expression is longer than {MOST_CHARACTERS} characters", 0)
    parser = _Parser(source)
    node = parser.expression(0)
    parser.expect(END)
    return node


class _Parser:
    def __init__(self, source: str) -> None:
        self._tokens = list(tokens(source))
        self._position = 0
        self._depth = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._position]

    def _take(self) -> Token:
        token = self._next
        self._position += 1
        return token

    def expect(self, kind: str) -> Token:
        if self._next.kind != kind:
            wanted = "the end of the expression" if kind == END else f"'{kind}'"
            raise ExpressionError(f"{wanted} was expected here, not {_called(self._next)}", self._next.offset)
        return self._take() if kind != END else self._next

    def expression(self, floor: int) -> Node:
        """Read operators that bind at least as strongly as the floor."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise ExpressionError("the expression is nested too deeply", self._next.offset)
        left = self._operand()
        while (power := BINDING.get(self._next.kind, -1)) >= floor:
            operator = self._take()
            right = self.expression(power + 1)
            left = Binary(operator.kind, left, right, operator.offset)
            if power == COMPARISON:
                self._refuse_chain()
        self._depth -= 1
        return left

    def _refuse_chain(self) -> None:
        if BINDING.get(self._next.kind) == COMPARISON:
            raise ExpressionError("comparisons do not chain: join two of them with 'and'", self._next.offset)

    def _operand(self) -> Node:
        token = self._take() if self._next.kind != END else self._next
        match token.kind:
            case "not":
                return Unary("not", self.expression(UNARY_NOT), token.offset)
            case "-":
                return Unary("-", self.expression(NEGATION), token.offset)
            case "(":
                node = self.expression(0)
                self.expect(")")
                return self._members(node)
            case "name":
                return self._members(self._name(token))
        return self._members(_literal(token))

    def _name(self, token: Token) -> Node:
        if self._next.kind != "(":
            return Name(token.text, token.offset)
        self._take()
        call = Call(token.text, self._arguments(), token.offset)
        _check_arity(call)
        return call

    def _arguments(self) -> tuple[Node, ...]:
        arguments: list[Node] = []
        while self._next.kind != ")":
            if arguments:
                self.expect(",")
            arguments.append(self.expression(0))
        self._take()
        return tuple(arguments)

    def _members(self, node: Node) -> Node:
        while self._next.kind == ".":
            self._take()
            token = self._take() if self._next.kind != END else self._next
            if token.kind != "name" and token.kind not in WORDS:
                raise ExpressionError(f"a field's name was expected here, not {_called(token)}", token.offset)
            node = Member(node, token.text, token.offset)
        return node


def _literal(token: Token) -> Node:
    match token.kind:
        case "number":
            value = Decimal(token.text) if "." in token.text else int(token.text)
            return Literal(value, token.offset)
        case "text":
            return Literal(re.sub(r"\\(.)", r"\1", token.text[1:-1]), token.offset)
        case "true" | "false" | "null":
            return Literal(CONSTANTS[token.kind], token.offset)
    raise ExpressionError(f"a value was expected here, not {_called(token)}", token.offset)


def _check_arity(call: Call) -> None:
    if call.function not in ARITY:
        hint = closest(call.function, ARITY)
        raise ExpressionError(f"there is no function {call.function!r}{hint}", call.offset)
    fewest, most = ARITY[call.function]
    if not fewest <= len(call.arguments) <= most:
        raise ExpressionError(
            f"{call.function}() takes {_arguments_text(fewest, most)}, not {len(call.arguments)}", call.offset
        )
    if call.function in OF_CALENDARS and not isinstance(call.arguments[0], Name):
        raise ExpressionError(f"{call.function}() takes the name of a calendar", call.offset)


def _arguments_text(fewest: int, most: int) -> str:
    plural = "" if most == 1 else "s"
    return f"{fewest} argument{plural}" if fewest == most else f"{fewest} to {most} arguments"


def _called(token: Token) -> str:
    return "the end of the expression" if token.kind == END else repr(token.text)
