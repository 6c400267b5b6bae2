"""Asterisk's manager interface of the measurement, a process of its own: every call finds a busy subscriber.

`python -m ivr.bench.dialer_server` prints its port as one line and ends with its stdin. It lets everybody in,
knows of no channel, queue or device, accepts each `Originate` at once, and tells those who hear events that
the call is over: the dialplan's user event, then `Hangup` with cause 17.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from typing import Final

import uvloop

_END: Final = "\r\n\r\n"
_LISTS: Final = {
    "status": "StatusComplete",
    "queuestatus": "QueueStatusComplete",
    "devicestatelist": "DeviceStateListComplete",
}
_BOOTED: Final = "Event: FullyBooted\r\nPrivilege: system,all\r\nStatus: Fully Booted"
_OVER: Final = (
    "Event: UserEvent\r\nPrivilege: user,all\r\nUniqueid: {id}\r\nUserEvent: IvrCampaign\r\nStep: over\r\n"
    "CallId: {id}\r\nAnswered: \r\nWho: \r\nTold: \r\nCause: 17",
    "Event: Hangup\r\nPrivilege: call,all\r\nChannel: PJSIP/bench-1\r\nChannelState: 0\r\nUniqueid: {id}\r\n"
    "Linkedid: {id}\r\nCause: 17\r\nCause-txt: User busy",
)


class Manager:
    """Serves any number of sessions."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One session."""
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                text = (await reader.readuntil(_END.encode())).decode()
                action = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
                self._answer(action, writer)
        self._listeners.discard(writer)
        writer.close()

    def _answer(self, action: dict[str, str], writer: asyncio.StreamWriter) -> None:
        name, mark = action["Action"].lower(), f"ActionID: {action['ActionID']}"
        replies = [f"Response: Success\r\n{mark}\r\nMessage: Done"]
        if complete := _LISTS.get(name):
            replies = [f"Response: Success\r\n{mark}\r\nEventList: start\r\nMessage: List will follow"]
            replies.append(f"Event: {complete}\r\n{mark}\r\nEventList: Complete\r\nListItems: 0")
        if name == "login" and action.get("Events", "on") != "off":
            self._listeners.add(writer)
            replies.append(_BOOTED)
        writer.write((_END.join(replies) + _END).encode())
        if name == "originate":
            over = _END.join(_OVER).format(id=action["ChannelId"]) + _END
            for listener in self._listeners:
                listener.write(over.encode())


async def serve() -> None:
    """Serve until stdin ends."""
    server = await asyncio.start_server(Manager().serve, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


def main() -> None:
    """Serve."""
    with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve())


if __name__ == "__main__":
    main()
