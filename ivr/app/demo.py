"""The demonstration: an invented company, its calls, and the check of what they left behind."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import select

from ivr.app import demo_voice
from ivr.app.demo_company import OPERATOR, PASSWORD, PEOPLE, write_demo_company
from ivr.app.demo_workplace import browser_at_hand, page_operator
from ivr.app.doctor.hearing import recognisers
from ivr.app.stack import Stack
from ivr.archive.index import Selection
from ivr.archive.keeping import select as recordings_of
from ivr.archive.keeping import verify
from ivr.archive.vault import Vault
from ivr.bench.sipp import Action as Deed
from ivr.bench.sipp import Caller, Endpoint, ExpectHangup, Keys, Phone, Wait, answer_calls, place_calls
from ivr.calls import queries, telling
from ivr.calls.story import Disposition, Story
from ivr.readings.tables import readings
from ivr.settings import Settings
from ivr.store import Database

Announce = Callable[[str], None]

ACCOUNTS = 200
ACCOUNT = "320145678"
KEYED, SAID = 12_300, 12_345
STRANGER, CLIENT = "+74950000009", "+74832000001"
CALLS = 3
_BETWEEN_TURNS = 1.2
_TALK_SECONDS = 3.0
_NO_PHONES = ("asterisk.queues.clients.members=[]", "asterisk.queues.dispatcher.members=[]")
"""Operators answer in the page, where there is a browser to show it."""


@dataclass
class Shown:
    """What the calls came to; faults in words, none when all was as it should be."""

    faults: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether all was as it should be."""
        return not self.faults

    def check(self, good: bool, fault: str) -> None:
        """Note a fault unless it is good."""
        if not good:
            self.faults.append(fault)


class Demonstration:
    """One run of the demo company; its data are made anew each time, its prompts are kept."""

    def __init__(self, settings: Settings, folder: Path, announce: Announce) -> None:
        """Args: settings, the demo company's; folder, where its data go; announce, tells the person."""
        self._folder = folder
        self._say = announce
        self._calls = 0
        overrides = [
            f"data_folder={folder}",
            f"archive.folder={folder / 'recordings'}",
            f"scenarios.transcripts={folder / 'transcripts'}",
            "scenarios.always_open=[operators]",
            f"asterisk.prompts_folder={settings.prompts_folder}",
            "asterisk.rtp.media_address=127.0.0.1",
            *(_NO_PHONES if browser_at_hand() else ()),
        ]
        self.stack = Stack(None, overrides, announce)

    # --- setting up ----------------------------------------------------------------------------------

    async def prepare(self) -> None:
        """Make the company: customers, database, prompts.

        Raises:
            Fault: Something can't be had; says what and how to mend it.
        """
        self._say(f"== Demo company in {self._folder}")
        if self._folder.exists():
            await asyncio.to_thread(shutil.rmtree, self._folder)
        self._folder.mkdir(parents=True)
        await self._run(
            "customers", "demo", "--accounts", str(ACCOUNTS), "--output", str(self._folder / "billing")
        )
        await write_demo_company(self.stack.settings)
        self._say("== Prompts (the first time takes a minute)")
        await self._run("prompts", "build")

    async def start(self) -> None:
        """Start Asterisk, the engine and an operator's telephone."""
        self._say("== Asterisk and the engine")
        await self.stack.up()
        self._say(f"   {self.stack.asterisk.cli('core show version').splitlines()[0]}")
        self._say(f"   engine ready, process {self.stack.engine_pid}")
        await self.stack.hears()
        await self.stack.knows()
        heard = recognisers(self.stack.settings.speech.recognition, self.stack.settings.speech.models)
        self._say(f"   recogniser ready, process {self.stack.recogniser_pid}. {heard.detail}")

    async def stop(self) -> None:
        """Stop everything."""
        await self.stack.down()

    async def _run(self, *arguments: str) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ivr", *self.stack.arguments, *arguments, stdout=sys.stderr
        )
        if await process.wait():
            raise RuntimeError(f"ivr {' '.join(arguments)} failed")

    # --- showing -------------------------------------------------------------------------------------

    async def show(self) -> Shown:
        """Place the calls, print what came of them, and check it."""
        shown = Shown()
        self._say("== A stranger's telephone hands a reading in by keys")
        await self._place(self._reading_call(), shown)
        self._say("== A client known by his number hands a reading in by voice and asks a question")
        await self._place(await self._voice_call(demo_voice.READING_AND_QUESTION), shown)
        self._say("== He calls again and asks for a person by voice")
        await self._place_to_operator(shown)
        await self._tell_and_check(shown)
        return shown

    async def _voice_call(self, lines: Sequence[demo_voice.Line]) -> Caller:
        self._calls += 1
        spoken = await demo_voice.deeds(
            self.stack.settings, lines, self._folder / "callers" / str(self._calls)
        )
        actions = (Wait(_seconds(self._notice)), *spoken, ExpectHangup(40))
        return Caller(number="100", caller_id=CLIENT, actions=actions)

    @property
    def _notice(self) -> Path:
        return self.stack.settings.prompts_folder / "fixed" / "recording-notice.wav"

    def _reading_call(self) -> Caller:
        deeds: list[Deed] = [Wait(_seconds(self._notice) + _BETWEEN_TURNS)]
        for each in ("1", f"{ACCOUNT}#", "1", f"{KEYED}#", "1", "2"):
            deeds += [Keys(each), Wait(_BETWEEN_TURNS)]
        return Caller(number="100", caller_id=STRANGER, actions=(*deeds[:-1], ExpectHangup(20)))

    async def _place(self, caller: Caller, shown: Shown) -> None:
        folder = self._folder / "sipp" / f"{caller.caller_id[-4:]}-{self._calls}"
        sip = self.stack.settings.asterisk.sip
        calling = await place_calls([caller], Endpoint(str(sip.host), sip.port), folder)
        tally = await calling.sipp.wait()
        shown.check(tally.successful == 1, f"The call to {caller.number} failed. {tally.errors}")

    async def _place_to_operator(self, shown: Shown) -> None:
        if not browser_at_hand():
            self._say("   No Chromium is at hand: a telephone answers in the place of the operator's page.")
            return await self._place_to_telephone(shown)
        self._say("   Anna answers in the operator's page: ring, talk and wrap-up are kept as pictures")
        pictures = self._folder / "pictures"
        async with page_operator(self.stack.url, OPERATOR.login, PASSWORD, pictures) as operator:
            calling = asyncio.create_task(self._place(await self._voice_call(demo_voice.PERSON), shown))
            await operator.answer(_TALK_SECONDS)
            await calling
        for picture in sorted(pictures.glob("*.png")):
            self._say(f"   {picture}")
        return None

    async def _place_to_telephone(self, shown: Shown) -> None:
        phone = Phone(address=Endpoint("127.0.0.1", 5070), talk_seconds=_TALK_SECONDS, echo=True)
        ringing = await answer_calls(phone, self._folder / "operator")
        try:
            await self._place(await self._voice_call(demo_voice.PERSON), shown)
        finally:
            await ringing.stop()

    async def _tell_and_check(self, shown: Shown) -> None:
        database = await Database.open(self.stack.settings.store)
        try:
            await self._ended(database)
            for story in reversed(await database.read(partial(queries.latest, limit=CALLS))):
                await self._tell(database, story)
            await self._check(database, shown)
        finally:
            await database.close()
        metrics = await self.stack.metrics()
        lines = [
            line
            for line in metrics.splitlines()
            if line.startswith(("ivr_calls_total", "ivr_readings_total"))
        ]
        self._say("\n".join(["== /metrics shows", *(f"   {line}" for line in lines)]))
        shown.check('ivr_readings_total{outcome="' in metrics, "/metrics does not show the reading.")

    async def _ended(self, database: Database) -> None:
        """Wait until all calls are told to their end and their recordings are in the archive."""
        async with asyncio.timeout(15):
            while True:
                stories = await database.read(partial(queries.latest, limit=CALLS))
                kept = [one async for page in recordings_of(database, self._all()) for one in page]
                if len(stories) == CALLS and all(story.ended_at for story in stories) and len(kept) >= CALLS:
                    return
                await asyncio.sleep(0.2)

    async def _tell(self, database: Database, story: Story) -> None:
        transcript = self.stack.settings.scenarios.transcripts
        self._say(f"== Transcript of {story.call_id}")
        if transcript is not None:
            for line in (transcript / f"{story.call_id}.jsonl").read_text(encoding="utf-8").splitlines():
                said = json.loads(line)
                self._say(f"   {'робот ' if said['who'] == 'robot' else 'абонент'}  {said['text']}")
        self._say("== Ledger")
        found = await database.read(partial(queries.one, call_id=story.call_id))
        if found is not None:
            self._say(telling.tell(*found, self.stack.settings.company.zone, full=True))

    async def _check(self, database: Database, shown: Shown) -> None:
        rows = await database.read(lambda connection: list(connection.execute(select(readings)).mappings()))
        self._say("== Readings in the database")
        for row in rows:
            self._say("   " + ", ".join(f"{key}={value}" for key, value in row.items() if value is not None))
        values = [row["value"] for row in rows if row["superseded_at"] is None]
        shown.check(
            len(rows) == 2 and values == [SAID],
            "The reading that was spoken is not in the database in the place of the one that was keyed.",
        )
        stories = await database.read(partial(queries.latest, limit=CALLS))
        dispositions = sorted(story.disposition for story in stories)
        shown.check(
            dispositions == [Disposition.ANSWERED, Disposition.SERVED, Disposition.SERVED],
            f"The ledger tells of {dispositions} instead of two calls served and one answered.",
        )
        await self._check_recordings(database, shown)

    async def _check_recordings(self, database: Database, shown: Shown) -> None:
        kept = [one async for page in recordings_of(database, self._all()) for one in page]
        self._say("== Recordings in the archive")
        for one in kept:
            kept_until = f"{one.expires_at:%Y-%m-%d}"
            self._say(f"   {one.path}  {one.seconds:.1f} s  sha256 {one.sha256[:16]}…  until {kept_until}")
        shown.check(len(kept) == CALLS, f"{len(kept)} recordings are in the archive instead of {CALLS}.")
        verified = await verify(database, Vault(self.stack.settings.archive), self._all())
        shown.check(verified.ok, f"The archive does not verify: {verified}")

    def _all(self) -> Selection:
        return Selection(zone=self.stack.settings.company.zone)

    def invitation(self) -> str:
        """What can be opened and dialled now."""
        settings = self.stack.settings
        sip = settings.asterisk.sip
        numbers = "\n".join(
            f"   sip:{line.numbers[-1]}@{sip.host}:{sip.port}  {line.title}" for line in settings.lines
        )
        return (
            "== The system stays up. Dial with any soft-phone on this machine (no registration, A-law):\n"
            f"{numbers}\n"
            f"   account {ACCOUNT} has one meter (readings above 11950), 320145679 two meters of two zones\n"
            f"   pages   {self.stack.url}/  password {PASSWORD}: "
            f"{', '.join(f'{user.login} ({user.role})' for user in PEOPLE)}\n"
            f"   metrics {self.stack.url}/metrics   health {self.stack.url}/readyz\n"
            f"   calls   .venv/bin/ivr --set data_folder={self._folder} calls list\n"
            "   Ctrl-C stops it."
        )


def _seconds(file: Path) -> float:
    with wave.open(str(file)) as sound:
        seconds: float = sound.getnframes() / sound.getframerate()
        return seconds
