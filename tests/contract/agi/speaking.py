"""A channel with a Speech API that a script plays, and a caller who may speak on it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ivr.asterisk.agi import AgiCaller, AgiSession, AgiSettings, Listener
from ivr.asterisk.agi.news import KeyNews
from ivr.dialogue.ports import (
    AnswerKind,
    Fragment,
    Heard,
    Listen,
    Prompt,
    QueueRequest,
    Speech,
    Turn,
)
from ivr.speech.recognition.ports import BargeIn, Slot, TurnOrder
from tests.contract.agi.fake_asterisk import FakeAsterisk
from tests.contract.agi.harness import serving, until

HELLO = Speech((Prompt("hello"),))
LAW = Speech((Prompt("law"),), interruptible=False)
LISTEN = Listen(kind=AnswerKind.YES_NO, most_seconds=6)
TURN = Turn(speech=HELLO, max_keys=9, first_key_seconds=5, next_key_seconds=3, listen=LISTEN)
KEYS_ONLY = replace(TURN, listen=None)

OK = "200 result=0"
SET = "200 result=1"
STATUS = "GET FULL VARIABLE ${SPEECH(status)}"
RESULTS = "GET FULL VARIABLE ${SPEECH(results)}"
STATE = "GET FULL VARIABLE ${SPEECH_ENGINE(turn)}"
MARK = "EXEC UserEvent"
BACKGROUND = "EXEC SpeechBackground"
ORDER = "SET VARIABLE SPEECH_ENGINE(turn)"
PROMPT_SECONDS = 2.0


@dataclass
class Channel:
    """A channel with a Speech API: a script tells what each command finds; time goes on with the commands.

    Attributes:
        backgrounds: For each `SpeechBackground`: seconds that it takes, and the results afterwards.
        connects: For each `SpeechCreate`, whether it succeeds; the last one counts for all that follow.
        states: Words of the recogniser on the turn.
        orders_take: Seconds that each order takes.
        kept: The result that the recogniser still has.
        marks: Reply to each mark behind the news of keys.
    """

    backgrounds: list[tuple[float, str]] = field(default_factory=list)
    connects: list[bool] = field(default_factory=lambda: [True])
    states: list[str] = field(default_factory=list)
    orders_take: list[float] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    kept: str = ""
    marks: str = OK
    now: float = 100.0
    connected: bool = False
    results: str = "0||||||"
    commands: list[str] = field(default_factory=list)

    def reply(self, command: str) -> str:
        self.commands.append(command)
        if command.startswith("EXEC SpeechCreate"):
            self.connected = self.connects.pop(0) if len(self.connects) > 1 else self.connects[0]
        elif command.startswith(ORDER):
            self.now += self.orders_take.pop(0) if self.orders_take else 0.001
        elif command.startswith(BACKGROUND):
            took, self.results = self.backgrounds.pop(0)
            self.now += took
        elif command.startswith(MARK):
            return self.marks
        elif command.startswith("GET DATA"):
            return f"200 result={self.data.pop(0)}"
        else:
            return self._value(command)
        return OK

    def _value(self, command: str) -> str:
        if command.startswith(STATUS):
            return f"{SET} ({int(self.connected)})"
        if command.startswith(RESULTS):
            return f"{SET} ({self.results})"
        if command.startswith(STATE):
            return f"{SET} ({self.states.pop(0)})"
        if command.startswith("GET FULL VARIABLE ${SPEECH_ENGINE(heard)}"):
            return f"{SET} ({self.kept})"
        return SET if command.startswith("SET") else OK

    def named(self, name: str) -> list[str]:
        return [command for command in self.commands if command.startswith(name)]


class Files:
    """Each prompt is an A-law file of PROMPT_SECONDS."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def ready(self, fragments: Sequence[Fragment], *, slow: bool = False) -> bool:
        return True

    async def sounds(self, fragments: Sequence[Fragment], *, slow: bool = False) -> Sequence[str]:
        if not fragments:
            return ()
        name = "-".join(fragment.id for fragment in fragments if isinstance(fragment, Prompt))
        (self.folder / f"{name}.alaw").write_bytes(bytes(int(8000 * PROMPT_SECONDS)))
        return [str(self.folder / name)]


@dataclass
class Line:
    """A caller on a channel; `orders` are what the recogniser was told."""

    channel: Channel
    folder: Path
    settings: AgiSettings
    news: KeyNews = field(default_factory=KeyNews)
    orders: list[TurnOrder] = field(default_factory=list)
    helped_on: list[str] = field(default_factory=list)

    def presses(self, keys: str) -> None:
        """Asterisk tells of keys long after they went up: none of them is on its way to a command."""
        for key in keys:
            self.news.ahead.pressed(key)

    def order(self, listen: Listen, *, number: int, prompt_milliseconds: int, barge_in: BargeIn) -> TurnOrder:
        made = TurnOrder(
            number=number, slot=Slot.CLOSED, prompt_milliseconds=prompt_milliseconds, barge_in=barge_in
        )
        self.orders.append(made)
        return made

    def caller(self, session: AgiSession) -> AgiCaller:
        listener = Listener(
            session,
            self.settings,
            self.order,
            silence=str(self.folder / "silence"),
            call_id="c-1",
            clock=lambda: self.channel.now,
            help_on=self.helped_on.append,
        )
        files = Files(self.folder)
        return AgiCaller(session, files, self.settings, Prompt("filler"), listener=listener, news=self.news)

    async def asks(self, *turns: Turn, end: bool = False) -> list[Heard | Exception]:
        """Ask the questions one after another; what was heard."""
        heard: list[Heard | Exception] = []
        done = asyncio.Event()

        async def handler(session: AgiSession) -> None:
            caller = self.caller(session)
            try:
                for turn in turns:
                    heard.append(await caller.ask(turn))
                if end:
                    await caller.enqueue(QueueRequest("clients"))
            except Exception as error:
                heard.append(error)
            done.set()

        async with serving(self.settings, handler) as server, await FakeAsterisk.call(server.address) as fake:
            while words := await fake.command():
                await fake.reply(self.channel.reply(" ".join(words)))
            await until(done.is_set)
        return heard


def end(number: int, text: str = "да", facts: str = "", others: str = "||") -> str:
    return f"1|{number}:end{facts}|870|{text}|{others}"


def begun(number: int) -> str:
    return f"1|{number}:barge-in|0||||"


NOTHING = "0||||||"
