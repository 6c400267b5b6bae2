"""Calls drawn at random: how many, of what, and what became of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.real.voice.company import SpeakingCompany, Spoken
from tests.real.voice.people import TASKS, Person
from tests.real.voice.phrases import dice
from tests.real.voice.speaker import Manner, Speaker, festival
from tests.real.voice.verdict import End, Misheard, end, misheard

OVER_THE_QUESTION = frozenset({"reading"})
"""Answers that are given before the question has ended."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One call that was drawn, and what became of it."""

    person: Person
    spoken: Spoken
    end: End
    misheard: list[Misheard]


async def draw_calls(
    company: SpeakingCompany, tasks: Sequence[str], folder: Path, *, at_once: int, what: str
) -> list[Drawn]:
    """Place calls of people with these tasks.

    Args:
        tasks: One of `TASKS` for each call.
        folder: Empty folder for the sounds.
        at_once: Calls at the same moment.
        what: Name of the draw: with the seed it makes the same people again.
    """
    chance, among = dice(what), company.customers
    chance.shuffle(among)
    people = [Person.drawn(task, [customer], chance) for task, customer in zip(tasks, among, strict=False)]
    manners = [Manner.drawn(chance) for _ in people]
    voice, room = festival(), asyncio.Semaphore(at_once)

    async def visit(place: int) -> Drawn:
        person = people[place]
        speaker = Speaker(folder / str(place), voice, dice(f"{what}-{place}"), manners[place])
        speaker.folder.mkdir(parents=True)
        async with room:
            spoken = await company.visit(person, speaker, barge_in=OVER_THE_QUESTION)
        return Drawn(person, spoken, end(person, spoken), misheard(person, spoken))

    try:
        return await asyncio.gather(*(visit(place) for place in range(len(people))))
    finally:
        await voice.close()


def report(calls: Sequence[Drawn]) -> str:
    """Shares by task, what was to blame, and what was said and heard where the robot did not do it."""
    lines = [f"{'task':10} {'calls':>5} {'robot':>5} {'person':>6} {'nobody':>6}"]
    for task in (*TASKS, None):
        ends = Counter(call.end for call in calls if task in (None, call.person.task))
        counts = f"{ends.total():5} {ends[End.ROBOT]:5} {ends[End.PERSON]:6} {ends[End.NOBODY]:6}"
        lines.append(f"{task or 'all':10} {counts}")
    blamed = Counter(str(each.blame) for call in calls for each in call.misheard)
    lines.append(f"misheard answers: {dict(blamed)} of {sum(len(call.spoken.exchanges) for call in calls)}")
    for call in calls:
        if call.end is not End.ROBOT:
            lines += ["", *_story(call)]
    return "\n".join(lines)


def _story(call: Drawn) -> list[str]:
    """The whole conversation; these are invented people."""
    said = {exchange.line: exchange.answer for exchange in call.spoken.exchanges}
    lines = [f"{call.person.task} {call.person.topic} → {call.end}"]
    for place, (who, text) in enumerate(call.spoken.lines, 1):
        lines.append(f"  {who}: {text}")
        if place in said:
            lines.append(f"    said: {said[place]}")
    return lines + [f"  {each.blame}: «{each.exchange.answer}» → «{each.heard}»" for each in call.misheard]
