"""The demo company with a real recogniser, and callers who speak to it."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import pairwise
from pathlib import Path

from ivr.app.stack import Stack
from ivr.calls import queries
from ivr.calls.story import Disposition, Story
from ivr.dialogue.ports import EndingKind, Step
from ivr.store import Database
from tests.real.company import MAIN, Company
from tests.real.instances import PROJECT
from tests.real.sipp.talker import Talker, Utterance, talking
from tests.real.voice.conversation import Answer, Conversation, Exchange, Lines, Repertoire, rehearse
from tests.real.voice.people import Customer, Person, customers
from tests.real.voice.speaker import Speaker

CALENDARS = "calendars:\n  operators:\n    hours:\n      mon-sun: 00:00-24:00\n"
"""People are there at any hour at which the tests run."""

PATIENT = ("dialogue.first_key_seconds=5", "dialogue.next_key_seconds=3", "agi.recognition_seconds=12")
"""What is said counts here, not how fast it is recognised on a busy machine."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A call that has ended.

    Attributes:
        exchanges: What he answered to what.
        lines: The transcript: what the robot said and what it heard.
        story: The call as the ledger has it.
        steps: Its steps.
        readings: Values that were accepted in it.
    """

    exchanges: list[Exchange]
    lines: Lines
    story: Story
    steps: list[Step]
    readings: list[int]

    @property
    def by_person(self) -> bool:
        """Whether it came to people."""
        return self.story.ending is EndingKind.QUEUED or self.story.disposition is Disposition.ANSWERED

    @property
    def outcomes(self) -> set[str]:
        """How its steps ended."""
        return {step.outcome for step in self.steps}

    def answers(self, state: str) -> list[str | None]:
        """What was heard in a state."""
        return [step.heard for step in self.steps if step.state == state]


class SpeakingCompany(Company):
    """Started once for many tests; one call or several at the same moment, each of another number."""

    def __init__(self, folder: Path, *changes: str) -> None:
        scenarios = folder / "scenarios"
        shutil.copytree(PROJECT / "scenarios", scenarios)
        (scenarios / "calendars.yaml").write_text(CALENDARS, encoding="utf-8")
        super().__init__(folder, f"scenarios.folder={scenarios}", *PATIENT, *changes)
        arguments = self.stack.arguments
        overrides = [given for flag, given in pairwise(arguments) if flag == "--set"]
        self.stack = Stack(PROJECT / "ivr.yaml", overrides)

    @property
    def customers(self) -> list[Customer]:
        """Customers of the simplest kind."""
        return customers(self.folder / "billing")

    @asynccontextmanager
    async def calling(
        self, caller_id: str, repertoire: Mapping[str, Utterance]
    ) -> AsyncIterator[tuple[Talker, str]]:
        """A call that is placed, and its id, once it is in the ledger."""
        self._runs += 1
        folder = self.folder / "sipp" / str(self._runs)
        began = datetime.now().astimezone()
        async with talking(self.sip, MAIN, repertoire, folder, caller_id=caller_id) as talker:
            yield talker, await self.call_of(caller_id, began)

    async def visit(
        self, person: Person, speaker: Speaker, *, barge_in: frozenset[str] = frozenset()
    ) -> Spoken:
        """A call of somebody with a wish, from rehearsal to the end."""
        repertoire = await rehearse(person, speaker)
        return await self.converse(person.caller_id, person.answer, repertoire, barge_in=barge_in)

    async def converse(
        self,
        caller_id: str,
        answer: Answer,
        repertoire: Repertoire,
        *,
        barge_in: frozenset[str] = frozenset(),
    ) -> Spoken:
        """A call in which each question is answered, to its end."""
        async with self.calling(caller_id, repertoire.utterances) as (talker, call_id):
            exchanges = await self.talk(talker, answer, repertoire, call_id, barge_in=barge_in)
        story, steps = await self.ended(call_id)
        taken = [int(str(row["value"])) for row in await self.readings() if row["call_id"] == call_id]
        return Spoken(exchanges, self.lines(call_id), story, steps, taken)

    async def talk(
        self,
        talker: Talker,
        answer: Answer,
        repertoire: Repertoire,
        call_id: str,
        *,
        barge_in: frozenset[str] = frozenset(),
    ) -> list[Exchange]:
        """Answer in a call that is going on, until its end."""
        lines = partial(self.lines, call_id)
        conversation = Conversation(talker, answer, repertoire, lines, barge_in=barge_in)
        await conversation.run()
        return conversation.exchanges

    async def call_of(self, caller_number: str, since: datetime) -> str:
        """Id of the call that has come from a number."""
        async with self._database() as database, asyncio.timeout(20):
            while True:
                for story in await database.read(partial(queries.latest, limit=20)):
                    if story.caller_number == caller_number and story.came_at >= since:
                        return story.call_id
                await asyncio.sleep(0.1)

    async def ended(self, call_id: str) -> tuple[Story, list[Step]]:
        """A call once it has ended."""
        async with self._database() as database, asyncio.timeout(30):
            while True:
                found = await database.read(partial(queries.one, call_id=call_id))
                if found is not None and found[0].ended_at:
                    return found
                await asyncio.sleep(0.1)

    def lines(self, call_id: str) -> Lines:
        """The transcript of a call so far."""
        folder = self.stack.settings.scenarios.transcripts
        assert folder is not None
        file = folder / f"{call_id}.jsonl"
        if not file.exists():
            return []
        whole = file.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
        return [(line["who"], line["text"]) for line in map(json.loads, whole)]

    @asynccontextmanager
    async def _database(self) -> AsyncIterator[Database]:
        database = await Database.open(self.stack.settings.store)
        try:
            yield database
        finally:
            await database.close()
