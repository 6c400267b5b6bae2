"""What is asked of the caller: one construct for every turn, and the kinds of answers."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from ivr.dialogue.schema.values import (
    Condition,
    Datum,
    Exit,
    Identifier,
    Interruptible,
    Interruption,
    Key,
    Part,
    Seconds,
    Utterance,
    Utterances,
    fault,
)

MOST_OFFERED = 9


class Digits(Part):
    """A string of digits, kept as text: leading zeros count."""

    kind: Literal["digits"]
    length: int | None = Field(None, ge=1, le=20, description="Exactly so many digits.")
    least: int = Field(1, ge=1, le=20, description="At least so many digits.")
    most: int = Field(20, ge=1, le=20, description="At most so many digits.")


class AccountNumber(Part):
    """The number of an account, kept as text; its length is a setting unless given."""

    kind: Literal["account_number"]
    length: int | None = Field(None, ge=4, le=20, description="Exactly so many digits.")


class Number(Part):
    """A whole number."""

    kind: Literal["number"]
    least: int = Field(0, description="No less than this.")
    most: int = Field(999_999_999, le=999_999_999_999, description="No more than this.")


class Amount(Part):
    """Money in roubles; the key `*` stands before the kopecks."""

    kind: Literal["amount"]
    most: int = Field(9_999_999, ge=1, description="No more roubles than this.")


class Day(Part):
    """A date: day and month in two digits each, then perhaps the year in two or four."""

    kind: Literal["date"]


class Reading(Part):
    """A reading of a meter in whole kilowatt-hours; its length follows from the meter's field `digits`."""

    kind: Literal["reading"]
    meter: Condition = Field(description="The meter, a record with the field `digits`.")


class YesNo(Part):
    """Yes or no, by the keys 1 and 2; saved as true or false."""

    kind: Literal["yes_no"]


class OptionWords(Part):
    """One answer of a choice."""

    words: tuple[str, ...] = Field(
        strict=False, min_length=1, description="How the caller may say it; the first is saved."
    )
    value: Datum | None = Field(None, description="What is saved instead of the first word.")


def _as_option(value: object) -> object:
    return {"words": [value]} if isinstance(value, str) else value


class Choice(Part):
    """One of several, by its key or its words."""

    kind: Literal["choice"]
    options: dict[Key, Annotated[OptionWords, BeforeValidator(_as_option, str | OptionWords)]] = Field(
        min_length=1, description="Key → words."
    )


class Name(Part):
    """One of a list of names, said by voice: a town, a street. Saved is the item of the list."""

    kind: Literal["name"]
    among: Condition = Field(alias="from", description="The list; texts, or records.")
    called: Identifier | None = Field(None, description="The field of a record that holds the name.")


class FreeSpeech(Part):
    """Anything, said by voice; saved as text."""

    kind: Literal["speech"]


Expectation = Annotated[
    Digits | AccountNumber | Number | Amount | Day | Reading | YesNo | Choice | Name | FreeSpeech,
    Field(discriminator="kind"),
]


def _as_expectation(value: object) -> object:
    return {"kind": value} if isinstance(value, str) else value


PlainKind = Literal["digits", "account_number", "number", "amount", "date", "yes_no", "speech"]
"""The kinds that need no particulars."""

Expected = Annotated[Expectation, BeforeValidator(_as_expectation, PlainKind | Expectation)]
"""A kind of answer, or the kind with its particulars."""


class Attempts(Part):
    """How often the caller may miss, silence and misunderstanding counted apart."""

    no_input: int = Field(3, ge=1, le=10, description="Silences until giving up.")
    no_match: int = Field(3, ge=1, le=10, description="Misunderstandings until giving up.")


def _as_attempts(value: object) -> object:
    return {"no_input": value, "no_match": value} if isinstance(value, int) else value


class Turn(Part):
    """A question and how its answer is awaited."""

    prompt: Utterance = Field(description="The question.")
    no_input: Utterances = Field(
        (), description="Said at the first silence, the second, …; the last repeats."
    )
    no_match: Utterances = Field(
        (), description="Said at the first misunderstanding, the second, …; the last repeats."
    )
    reprompt: bool = Field(False, description="Whether the question follows what is said at a miss.")
    attempts: Annotated[Attempts | None, BeforeValidator(_as_attempts, int | Attempts | None)] = Field(
        None, description="Silences and misunderstandings until giving up; a number stands for both."
    )
    first_key: Seconds | None = Field(None, description="Silence after the prompt that counts as no input.")
    next_key: Seconds | None = Field(None, description="Pause between keys that ends the answer.")
    interruptible: Interruptible = Field(
        Interruption.BOTH, description="Whether keys and voice may cut it short."
    )
    personal: bool | None = Field(None, description="Whether the answer is personal data.")
    voice: bool = Field(True, description="Whether the answer may be spoken; false: only keys count.")


class Question(Turn):
    """A turn whose answer is saved."""

    expect: Expected = Field(description="The kind of answer.")


class Option(Exit):
    """An answer of `choose` and where it leads."""

    words: tuple[str, ...] = Field((), strict=False, description="How the caller may say it.")


def _as_way(value: object) -> object:
    return {"then": value} if isinstance(value, str) else value


class FreeAnswer(Exit):
    """Where what was said leads when it is no option."""

    save: Identifier = Field(description="The variable for the words.")


class Offer(Turn):
    """A turn that offers options with ways out, or the items of a list."""

    options: dict[Key, Annotated[Option, BeforeValidator(_as_way, str | Option)]] | None = Field(
        None, min_length=1, description="Key → way out."
    )
    among: dict[Identifier, Condition] | None = Field(
        None,
        alias="from",
        min_length=1,
        max_length=1,
        description=f"Variable → list whose first {MOST_OFFERED} items are offered under the keys from 1.",
    )
    each: Utterance = Field((), description="Said for each item; `{key|digits}` is its key.")
    called: Identifier | None = Field(None, description="The field of an item by which it may be called.")
    free: FreeAnswer | None = Field(None, description="Anything may be said: where that leads.")

    @model_validator(mode="after")
    def _offers_one_thing(self) -> Self:
        if (self.options is None) == (self.among is None):
            raise fault("choose", "choose has either 'options' or 'from'")
        if (self.among is None) != (not self.each):
            raise fault("choose", "'from' and 'each' go together: 'each' is said for every item")
        return self


def _as_turn(value: object) -> object:
    is_turn = isinstance(value, Turn) or (
        isinstance(value, dict) and bool(value.keys() - {"prompt", "interruptible"})
    )
    return value if is_turn else {"prompt": value}


ShortTurn = Annotated[Turn, BeforeValidator(_as_turn, Utterance | Turn)]
"""A turn, or its question alone."""
