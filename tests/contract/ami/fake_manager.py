"""A scripted manager interface of Asterisk on a loopback port, with faults."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence

SECRET = "right"
END = "\r\n\r\n"

Answer = Callable[["Peer", dict[str, str]], str | None]
"""Gives the text of a reply without its closing empty line, or None for silence."""


def message(name: str, **headers: object) -> str:
    """The text of an event, with its closing empty line."""
    return "\r\n".join([f"Event: {name}", *(f"{key}: {value}" for key, value in headers.items())]) + END


def success(text: str = "Done") -> Answer:
    return lambda peer, action: f"Response: Success\r\nActionID: {action['ActionID']}\r\nMessage: {text}"


def error(text: str) -> Answer:
    return lambda peer, action: f"Response: Error\r\nActionID: {action['ActionID']}\r\nMessage: {text}"


def silent(peer: Peer, action: dict[str, str]) -> None:
    """No reply."""


def listing(complete: str, items: Sequence[tuple[str, Sequence[tuple[str, object]]]]) -> Answer:
    """A list of replies: items are names of events with their headers."""

    def answer(peer: Peer, action: dict[str, str]) -> str:
        mark = f"ActionID: {action['ActionID']}"
        head = f"Response: Success\r\n{mark}\r\nEventList: start\r\nMessage: List will follow"
        body = [
            "\r\n".join([f"Event: {name}", *(f"{key}: {value}" for key, value in headers), mark])
            for name, headers in items
        ]
        tail = f"Event: {complete}\r\n{mark}\r\nEventList: Complete\r\nListItems: {len(items)}"
        return END.join([head, *body, tail])

    return answer


def log_in(peer: Peer, action: dict[str, str]) -> str:
    mark = f"ActionID: {action['ActionID']}"
    if action["Secret"] != SECRET:
        peer.close_after_reply = True
        return f"Response: Error\r\n{mark}\r\nMessage: Authentication failed"
    peer.hears_events = action["Events"] != "off"
    reply = f"Response: Success\r\n{mark}\r\nMessage: Authentication accepted"
    booted = peer.hears_events and peer.manager.booted
    return f"{reply}{END}Event: FullyBooted\r\nStatus: Fully Booted" if booted else reply


class Peer:
    """One connection of a client."""

    def __init__(
        self, manager: FakeManager, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.manager = manager
        self.reader = reader
        self.writer = writer
        self.hears_events = False
        self.close_after_reply = False

    async def serve(self) -> None:
        await self.manager.banner_allowed.wait()
        self.send("Asterisk Call Manager/11.0.0\r\n")
        while not self.close_after_reply:
            text = (await self.reader.readuntil(END.encode())).decode()
            action = dict(line.split(": ", 1) for line in text.splitlines() if line)
            self.manager.received.append(action)
            answer = None if self.manager.frozen else self.manager.answer(self, action)
            if answer is not None and self.manager.byte_by_byte:
                await self.send_in_pieces((answer + END).encode())
            elif answer is not None:
                self.send(answer + END)

    def send(self, data: str | bytes) -> None:
        self.writer.write(data if isinstance(data, bytes) else data.encode())

    async def send_in_pieces(self, data: bytes, size: int = 1) -> None:
        """Send so that the other end reads each piece by itself."""
        for start in range(0, len(data), size):
            self.send(data[start : start + size])
            for _ in range(3):
                await asyncio.sleep(0)

    def close(self) -> None:
        self.writer.transport.abort()


class FakeManager:
    """The server.

    Attributes:
        received: Every action of every connection, in order.
        peers: Connections that are open.
        connections: How many there have been.
        frozen: Whether it reads and never answers.
        booted: Whether it says so after a login.
        byte_by_byte: Whether its replies are read by the client one byte at a time.
        banner_allowed: Until it is set, new connections are not greeted.
        answers: How it answers, by action; others are answered with success.
    """

    def __init__(self) -> None:
        self.port = 0
        self.received: list[dict[str, str]] = []
        self.peers: list[Peer] = []
        self.connections = 0
        self.frozen = False
        self.booted = True
        self.byte_by_byte = False
        self.banner_allowed = asyncio.Event()
        self.banner_allowed.set()
        self.answers: dict[str, Answer] = {
            "Login": log_in,
            "Ping": success("Pong"),
            "Status": listing("StatusComplete", []),
            "QueueStatus": listing("QueueStatusComplete", []),
            "DeviceStateList": listing("DeviceStateListComplete", []),
        }
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen, on the port of last time if there was one."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the port and every connection."""
        assert self._server is not None
        self._server.close()
        self.close_all()
        await self._server.wait_closed()
        for task in list(self._serving):
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def close_all(self) -> None:
        for peer in list(self.peers):
            peer.close()

    def answer(self, peer: Peer, action: dict[str, str]) -> str | None:
        return self.answers.get(action["Action"], success())(peer, action)

    def count(self, action: str) -> int:
        """How many actions of a name were received."""
        return sum(one["Action"] == action for one in self.received)

    @property
    def hears(self) -> bool:
        """Whether a connection hears events."""
        return any(peer.hears_events for peer in self.peers)

    @property
    def listener(self) -> Peer:
        """The connection that hears events."""
        return next(peer for peer in self.peers if peer.hears_events)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        peer = Peer(self, reader, writer)
        self.peers.append(peer)
        self.connections += 1
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await peer.serve()
        finally:
            self.peers.remove(peer)
            self._serving.discard(task)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
