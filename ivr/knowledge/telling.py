"""Offices in spoken Russian: address and hours of the week, days with the same hours together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import time
from functools import cache
from importlib.resources import files
from itertools import groupby, pairwise

from pydantic import Field, TypeAdapter

from ivr.dialogue import documents
from ivr.dialogue.documents import Document
from ivr.dialogue.schema.values import Part
from ivr.knowledge.articles import Texts
from ivr.knowledge.offices import Office, Week, hours_of
from ivr.speech.russian.numerals import Case, cardinal

WORDING = "wording.yaml"
_WEEK = range(7)


class Wording(Part):
    """`wording.yaml`: how hours are said, Monday first."""

    days: Texts
    from_days: Texts
    to_days: Texts
    two_days: str = Field(description="{first} and {second}.")
    hours: str = Field(description="{opens} and {closes}.")
    break_: str = Field(alias="break", description="{begins} and {ends}.")
    day_off: str
    no_hours: str
    not_served: str = Field(description="{name} and {address}.")
    office: str = Field(description="{name}, {address} and {hours}.")


@cache
def wording() -> Wording:
    """The words that belong to the program."""
    text = files("ivr.knowledge").joinpath(WORDING).read_text(encoding="utf-8")
    document = documents.parse(text, WORDING)
    content = document.content if isinstance(document, Document) else None
    return TypeAdapter(Wording).validate_python(content)


def told(office: Office, segment: str) -> str:
    """Where an office is, and when it serves callers of a segment."""
    words = wording()
    place = {"name": office.name, "address": office.address_spoken}
    week = office.week(segment)
    if office.hours is None:
        return words.office.format(**place, hours=words.no_hours)
    if week is None:
        return words.not_served.format(**place)
    return words.office.format(**place, hours="; ".join(_hours(week)))


def _hours(week: Week) -> Iterator[str]:
    for hours, days in groupby(_WEEK, key=lambda day: hours_of(week, day)):
        yield f"{_days(list(days))} {_day(hours)}"


def _days(days: Sequence[int]) -> str:
    words = wording()
    if len(days) == 1:
        return words.days[days[0]]
    if len(days) == 2:
        return words.two_days.format(first=words.days[days[0]], second=words.days[days[1]])
    return f"{words.from_days[days[0]]} {words.to_days[days[-1]]}"


def _day(hours: Sequence[tuple[time, time]]) -> str:
    words = wording()
    if not hours:
        return words.day_off
    whole = words.hours.format(opens=_at(hours[0][0]), closes=_at(hours[-1][1]))
    breaks = (
        words.break_.format(begins=_at(before[1]), ends=_at(after[0])) for before, after in pairwise(hours)
    )
    return ", ".join((whole, *breaks))


def _at(moment: time) -> str:
    """The hour in the genitive, with minutes where there are some: «восьми тридцати»."""
    hour = cardinal(moment.hour, case=Case.GENITIVE)
    return f"{hour} {cardinal(moment.minute, case=Case.GENITIVE)}" if moment.minute else hour
