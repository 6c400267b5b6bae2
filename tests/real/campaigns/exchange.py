"""A real Asterisk that dials a town of SIPp's subscribers, our ends of it in the process of the test."""

from __future__ import annotations

import asyncio
import socket
import wave
from array import array
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from ivr.asterisk.aeap import AeapSettings
from ivr.asterisk.aeap.server import AeapServer
from ivr.asterisk.agi import AgiCaller, AgiServer, AgiSession, Listener, silence
from ivr.asterisk.ami import AmiLink
from ivr.asterisk.campaign_route import CampaignCalls
from ivr.asterisk.config import hearing_secret
from ivr.asterisk.desk import SNAPSHOT_VARIABLES, CallChannels
from ivr.asterisk.dialling import AsteriskDialler
from ivr.asterisk.keys import KeyWatch
from ivr.asterisk.recording import CallRecording
from ivr.asterisk.settings import AsteriskSettings
from ivr.asterisk.watching import CallWatch
from ivr.calls.ledger import Ledger
from ivr.calls.lines import Lines
from ivr.calls.settings import LedgerSettings
from ivr.calls.story import Story
from ivr.campaigns.answered import Phrases
from ivr.campaigns.kinds import Kinds
from ivr.campaigns.model import Attempt, AttemptState, Campaign, CampaignState, Target, TargetState
from ivr.campaigns.ports import CallEnd, MachineOrder, OutgoingCall
from ivr.clock import SystemClock
from ivr.dialogue.ports import (
    AnswerKind,
    Caller,
    CallerTaken,
    CallFacts,
    Ending,
    EndingKind,
    Fragment,
    Journal,
    Listen,
    Prompt,
    Speech,
    Turn,
    Value,
)
from ivr.speech.recognition.grammars import GrammarStore
from ivr.speech.recognition.ordering import order
from ivr.speech.recognition.ports import Hearing
from ivr.store import StoreSettings
from tests.contract.aeap.scripted import ScriptedHearing
from tests.contract.calls.test_ledger import Seen
from tests.databases import with_tables
from tests.real.campaigns.subscribers import Temper
from tests.real.exchange import AGI, ANNOUNCEMENT, MACHINE, TEXTS, YES
from tests.real.instances import PROJECT, free_port, instance_settings
from tests.real.test_ami_real import ami_settings
from tests.real.tones import RATE, write_whistle

CLOCK = SystemClock(ZoneInfo("Europe/Moscow"))
MESSAGE, LEFT, NOTICE = 700, 900, 1900
"""Notes of what the robot says: to a person, to a machine, and the notice of the recording."""

DEVICES = {
    login: f"PJSIP/desk-{extension}"
    for extension, login in enumerate(("anna", "boris", "vera", "gleb"), start=201)
}
"""Telephones of operators, by login."""

QUESTION = Turn(
    speech=Speech(()),
    max_keys=1,
    first_key_seconds=3,
    next_key_seconds=1,
    listen=Listen(kind=AnswerKind.YES_NO),
)


def campaign_settings(folder: Path, server: str, **changes: object) -> AsteriskSettings:
    """An instance whose trunk `town` leads to the subscribers."""
    town = {
        "name": "town",
        "mode": "address",
        "addresses": ["192.0.2.7"],
        "server": server,
        "outbound_order": 1,
        "caller_id": "4832000000",
    }
    settings = instance_settings(
        folder, **{"trunks": [town], "hearing": {"port": free_port(socket.SOCK_STREAM)}, **changes}
    )
    for name in ("campaign-nobody", "campaign-sorry"):
        write_whistle(settings.prompts_folder / "fixed" / f"{name}.wav", NOTICE, 0.5)
    return settings


def said(folder: Path, temper: Temper) -> Path:
    """What a subscriber says, of one loudness as the scripted hearing wants it; a fax whistles."""
    file = folder / f"{temper.value}.wav"
    if temper is Temper.FAX:
        return write_whistle(file, 2100, 3.0)
    parts: Mapping[Temper, Sequence[tuple[int, float]]] = {
        Temper.PERSON: [(YES, 0.5)],
        Temper.MACHINE: [(MACHINE, 4.0)],
        Temper.ANNOUNCEMENT: [(ANNOUNCEMENT, 3.0), (0, 1.0), (ANNOUNCEMENT, 3.0)],
    }
    return spoken(file, parts[temper])


def spoken(file: Path, parts: Sequence[tuple[int, float]]) -> Path:
    """A sound of stretches of one loudness, seconds each."""
    file.parent.mkdir(parents=True, exist_ok=True)
    samples = array("h")
    for level, seconds in parts:
        samples.extend([level] * int(seconds * RATE))
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples.tobytes())
    return file


@dataclass
class Ear:
    """Notes all news of the dialler."""

    news: list[tuple[str, str]] = field(default_factory=list)
    times: dict[tuple[str, str], datetime] = field(default_factory=dict)
    ends: dict[str, CallEnd] = field(default_factory=dict)
    snapshots: list[frozenset[str]] = field(default_factory=list)

    def answered(self, attempt_id: str, at: datetime) -> None:
        self._note("answered", attempt_id, at)

    def reached(self, attempt_id: str, at: datetime) -> None:
        self._note("reached", attempt_id, at)

    def connected(self, attempt_id: str, at: datetime) -> None:
        self._note("connected", attempt_id, at)

    def ended(self, attempt_id: str, end: CallEnd) -> None:
        self._note("ended", attempt_id, end.at)
        self.ends[attempt_id] = end

    def seen(self, attempt_ids: Collection[str]) -> None:
        self.snapshots.append(frozenset(attempt_ids))

    def told(self, attempt_id: str) -> list[str]:
        """What was told of an attempt, in order."""
        return [what for what, id_ in self.news if id_ == attempt_id]

    def _note(self, what: str, attempt_id: str, at: datetime) -> None:
        self.news.append((what, attempt_id))
        self.times.setdefault((what, attempt_id), at)


class Notes:
    """The robot's voice: each prompt a note."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ready(self, fragments: Sequence[Fragment], *, slow: bool = False) -> bool:
        return True

    async def sounds(self, fragments: Sequence[Fragment], *, slow: bool = False) -> Sequence[str]:
        hertz = [int(fragment.id) for fragment in fragments if isinstance(fragment, Prompt)]
        return [str(self._note(each)) for each in hertz]

    def _note(self, hertz: int) -> Path:
        return write_whistle(self._folder / f"{hertz}.wav", hertz, 0.6).with_suffix("")


@dataclass
class Exchange:
    """Our ends of an Asterisk that runs.

    Attributes:
        results: Attempt → outcome that its talk left.
        begun: Attempt → when its flow began to speak.
        asks: Whether the talk asks something.
    """

    settings: AsteriskSettings
    link: AmiLink
    dialler: AsteriskDialler
    ledger: Ledger
    ear: Ear = field(default_factory=Ear)
    attempts: dict[str, Attempt] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)
    begun: dict[str, datetime] = field(default_factory=dict)
    kind: str = "debt"
    asks: bool = False

    async def dial(
        self,
        number: str,
        *,
        trunk: str = "town",
        ring_seconds: int = 5,
        machine: MachineOrder = MachineOrder.HANG_UP,
        queue: str = "",
        operator: str = "",
    ) -> str:
        """Order a call; the attempt's id."""
        attempt_id = str(uuid4())
        self.attempts[attempt_id] = Attempt(
            attempt_id=attempt_id,
            campaign_id=1,
            target_id=len(self.attempts) + 1,
            person=f"number:{number}",
            number=number,
            trunk=trunk,
            state=AttemptState.WRITTEN,
            written_at=datetime.now(UTC),
        )
        await self.dialler.dial(
            OutgoingCall(
                attempt_id=attempt_id,
                number=number,
                trunk=trunk,
                caller_id="+74832111111",
                label="Энергосбыт",
                ring_seconds=ring_seconds,
                machine=machine,
                queue=queue,
                campaign="1",
                operator=operator,
            )
        )
        return attempt_id

    async def ends(self, *attempt_ids: str, seconds: float = 60) -> list[CallEnd]:
        """Wait for the ends of calls."""
        async with asyncio.timeout(seconds):
            while not all(each in self.ear.ends for each in attempt_ids):  # noqa: ASYNC110  # told by callbacks
                await asyncio.sleep(0.02)
        return [self.ear.ends[each] for each in attempt_ids]

    def story(self, attempt_id: str) -> Story:
        """Of the ledger."""
        call = self.ledger.find(attempt_id)
        assert call is not None
        return call.story

    # --- Talks ---

    async def facts_of(self, attempt_id: str) -> tuple[Campaign, Target, Attempt] | None:
        attempt = self.attempts.get(attempt_id)
        if attempt is None:
            return None
        today = CLOCK.now().date()
        campaign = Campaign(
            campaign_id=1,
            name="долги",
            kind=self.kind,
            title="Долги",
            state=CampaignState.RUNNING,
            first_day=today,
            last_day=today,
            fields={"pay_by": today.isoformat(), "date": today.isoformat(), "ground": "долг"},
        )
        target = Target(
            target_id=attempt.target_id,
            campaign_id=1,
            person=attempt.person,
            numbers=(attempt.number,),
            zones=("Europe/Moscow",),
            state=TargetState.CALLING,
            due_at=attempt.written_at,
            fields={"name": "Иван Петрович", "amount": "100.50"},
        )
        return campaign, target, attempt

    async def result(self, attempt_id: str, outcome: str, data: Mapping[str, Any]) -> None:
        self.results[attempt_id] = outcome

    # --- the flows: a notice and a message, or a message for a machine ---

    async def talk(
        self, flow: str, given: Mapping[str, Value], facts: CallFacts, caller: Caller, journal: Journal
    ) -> Ending:
        assert given
        self.begun[facts.call_id] = CLOCK.now()
        machine = flow == "campaign-machine"
        notes = (LEFT,) if machine else (NOTICE, MESSAGE)
        try:
            for note in notes:
                await caller.say(Speech((Prompt(str(note)),), interruptible=False, by_voice=False))
            if self.asks and not machine:
                await caller.ask(QUESTION)
        except CallerTaken:  # as the interpreter does
            return Ending(EndingKind.ENDED, "taken")
        await caller.hang_up()
        return Ending(EndingKind.COMPLETED, "message-left" if machine else "told")


async def nothing_to_make(_name: str) -> None:
    """All that is said is there."""


@asynccontextmanager
async def exchange(
    settings: AsteriskSettings, folder: Path, listens: Hearing | None = None
) -> AsyncIterator[Exchange]:
    """Our ends, while the block runs; Asterisk runs already. By default rules listen, not a model."""
    database = await with_tables(StoreSettings(url=f"sqlite:///{folder / 'ivr.db'}"))
    ledger = Ledger(database, LedgerSettings(), CLOCK, Seen())
    ledger.start()
    link = AmiLink(ami_settings(settings).model_copy(update={"snapshot_variables": SNAPSHOT_VARIABLES}))
    channels = CallChannels()
    CallWatch(
        link,
        ledger,
        lines=Lines([]),
        records=settings.log_folder / "calls.csv",
        clock=CLOCK,
        on_end=lambda call_id: None,
        channels=channels,
    )
    keys = KeyWatch(link)
    dialler = AsteriskDialler(link, channels, ledger, profile="", clock=CLOCK, device_of=DEVICES.get)
    made = Exchange(settings, link, dialler, ledger)
    dialler.watch(made.ear)
    hearing = AeapServer(
        AeapSettings(port=settings.hearing.port), listens or ScriptedHearing(TEXTS), hearing_secret(settings)
    )
    orders = partial(order, grammars=GrammarStore(folder / "grammars"))

    def caller(session: AgiSession, call_id: str) -> AgiCaller:
        listener = Listener(session, AGI, orders, silence=silence(settings.prompts_folder), call_id=call_id)
        return AgiCaller(
            session,
            Notes(settings.prompts_folder),
            AGI,
            Prompt("filler"),
            listener=listener,
            news=keys.follow(session.environment.unique_id),
        )

    def recording(caller: AgiCaller, channel: str, file: Path) -> CallRecording:
        return CallRecording(caller, channel, file, link.mute_recording, str(NOTICE))

    calls = CampaignCalls(
        talks=made,
        kinds=lambda: Kinds.load(PROJECT / "scenarios"),
        phrases=Phrases.load(PROJECT / "scenarios" / "campaigns" / "answered.yaml"),
        talk=made.talk,
        make_ready=nothing_to_make,
        ledger=ledger,
        caller=caller,
        recording=recording,
        spool=settings.recordings_spool,
        profile="",
        zone=ZoneInfo("Europe/Moscow"),
        clock=CLOCK,
        forget=lambda call_id: None,
    )

    async def conduct(session: AgiSession) -> None:
        kind, _, name = session.environment.route.partition("/")
        if kind == "campaign":  # after a talk with an operator nothing is asked
            await calls(session, session.environment.arguments[0], name)

    agi = AgiServer(AGI.model_copy(update={"port": settings.agi.port}), conduct)
    await hearing.start()
    await agi.start()
    await link.start()
    try:
        await link.ready(10)
        yield made
    finally:
        await agi.close()
        await link.stop()
        with suppress(RuntimeError):
            await hearing.stop()
        await ledger.close()
        await database.close()
