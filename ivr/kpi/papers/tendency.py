"""A figure beside the same of the period before: in which direction it went, and how far. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ivr.kpi.definitions import Better, Unit
from ivr.kpi.papers import numbers
from ivr.kpi.papers.words import words
from ivr.kpi.report import Kpi


class Trend(StrEnum):
    """What the change means."""

    BETTER = "better"
    WORSE = "worse"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Tendency:
    """How a figure has changed.

    Attributes:
        by: The difference, in the unit of the KPI; of a share a fraction of one.
        text: The same for people, with its sign: `+2,1 п. п.`, `−0:12`, `+120 (+5 %)`.
    """

    trend: Trend
    by: float
    text: str


def tendency(now: Kpi, before: Kpi, *, goes_on: bool = False) -> Tendency | None:
    """The change since the period before; None where one of the figures is missing.

    A count of a period that goes on is neither better nor worse: its last day is not over.
    """
    new, old = now.value.value, before.value.value
    if new is None or old is None:
        return None
    unit = now.definition.unit
    by = new - old
    text = numbers.change(by, unit)
    if text is None:
        return Tendency(Trend.SAME, by, str(words()["same"]))
    share = numbers.percent(by / old) if unit is Unit.COUNT and old else None
    better = Better.NONE if goes_on and unit is Unit.COUNT else now.definition.better
    return Tendency(_trend(by, better), by, f"{text} ({share})" if share else text)


def _trend(by: float, better: Better) -> Trend:
    if better is Better.NONE:
        return Trend.CHANGED
    return Trend.BETTER if (by > 0) is (better is Better.HIGH) else Trend.WORSE
