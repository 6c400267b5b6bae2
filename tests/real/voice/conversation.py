"""A caller in conversation: he reads what the robot says, hears when it has said it, and answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.real.sipp import Keys, Speak
from tests.real.sipp.talker import Talker, Utterance
from tests.real.voice.people import Person
from tests.real.voice.phrases import phrases
from tests.real.voice.speaker import Speaker

Lines = list[tuple[str, str]]
"""The transcript so far: who and what."""

Answer = Callable[[Sequence[str]], str | None]
"""What the robot has said so far → the kind of utterance that answers it."""

BARGE_IN_SECONDS = 1.5
_PAUSE_SECONDS = 0.8
"""Silence after which the robot has finished: longer than the pauses between its sentences."""
_PATIENCE = 9
"""Who has answered so often presses the key to a person; a call that goes well takes six answers at most."""
_WORDINGS = {"wish": 3, "yes": 2, "account": 2, "reading": 2}
_BY_TASK = {
    "reading": ("key 1", "account", "reading", "street", "house", "flat"),
    "balance": ("key 2", "account", "street", "house", "flat"),
    "question": ("helped", "not helped"),
    "operator": (),
}
_ALWAYS = ("wish", "yes", "no", "done", "first", "second", "key 0")
_FIXED = {"first": "Первое.", "second": "Второе.", "not helped": "Нет, не помогло."}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and what was answered: the robot's words, the caller's, and the line of the transcript."""

    question: str
    kind: str
    answer: str
    line: int


@dataclass
class Repertoire:
    """All that a person may say in a call: several wordings of a kind, used in turn.

    Attributes:
        utterances: Sounds and keys by name.
        words: What each says.
    """

    utterances: dict[str, Utterance] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    _used: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, utterance: Utterance, words: str) -> None:
        """Another wording of a kind."""
        name = f"{kind}/{sum(known.startswith(f'{kind}/') for known in self.words)}"
        self.utterances[name], self.words[name] = utterance, words

    def next(self, kind: str) -> str | None:
        """The name of its next wording; None when nothing of this kind was prepared."""
        names = [name for name in self.words if name.startswith(f"{kind}/")]
        if not names:
            return None
        place = self._used.get(kind, 0)
        self._used[kind] = place + 1
        return names[place % len(names)]


async def rehearse(person: Person, speaker: Speaker) -> Repertoire:
    """Say everything that the person may say into files."""
    repertoire = Repertoire()
    for kind in dict.fromkeys((*_ALWAYS, *_BY_TASK[person.task])):
        for place in range(_WORDINGS.get(kind, 1)):
            if kind.startswith("key "):
                repertoire.add(kind, [Keys(kind[-1])], f"[{kind[-1]}]")
                continue
            file, words = await _said(kind, place, person, speaker)
            repertoire.add(kind, [Speak(file)], words)
    return repertoire


async def _said(kind: str, place: int, person: Person, speaker: Speaker) -> tuple[Path, str]:
    numbers: Mapping[str, str] = {
        "account": person.customer.account,
        "reading": str(person.value),
        "house": "".join(filter(str.isdigit, person.customer.house.partition("к")[0])),
        "flat": person.customer.flat,
    }
    if kind in numbers:
        return await speaker.number(numbers[kind])
    if kind == "wish":
        words = person.wishes[place]
    elif kind == "street":
        words = f"{person.customer.street}."
    else:
        words = _FIXED.get(kind) or speaker.dice.choice(phrases(kind)).text
    return await speaker.phrase(words), words


@dataclass
class Conversation:
    """What is said in one call.

    Attributes:
        answer: What is said to the last of the robot's words: a kind of the repertoire; None for nothing.
        lines: The transcript so far.
        barge_in: Kinds of answers that are given while the question is still being asked.
        exchanges: What was answered.
    """

    talker: Talker
    answer: Answer
    repertoire: Repertoire
    lines: Callable[[], Lines]
    barge_in: frozenset[str] = frozenset()
    exchanges: list[Exchange] = field(default_factory=list)
    _answered: int = 0
    _seen: int = 0
    _seen_at: float = 0.0

    async def run(self) -> None:
        """Answer until the call ends."""
        ended = asyncio.create_task(self.talker.ended())
        while not ended.done():
            await asyncio.wait({ended}, timeout=0.05)
            lines = self.lines()
            self._notice(len(lines))
            if len(lines) > self._answered and lines[-1][0] == "robot":
                self._answer(lines)

    def _notice(self, count: int) -> None:
        if count != self._seen:
            self._seen, self._seen_at = count, time.monotonic()

    def _answer(self, lines: Lines) -> None:
        question = lines[-1][1]
        kind = self.answer([text for who, text in lines if who == "robot"])
        if kind is not None and len(self.exchanges) >= _PATIENCE:
            kind = "key 0"
        if kind is None or not self._is_turn(kind):
            return
        self._answered = len(lines)
        name = self.repertoire.next(kind)
        if name is None or (kind == "wish" and any(said.kind == "done" for said in self.exchanges)):
            self.talker.hang_up()  # he has what he wanted, or is asked about something else
            return
        self.exchanges.append(Exchange(question, kind, self.repertoire.words[name], len(lines)))
        self.talker.say(name)

    def _is_turn(self, kind: str) -> bool:
        """Whether the robot has finished, or has spoken for long enough to be interrupted."""
        now, ear = time.monotonic(), self.talker.ear
        began = max(self._seen_at, ear.sound_began)
        if kind in self.barge_in and ear.quiet_seconds < 0.1 and now - began >= BARGE_IN_SECONDS:
            return True
        return ear.quiet_seconds >= _PAUSE_SECONDS and now - ear.quiet_seconds > self._seen_at
