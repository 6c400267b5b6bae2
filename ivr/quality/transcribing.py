"""Transcribes recordings one at a time, in the background; may be killed at any moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Final, NoReturn, Protocol

import structlog

from ivr.archive.crypt import Tampered
from ivr.archive.keyring import KeyMissing
from ivr.archive.quiet import quiet_stretches
from ivr.archive.storage import NotStored, StorageAway
from ivr.archive.vault import Content, Stored
from ivr.calls import queries
from ivr.calls.story import Story
from ivr.dialogue.ports import Clock
from ivr.errors import Fault
from ivr.quality import rows, texts
from ivr.quality.hearing import Ear, Heard, NotHeard
from ivr.quality.marking import Rules, marks
from ivr.quality.model import Span, Utterance, Window
from ivr.quality.rows import Job
from ivr.quality.settings import TranscriptSettings
from ivr.quality.texts import Texts
from ivr.quality.windows import Sound, agent_at, united, windows
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)

_BATCH: Final = 200
_DAY_SECONDS: Final = 86_400.0
_AWAY: Final = {StorageAway: "storage", KeyMissing: "locked", Fault: "locked"}
"""It is not the recording's fault: no attempt is counted."""

_BROKEN: Final = {NotStored: "missing", Tampered: "changed"}
_FAULTS: Final = (NotHeard, NotStored, Tampered, StorageAway, KeyMissing, Fault)


class Vault(Protocol):
    """Opens recordings; it blocks."""

    def open(self, recording: Stored) -> Content:
        """The content of one."""


RulesOf = Callable[[str | None, bool], Awaitable[Rules]]
"""What is asked of a talk, by the profile of its line and whether the company called."""


@dataclass(frozen=True, slots=True)
class _Around:
    """A call as far as it matters: who talked when, what is asked of him."""

    talks: list[Window]
    people: list[Span]
    rules: Rules
    quiet: list[Span]


class Transcribing:
    """The work; `run` does it for ever.

    Attributes:
        waiting: Recordings that waited when it was last looked.
    """

    def __init__(
        self,
        database: Database,
        settings: TranscriptSettings,
        clock: Clock,
        *,
        vault: Vault,
        ear: Ear,
        words: Texts,
        rules: RulesOf,
        calls: Callable[[], int],
    ) -> None:
        """Prepare.

        Args:
            database: Has index, ledger and transcripts.
            settings: When and how much.
            clock: The time.
            vault: Has the recordings.
            ear: Turns them into words.
            words: Indexes these.
            rules: What is marked.
            calls: How many calls go on.
        """
        self._database = database
        self._settings = settings
        self._clock = clock
        self._vault = vault
        self._ear = ear
        self._words = words
        self._rules = rules
        self._calls = calls
        self.waiting = 0
        self._everything = True
        self._compact_at = clock.monotonic()
        self._idle_since = clock.monotonic()

    async def run(self) -> NoReturn:
        """Work until cancelled; what fails is tried again."""
        try:
            while True:
                if not await self._tried():
                    await self._clock.sleep(self._settings.look_seconds)
        finally:
            await self._ear.rest()

    async def once(self) -> bool:
        """Look for new recordings and transcribe the next one; whether there was one.

        Raises:
            StoreUnavailable: The database can't be used; what was begun is done again.
        """
        await self._enlist()
        self.waiting = await self._database.read(rows.waiting)
        if self._busy():
            return False
        job = await self._database.read(partial(rows.due, now=self._clock.now()))
        if job is None:
            await self._rest()
            return False
        await self._transcribe(job)
        self._idle_since = self._clock.monotonic()
        return True

    async def compact(self) -> None:
        """Take the words of deleted transcripts off the index, in small steps."""
        for step in count():
            if not await self._database.write(partial(texts.compact, begin=not step)):
                return

    async def _tried(self) -> bool:
        try:
            if self._clock.monotonic() >= self._compact_at:
                await self.compact()
                self._compact_at = self._clock.monotonic() + _DAY_SECONDS
            return await self.once()
        except StoreUnavailable as error:
            log.warning("transcripts.put-off", error=type(error).__name__)
            return False

    async def _enlist(self) -> None:
        settle = timedelta(seconds=self._settings.settle_seconds)
        while True:
            found = await self._database.read(
                partial(rows.unknown, limit=_BATCH, everything=self._everything)
            )
            if found:
                await self._database.write(partial(rows.enlist, found=found, settle=settle))
            if len(found) < _BATCH:
                self._everything = False
                return

    async def _transcribe(self, job: Job) -> None:
        pause = min(_DAY_SECONDS, self._settings.retry_seconds * 2**job.attempts)
        silent = self._clock.now() + timedelta(seconds=max(pause, self._longest(job)))
        if not await self._database.write(partial(rows.begin, job=job, again_at=silent)):
            return
        try:
            around = await self._around(job)
            heard = await self._heard(job, around)
        except _FAULTS as error:
            counts = type(error) not in _AWAY
            given_up = counts and job.attempts + 1 >= self._settings.attempts
            reason = _reason(error)
            log.warning("transcripts.failed", recording=job.recording.id, reason=reason, given_up=given_up)
            when = None if given_up else self._clock.now() + timedelta(seconds=pause)
            await self._database.write(
                partial(rows.fail, job=job, reason=reason, again_at=when, counts=counts)
            )
        else:
            await self._finish(job, around, heard)

    def _longest(self, job: Job) -> float:
        """After how many seconds nobody is at work on a recording any more, as far as one can tell."""
        share = self._settings.core_percent / 100
        return job.recording.seconds / share + self._settings.piece_seconds

    async def _around(self, job: Job) -> _Around:
        found = await self._database.read(partial(queries.one, call_id=job.recording.call_id))
        story = found[0] if found else None
        sound = Sound(job.recording.started_at, round(job.recording.seconds * 1000))
        talks = windows(sound, list(story.legs.values())) if story else [_unknown(sound)]
        rules = await self._rules(story.profile if story else None, _is_outgoing(story))
        deeds = await self._database.read(partial(queries.deeds, call_id=job.recording.call_id))
        quiet = quiet_stretches(deeds, job.recording.started_at, job.recording.seconds)
        paused = [Span(round(since * 1000), round(until * 1000)) for since, until in quiet]
        return _Around(talks, united(talks), rules, paused)

    async def _heard(self, job: Job, around: _Around) -> Heard:
        if self._settings.talks_only and not around.talks:
            return Heard((), 0.0)
        content = _Lazy(self._vault, job)
        return await self._ear.hear(content, job.recording.channels, around.people, self._allow)

    async def _finish(self, job: Job, around: _Around, heard: Heard) -> None:
        written = await asyncio.to_thread(self._written, job, around, heard)
        there = await self._database.write(partial(written, now=self._clock.now()))
        if there:
            log.info("transcripts.done", recording=job.recording.id, work_seconds=heard.work_seconds)

    def _written(self, job: Job, around: _Around, heard: Heard) -> partial[bool]:
        """What is written down of it; takes a while for a long talk."""
        whole = [replace(each, agent=_agent(each, around.talks)) for each in heard.utterances]
        apart = job.recording.channels > 1
        said = [each for each in whole if each.text]
        return partial(
            rows.finish,
            job=job,
            said=said,
            marks=marks(whole, around.talks, around.rules, around.quiet) if apart else (),
            stems=self._words.stems(each.text for each in said),
            work_seconds=heard.work_seconds,
        )

    async def _allow(self) -> None:
        while self._busy():
            await self._clock.sleep(self._settings.look_seconds)

    async def _rest(self) -> None:
        if self._clock.monotonic() - self._idle_since >= self._settings.linger_seconds:
            await self._ear.rest()

    def _busy(self) -> bool:
        return self._calls() > self._settings.most_calls


class _Lazy:
    """A recording's content that is opened by the thread that reads it."""

    def __init__(self, vault: Vault, job: Job) -> None:
        self._vault = vault
        self._recording = job.recording
        self.size = job.recording.bytes

    def parts(self) -> Iterator[bytes]:
        """All of it."""
        yield from self._vault.open(self._recording).parts()


def _reason(error: Exception) -> str:
    known: Mapping[type[Exception], str] = {**_AWAY, **_BROKEN}
    return error.reason if isinstance(error, NotHeard) else known.get(type(error), "failed")


def _agent(said: Utterance, talks: Sequence[Window]) -> str | None:
    return agent_at(talks, Span(said.begin, said.end))


def _unknown(sound: Sound) -> Window:
    """Nobody knows of the call: a person may have talked all the time."""
    return Window(0, sound.milliseconds, None, fresh=False)


def _is_outgoing(story: Story | None) -> bool:
    return story is not None and story.kind.by_operator
