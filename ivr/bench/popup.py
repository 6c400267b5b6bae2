"""From the event that a telephone rings to the ring on the operator's page."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

from aiohttp import ClientSession, ClientWebSocketResponse, DummyCookieJar, TCPConnector, WSMsgType

from ivr.bench.popup_pages import ChromiumPages
from ivr.bench.processes import memory_mb
from ivr.errors import Fault
from ivr.web.frame import BASE
from ivr.web.gate import COOKIE

DIFFERS = (
    "Rings come from a stand-in within the server's process: what Asterisk, its events and the composing of"
    " the card take comes before and is not in the figures.",
    "Server, sockets and Chromium share the machine; a company's browsers run elsewhere.",
    "Every session also gets how the queues stand, once a second.",
)
"""What a reader has to know."""

_RINGS_SECONDS = 1.0
_SETTLE_SECONDS = 2.0
_LINE_BYTES = 1 << 20
_NS_PER_MS = 1e6


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured.

    Attributes:
        sessions: Connected operators.
        pages: Those of them that are pages in Chromium.
        rings: In all; every other one goes to a page.
        per_second: Rings a second.
    """

    sessions: int = 200
    pages: int = 4
    rings: int = 300
    per_second: float = 5.0


QUICK = Size(sessions=10, pages=1, rings=8, per_second=4.0)


@dataclass(slots=True)
class Measured:
    """What came out.

    Attributes:
        visible_ms: Of each ring to a page that became visible.
        socket_ms: Of each ring to another session that arrived.
        lost: Rings that never arrived.
        strays: Rings that arrived at a session that they were not for.
        rss_mb: Memory of the server.
    """

    visible_ms: list[float] = field(default_factory=list)
    socket_ms: list[float] = field(default_factory=list)
    lost: int = 0
    strays: int = 0
    rss_mb: float = 0.0

    def document(self, size: Size, machine: Mapping[str, object]) -> dict[str, object]:
        """The figures under the names of the contract."""
        return {
            "sessions": size.sessions,
            "event_to_visible_ms": _percentiles(self.visible_ms),
            "rss_mb": round(self.rss_mb, 1),
            "event_to_socket_ms": _percentiles(self.socket_ms),
            "pages": size.pages,
            "rings": size.rings,
            "rings_per_second": size.per_second,
            "lost": self.lost,
            "strays": self.strays,
            "machine": dict(machine),
            "differs": list(DIFFERS),
        }


@dataclass(frozen=True, slots=True)
class _Rung:
    """A ring as the server told it."""

    call_id: str
    login: str
    at_ns: int


class _Sockets:
    """Sessions that are sockets only, and when a ring arrived at them."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, float]] = []

    async def read(self, login: str, socket: ClientWebSocketResponse) -> None:
        """Note the rings of one until it is closed."""
        async for message in socket:
            at_ms = time.time_ns() / _NS_PER_MS
            if message.type is not WSMsgType.TEXT:
                continue
            event = json.loads(message.data)
            if event["type"] == "ring":
                self.seen.append((event["data"]["call_id"], login, at_ms))


async def measure(size: Size, folder: Path, chromium: Path, tell: Callable[[str], None]) -> Measured:
    """Connect all sessions, ring them in turn, and see when each ring is there.

    Args:
        size: How much.
        folder: Empty; for the server's data.
        chromium: The program.
        tell: Tells the person at the terminal.

    Raises:
        Fault: Playwright or Chromium is missing, or the server has ended.
    """
    async with AsyncExitStack() as running:
        server, port, secrets = await running.enter_async_context(_server(folder, size.sessions))
        url = f"http://127.0.0.1:{port}"
        of_pages = dict(itertools.islice(secrets.items(), size.pages))
        others = {login: secret for login, secret in secrets.items() if login not in of_pages}
        sockets = await running.enter_async_context(_connected(url, others))
        pages = await running.enter_async_context(ChromiumPages(chromium, url, of_pages))
        tell(f"{len(others)} sockets and {len(of_pages)} pages are connected")
        rung = await _ring(server, _turns(pages.logins, list(others), size.rings), size.per_second)
        await asyncio.sleep(_SETTLE_SECONDS)
        seen = [*sockets.seen, *((call, *where) for call, where in (await pages.seen()).items())]
        return _judged(rung, seen, of_pages, memory_mb([server.pid]))


def _judged(
    rung: Sequence[_Rung], seen: Sequence[tuple[str, str, float]], of_pages: Mapping[str, str], rss_mb: float
) -> Measured:
    """Compare what was rung with what was seen: call id, login, milliseconds since the epoch."""
    meant = {each.call_id: each for each in rung}
    found = Measured(rss_mb=rss_mb)
    arrived = set()
    for call_id, login, at_ms in seen:
        ring = meant[call_id]
        if ring.login != login:
            found.strays += 1
            continue
        arrived.add(call_id)
        delays = found.visible_ms if login in of_pages else found.socket_ms
        delays.append(at_ms - ring.at_ns / _NS_PER_MS)
    found.lost = len(meant.keys() - arrived)
    return found


def _turns(pages: Sequence[str], others: Sequence[str], rings: int) -> list[str]:
    """Who is rung: pages and others by turns, within each all in turn."""
    groups = [itertools.cycle(group) for group in (pages, others) if group]
    return [next(groups[number % len(groups)]) for number in range(rings)]


async def _ring(server: Process, logins: Sequence[str], per_second: float) -> list[_Rung]:
    rung: list[_Rung] = []
    ends: list[asyncio.Task[None]] = []
    begun = time.monotonic()
    for number, login in enumerate(logins):
        await asyncio.sleep(max(0.0, begun + number / per_second - time.monotonic()))
        _write(server, "ring", login)
        told = await _line(server)
        rung.append(_Rung(str(told["call_id"]), str(told["login"]), int(str(told["at_ns"]))))
        ends.append(asyncio.create_task(_end_later(server, rung[-1])))
    await asyncio.gather(*ends)
    return rung


async def _end_later(server: Process, ring: _Rung) -> None:
    await asyncio.sleep(_RINGS_SECONDS)
    _write(server, "end", ring.login, ring.call_id)


@asynccontextmanager
async def _server(folder: Path, sessions: int) -> AsyncIterator[tuple[Process, int, dict[str, str]]]:
    command = [sys.executable, "-m", "ivr.bench.popup_server", str(folder), str(sessions)]
    server = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, limit=_LINE_BYTES)
    try:
        told = await _line(server)
        yield server, int(str(told["port"])), dict(told["secrets"])  # type: ignore[call-overload]
    finally:
        if server.stdin is not None:
            server.stdin.close()
        await server.wait()


@asynccontextmanager
async def _connected(url: str, secrets: Mapping[str, str]) -> AsyncIterator[_Sockets]:
    sockets = _Sockets()
    async with AsyncExitStack() as running:
        http = await running.enter_async_context(
            ClientSession(cookie_jar=DummyCookieJar(), connector=TCPConnector(limit=0))
        )
        readers = []
        for login, secret in secrets.items():
            headers = {"Origin": url, "Cookie": f"{COOKIE}={secret}"}
            socket = await running.enter_async_context(
                http.ws_connect(f"{url}{BASE}/events", headers=headers)
            )
            readers.append(asyncio.create_task(sockets.read(login, socket)))
        try:
            yield sockets
        finally:
            for reader in readers:
                reader.cancel()
            await asyncio.gather(*readers, return_exceptions=True)


def _write(server: Process, *words: str) -> None:
    if server.stdin is not None:
        server.stdin.write(" ".join(words).encode() + b"\n")


async def _line(server: Process) -> dict[str, object]:
    line = await server.stdout.readline() if server.stdout is not None else b""
    if not line:
        raise Fault("The server of the measurement has ended.", "ivr bench popup", "See what it says above.")
    found: dict[str, object] = json.loads(line)
    return found


def _percentiles(delays: Sequence[float]) -> dict[str, float] | None:
    """Median and 95th percentile, milliseconds; None where nothing was measured."""
    if not delays:
        return None
    cuts = quantiles([*delays, *delays[-1:]] if len(delays) == 1 else delays, n=100, method="inclusive")
    return {"p50": round(cuts[49], 2), "p95": round(cuts[94], 2)}
