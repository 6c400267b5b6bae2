from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping

import pytest
from aiohttp import ClientSession

from ivr.errors import Fault
from ivr.web.health import Check, Health
from ivr.web.server import WebServer
from ivr.web.settings import WebSettings


def server(checks: Mapping[str, Check] | None = None, port: int = 0) -> WebServer:
    settings = WebSettings(port=port, check_seconds=0.05)
    return WebServer(settings, exposition=lambda: b"ivr_calls_total 1.0\n", checks=checks or {})


async def fine() -> Health:
    return Health(ok=True, detail="22.10.1")


async def away() -> Health:
    return Health(ok=False, detail="no link")


async def broken() -> Health:
    raise ValueError("+74832000001")


async def frozen() -> Health:
    await asyncio.Event().wait()
    raise AssertionError


async def get(web: WebServer, path: str) -> tuple[int, str, Mapping[str, str]]:
    async with ClientSession() as session, session.get(f"http://127.0.0.1:{web.port}{path}") as response:
        return response.status, await response.text(), response.headers


async def test_metrics_are_prometheus_text() -> None:
    async with server() as web:
        status, body, headers = await get(web, "/metrics")
    assert (status, body) == (200, "ivr_calls_total 1.0\n")
    assert headers["Content-Type"].startswith("text/plain; version=0.0.4")


async def test_alive_even_when_not_ready() -> None:
    async with server({"asterisk": away}) as web:
        assert (await get(web, "/healthz"))[0] == 200
        assert (await get(web, "/readyz"))[0] == 503


async def test_ready_when_every_check_is_in_order() -> None:
    async with server({"asterisk": fine}) as web:
        status, body, _ = await get(web, "/readyz")
    assert status == 200
    assert '"not_ready": []' in body


async def test_not_ready_names_what_is_not_and_tells_nothing_of_an_exception() -> None:
    async with server({"database": fine, "asterisk": away, "speech": broken, "disk": frozen}) as web:
        status, body, _ = await get(web, "/readyz")
    assert status == 503
    assert (
        '"not_ready": [{"name": "asterisk", "detail": "no link"}, {"name": "speech", "detail": "ValueError"}'
        in body
    )
    assert '{"name": "disk", "detail": "no answer within 0.05 s"}' in body
    assert "4832000001" not in body


async def test_browsers_are_told_to_be_careful() -> None:
    async with server() as web:
        for path in ("/healthz", "/nowhere"):
            _, _, headers = await get(web, path)
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Cache-Control"] == "no-store"
            assert "Server" not in headers


async def test_an_occupied_port_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Fault, match=r"web\.port") as fault:
            await server(port=port).start()
    assert fault.value.where == f"127.0.0.1:{port}"


async def test_nothing_is_left_over_after_a_stop() -> None:
    before = asyncio.all_tasks()
    web = server()
    await web.start()
    port = web.port
    await get(web, "/healthz")
    await web.stop()
    assert asyncio.all_tasks() == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)
