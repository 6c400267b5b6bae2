"""Asterisk's manager interface of the measurement, a process of its own: it replays invented calls.

`python -m ivr.bench.events_server CALLS` answers on stdout with one JSON document:
`{"port", "parts", "events", "traces": {…}}`. It lets everybody in, knows of no channel, queue or device, and
sends the next part of the stream to the session that hears events for each line on stdin. It ends with its
stdin.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from typing import Final

import uvloop

from ivr.bench.events_stream import EVENT_END, Stream, invented

_LISTS: Final = {
    "Status": "StatusComplete",
    "QueueStatus": "QueueStatusComplete",
    "DeviceStateList": "DeviceStateListComplete",
}
_BOOTED: Final = "Event: FullyBooted\r\nPrivilege: system,all\r\nStatus: Fully Booted"


class Manager:
    """Serves any number of sessions; the stream begins anew for each one that hears events."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._listener: asyncio.StreamWriter | None = None
        self._sent = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One session."""
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                text = (await reader.readuntil(EVENT_END.encode())).decode()
                action = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
                self._answer(action, writer)
        writer.close()

    def _answer(self, action: dict[str, str], writer: asyncio.StreamWriter) -> None:
        name, mark = action["Action"], f"ActionID: {action['ActionID']}"
        replies = [f"Response: Success\r\n{mark}\r\nMessage: Done"]
        if complete := _LISTS.get(name):
            replies = [f"Response: Success\r\n{mark}\r\nEventList: start\r\nMessage: List will follow"]
            replies.append(f"Event: {complete}\r\n{mark}\r\nEventList: Complete\r\nListItems: 0")
        if name.lower() == "login" and action.get("Events", "on") != "off":
            self._listener, self._sent = writer, 0
            replies.append(_BOOTED)
        writer.write((EVENT_END.join(replies) + EVENT_END).encode())

    def send(self) -> None:
        """The next part."""
        if self._listener is not None and self._sent < len(self._stream.parts):
            self._listener.write(self._stream.parts[self._sent])
            self._sent += 1


async def serve(calls: int) -> None:
    """Serve until stdin ends."""
    stream = invented(calls, time.time())
    manager = Manager(stream)
    server = await asyncio.start_server(manager.serve, "127.0.0.1", 0)
    told = {
        "port": server.sockets[0].getsockname()[1],
        "parts": len(stream.parts),
        "events": stream.events,
        "traces": asdict(stream.traces),
    }
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async for _ in reader:
        manager.send()


def main() -> None:
    """Serve."""
    with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(int(sys.argv[1])))


if __name__ == "__main__":
    main()
