"""The files of a folder of scenarios: flows, the catalogue of prompts, calendars, forbidden phrases."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from ivr.dialogue.ports import Command, Kind
from ivr.dialogue.schema.values import (
    REPEAT,
    FlowId,
    Identifier,
    Interruptible,
    Interruption,
    Key,
    OutcomeName,
    Part,
    StateName,
    Utterance,
    Way,
    fault,
)
from ivr.dialogue.schema.verbs import AnyState

GlobalKey = Annotated[str, StringConstraints(pattern=rf"^([0-9*]|{'|'.join(Command)})$")]
"""A key of the telephone, or a word that works everywhere."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS = re.compile(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})")
DAYS = re.compile(rf"({'|'.join(WEEKDAYS)})(?:-({'|'.join(WEEKDAYS)}))?")

KindName = Annotated[
    Kind,
    PlainValidator(lambda value: _kind(value)),
    WithJsonSchema({"enum": [kind.value for kind in Kind]}),
]


CommandName = Annotated[
    Command,
    PlainValidator(lambda value: _command(value)),
    WithJsonSchema({"enum": [command.value for command in Command]}),
]

TAKING_OVER = frozenset({Command.OPERATOR, Command.DANGER})
"""Words that lead out of the flow, to another one."""


def _command(value: object) -> Command:
    if isinstance(value, str) and value in set(Command):
        return Command(value)
    raise fault("command", f"a word that works everywhere is one of {', '.join(Command)}")


def _kind(value: object) -> Kind:
    if isinstance(value, str) and value in set(Kind):
        return Kind(value)
    raise fault("kind", f"a kind is one of {', '.join(Kind)}")


class Outcome(Part):
    """How a flow may end."""

    complete: bool = Field(False, description="Whether the caller was served by the robot.")
    title: str | None = Field(None, description="In the words of the reports.")


def _as_outcome(value: object) -> object:
    return {"complete": value} if isinstance(value, bool) else value


class FlowFile(Part):
    """A flow."""

    id: FlowId = Field(description="Its name for lines, calls and reports.")
    title: str = Field(description="What it is for.")
    language: Literal["ru"] = Field("ru", description="Language of all that is said.")
    version: int = Field(ge=1, description="Counted up with every change; running calls keep theirs.")
    start: StateName = Field(description="The state where a call begins.")
    takes: dict[Identifier, KindName] = Field(
        {}, description="What a caller of this sub-flow gives: name → kind."
    )
    returns: dict[Identifier, KindName] = Field({}, description="What this sub-flow gives back: name → kind.")
    outcomes: dict[OutcomeName, Annotated[Outcome, BeforeValidator(_as_outcome, bool | Outcome)]] = Field(
        {}, description="The outcomes; true marks one that serves the caller."
    )
    globals: dict[GlobalKey, Way] = Field(
        {}, description=f"Keys and words that work at every question: a way out, or '{REPEAT}'."
    )
    on_error: Way | None = Field(None, description="Where a fault leads when the state does not say.")
    states: dict[Identifier, AnyState] = Field(min_length=1, description="Name → state.")


class PromptText(Part):
    """A shared prompt."""

    text: str = Field(min_length=1, description="What is said.")
    interruptible: Interruptible = Field(
        Interruption.BOTH, description="Whether keys and voice may cut it short."
    )
    law: bool = Field(False, description="Required by law: never interruptible, whatever a flow says.")

    @property
    def cut_short(self) -> Interruption:
        """What may cut it short."""
        return Interruption.NEITHER if self.law else self.interruptible


def _as_prompt(value: object) -> object:
    return {"text": value} if isinstance(value, str) else value


PromptName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]


class PromptsFile(Part):
    """The catalogue of prompts."""

    prompts: dict[PromptName, Annotated[PromptText, BeforeValidator(_as_prompt, str | PromptText)]] = Field(
        description="Id → text."
    )


class Anywhere(Part):
    """A word that works at every question of every flow."""

    flow: FlowId | None = Field(
        None, description="The flow that takes the call over; of operator and danger."
    )
    key: Key | None = Field(None, description="The key that means the same.")
    say: Utterance = Field((), description="Said before the question is repeated.")
    heard: str | None = Field(
        None,
        description="What `{heard}` says of it when it is not sure; without it the word counts at once.",
    )


class EverywhereFile(Part):
    """What holds at every question of every flow, unless the flow's own `globals` say otherwise."""

    commands: dict[CommandName, Anywhere] = Field(description="Word → what it does.")
    unsure: Utterance = Field(
        (), description="The question whether `{heard}` was meant, when the recogniser is not sure."
    )
    deaf: Utterance = Field((), description="Said when speech can't be listened to: keys still count.")

    @model_validator(mode="after")
    def _lead_somewhere(self) -> Self:
        for name, anywhere in self.commands.items():
            if (name in TAKING_OVER) != (anywhere.flow is not None):
                needs = "needs a 'flow'" if name in TAKING_OVER else "stays in its flow: it takes no 'flow'"
                raise fault("everywhere", f"{name!s} {needs}")
        return self


def _hours(value: object) -> tuple[time, time]:
    match = HOURS.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise fault("hours", "hours are written '08:00-20:00'")
    try:
        opening = time(int(match[1]), int(match[2]))
        closing = time.max if (match[3], match[4]) == ("24", "00") else time(int(match[3]), int(match[4]))
    except ValueError:
        raise fault("hours", "there is no such time of day") from None
    if closing <= opening:
        raise fault("hours", "hours end after they begin, at '24:00' at the latest")
    return opening, closing


def _days(value: object) -> tuple[int, ...]:
    match = DAYS.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise fault("weekdays", "days of the week are written 'mon', or 'mon-fri'")
    first = WEEKDAYS.index(match[1])
    last = WEEKDAYS.index(match[2] or match[1])
    if last < first:
        raise fault("weekdays", "days of the week go from 'mon' to 'sun'")
    return tuple(range(first, last + 1))


def _date(value: object) -> date:
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise fault("date", "a date is written '2026-12-31'") from None


Hours = Annotated[
    tuple[time, time],
    PlainValidator(_hours),
    WithJsonSchema({"type": "string", "pattern": r"^\d\d:\d\d-\d\d:\d\d$"}),
]
"""From and until, the end excluded."""

Days = Annotated[tuple[int, ...], PlainValidator(_days), WithJsonSchema({"type": "string"})]
"""Days of the week, Monday is 0."""

Date = Annotated[date, PlainValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]


class CalendarHours(Part):
    """When something is open."""

    hours: dict[Days, Hours] = Field({}, description="Days of the week → hours.")
    holidays: Hours | None = Field(None, description="Hours on public holidays; closed when missing.")
    dates: dict[Date, Hours | None] = Field(
        {}, description="Single dates → hours, or null for closed; they win over all else."
    )


class CalendarsFile(Part):
    """The calendars."""

    calendars: dict[Identifier, CalendarHours] = Field(description="Name → hours.")


class ForbiddenPhrase(Part):
    """Words that the standard of service forbids."""

    phrase: str = Field(
        min_length=2,
        description="The words; '*' at the end of a word stands for any ending; 'е' is also 'ё'.",
    )
    alone: bool = Field(
        False, description="Forbidden only as a reply: a sentence of its own, or its opening before a comma."
    )
    instead: str | None = Field(None, description="What to say instead.")
    clause: str | None = Field(None, description="Clause of the standard.")


class ForbiddenFile(Part):
    """The forbidden phrases."""

    phrases: tuple[ForbiddenPhrase, ...] = Field(strict=False, description="None of them is ever said.")
