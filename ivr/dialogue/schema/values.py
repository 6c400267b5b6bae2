"""Values of the language: names, durations, expressions, what is said, and ways out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from ivr.dialogue.expressions import ExpressionError, Node, parse
from ivr.dialogue.expressions.syntax import Literal
from ivr.dialogue.templates import Template, parse_template

NEXT = "next"
"""The way out that goes on with the next item of `for_each`."""

REPEAT = "repeat"
"""The way out of a global key that says the question again."""

PROMPT_ID = re.compile(r"[a-z][a-z0-9-]*")
DURATION = re.compile(r"(?P<amount>\d+(?:\.\d+)?)\s*(?P<unit>ms|s|m|h)")
UNITS: Mapping[str, float] = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class Part(BaseModel):
    """Anything in a file of scenarios: no key that the language does not know, nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)


@dataclass(frozen=True, slots=True)
class Expression:
    """`=…`, or a constant."""

    source: str
    node: Node


@dataclass(frozen=True, slots=True)
class PromptId:
    """The name of a prompt in the catalogue."""

    id: str


class Interruption(StrEnum):
    """What cuts an utterance short; `patient`: keys do, and words, but not an «ага» or a cough."""

    BOTH = "both"
    PATIENT = "patient"
    KEYS = "keys"
    VOICE = "voice"
    NEITHER = "neither"

    @property
    def by_keys(self) -> bool:
        """Whether a key cuts it short."""
        return self in {Interruption.BOTH, Interruption.PATIENT, Interruption.KEYS}

    @property
    def by_voice(self) -> bool:
        """Whether the voice cuts it short."""
        return self in {Interruption.BOTH, Interruption.PATIENT, Interruption.VOICE}


def fault(code: str, message: str, offset: int = 0) -> PydanticCustomError:
    """An error of validation; the offset moves the column within a text of one line."""
    return PydanticCustomError(code, "{message}", {"message": message, "offset": offset})


def _parsed(source: str, skipped: int) -> Node:
    try:
        return parse(source[skipped:])
    except ExpressionError as error:
        raise fault("expression", str(error), error.offset + skipped) from None


def _expression(value: object) -> Expression:
    if isinstance(value, str) and value.startswith("="):
        return Expression(value, _parsed(value, 1))
    raise fault("expression", "an expression begins with '=': '=account.meters'")


def _datum(value: object) -> Expression:
    if isinstance(value, str) and value.startswith("="):
        return Expression(value, _parsed(value, 1))
    if value is None or isinstance(value, str | int | Decimal | bool):
        return Expression(str(value), Literal(value, 0))
    raise fault("value", "a value is a text, a number, true, false, null or an expression '=…'")


def _words(value: object) -> PromptId | Template:
    if not isinstance(value, str) or not value.strip():
        raise fault("text", "a text or the id of a prompt was expected: put numbers in quotes")
    if PROMPT_ID.fullmatch(value):
        return PromptId(value)
    try:
        return parse_template(value)
    except ExpressionError as error:
        raise fault("template", str(error), error.offset) from None


def _seconds(value: object) -> float:
    match = DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise fault("duration", "a duration has a unit: '500ms', '2s', '1m', '2h'")
    return float(match["amount"]) * UNITS[match["unit"]]


def _interruption(value: object) -> Interruption:
    if isinstance(value, bool):
        return Interruption.BOTH if value else Interruption.NEITHER
    if value in ("keys", "voice", "patient"):
        return Interruption(str(value))
    raise fault("interruptible", "interruptible is true, false, keys, voice or patient")


_TEXT_SCHEMA: dict[str, Any] = {"type": "string"}

Condition = Annotated[
    Expression, PlainValidator(_expression), WithJsonSchema({"type": "string", "pattern": "^="})
]
"""An expression, `=…`."""

Datum = Annotated[
    Expression,
    PlainValidator(_datum),
    WithJsonSchema({"type": ["string", "number", "boolean", "null"]}),
]
"""A constant or an expression."""

Words = Annotated[PromptId | Template, PlainValidator(_words), WithJsonSchema(_TEXT_SCHEMA)]
"""The id of a prompt, or a text with `{value|filter}` in it."""

Seconds = Annotated[
    float,
    PlainValidator(_seconds),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?\s*(ms|s|m|h)$"}),
]
"""A duration with its unit, in seconds."""

Interruptible = Annotated[
    Interruption,
    PlainValidator(_interruption),
    WithJsonSchema({"enum": [True, False, "keys", "voice", "patient"]}),
]
"""Whether keys and voice may cut it short."""

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
"""Name of a variable, a slot or a field."""

REACHED = "reached"
"""The end with the outcome that the call has reached last."""

CALL_MEMORY = ("account", "topic", "said")
"""What a call remembers beyond its flows: `call.account`, `call.topic`, `call.said`."""

Target = Annotated[str, StringConstraints(pattern=rf"^(call\.({'|'.join(CALL_MEMORY)})|[a-z][a-z0-9_]*)$")]
"""What a flow may set: a variable of its own, or what the call remembers."""

StateName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){0,2}$")]
"""Name of a state; with a dot, a state inside a form."""

OutcomeName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")]
"""Name of an outcome."""

FlowId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
"""Id of a flow."""

KEY_PATTERN = r"^[0-9*]$"

Key = Annotated[str, StringConstraints(pattern=KEY_PATTERN)]
"""A key of the telephone; `#` ends an answer and cannot be one."""


class Line(Part):
    """One thing that is said."""

    prompt: Words = Field(description="Id of a prompt, or the text itself.")
    interruptible: Interruptible | None = Field(
        None,
        description="Whether keys and voice may cut it short; true unless the prompt or the turn forbids.",
    )


def _as_lines(value: object) -> object:
    items = value if isinstance(value, list) else [value]
    return tuple({"prompt": item} if not isinstance(item, dict) else item for item in items)


Utterance = Annotated[
    tuple[Line, ...],
    Field(min_length=1),
    BeforeValidator(_as_lines, json_schema_input_type=str | Line | list[str | Line]),
]
"""What is said in one go: a text, a prompt, or a list of them."""


def _as_utterances(value: object) -> object:
    return tuple(value) if isinstance(value, list) else (value,)


Utterances = Annotated[
    tuple[Utterance, ...],
    BeforeValidator(_as_utterances, json_schema_input_type=str | Line | list[Utterance]),
]
"""What is said the first time, the second time, …; the last one repeats."""


class Exit(Part):
    """A way out of a state: what is said and set on the way, and where it leads."""

    say: Utterance = Field((), description="Said on the way.")
    set: dict[Target, Datum] = Field({}, description="Variables that are set on the way.")
    then: StateName | None = Field(None, description=f"The state it leads to, or '{NEXT}'.")
    end: OutcomeName | None = Field(None, description="The outcome with which the flow ends.")

    @model_validator(mode="after")
    def _leads_to_one_place(self) -> Self:
        if (self.then is None) == (self.end is None):
            raise fault("exit", "a way out has either 'then' with a state or 'end' with an outcome")
        return self


def _as_exit(value: object) -> object:
    return {"then": value} if isinstance(value, str) else value


Way = Annotated[Exit, BeforeValidator(_as_exit, json_schema_input_type=str | Exit)]
"""A state's name, or what is said and set on the way to it."""
