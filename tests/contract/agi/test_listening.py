"""Turns in which the caller may speak: which commands they become, and what the recogniser's words mean."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from ivr.asterisk.agi import AgiCaller, AgiSession, AgiSettings, Listener, TypedAhead, silence
from ivr.asterisk.agi.sounds import length_seconds
from ivr.dialogue.ports import (
    AnswerKind,
    CallerGone,
    Deaf,
    Fragment,
    Heard,
    Keys,
    Listen,
    Prompt,
    QueueRequest,
    Said,
    Silence,
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
    """

    backgrounds: list[tuple[float, str]] = field(default_factory=list)
    connects: list[bool] = field(default_factory=lambda: [True])
    states: list[str] = field(default_factory=list)
    orders_take: list[float] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    kept: str = ""
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
    ahead: TypedAhead = field(default_factory=TypedAhead)
    orders: list[TurnOrder] = field(default_factory=list)

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
        )
        files = Files(self.folder)
        return AgiCaller(session, files, self.settings, Prompt("filler"), listener=listener, ahead=self.ahead)

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


@pytest.fixture
def line(tmp_path: Path, settings: AgiSettings) -> Line:
    return Line(Channel(), tmp_path, settings)


def end(number: int, text: str = "да", facts: str = "", others: str = "||") -> str:
    return f"1|{number}:end{facts}|870|{text}|{others}"


def begun(number: int) -> str:
    return f"1|{number}:barge-in|0||||"


NOTHING = "0||||||"


# --- what is said and pressed --------------------------------------------------------------------------


async def test_words_at_the_prompt(line: Line) -> None:
    line.channel.backgrounds = [(1.2, begun(1)), (1.5, end(1, "да", others="два|дай|"))]
    assert await line.asks(TURN) == [Said("да", 0.87, ("два", "дай"))]
    hello, nothing = line.folder / "hello", line.folder / "silence"
    assert line.channel.named(BACKGROUND) == [
        f"{BACKGROUND} {hello},5.000",
        f"{BACKGROUND} {nothing},3.000",
    ]
    assert line.orders == [
        TurnOrder(number=1, slot=Slot.CLOSED, prompt_milliseconds=int(PROMPT_SECONDS * 1000))
    ]


async def test_one_connection_serves_all_turns_of_a_call(line: Line) -> None:
    line.channel.backgrounds = [(1, begun(1)), (1, end(1)), (1, end(2, "нет"))]
    assert await line.asks(TURN, TURN) == [Said("да", 0.87), Said("нет", 0.87)]
    assert len(line.channel.named("EXEC SpeechCreate ivr-hearing")) == 1
    assert line.channel.named("SET VARIABLE SPEECH_ENGINE(call) c-1")
    assert [order.number for order in line.orders] == [1, 2]
    assert len(line.channel.named("EXEC MSet")) == 1


async def test_the_whole_turn_is_five_commands_once_connected(line: Line) -> None:
    line.channel.backgrounds = [(1, end(1)), (1, begun(2)), (1, end(2))]
    await line.asks(TURN, TURN)
    second = line.channel.commands[line.channel.commands.index(line.channel.named(ORDER)[1]) :]
    assert [command.partition(" $")[0].split(",")[0].split(" /")[0] for command in second[1:]] == [
        BACKGROUND,
        "GET FULL VARIABLE",
        BACKGROUND,
        "GET FULL VARIABLE",
    ]


async def test_silence(line: Line) -> None:
    line.channel.backgrounds, line.channel.states = [(7.01, NOTHING)], ["1:waiting"]
    assert await line.asks(TURN) == [Silence()]


async def test_keys_win(line: Line) -> None:
    line.channel.backgrounds = [(1, begun(1)), (2, "1|dtmf|1000|320145678||")]
    assert await line.asks(TURN) == [Keys("320145678")]
    assert line.channel.named("EXEC MSet") == [
        "EXEC MSet SPEECH_DTMF_MAXLEN=9,SPEECH_DTMF_TERMINATOR=#,TIMEOUT(digit)=3.000"
    ]


@pytest.mark.parametrize("backgrounds", [[(1.0, NOTHING)], [(1.0, begun(1)), (0.5, NOTHING)]])
async def test_a_hash_alone_ends_the_command_early(line: Line, backgrounds: list[tuple[float, str]]) -> None:
    line.channel.backgrounds, line.channel.states = list(backgrounds), ["1:speaking"]
    assert await line.asks(TURN) == [Keys("")]


async def test_too_long_a_speech_has_no_words(line: Line) -> None:
    line.channel.backgrounds = [(1, begun(1)), (6, end(1, "много слов", ":long:clip=5f"))]
    assert await line.asks(TURN) == [Said("", 0.0, (), "5f")]


async def test_a_noise_has_no_words_and_may_have_a_clip(line: Line) -> None:
    line.channel.backgrounds = [(1, end(1, "", ":clip=7a"))]
    assert await line.asks(TURN) == [Said("", 0.87, (), "7a")]


async def test_speech_that_began_as_the_time_was_over_is_heard_to_its_end(line: Line) -> None:
    line.channel.backgrounds = [(7.01, NOTHING), (1, end(1))]
    line.channel.states = ["1:speaking"]
    assert await line.asks(TURN) == [Said("да", 0.87)]


async def test_a_long_speech_is_looked_after(line: Line) -> None:
    line.channel.backgrounds = [(1, begun(1)), (3.01, NOTHING), (3.01, NOTHING), (1, end(1))]
    line.channel.states = ["1:speaking", "1:speaking"]
    assert await line.asks(TURN) == [Said("да", 0.87)]


@pytest.mark.parametrize("backgrounds", [[(7.01, NOTHING)], [(1, begun(1)), (3.01, NOTHING)]])
async def test_a_result_that_got_lost_on_its_way_is_asked_for(
    line: Line, backgrounds: list[tuple[float, str]]
) -> None:
    line.channel.backgrounds, line.channel.states = list(backgrounds), ["1:ended"]
    line.channel.kept = end(1)
    assert await line.asks(TURN) == [Said("да", 0.87)]


async def test_a_result_of_an_earlier_turn_is_not_heard(line: Line) -> None:
    line.channel.backgrounds = [(1, end(1)), (7.01, end(1, "поздно"))]
    line.channel.states = ["2:waiting"]
    assert await line.asks(TURN, TURN) == [Said("да", 0.87), Silence()]


@pytest.mark.parametrize(
    ("speech", "barge_in"),
    [
        (HELLO, BargeIn.SPEECH),
        (replace(HELLO, by_voice=False), BargeIn.NEVER),
        (replace(HELLO, patient=True), BargeIn.WORDS),
        (replace(HELLO, patient=True, by_voice=False), BargeIn.NEVER),
    ],
)
async def test_what_stops_the_prompt(line: Line, speech: Speech, barge_in: BargeIn) -> None:
    line.channel.backgrounds = [(1, end(1))]
    await line.asks(replace(TURN, speech=speech))
    assert line.orders[0].barge_in is barge_in


async def test_what_the_law_requires_is_played_before_anybody_listens(line: Line) -> None:
    line.channel.backgrounds = [(1, end(1))]
    await line.asks(replace(TURN, speech=LAW))
    commands = line.channel.commands
    assert commands[0] == f"STREAM FILE {line.folder / 'law'} "
    assert line.channel.named(BACKGROUND) == [f"{BACKGROUND} {line.folder / 'silence'},5.000"]
    assert line.orders[0].prompt_milliseconds == 0


# --- nobody listens ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "heard"), [("12", Keys("12")), (" (timeout)", Deaf("away", keys_awaited=True)), ("", Keys(""))]
)
async def test_without_a_recogniser_the_question_is_asked_for_keys(
    line: Line, data: str, heard: Heard
) -> None:
    line.channel.connects, line.channel.data = [False], [data]
    assert await line.asks(replace(TURN, next_key_seconds=5)) == [heard]
    assert line.channel.named("GET DATA") == [f"GET DATA {line.folder / 'hello'} 5000 9"]


async def test_the_next_question_after_a_pause_tries_again(line: Line) -> None:
    line.channel.connects, line.channel.data = [False, True], ["1", "2"]
    line.channel.backgrounds = [(1, end(3))]
    one_pause = replace(TURN, next_key_seconds=5)

    original = line.channel.reply

    def reply(command: str) -> str:
        if command.startswith("GET DATA") and len(line.channel.data) == 1:
            line.channel.now += line.settings.listen_retry_seconds
        return original(command)

    line.channel.reply = reply  # type: ignore[method-assign]
    assert await line.asks(one_pause, one_pause, one_pause) == [Keys("1"), Keys("2"), Said("да", 0.87)]
    assert len(line.channel.named("EXEC SpeechCreate")) == 2


async def test_an_asterisk_without_the_speech_api_leaves_keys(line: Line) -> None:
    line.channel.data = ["1"]
    original = line.channel.reply

    def reply(command: str) -> str:
        if command.startswith("EXEC SpeechCreate"):
            return "200 result=-2"
        return original(command)

    line.channel.reply = reply  # type: ignore[method-assign]
    assert await line.asks(replace(TURN, next_key_seconds=5)) == [Keys("1")]


async def test_an_overloaded_recogniser_leaves_the_whole_question_to_keys(line: Line) -> None:
    line.channel.backgrounds = [(0.06, "1|1:failed=overloaded|0||||")]
    line.channel.data = [" (timeout)"]
    assert await line.asks(replace(TURN, next_key_seconds=5)) == [Deaf("overloaded", keys_awaited=True)]
    assert line.channel.named("GET DATA") == [f"GET DATA {line.folder / 'hello'} 5000 9"]


async def test_a_recogniser_that_fails_in_the_turn(line: Line) -> None:
    line.channel.backgrounds = [(1, begun(1)), (1, "1|1:failed=failed|0||||"), (1, end(2))]
    assert await line.asks(TURN, TURN) == [Deaf("failed"), Said("да", 0.87)]
    assert len(line.channel.named("EXEC SpeechCreate")) == 1


@pytest.mark.parametrize(
    "backgrounds",
    [[(7.01, NOTHING)], [(2.0, NOTHING)], [(1, begun(1)), (1.5, NOTHING)]],
    ids=["unnoticed", "in the prompt", "in a word"],
)
async def test_a_connection_that_is_lost_in_the_turn(
    line: Line, backgrounds: list[tuple[float, str]]
) -> None:
    line.channel.backgrounds, line.channel.states = list(backgrounds), [""]
    line.channel.data = ["5"]
    assert await line.asks(TURN, replace(TURN, next_key_seconds=5)) == [Deaf("away"), Keys("5")]
    assert line.channel.named("EXEC SpeechDestroy")


async def test_a_recogniser_that_knows_nothing_of_the_turn_is_another_one(line: Line) -> None:
    line.channel.backgrounds, line.channel.states = [(7.01, NOTHING)], ["none"]
    assert await line.asks(TURN) == [Deaf("away")]


async def test_an_order_that_nobody_takes_in_time_goes_over_a_new_connection(line: Line) -> None:
    line.channel.backgrounds = [(1, end(1)), (1, end(2))]
    line.channel.orders_take = [0.001, 1.0, 0.001]
    assert await line.asks(TURN, TURN) == [Said("да", 0.87)] * 2
    assert len(line.channel.named("EXEC SpeechCreate")) == 2
    assert len(line.channel.named("EXEC SpeechDestroy")) == 1


async def test_a_recogniser_that_takes_no_orders_is_away(line: Line) -> None:
    line.channel.orders_take, line.channel.data = [1.0], ["7"]
    assert await line.asks(replace(TURN, next_key_seconds=5)) == [Keys("7")]
    assert line.channel.named(BACKGROUND) == []


async def test_speech_without_end_ends(line: Line) -> None:
    line.channel.backgrounds = [(1, begun(1)), *[(3.01, NOTHING)] * 9]
    line.channel.states = ["1:speaking"] * 9
    assert await line.asks(TURN) == [Deaf("failed")]


async def test_no_session_stays_open_while_people_talk(line: Line) -> None:
    line.channel.backgrounds = [(1, end(1))]
    await line.asks(TURN, end=True)
    assert line.channel.commands[-2].startswith("EXEC SpeechDestroy")
    assert line.channel.commands[-1].startswith("EXEC MSet IVR_QUEUE=clients")


async def test_a_call_that_was_never_listened_to_has_nothing_to_close(line: Line) -> None:
    line.channel.data = ["1"]
    await line.asks(replace(KEYS_ONLY, next_key_seconds=5), end=True)
    assert not line.channel.named("EXEC Speech")


# --- type-ahead ----------------------------------------------------------------------------------------


async def test_keys_pressed_ahead_are_the_answer_and_nothing_is_played(line: Line) -> None:
    for key in "12345#7":
        line.ahead.pressed(key)
    one_key = replace(TURN, max_keys=1)
    assert await line.asks(TURN, one_key) == [Keys("12345"), Keys("7")]
    assert line.channel.commands == []


@pytest.mark.parametrize("turn", [TURN, KEYS_ONLY])
async def test_the_rest_of_an_answer_is_gathered_in_silence(line: Line, turn: Turn) -> None:
    for key in "320":
        line.ahead.pressed(key)
    line.channel.data = ["145678"]
    assert await line.asks(turn) == [Keys("320145678")]
    assert line.channel.commands == ["GET DATA  3000 6"]


async def test_part_of_an_answer_may_be_all_of_it(line: Line) -> None:
    line.ahead.pressed("5")
    line.channel.data = [" (timeout)"]
    assert await line.asks(TURN) == [Keys("5")]


async def test_after_a_misunderstanding_keys_pressed_ahead_are_forgotten(line: Line) -> None:
    line.ahead.pressed("5")
    line.channel.backgrounds = [(1, end(1))]
    assert await line.asks(replace(TURN, forget_ahead=True)) == [Said("да", 0.87)]


async def test_a_key_that_fell_between_two_commands_of_a_turn_wins_over_words(line: Line) -> None:
    line.channel.backgrounds = [(1, begun(1)), (1, end(1))]
    line.channel.data = ["2 (timeout)"]
    original = line.channel.reply

    def reply(command: str) -> str:
        if command.startswith(BACKGROUND) and len(line.channel.backgrounds) == 1:
            line.ahead.pressed("1")
        return original(command)

    line.channel.reply = reply  # type: ignore[method-assign]
    assert await line.asks(TURN) == [Keys("12")]


async def test_keys_beyond_the_answer_wait_for_the_next_question(line: Line) -> None:
    original = line.channel.reply

    def reply(command: str) -> str:
        if command.startswith("GET DATA"):
            line.ahead.pressed("9")  # just before the command, and told of during it
        return original(command)

    line.channel.reply = reply  # type: ignore[method-assign]
    line.channel.data = ["1"]
    one_key = replace(KEYS_ONLY, max_keys=1)
    assert await line.asks(one_key, one_key) == [Keys("9"), Keys("1")]


async def test_news_of_gathered_keys_is_no_answer_to_the_next_question(line: Line) -> None:
    line.channel.data = ["12", "3"]
    original = line.channel.reply
    calls = 0

    def reply(command: str) -> str:
        nonlocal calls
        if command.startswith("GET DATA"):
            calls += 1
            for key in ("", "12#")[calls - 1]:
                line.ahead.pressed(key)  # the news of the first answer come with the second question
        return original(command)

    line.channel.reply = reply  # type: ignore[method-assign]
    turn = replace(KEYS_ONLY, next_key_seconds=5)
    assert await line.asks(turn, turn) == [Keys("12"), Keys("3")]


@pytest.mark.parametrize("listen", [LISTEN, None], ids=["voice", "keys"])
async def test_a_hash_behind_a_full_answer_is_no_answer_to_the_next_question(
    line: Line, listen: Listen | None
) -> None:
    turn = replace(TURN, max_keys=3, next_key_seconds=5, listen=listen)
    line.channel.backgrounds = [(1, "1|dtmf|1000|123||"), (0.2, NOTHING), (1, "1|dtmf|1000|45||")]
    line.channel.states = ["2:waiting"]
    line.channel.data = ["123", "", "45"]
    assert await line.asks(turn, turn) == [Keys("123"), Keys("45")]


async def test_a_second_hash_is_an_answer(line: Line) -> None:
    turn = replace(KEYS_ONLY, max_keys=3, next_key_seconds=5)
    line.channel.data = ["123", "", "", ""]
    assert await line.asks(turn, turn, turn) == [Keys("123"), Keys(""), Keys("")]


# --- the caller leaves -----------------------------------------------------------------------------------


@pytest.mark.parametrize("after", range(8))
async def test_a_caller_who_hangs_up_anywhere(settings: AgiSettings, tmp_path: Path, after: int) -> None:
    line = Line(Channel([(1, begun(1)), (1, end(1))]), tmp_path, settings)
    heard: list[object] = []

    async def handler(session: AgiSession) -> None:
        try:
            await line.caller(session).ask(TURN)
        except CallerGone as error:
            heard.append(type(error))

    async with serving(settings, handler) as server, await FakeAsterisk.call(server.address) as fake:
        for _ in range(after):
            await fake.reply(line.channel.reply(" ".join(await fake.command())))
        await fake.command()
        await fake.hang_up()
        assert await fake.ended()
    assert heard == [CallerGone]


# --- sounds ----------------------------------------------------------------------------------------------


def test_a_moment_of_silence_is_made_once(tmp_path: Path) -> None:
    path = silence(tmp_path / "prompts")
    file = Path(f"{path}.alaw")
    assert file.read_bytes() == b"\xd5" * 160
    before = file.stat().st_mtime_ns
    assert silence(tmp_path / "prompts") == path
    assert file.stat().st_mtime_ns == before


def test_the_length_of_sounds(tmp_path: Path) -> None:
    (tmp_path / "a.alaw").write_bytes(bytes(12_000))
    assert length_seconds([str(tmp_path / "a"), str(tmp_path / "missing")]) == 1.5
    assert length_seconds([]) == 0
