"""Between the engine and a server (Asterisk's manager, the database): passes on, or fails when told to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

_Chunks = asyncio.Queue[tuple[float, bytes]]
"""When each came, seconds of the loop; an empty one is the end."""


@dataclass(eq=False)
class _Link:
    """A connection of the engine, and ours to the server in its name."""

    engine: asyncio.StreamWriter
    server: asyncio.StreamWriter
    flows: asyncio.Event = field(default_factory=asyncio.Event)
    torn: bool = False

    def cut(self) -> None:
        for end in (self.engine, self.server):
            end.transport.abort()


class Links:
    """Runs in a thread of its own; its methods may be called from any other one."""

    def __init__(self, server_port: int, port: int) -> None:
        self._server_port = server_port
        self._away = False
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._links: set[_Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._delay = 0.0

    def cut(self) -> None:
        """All connections end at once, in both directions."""
        self._do(self._cut)

    def away(self, gone: bool) -> None:
        """The server is stopped, as far as can be seen; and it is back."""
        self._away = gone
        self.cut()

    def tear(self) -> None:
        """Each connection ends in the middle of what is sent over it next, in whichever direction."""
        self._do(self._tear)

    def hold(self) -> None:
        """What is sent over these connections stays here; new ones are passed on."""
        self._do(self._hold)

    def release(self) -> None:
        """What was held arrives, even though the engine has given these connections up."""
        self._do(self._release)

    def delay(self, seconds: float) -> None:
        """Everything takes so much longer."""
        self._delay = seconds

    def _cut(self) -> None:
        for link in tuple(self._links):
            link.cut()

    def _tear(self) -> None:
        for link in self._links:
            link.torn = True

    def _hold(self) -> None:
        for link in self._links:
            link.flows.clear()

    def _release(self) -> None:
        for link in self._links:
            link.flows.set()

    def _do(self, what: Callable[[], None]) -> None:
        self._loop.call_soon_threadsafe(what)

    # --- in the thread ---------------------------------------------------------------------------------

    def run(self) -> None:
        """Until `stop`."""
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(asyncio.start_server(self._connected, "127.0.0.1", self._port))
        self._loop.run_forever()

    def stop(self) -> None:
        """End."""
        self._do(self._loop.stop)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._away:
            writer.transport.abort()
            return
        try:
            theirs, to_server = await asyncio.open_connection("127.0.0.1", self._server_port)
        except OSError:  # the server is not there
            writer.transport.abort()
            return
        link = _Link(writer, to_server)
        link.flows.set()
        self._links.add(link)
        self._spawn(link, reader, to_server)
        self._spawn(link, theirs, writer)

    def _spawn(self, link: _Link, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        chunks: _Chunks = asyncio.Queue()
        for work in (_receive(source, chunks), self._send(link, chunks, target)):
            task = self._loop.create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send(self, link: _Link, chunks: _Chunks, target: asyncio.StreamWriter) -> None:
        while True:
            came_at, chunk = await chunks.get()
            await asyncio.sleep(max(0.0, came_at + self._delay - self._loop.time()))
            await link.flows.wait()
            if not chunk:
                break
            target.write(chunk[: len(chunk) // 2] if link.torn else chunk)
            with suppress(OSError):
                await target.drain()
            if link.torn:
                link.cut()
        target.close()
        self._links.discard(link)


async def _receive(source: asyncio.StreamReader, chunks: _Chunks) -> None:
    loop = asyncio.get_running_loop()
    with suppress(OSError):
        while chunk := await source.read(65536):
            chunks.put_nowait((loop.time(), chunk))
    chunks.put_nowait((loop.time(), b""))


@contextmanager
def links(server_port: int, port: int) -> Iterator[Links]:
    """It passes on while the block runs."""
    made = Links(server_port, port)
    thread = threading.Thread(target=partial(made.run), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.stop()
        thread.join()
