"""A real Asterisk with our ends of FastAGI, AEAP and AMI in the process of the test, and speech to play."""

from __future__ import annotations

import asyncio
import audioop
import socket
import wave
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from ivr.asterisk.aeap import AeapSettings
from ivr.asterisk.aeap.server import AeapServer
from ivr.asterisk.agi import AgiCaller, AgiServer, AgiSession, AgiSettings, Listener, silence
from ivr.asterisk.ami import AmiLink
from ivr.asterisk.config import hearing_secret
from ivr.asterisk.host import AsteriskHost
from ivr.asterisk.keys import KeyWatch
from ivr.asterisk.settings import AsteriskSettings
from ivr.bench.sipp import Action, Caller, Endpoint, Load
from ivr.dialogue.ports import CallerGone, Fragment, Prompt
from ivr.speech.recognition.grammars import GrammarStore
from ivr.speech.recognition.ordering import order
from ivr.speech.russian.numerals import ordinal_genitive
from tests.contract.aeap.scripted import ScriptedHearing
from tests.real.instances import NUMBER, free_port, instance_settings
from tests.real.sipp import Placed, Recording, place
from tests.real.sipp.sounds import sweeps
from tests.real.test_ami_real import ami_settings

YES, TWENTY, OPERATOR = 3000, 9000, 20_000
GREETER, MACHINE, ANNOUNCEMENT = 5000, 13_000, 28_000
NO, TOMORROW, ON_THE_DAY, CLEAR, DISAGREE = 1300, 1700, 2200, 3900, 6500
PAID, REFUSE, PAY, WHY, EVENING, AGAIN = 7600, 11_000, 15_500, 17_500, 23_000, 25_500
TEXTS = {
    YES: "да",
    TWENTY: "двадцать",
    OPERATOR: "оператор",
    GREETER: "компания ромашка слушаю вас",
    MACHINE: "оставьте сообщение после сигнала",
    ANNOUNCEMENT: "абонент временно недоступен перезвоните позднее",
    NO: "нет",
    TOMORROW: "завтра",
    ON_THE_DAY: ordinal_genitive((date.today() + timedelta(days=3)).day),
    CLEAR: "всё понятно",
    DISAGREE: "я не согласен",
    PAID: "я уже оплатил",
    REFUSE: "не звоните мне больше",
    PAY: "я оплачу",
    WHY: "счётчик показывает меньше",
    EVENING: "лучше вечером",
    AGAIN: "повторите пожалуйста",
}
"""Loudness → what the scripted hearing makes of it."""

AGI = AgiSettings(listen_retry_seconds=0, listen_slice_seconds=1.0)

Work = Callable[[AgiCaller], Awaitable[object]]


def voice(folder: Path, level: int, seconds: float = 0.5) -> Path:
    """A sound that the scripted hearing takes for the words of this loudness."""
    file = folder / f"voice-{level}-{seconds}.wav"
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(array("h", [level] * int(8000 * seconds)).tobytes())
    return file


class Sounds:
    """Each prompt is a sound of its own; `long-…` lasts 4 seconds, any other one and a half."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def recording(self, name: str) -> Recording:
        return sweeps(name, 8 if name.startswith("long") else 3, 0.5)

    def ready(self, fragments: Sequence[Fragment], *, slow: bool = False) -> bool:
        return True

    async def sounds(self, fragments: Sequence[Fragment], *, slow: bool = False) -> Sequence[str]:
        names = [fragment.id for fragment in fragments if isinstance(fragment, Prompt)]
        if not names:
            return ()
        path = self.folder / "-and-".join(names)
        samples = b"".join(self.recording(name).samples for name in names)
        path.with_suffix(".alaw").write_bytes(audioop.lin2alaw(samples, 2))
        return [str(path)]


@dataclass
class Exchange:
    """Asterisk runs for all tests of a module; our ends for one test.

    Attributes:
        hearing: What listens.
        results: What the work of the last call came to.
    """

    settings: AsteriskSettings
    host: AsteriskHost
    folder: Path
    hearing: ScriptedHearing = field(default_factory=lambda: ScriptedHearing(TEXTS))
    results: list[object] = field(default_factory=list)
    work: Work | None = None

    def __post_init__(self) -> None:
        self.prompts = Sounds(self.settings.prompts_folder)
        self.recogniser = self._new_recogniser()
        self._runs = 0
        self._begun = 0

    def _new_recogniser(self) -> AeapServer:
        where = AeapSettings(port=self.settings.hearing.port)
        return AeapServer(where, self.hearing, hearing_secret(self.settings))

    async def restart_recogniser(self) -> None:
        """A new one at the old place."""
        self.recogniser = self._new_recogniser()
        await self.recogniser.start()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Our ends listen while the block runs."""
        link = AmiLink(ami_settings(self.settings))
        self._keys = KeyWatch(link)
        agi = AgiServer(AGI.model_copy(update={"port": self.settings.agi.port}), self._conduct)
        await self.recogniser.start()
        await agi.start()
        await link.start()
        try:
            await link.ready(10)
            yield
        finally:
            await agi.close()
            await link.stop()
            with suppress(RuntimeError):
                await self.recogniser.stop()

    async def _conduct(self, session: AgiSession) -> None:
        self._begun += 1
        orders = partial(order, grammars=GrammarStore(self.folder / "grammars"))
        listener = Listener(
            session,
            AGI,
            orders,
            silence=silence(self.settings.prompts_folder),
            call_id=f"c-{self._begun}",
        )
        caller = AgiCaller(
            session,
            self.prompts,
            AGI,
            Prompt("filler"),
            listener=listener,
            news=self._keys.follow(session.environment.unique_id),
        )
        try:
            await caller.answer()
            assert self.work is not None
            self.results.append(await self.work(caller))
            await caller.hang_up()
        except CallerGone as error:
            self.results.append(error)

    async def call(self, work: Work, *actions: Action, load: Load | None = None) -> Placed:
        """A call, or several alike, whose end is awaited; what `work` came to in each is in `results`."""
        self._runs += 1
        self.work = work
        self.results.clear()
        target = Endpoint(str(self.settings.sip.host), self.settings.sip.port)
        caller = Caller(number=NUMBER, actions=actions)
        folder = self.folder / f"sipp-{self._runs}"
        return await place([caller], target, folder, load=load, listen=load is None)

    def channels(self) -> int:
        """Channels that Asterisk holds."""
        return self.host.status().channels


def exchange_settings(folder: Path) -> AsteriskSettings:
    """An instance with a recogniser at a port of its own."""
    return instance_settings(folder, hearing={"port": free_port(socket.SOCK_STREAM)})


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for something that raises no event."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
