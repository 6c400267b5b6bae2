"""The files of conversation tests."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema, model_validator

from ivr.dialogue.ports import EndingKind
from ivr.dialogue.schema.states import ActionName
from ivr.dialogue.schema.values import FlowId, OutcomeName, Part, Seconds, fault


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise fault("time", "a moment is written '2026-11-24T10:00:00+03:00'") from None
    if moment.tzinfo is None:
        raise fault("time", "a moment needs its time zone: '2026-11-24T10:00:00+03:00'")
    return moment


def _ending(value: object) -> EndingKind:
    if isinstance(value, str) and value in set(EndingKind):
        return EndingKind(value)
    raise fault("ending", f"an ending is one of {', '.join(EndingKind)}")


def _listed(value: object) -> object:
    return [value] if isinstance(value, str | dict) else value


Moment = Annotated[
    datetime, PlainValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
EndingName = Annotated[
    EndingKind, PlainValidator(_ending), WithJsonSchema({"enum": [kind.value for kind in EndingKind]})
]


def _dated(value: object) -> object:
    """The same with texts that are dates or moments as such."""
    match value:
        case dict():
            return {name: _dated(inner) for name, inner in value.items()}
        case list():
            return [_dated(inner) for inner in value]
        case str() if DATED.match(value):
            return _date_or_moment(value)
    return value


def _date_or_moment(text: str) -> date | datetime | str:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-12-31") else _moment(text)
    except ValueError:
        return text


DATED = re.compile(r"\d{4}-\d\d-\d\d")

Dated = Annotated[Any, BeforeValidator(_dated, Any)]
"""Data whose texts become dates and moments where they are such."""

Given = Annotated[dict[str, Any], BeforeValidator(_dated, dict[str, Any])]
"""The same by name."""

Texts = Annotated[tuple[str, ...], BeforeValidator(_listed, str | list[str]), Field(strict=False)]


class StubResult(Part):
    """How a stub action ends."""

    outcome: OutcomeName | None = Field(None, description="The outcome; without one the action fails.")
    data: Dated = Field(None, description="The data that it returns.")
    takes: Seconds = Field(0.0, description="How long it takes.", validate_default=False)


StubResults = Annotated[
    tuple[StubResult, ...],
    BeforeValidator(_listed, StubResult | list[StubResult]),
    Field(min_length=1, strict=False),
]
"""One for each call of the action; the last repeats."""


class CallerTurn(Part):
    """What the caller does."""

    keys: Annotated[str, Field(pattern=r"^[0-9*#]+$")] | None = Field(None, description="Keys pressed.")
    says: str | None = Field(None, description="Words said.")
    silence: bool = Field(False, description="Nothing, until the time is up.")
    hangup: bool = Field(False, description="The caller hangs up.")
    deaf: bool = Field(False, description="The recogniser is away: speech can't be listened to.")

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        if sum((self.keys is not None, self.says is not None, self.silence, self.hangup, self.deaf)) != 1:
            raise fault("caller", "a caller does one thing: keys, says, silence, hangup or deaf")
        return self


def _caller_turn(value: object) -> object:
    return {value: True} if value in ("silence", "hangup", "deaf") else value


class ExpectedCall(Part):
    """An action that must have been called."""

    do: ActionName = Field(description="Name of the action.")
    arguments: Given = Field({}, alias="with", description="Arguments that it must have had.")


def _expected_call(value: object) -> object:
    return {"do": value} if isinstance(value, str) else value


class TestTurn(Part):
    """One line of a conversation: what the caller does, or what must have happened since he last did."""

    __test__ = False

    robot: Texts | None = Field(None, description="Said, in this or a longer wording.")
    not_robot: Texts | None = Field(None, description="Not said.")
    called: Annotated[ExpectedCall, BeforeValidator(_expected_call, str | ExpectedCall)] | None = Field(
        None, description="The action called."
    )
    caller: Annotated[CallerTurn, BeforeValidator(_caller_turn, str | CallerTurn)] | None = Field(
        None, description="What the caller does."
    )
    wait: Seconds | None = Field(None, description="The clock is moved before the caller answers.")

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if sum(getattr(self, name) is not None for name in type(self).model_fields) != 1:
            raise fault("turn", "a turn is one of robot, not_robot, called, caller and wait")
        return self


class ConversationTest(Part):
    """One conversation."""

    name: str = Field(min_length=1, description="What it shows.")
    at: Moment | None = Field(None, description="When the call comes.")
    caller: str = Field("", description="The calling number.")
    line: str = Field("test", description="The line called.")
    segment: str = Field("private", description="Segment of the line.")
    profile: str = Field("test", description="The standard.")
    actions: dict[ActionName, StubResults] = Field({}, description="Stubs that go before those of the file.")
    given: Given = Field({}, description="What the flow takes, besides and before what the file gives.")
    turns: tuple[TestTurn, ...] = Field(strict=False, description="The conversation.")
    outcome: str | None = Field(None, description="The outcome.")
    ending: EndingName | None = Field(None, description="How it ends.")
    data: Given = Field({}, description="Variables at the end, among others.")


class TestsFile(Part):
    """Conversation tests of one flow."""

    __test__ = False

    scenario: FlowId = Field(description="Id of the flow.")
    actions: dict[ActionName, StubResults] = Field({}, description="Stubs for the flow's actions.")
    given: Given = Field({}, description="What the flow takes: name → value.")
    tests: tuple[ConversationTest, ...] = Field(strict=False, min_length=1, description="The conversations.")
