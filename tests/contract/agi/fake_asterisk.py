"""Asterisk's end of a FastAGI connection, played by a script, with the faults of networks and callers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

HEADER = {
    "agi_network": "yes",
    "agi_network_script": "line/clients?call=c-1",
    "agi_request": "agi://127.0.0.1:4573/line/clients?call=c-1",
    "agi_channel": "PJSIP/trunk-00000001",
    "agi_language": "ru",
    "agi_type": "PJSIP",
    "agi_uniqueid": "1795231241.5",
    "agi_version": "22.10.1",
    "agi_callerid": "+74832000001",
    "agi_calleridname": "Иванов",
    "agi_callingpres": "0",
    "agi_dnid": "unknown",
    "agi_rdnis": "unknown",
    "agi_context": "call",
    "agi_extension": "s",
    "agi_priority": "2",
    "agi_enhanced": "0.0",
    "agi_accountcode": "",
    "agi_threadid": "140085279155904",
    "agi_arg_1": "one",
    "agi_arg_2": "two",
}
"""A header as Asterisk 22.10.1 sends it."""

USAGE = (
    "520-Invalid command syntax.  Proper usage follows:\n"
    "Stream the given <replaceable>file</replaceable>, and receive DTMF data.\n"
    "Returns the digits received from the channel at the other end.\n"
    "520 End of proper usage."
)


def header_bytes(**changes: str) -> bytes:
    """The header with changes, its closing empty line included."""
    lines = {**HEADER, **changes}
    return "".join(f"{key}: {value}\n" for key, value in lines.items()).encode() + b"\n"


def parse_command(line: str) -> list[str]:
    """Split a command into words as `parse_args` of res_agi.c does."""
    words: list[list[str]] = []
    quoted = escaped = False
    between = True

    def take(character: str) -> None:
        nonlocal between, escaped
        if between:
            words.append([])
            between = False
        words[-1].append(character)
        escaped = False

    for character in line:
        if character == '"' and not escaped:
            quoted = not quoted
            if quoted and between:
                words.append([])
                between = False
        elif character in " \t" and not quoted and not escaped:
            between = True
        elif character == "\\" and not escaped:
            escaped = True
        else:
            take(character)
    return ["".join(word) for word in words]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One command that is expected (its first words) and what is replied to it, without the last newline."""

    command: str
    reply: str = "200 result=0"


class FakeAsterisk:
    """One connection to a FastAGI server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.commands: list[list[str]] = []

    @classmethod
    async def connect(cls, address: tuple[str, int]) -> Self:
        """Connect as Asterisk does, without a header yet."""
        return cls(*await asyncio.open_connection(*address))

    @classmethod
    async def call(cls, address: tuple[str, int], **changes: str) -> Self:
        """Connect and send the header."""
        asterisk = await cls.connect(address)
        await asterisk.send(header_bytes(**changes))
        return asterisk

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(data)
        await self._writer.drain()

    async def send_slowly(self, data: bytes) -> None:
        """Send byte by byte, each in a segment of its own."""
        for index in range(len(data)):
            await self.send(data[index : index + 1])
            await asyncio.sleep(0)

    async def reply(self, text: str) -> None:
        """Send a line."""
        await self.send(text.encode() + b"\n")

    async def command(self) -> list[str]:
        """The next command in words; empty at the end of the connection."""
        line = await self._reader.readline()
        words = parse_command(line.decode().removesuffix("\n"))
        if words:
            self.commands.append(words)
        return words

    async def exchange(self, exchange: Exchange) -> None:
        """Take a command, which must be the expected one, and reply."""
        words = await self.command()
        assert " ".join(words).startswith(exchange.command), f"{words} came instead of {exchange.command}"
        await self.reply(exchange.reply)

    async def play(self, script: Sequence[Exchange]) -> None:
        """Play a script through."""
        for exchange in script:
            await self.exchange(exchange)

    async def ended(self) -> bool:
        """Wait for the server to end the connection; False when something else came."""
        try:
            return await self._reader.read() == b""
        except ConnectionResetError:
            return True

    async def hang_up(self) -> None:
        """The caller hangs up."""
        await self.send(b"HANGUP\n")

    def reset(self) -> None:
        """End the connection without a goodbye."""
        self._writer.transport.abort()

    async def close(self) -> None:
        """End the connection."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError:
            return
