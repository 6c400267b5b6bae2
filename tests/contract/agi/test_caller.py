"""The telephone caller: which commands a turn becomes, and what their replies mean."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Sequence

import pytest

from ivr.asterisk.agi import AgiCaller, AgiSession, AgiSettings, CommandFailed, LinkLost
from ivr.dialogue.ports import (
    CallerGone,
    Fragment,
    Heard,
    Keys,
    Prompt,
    QueueRequest,
    Silence,
    Speech,
    Spoken,
    Text,
    Turn,
)
from ivr.errors import Fault
from ivr.speech.voices import SpeechUnavailable
from tests.contract.agi.fake_asterisk import FakeAsterisk
from tests.contract.agi.harness import serving, until

NOTICE = Speech((Prompt("notice"),), interruptible=False)
HELLO = Speech((Prompt("hello"),))
NUMBER = Speech((Text("Счёт"), Spoken("сто два", ("сто", "два"))))
FILLER = Prompt("one-moment")


class FakePrompts:
    """Each fragment and each piece of a spoken value is a file; a slow one makes them when `made` is set."""

    def __init__(self, *, slow: bool = False, fails: bool = False) -> None:
        self.made = asyncio.Event()
        self.slow = slow
        self.fails = fails

    def ready(self, fragments: Sequence[Fragment], *, slow: bool = False) -> bool:
        return not self.slow or all(isinstance(fragment, Prompt) for fragment in fragments)

    async def sounds(self, fragments: Sequence[Fragment], *, slow: bool = False) -> Sequence[str]:
        if not self.ready(fragments):
            await self.made.wait()
            if self.fails:
                raise SpeechUnavailable("The voice is away.")
        return [path for fragment in fragments for path in self._paths(fragment)]

    @staticmethod
    def _paths(fragment: Fragment) -> list[str]:
        match fragment:
            case Prompt(name):
                return [f"/p/{name}"]
            case Text():
                return ["/p/text"]
            case Spoken(_, pieces):
                return [f"/p/{len(piece)}" for piece in pieces]


def turn(speech: Speech = HELLO, *, keys: int = 1, first: float = 5, following: float = 3) -> Turn:
    return Turn(speech=speech, max_keys=keys, first_key_seconds=first, next_key_seconds=following)


Work = Callable[[AgiCaller], Awaitable[object]]


async def converse(
    settings: AgiSettings, work: Work, replies: Sequence[str], prompts: FakePrompts | None = None
) -> tuple[object, list[str]]:
    """Let `work` talk to a caller whose Asterisk gives the replies; its result, and the commands it sent."""
    results: list[object] = []

    async def handler(session: AgiSession) -> None:
        try:
            results.append(await work(AgiCaller(session, prompts or FakePrompts(), settings, FILLER)))
        except Exception as error:
            results.append(error)

    async with serving(settings, handler) as server, await FakeAsterisk.call(server.address) as asterisk:
        for reply in replies:
            await asterisk.command()
            await asterisk.reply(reply)
        assert await asterisk.ended()
        await until(lambda: bool(results))
    return results[0], [" ".join(words) for words in asterisk.commands]


# --- saying --------------------------------------------------------------------------------------------


async def test_what_may_not_be_interrupted_is_played_at_once(settings: AgiSettings) -> None:
    result, commands = await converse(settings, lambda c: c.say(NOTICE), ["200 result=0 endpos=16000"])
    assert (result, commands) == (None, ["STREAM FILE /p/notice "])


async def test_several_files_are_one_playback(settings: AgiSettings) -> None:
    speech = Speech(NUMBER.fragments, interruptible=False)
    result, commands = await converse(settings, lambda c: c.say(speech), ["200 result=0"])
    assert (result, commands) == (None, ["EXEC Playback /p/text&/p/3&/p/3"])


async def test_what_is_held_goes_before_what_may_not_be_interrupted(settings: AgiSettings) -> None:
    async def work(caller: AgiCaller) -> None:
        await caller.say(HELLO)
        await caller.say(NOTICE)

    assert await converse(settings, work, ["200 result=0"]) == (None, ["EXEC Playback /p/hello&/p/notice"])


async def test_what_is_held_is_flushed_once(settings: AgiSettings) -> None:
    async def work(caller: AgiCaller) -> None:
        await caller.say(HELLO)
        await caller.flush()
        await caller.flush()

    assert await converse(settings, work, ["200 result=0 endpos=1"]) == (None, ["STREAM FILE /p/hello "])


async def test_a_missing_file_is_a_failure(settings: AgiSettings) -> None:
    result, _ = await converse(settings, lambda c: c.say(NOTICE), ["200 result=-1 endpos=0"])
    assert isinstance(result, CommandFailed)


async def test_a_hangup_while_playing(settings: AgiSettings) -> None:
    result, _ = await converse(settings, lambda c: c.say(NOTICE), ["200 result=-1 endpos=800\nHANGUP"])
    assert type(result) is CallerGone


# --- asking: one file, one pause -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "heard"),
    [
        ("200 result=1", Keys("1")),
        ("200 result=*", Keys("*")),
        ("200 result=", Keys("")),
        ("200 result= (timeout)", Silence()),
        ("200 result=1 (timeout)", Keys("1")),
    ],
)
async def test_one_key_is_gathered_by_get_data(settings: AgiSettings, reply: str, heard: Heard) -> None:
    result, commands = await converse(settings, lambda c: c.ask(turn()), [reply])
    assert (result, commands) == (heard, ["GET DATA /p/hello 5000 1"])


async def test_several_keys_with_one_pause_too(settings: AgiSettings) -> None:
    result, commands = await converse(
        settings, lambda c: c.ask(turn(keys=9, first=4.5, following=4.5)), ["200 result=320145678"]
    )
    assert (result, commands) == (Keys("320145678"), ["GET DATA /p/hello 4500 9"])


async def test_a_prompt_that_may_not_be_interrupted_is_played_before_the_keys(settings: AgiSettings) -> None:
    result, commands = await converse(
        settings, lambda c: c.ask(turn(NOTICE)), ["200 result=0 endpos=1", "200 result=2"]
    )
    assert (result, commands) == (Keys("2"), ["STREAM FILE /p/notice ", "GET DATA  5000 1"])


@pytest.mark.parametrize(
    ("reply", "error"),
    [("200 result=-1\nHANGUP", CallerGone), ("200 result=-1", CommandFailed), ("511 Dead", CallerGone)],
)
async def test_get_data_ends_with_the_caller(
    settings: AgiSettings, reply: str, error: type[Exception]
) -> None:
    result, _ = await converse(settings, lambda c: c.ask(turn()), [reply])
    assert type(result) is error


# --- asking: several files or two pauses ---------------------------------------------------------------

READ = "EXEC Read IVR_KEYS,/p/hello&/p/text&/p/3&/p/3,9"
STATUS = "GET FULL VARIABLE ${READSTATUS}:${IVR_KEYS}"
PAUSES = "EXEC MSet TIMEOUT(response)=5.000,TIMEOUT(digit)=3.000"


@pytest.mark.parametrize(
    ("status", "heard"),
    [
        ("OK:320145678", Keys("320145678")),
        ("OK:", Keys("")),
        ("TIMEOUT:", Silence()),
        ("TIMEOUT:32", Keys("32")),
    ],
)
async def test_held_speech_and_a_digit_string_are_one_read(
    settings: AgiSettings, status: str, heard: Heard
) -> None:
    async def work(caller: AgiCaller) -> Heard:
        await caller.say(HELLO)
        return await caller.ask(turn(NUMBER, keys=9))

    replies = ["200 result=0", "200 result=0", f"200 result=1 ({status})"]
    assert await converse(settings, work, replies) == (heard, [PAUSES, READ, STATUS])


async def test_the_pauses_are_set_only_when_they_change(settings: AgiSettings) -> None:
    async def work(caller: AgiCaller) -> None:
        await caller.ask(turn(keys=9))
        await caller.ask(turn(keys=6))
        await caller.ask(turn(keys=6, following=2))

    read = ["200 result=0", "200 result=1 (OK:1)"]
    _, commands = await converse(settings, work, ["200 result=0", *read, *read, "200 result=0", *read])
    assert [command for command in commands if "MSet" in command] == [
        PAUSES,
        "EXEC MSet TIMEOUT(digit)=2.000",
    ]


@pytest.mark.parametrize(
    ("last", "error"),
    [
        ("HANGUP\n200 result=1 (HANGUP:12)", CallerGone),
        ("200 result=1 (HANGUP:12)\nHANGUP", CallerGone),
        ("200 result=1 (ERROR:)", CommandFailed),
    ],
)
async def test_read_ends_with_the_caller(settings: AgiSettings, last: str, error: type[Exception]) -> None:
    replies = ["200 result=0", "200 result=0", last]
    result, _ = await converse(settings, lambda c: c.ask(turn(keys=9)), replies)
    assert type(result) is error


async def test_a_path_with_an_ampersand_is_refused(settings: AgiSettings) -> None:
    speech = Speech((Prompt("a&b"), Prompt("c")), interruptible=False)
    result, commands = await converse(settings, lambda c: c.say(speech), [])
    assert isinstance(result, ValueError)
    assert commands == []


# --- synthesis -----------------------------------------------------------------------------------------


async def test_the_filler_is_played_while_it_is_synthesised(settings: AgiSettings) -> None:
    prompts = FakePrompts(slow=True)
    quick = settings.model_copy(update={"filler_after_seconds": 0})

    async def work(caller: AgiCaller) -> Heard:
        asking = asyncio.create_task(caller.ask(turn(NUMBER)))
        await asyncio.sleep(0.05)
        prompts.made.set()
        return await asking

    replies = ["200 result=0 endpos=1", "200 result=0", "200 result=0", "200 result=1 (OK:1)"]
    result, commands = await converse(quick, work, replies, prompts)
    assert result == Keys("1")
    assert commands[0] == "STREAM FILE /p/one-moment "
    assert commands[2] == "EXEC Read IVR_KEYS,/p/text&/p/3&/p/3,1"


async def test_quick_synthesis_needs_no_filler(settings: AgiSettings) -> None:
    prompts = FakePrompts(slow=True)
    patient = settings.model_copy(update={"filler_after_seconds": 5})

    async def work(caller: AgiCaller) -> None:
        prompts.made.set()
        await caller.say(Speech(NUMBER.fragments, interruptible=False))

    _, commands = await converse(patient, work, ["200 result=0"], prompts)
    assert commands == ["EXEC Playback /p/text&/p/3&/p/3"]


async def test_synthesis_has_a_time_limit(settings: AgiSettings) -> None:
    hasty = settings.model_copy(update={"filler_after_seconds": 0, "synthesis_seconds": 0.05})
    result, commands = await converse(
        hasty, lambda c: c.ask(turn(NUMBER)), ["200 result=0 endpos=1"], FakePrompts(slow=True)
    )
    assert isinstance(result, SpeechUnavailable)
    assert commands == ["STREAM FILE /p/one-moment "]


async def test_a_voice_that_fails(settings: AgiSettings) -> None:
    prompts = FakePrompts(slow=True, fails=True)
    prompts.made.set()
    result, _ = await converse(settings, lambda c: c.ask(turn(NUMBER)), [], prompts)
    assert isinstance(result, SpeechUnavailable)


async def test_a_hangup_during_the_filler_leaves_no_synthesis_behind(settings: AgiSettings) -> None:
    quick = settings.model_copy(update={"filler_after_seconds": 0})
    result, _ = await converse(
        quick, lambda c: c.ask(turn(NUMBER)), ["200 result=-1 endpos=1\nHANGUP"], FakePrompts(slow=True)
    )
    assert type(result) is CallerGone


async def test_a_failure_behind_the_filler_is_not_reported_when_the_caller_is_gone(
    settings: AgiSettings,
) -> None:
    prompts = FakePrompts(slow=True, fails=True)
    quick = settings.model_copy(update={"filler_after_seconds": 0})
    reported: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: reported.append(context))

    async def handler(session: AgiSession) -> None:
        await AgiCaller(session, prompts, quick, FILLER).ask(turn(NUMBER))

    async with serving(quick, handler) as server, await FakeAsterisk.call(server.address) as asterisk:
        assert (await asterisk.command())[:2] == ["STREAM", "FILE"]
        prompts.made.set()
        await asyncio.sleep(0.01)
        await asterisk.hang_up()
        assert await asterisk.ended()
    gc.collect()
    assert reported == []


# --- the end -------------------------------------------------------------------------------------------


async def test_the_queue_is_the_last_word(settings: AgiSettings) -> None:
    request = QueueRequest("clients", "readings.submit", {"account": "320145678"})

    async def work(caller: AgiCaller) -> object:
        await caller.say(HELLO)
        await caller.enqueue(request)
        return caller.queued

    result, commands = await converse(settings, work, ["200 result=0 endpos=1", "200 result=0"])
    assert result == request
    assert commands == [
        "STREAM FILE /p/hello ",
        "EXEC MSet IVR_QUEUE=clients,IVR_TOPIC=readings.submit,IVR_RESULT=queue",
    ]


@pytest.mark.parametrize("queue", ["a,IVR_RESULT=done", "x y", "", "клиенты", "${EXTEN}", "a" * 81])
async def test_a_name_that_the_dialplan_can_not_take(settings: AgiSettings, queue: str) -> None:
    result, commands = await converse(settings, lambda c: c.enqueue(QueueRequest(queue)), [])
    assert isinstance(result, Fault)
    assert result.where == queue
    assert commands == []


async def test_the_end_is_told_to_the_dialplan(settings: AgiSettings) -> None:
    assert await converse(settings, lambda c: c.hang_up(), ["200 result=0"]) == (
        None,
        ["EXEC MSet IVR_RESULT=done"],
    )


async def test_a_recording_runs_until_the_channel_ends(settings: AgiSettings) -> None:
    async def work(caller: AgiCaller) -> None:
        await caller.start_recording("/spool/c-1.raw")
        await caller.answer()

    _, commands = await converse(settings, work, ["200 result=0", "200 result=0"])
    assert commands == ["EXEC MixMonitor /spool/c-1.raw,D", "ANSWER"]


METHODS: dict[str, Work] = {
    "say": lambda c: c.say(NOTICE),
    "get data": lambda c: c.ask(turn()),
    "read": lambda c: c.ask(turn(NUMBER, keys=9)),
    "enqueue": lambda c: c.enqueue(QueueRequest("clients")),
    "hang up": lambda c: c.hang_up(),
    "answer": lambda c: c.answer(),
    "record": lambda c: c.start_recording("/spool/x.wav"),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("hangup", [True, False])
async def test_every_method_knows_that_the_caller_is_gone(
    settings: AgiSettings, method: str, hangup: bool
) -> None:
    results: list[object] = []

    async def handler(session: AgiSession) -> None:
        await session.gone.wait()
        try:
            await METHODS[method](AgiCaller(session, FakePrompts(), settings, FILLER))
        except CallerGone as error:
            results.append(type(error))

    async with serving(settings, handler) as server, await FakeAsterisk.call(server.address) as asterisk:
        await (asterisk.hang_up() if hangup else asterisk.close())
        await until(lambda: bool(results))
    assert results == [CallerGone if hangup else LinkLost]
