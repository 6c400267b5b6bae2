"""A session over a real socket: replies, errors, hang-ups and lost connections at every place."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from ivr.asterisk.agi import AgiSession, AgiSettings, CommandFailed, LinkLost
from ivr.dialogue.ports import CallerGone
from tests.contract.agi.fake_asterisk import USAGE, Exchange, FakeAsterisk, header_bytes
from tests.contract.agi.harness import serving, until

Work = Callable[[AgiSession], Awaitable[object]]


async def answer(session: AgiSession) -> None:
    await session.answer()


async def playback(session: AgiSession) -> None:
    await session.execute("Playback", "x")


@dataclass
class Conducted:
    """A handler that notes how its work ended."""

    work: Work
    result: list[object] = field(default_factory=list)

    async def __call__(self, session: AgiSession) -> None:
        try:
            self.result.append(await self.work(session))
        except Exception as error:
            self.result.append(error)


async def run(
    settings: AgiSettings,
    work: Work,
    play: Callable[[FakeAsterisk], Awaitable[object]],
) -> object:
    """Conduct one call: `work` on our side, `play` on Asterisk's; what `work` came to."""
    handler = Conducted(work)
    async with serving(settings, handler) as server, await FakeAsterisk.call(server.address) as asterisk:
        await play(asterisk)
        await until(lambda: bool(handler.result))
    return handler.result[0]


# --- replies ---------------------------------------------------------------------------------------------


async def test_a_variable_is_read(settings: AgiSettings) -> None:
    async def work(session: AgiSession) -> object:
        return [await session.get_variable("CALL_ID"), await session.get_variable("NONE")]

    async def play(asterisk: FakeAsterisk) -> None:
        await asterisk.exchange(Exchange("GET VARIABLE CALL_ID", "200 result=1 (c-1)"))
        await asterisk.exchange(Exchange("GET VARIABLE NONE", "200 result=0"))

    assert await run(settings, work, play) == ["c-1", None]


async def test_trying_and_a_slow_writer_do_not_matter(settings: AgiSettings) -> None:
    async def play(asterisk: FakeAsterisk) -> None:
        await asterisk.command()
        await asterisk.send_slowly("100 Trying\n200 result=1 (Улица Пушкина)\n".encode())

    assert await run(settings, lambda session: session.get_variable("X"), play) == "Улица Пушкина"


@pytest.mark.parametrize("reply", ["510 Invalid or unknown command", USAGE, "520 Invalid command syntax."])
async def test_a_refused_command_leaves_the_session_usable(settings: AgiSettings, reply: str) -> None:
    async def work(session: AgiSession) -> object:
        with pytest.raises(CommandFailed, match="FOO"):
            await session.command("FOO")
        return await session.get_variable("X")

    async def play(asterisk: FakeAsterisk) -> None:
        await asterisk.play([Exchange("FOO", reply), Exchange("GET VARIABLE X", "200 result=1 (1)")])

    assert await run(settings, work, play) == "1"


async def test_an_application_that_is_not_there(settings: AgiSettings) -> None:
    async def play(asterisk: FakeAsterisk) -> None:
        await asterisk.exchange(Exchange("EXEC NoSuchApp", "200 result=-2"))

    async def work(session: AgiSession) -> None:
        await session.execute("NoSuchApp", "x")

    result = await run(settings, work, play)
    assert isinstance(result, CommandFailed)


async def test_minus_one_without_a_hangup_is_a_failure(settings: AgiSettings) -> None:
    async def play(asterisk: FakeAsterisk) -> None:
        await asterisk.exchange(Exchange("EXEC Playback", "200 result=-1"))

    result = await run(settings, playback, play)
    assert isinstance(result, CommandFailed)


async def test_minus_one_with_a_hangup_is_the_caller_gone(settings: AgiSettings) -> None:
    async def play(asterisk: FakeAsterisk) -> None:
        await asterisk.exchange(Exchange("EXEC Playback", "200 result=-1\nHANGUP"))

    result = await run(settings, playback, play)
    assert type(result) is CallerGone


async def test_a_comma_does_not_get_into_an_application(settings: AgiSettings) -> None:
    async def nothing(_asterisk: FakeAsterisk) -> None:
        return

    async def work(session: AgiSession) -> None:
        await session.execute("Playback", "a,skip")

    result = await run(settings, work, nothing)
    assert isinstance(result, ValueError)


# --- the end of the caller ---------------------------------------------------------------------------------


async def test_a_dead_channel_is_the_caller_gone(settings: AgiSettings) -> None:
    async def work(session: AgiSession) -> None:
        with pytest.raises(CallerGone):
            await session.answer()
        assert session.gone.is_set()
        await session.answer()

    async def play(asterisk: FakeAsterisk) -> None:
        await asterisk.exchange(Exchange("ANSWER", "511 Command Not Permitted on a dead channel"))

    assert type(await run(settings, work, play)) is CallerGone


async def test_a_hangup_is_known_while_no_command_runs(settings: AgiSettings) -> None:
    async def work(session: AgiSession) -> None:
        await session.answer()
        await session.gone.wait()
        assert session.hung_up
        await session.answer()

    async def play(asterisk: FakeAsterisk) -> None:
        await asterisk.exchange(Exchange("ANSWER"))
        await asterisk.hang_up()

    assert type(await run(settings, work, play)) is CallerGone


async def test_a_lost_connection_is_known_while_no_command_runs(settings: AgiSettings) -> None:
    async def work(session: AgiSession) -> None:
        await session.gone.wait()
        assert not session.hung_up
        await session.answer()

    async def play(asterisk: FakeAsterisk) -> None:
        await asterisk.close()

    assert isinstance(await run(settings, work, play), LinkLost)


@pytest.mark.parametrize(
    "late", ["", "200 result=0\n", "511 Command Not Permitted\n", "200 result=0\n200 result=0\n"]
)
async def test_a_hangup_comes_before_the_reply(settings: AgiSettings, late: str) -> None:
    async def play(asterisk: FakeAsterisk) -> None:
        await asterisk.command()
        await asterisk.send(f"HANGUP\n{late}".encode())
        assert await asterisk.ended()

    with capture_logs() as logs:
        assert type(await run(settings, answer, play)) is CallerGone
    assert [entry["event"] for entry in logs if entry["log_level"] != "debug"] == []


async def test_a_hangup_with_the_header(settings: AgiSettings) -> None:
    handler = Conducted(answer)
    async with serving(settings, handler) as server, await FakeAsterisk.connect(server.address) as asterisk:
        await asterisk.send(header_bytes() + b"HANGUP\n")
        assert await asterisk.ended()
    assert [type(result) for result in handler.result] == [CallerGone]


# --- faults of the peer ------------------------------------------------------------------------------------


async def test_a_reply_that_is_late_ends_the_connection(settings: AgiSettings) -> None:
    async def work(session: AgiSession) -> object:
        await session.command("ANSWER", within=0.05)
        return None

    async def play(asterisk: FakeAsterisk) -> None:
        assert await asterisk.command() == ["ANSWER"]
        assert await asterisk.ended()

    assert isinstance(await run(settings, work, play), LinkLost)


@pytest.mark.parametrize(
    "sent", [b"nonsense\n", b"\xff\xfe\0\n", b"200 result=0\n200 result=0\n", b"x" * 70_000]
)
async def test_garbage_in_a_call_ends_the_connection(settings: AgiSettings, sent: bytes) -> None:
    async def work(session: AgiSession) -> None:
        await session.answer()
        await session.gone.wait()
        await session.answer()

    async def play(asterisk: FakeAsterisk) -> None:
        await asterisk.command()
        await asterisk.send(sent)
        assert await asterisk.ended()

    assert isinstance(await run(settings, work, play), LinkLost)


async def test_a_time_limit_ends_with_its_reply(settings: AgiSettings) -> None:
    async def work(session: AgiSession) -> object:
        await session.command("ANSWER", within=0.05)
        return await session.get_variable("X")

    async def play(asterisk: FakeAsterisk) -> None:
        await asterisk.exchange(Exchange("ANSWER"))
        assert await asterisk.command() == ["GET", "VARIABLE", "X"]
        await asyncio.sleep(0.1)
        await asterisk.reply("200 result=1 (1)")

    assert await run(settings, work, play) == "1"


async def test_a_peer_that_resets(settings: AgiSettings) -> None:
    async def play(asterisk: FakeAsterisk) -> None:
        await asterisk.command()
        asterisk.reset()

    assert isinstance(await run(settings, answer, play), LinkLost)


# --- one command at a time ---------------------------------------------------------------------------------


async def test_two_commands_at_once_are_an_error(settings: AgiSettings) -> None:
    async def work(session: AgiSession) -> object:
        first = asyncio.create_task(session.answer())
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="One AGI command at a time"):
            await session.get_variable("X")
        await first
        return await session.get_variable("X")

    async def play(asterisk: FakeAsterisk) -> None:
        await asterisk.play([Exchange("ANSWER"), Exchange("GET VARIABLE X", "200 result=1 (1)")])

    assert await run(settings, work, play) == "1"


async def test_after_a_cancelled_command_its_reply_is_awaited(settings: AgiSettings) -> None:
    sent = asyncio.Event()

    async def work(session: AgiSession) -> object:
        first = asyncio.create_task(session.get_variable("FIRST"))
        await sent.wait()
        first.cancel()
        await asyncio.wait([first])
        assert first.cancelled()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await session.get_variable("IMPATIENT")
        return await session.get_variable("SECOND")

    async def play(asterisk: FakeAsterisk) -> None:
        assert (await asterisk.command())[-1] == "FIRST"
        sent.set()
        await asyncio.sleep(0.05)
        await asterisk.reply("200 result=1 (first)")
        await asterisk.exchange(Exchange("GET VARIABLE SECOND", "200 result=1 (second)"))

    assert await run(settings, work, play) == "second"


async def test_after_a_cancelled_command_a_hangup_is_known(settings: AgiSettings) -> None:
    async def work(session: AgiSession) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await session.answer()
        await session.answer()

    async def play(asterisk: FakeAsterisk) -> None:
        await asterisk.command()
        await asyncio.sleep(0.03)
        await asterisk.hang_up()

    assert type(await run(settings, work, play)) is CallerGone


async def test_the_turnaround_is_what_asterisk_waited_for_us(settings: AgiSettings) -> None:
    now = 100.0
    turnarounds: list[tuple[str, float]] = []

    async def handler(session: AgiSession) -> None:
        nonlocal now
        now += 0.25
        await session.answer()
        now += 0.5
        await session.execute("Playback", "x")

    async def play(asterisk: FakeAsterisk) -> None:
        nonlocal now
        await asterisk.command()
        now += 10  # Asterisk's own time is not ours
        await asterisk.reply("200 result=0")
        await asterisk.exchange(Exchange("EXEC Playback"))
        assert await asterisk.ended()

    async with (
        serving(
            settings,
            handler,
            observe=lambda verb, seconds: turnarounds.append((verb, seconds)),
            clock=lambda: now,
        ) as server,
        await FakeAsterisk.call(server.address) as asterisk,
    ):
        await play(asterisk)
    assert turnarounds == [("ANSWER", 0.25), ("EXEC Playback", 0.5)]


# --- the connection ends at every place --------------------------------------------------------------------

SCRIPT = [
    Exchange("GET VARIABLE CALL_ID", "200 result=1 (c-1)"),
    Exchange("ANSWER", "100 Trying\n200 result=0"),
    Exchange("FOO", USAGE),
    Exchange("GET DATA", "200 result=12 (timeout)"),
    Exchange("EXEC MSet", "200 result=0"),
]


async def whole_call(session: AgiSession) -> object:
    await session.get_variable("CALL_ID")
    await session.answer()
    with pytest.raises(CommandFailed):
        await session.command("FOO")
    await session.command("GET DATA", "/p/one", 4000, 6)
    await session.execute("MSet", "IVR_RESULT=done")
    return "done"


PLACES = [(exchange, at) for exchange in range(len(SCRIPT)) for at in ("command", "half", "most")]


@pytest.mark.parametrize(("exchange", "at"), PLACES)
@pytest.mark.parametrize("end", ["eof", "reset", "hangup"])
async def test_the_end_at_every_place(settings: AgiSettings, exchange: int, at: str, end: str) -> None:
    async def play(asterisk: FakeAsterisk) -> None:
        await asterisk.play(SCRIPT[:exchange])
        await asterisk.command()
        reply = SCRIPT[exchange].reply.encode()
        if end == "hangup":
            await asterisk.send(b"HANGUP\n" if at == "command" else b"HANGUP\n" + reply + b"\n")
            return
        await asterisk.send({"command": b"", "half": reply[: len(reply) // 2], "most": reply}[at])
        if end == "eof":
            await asterisk.close()
        else:
            asterisk.reset()

    result = await run(settings, whole_call, play)
    assert type(result) is (CallerGone if end == "hangup" else LinkLost)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
async def test_the_end_within_the_header(settings: AgiSettings, share: float) -> None:
    handler = Conducted(whole_call)
    data = header_bytes()
    async with serving(settings, handler) as server, await FakeAsterisk.connect(server.address) as asterisk:
        await asterisk.send(data[: int(len(data) * share)])
    assert handler.result == []


@pytest.mark.parametrize("slowly", [False, True])
async def test_the_script_to_its_end(settings: AgiSettings, slowly: bool) -> None:
    async def play(asterisk: FakeAsterisk) -> None:
        for exchange in SCRIPT:
            assert " ".join(await asterisk.command()).startswith(exchange.command)
            data = exchange.reply.encode() + b"\n"
            await (asterisk.send_slowly(data) if slowly else asterisk.send(data))
        assert await asterisk.ended()

    assert await run(settings, whole_call, play) == "done"
