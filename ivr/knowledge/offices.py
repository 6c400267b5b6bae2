"""Offices: where they are, when they are open, and how that is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, RootModel, model_validator

from ivr.dialogue.schema.files import Days, Hours
from ivr.dialogue.schema.values import Part, fault
from ivr.knowledge.articles import Segment, Sentence, Texts
from ivr.knowledge.words import tokens

Week = Mapping[Days, Annotated[tuple[Hours, ...], Field(strict=False)]]
"""Days of the week → hours when it is open, breaks left out; empty for a day off."""

_DAYS_AHEAD = 8


class OfficeHours(Part):
    """Published hours; null for clients whom the office does not serve."""

    private: Week | None
    corporate: Week | None


class OfficeSource(Part):
    """Line of the standard's text that publishes the office."""

    line: int = Field(ge=1)


class Office(Part):
    """A place where clients are received."""

    id: str
    town: Sentence
    in_town: Sentence = Field(description="«в Коврове»")
    also: Texts = Field((), description="Other forms of the town's name that callers use.")
    name: Sentence
    kind: str | None = Field(None, description="central, inter-district or representation.")
    address: Sentence
    address_spoken: Sentence
    phones: Texts = ()
    hours: OfficeHours | None = Field(description="Null where none are published.")
    source: OfficeSource

    def week(self, segment: str) -> Week | None:
        """Hours for a segment; those for private clients where the segment is not known."""
        if self.hours is None:
            return None
        return self.hours.corporate if segment == Segment.CORPORATE else self.hours.private


class OfficesFile(RootModel[dict[str, Annotated[tuple[Office, ...], Field(strict=False)]]]):
    """`offices.yaml`: profile → offices."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        seen: set[str] = set()
        for office in (office for offices in self.root.values() for office in offices):
            if office.id in seen:
                raise fault("duplicate-id", f"the office {office.id!r} is there twice")
            seen.add(office.id)
        return self


class OfficeState(StrEnum):
    """Whether an office takes clients now."""

    OPEN = "open"
    CLOSED = "closed"
    UNPUBLISHED = "unpublished"


@dataclass(frozen=True, slots=True)
class Now:
    """What an office does at a moment.

    Attributes:
        state: Open, closed (a break is closed, too), or not known.
        until: When it closes, or its break begins, aware; None unless it is open.
        opens: When it opens next, aware; None when it never does or nothing is known.
    """

    state: OfficeState
    until: datetime | None = None
    opens: datetime | None = None


def at(week: Week | None, moment: datetime) -> Now:
    """What these hours say of a moment in the company's time zone."""
    if week is None:
        return Now(OfficeState.UNPUBLISHED)
    for begins, ends in _intervals(week, moment):
        if begins <= moment < ends:
            return Now(OfficeState.OPEN, until=ends)
        if moment < begins:
            return Now(OfficeState.CLOSED, opens=begins)
    return Now(OfficeState.CLOSED)


def _intervals(week: Week, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Open hours of this day and the week after it, in order."""
    for ahead in range(_DAYS_AHEAD):
        day = moment.date() + timedelta(days=ahead)
        for opens, closes in hours_of(week, day.weekday()):
            yield (
                datetime.combine(day, opens, moment.tzinfo),
                datetime.combine(day, closes, moment.tzinfo),
            )


def hours_of(week: Week, weekday: int) -> tuple[tuple[time, time], ...]:
    """Open hours of a day of the week (Monday is 0); a day that is not named is a day off."""
    return next((hours for days, hours in week.items() if weekday in days), ())


def in_town(offices: Sequence[Office], text: str) -> list[Office]:
    """Offices of the town that a text names, in any of its forms; the longest name wins."""
    said = f" {' '.join(tokens(text))} "
    found: dict[str, int] = {}
    for office in offices:
        forms = (" ".join(tokens(form)) for form in (office.town, *office.also))
        named = max((len(form) for form in forms if f" {form} " in said), default=0)
        found[office.town] = max(named, found.get(office.town, 0))
    town = max(found, key=lambda name: found[name], default="")
    return [office for office in offices if office.town == town and found[town]]
