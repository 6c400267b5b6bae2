"""What is known of a call, or a talk, behind a figure, in words: why it counts. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from ivr.kpi.definitions import Unit, scaled
from ivr.kpi.papers import numbers
from ivr.kpi.papers.words import words

_SCORE, _ALONE, _JUDGED = "score", "alone", "summed_up"


@cache
def fact_measures() -> tuple[str, ...]:
    """The measures that tell it."""
    return (*words()["facts"], *words()["lengths"], _SCORE, _ALONE, _JUDGED)


def told_facts(counted: Mapping[str, int]) -> list[str]:
    """`потерян в очереди`, `ожидание 1:30`; what became of the call first, then the rest in steady order."""
    return list(_facts(counted))


def _facts(counted: Mapping[str, int]) -> Iterator[str]:
    told = words()
    yield from (text for name, text in told["facts"].items() if counted.get(name))
    for name, text in told["lengths"].items():
        if counted.get(name):
            yield f"{text} {numbers.figure(scaled(counted[name], name), Unit.SECONDS)}"
    if counted.get(_JUDGED):
        yield told["alone_fact"][int(bool(counted.get(_ALONE)))]
    if counted.get(_SCORE):
        yield f"{told['score_fact']} {counted[_SCORE]}"
