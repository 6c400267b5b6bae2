"""The FastAGI server against probes, garbage, slow peers, limits and its own end."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from ivr.asterisk.agi import AgiServer, AgiSession, AgiSettings
from ivr.errors import Fault
from tests.contract.agi.fake_asterisk import Exchange, FakeAsterisk, header_bytes
from tests.contract.agi.harness import serving, until


async def refuse_calls(_session: AgiSession) -> None:
    raise AssertionError("No call should have begun.")


async def one_answer(session: AgiSession) -> None:
    await session.answer()


def seen(logs: list[EventDict], event: str) -> list[object]:
    return [entry["log_level"] for entry in logs if entry["event"] == event]


async def test_a_call_is_conducted_and_its_connection_closed(settings: AgiSettings) -> None:
    routes: list[str] = []

    async def handler(session: AgiSession) -> None:
        routes.append(session.environment.route)
        await session.answer()

    async with serving(settings, handler) as server, await FakeAsterisk.call(server.address) as asterisk:
        await asterisk.exchange(Exchange("ANSWER"))
        assert await asterisk.ended()
    assert routes == ["line/clients"]


async def test_a_header_may_come_byte_by_byte(settings: AgiSettings) -> None:
    async with (
        serving(settings, one_answer) as server,
        await FakeAsterisk.connect(server.address) as asterisk,
    ):
        await asterisk.send_slowly(header_bytes())
        assert await asterisk.command() == ["ANSWER"]
        await asterisk.send_slowly(b"200 result=0\n")
        assert await asterisk.ended()


@pytest.mark.parametrize(
    "sent", [b"", b"agi_netw", b"agi_network: yes\nagi_ch"], ids=["nothing", "word", "lines"]
)
async def test_a_probe_that_goes_away_harms_nobody(settings: AgiSettings, sent: bytes) -> None:
    with capture_logs() as logs:
        async with serving(settings, refuse_calls) as server:
            async with await FakeAsterisk.connect(server.address) as probe:
                await probe.send(sent)
            await until(lambda: bool(seen(logs, "agi.no-request")))
    assert seen(logs, "agi.no-request") == ["debug"]
    assert len(logs) == 1


@pytest.mark.parametrize(
    "sent",
    [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\n", b"\0" * 20_000, b"agi_x: y\n" * 3000],
    ids=["http", "tls", "no newline", "endless header"],
)
async def test_garbage_is_refused_at_once(settings: AgiSettings, sent: bytes) -> None:
    with capture_logs() as logs:
        async with (
            serving(settings, refuse_calls) as server,
            await FakeAsterisk.connect(server.address) as peer,
        ):
            await peer.send(sent)
            assert await peer.ended()
    assert seen(logs, "agi.refused") == ["debug"]


async def test_a_header_that_does_not_end_is_cut_off(settings: AgiSettings) -> None:
    brief = settings.model_copy(update={"header_seconds": 0.3})
    with capture_logs() as logs:
        async with (
            serving(brief, refuse_calls) as server,
            await FakeAsterisk.connect(server.address) as peer,
        ):
            await peer.send(b"agi_network: yes\n")
            assert await peer.ended()
    assert seen(logs, "agi.refused") == ["debug"]


async def test_a_call_may_last_longer_than_its_header(settings: AgiSettings) -> None:
    brief = settings.model_copy(update={"header_seconds": 0.5})
    async with serving(brief, one_answer) as server, await FakeAsterisk.call(server.address) as asterisk:
        assert await asterisk.command() == ["ANSWER"]
        await asyncio.sleep(0.6)
        assert server.connections == 1
        await asterisk.reply("200 result=0")
        assert await asterisk.ended()


async def test_a_hundred_probes_leave_the_next_call_alone(settings: AgiSettings) -> None:
    async with serving(settings, one_answer) as server:
        probes = [await FakeAsterisk.connect(server.address) for _ in range(100)]
        for probe in probes:
            probe.reset()
        async with await FakeAsterisk.call(server.address) as asterisk:
            await asterisk.exchange(Exchange("ANSWER"))
            assert await asterisk.ended()


async def test_connections_over_the_limit_are_closed_at_once(settings: AgiSettings) -> None:
    few = settings.model_copy(update={"max_connections": 2})
    async with serving(few, one_answer) as server:
        calls = [await FakeAsterisk.call(server.address) for _ in range(2)]
        for call in calls:
            assert await call.command() == ["ANSWER"]
        async with await FakeAsterisk.connect(server.address) as third:
            assert await third.ended()
        for call in calls:
            await call.reply("200 result=0")
            assert await call.ended()
            await call.close()
        await until(lambda: server.connections == 0)
        async with await FakeAsterisk.call(server.address) as later:
            await later.exchange(Exchange("ANSWER"))


async def test_at_the_limit_who_asks_for_nothing_makes_room_for_a_call(settings: AgiSettings) -> None:
    few = settings.model_copy(update={"max_connections": 2})
    async with serving(few, one_answer) as server:
        async with await FakeAsterisk.call(server.address) as running:
            assert await running.command() == ["ANSWER"]
            async with await FakeAsterisk.connect(server.address) as probe:
                async with await FakeAsterisk.call(server.address) as later:
                    await later.exchange(Exchange("ANSWER"))
                assert await probe.ended()
            await running.reply("200 result=0")
            assert await running.ended()
        await until(lambda: server.connections == 0)


async def test_an_occupied_port_is_named(settings: AgiSettings) -> None:
    async with serving(settings, refuse_calls) as server:
        host, port = server.address
        second = AgiServer(settings.model_copy(update={"port": port}), refuse_calls)
        with pytest.raises(Fault) as caught:
            await second.start()
    assert caught.value.where == f"{host}:{port}"
    assert "listen" in caught.value.what
    assert caught.value.fix


async def test_a_fault_of_the_handler_ends_the_call_only(settings: AgiSettings) -> None:
    async def handler(session: AgiSession) -> None:
        raise RuntimeError(session.environment.route)

    with capture_logs() as logs:
        async with serving(settings, handler) as server, await FakeAsterisk.call(server.address) as asterisk:
            assert await asterisk.ended()
    assert seen(logs, "agi.call-failed") == ["error"]


async def test_a_stop_lets_running_calls_end(settings: AgiSettings) -> None:
    async with serving(settings, one_answer) as server:
        address = server.address
        async with await FakeAsterisk.call(address) as asterisk:
            assert await asterisk.command() == ["ANSWER"]
            server.stop_accepting()
            draining = asyncio.create_task(server.drain(5))
            with pytest.raises(ConnectionRefusedError):
                await FakeAsterisk.connect(address)
            assert server.calls == 1
            await asterisk.reply("200 result=0")
            assert await draining == 0
            assert await asterisk.ended()


async def test_calls_that_last_too_long_are_cut(settings: AgiSettings) -> None:
    cancelled: list[bool] = []

    async def handler(session: AgiSession) -> None:
        try:
            await session.answer()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    async with serving(settings, handler) as server, await FakeAsterisk.call(server.address) as asterisk:
        assert await asterisk.command() == ["ANSWER"]
        server.stop_accepting()
        assert await server.drain(0.01) == 1
        assert await asterisk.ended()
    assert cancelled == [True]


async def test_a_stop_ends_connections_without_a_request(settings: AgiSettings) -> None:
    patient = settings.model_copy(update={"header_seconds": 60})
    async with serving(patient, refuse_calls) as server, await FakeAsterisk.connect(server.address) as probe:
        await until(lambda: server.connections == 1)
        await server.close()
        async with asyncio.timeout(5):
            assert await probe.ended()


async def test_sixty_calls_at_once_do_not_mix(settings: AgiSettings) -> None:
    async def handler(session: AgiSession) -> None:
        for _ in range(5):
            await session.set_variable("ECHO", session.environment.unique_id)

    async def call(server: AgiServer, number: int) -> None:
        async with await FakeAsterisk.call(server.address, agi_uniqueid=f"u{number}") as asterisk:
            for _ in range(5):
                await asterisk.exchange(Exchange(f"SET VARIABLE ECHO u{number}", "200 result=1"))
            assert await asterisk.ended()

    async with serving(settings, handler) as server, asyncio.TaskGroup() as group:
        for number in range(60):
            group.create_task(call(server, number))
