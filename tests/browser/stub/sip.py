"""A telephone exchange of one caller: SIP over WebSocket (RFC 7118), just enough for one browser telephone.

The sound is another page's: `peer` makes offers and answers with the browser's own WebRTC.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Mapping
from typing import Protocol

from aiohttp import WSMsgType, web

HOST = "pbx.test"


class Peer(Protocol):
    """The other end of the talk."""

    async def offer(self) -> str:
        """SDP to begin with."""

    async def accept(self, answer: str) -> None:
        """The telephone's answer."""

    async def answer(self, offer: str) -> str:
        """Answer a change that the telephone asks for."""


class Message:
    """A SIP message: first line, headers as they came, body."""

    def __init__(self, text: str) -> None:
        head, _, self.body = text.partition("\r\n\r\n")
        self.first, *lines = head.split("\r\n")
        self.headers = [
            (name.strip().lower(), value.strip()) for name, _, value in (one.partition(":") for one in lines)
        ]

    @property
    def method(self) -> str:
        return self.header("cseq").split()[-1]

    @property
    def status(self) -> int | None:
        found = re.match(r"SIP/2\.0 (\d{3})", self.first)
        return int(found[1]) if found else None

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")


class Exchange:
    """Registers one telephone and calls it.

    Attributes:
        accepts: Whether registrations are answered; they wait for it.
        deaf_to: So many registrations are lost, as they are while Asterisk starts.
    """

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.registered = asyncio.Event()
        self.accepts = asyncio.Event()
        self.accepts.set()
        self.deaf_to = 0
        self.answered = asyncio.Event()
        self.ended = asyncio.Event()
        self.directions: asyncio.Queue[str] = asyncio.Queue()
        self.answer_sdp = ""
        self._socket: web.WebSocketResponse | None = None
        self._contact = ""
        self._dialog: dict[str, str] = {}

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """The telephone's socket."""
        socket = web.WebSocketResponse(protocols=("sip",))
        await socket.prepare(request)
        self._socket = socket
        async for message in socket:
            if message.type is WSMsgType.TEXT and message.data.strip():
                await self._take(Message(message.data))
        return socket

    async def invite(self, headers: Mapping[str, str] | None = None) -> None:
        """Ring the telephone."""
        self._dialog = {
            "id": secrets.token_hex(6),
            "from": secrets.token_hex(4),
            "branch": secrets.token_hex(6),
        }
        more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        await self._request("INVITE", 1, more, await self.peer.offer())

    async def hang_up(self) -> None:
        """The caller has gone."""
        await self._request("BYE", 2)

    async def _take(self, message: Message) -> None:
        if message.status is not None:
            await self._answered(message)
        else:
            await getattr(self, f"_{message.method.lower()}", self._fine)(message)

    async def _answered(self, message: Message) -> None:
        if message.method != "INVITE" or message.status is None or message.status < 200:
            return
        self._dialog["to"] = message.header("to")
        await self._request("ACK", 1)
        if message.status == 200:
            self.answer_sdp = message.body
            await self.peer.accept(message.body)
            self.answered.set()

    async def _register(self, message: Message) -> None:
        if self.deaf_to:
            self.deaf_to -= 1
            return
        await self.accepts.wait()
        self._contact = re.findall(r"<(sip:[^>]+)>", message.header("contact"))[0]
        await self._reply(message, "200 OK", f"Contact: {message.header('contact')};expires=120\r\n")
        self.registered.set()

    async def _invite(self, message: Message) -> None:
        found = re.search(r"^a=(sendrecv|sendonly|recvonly|inactive)", message.body, re.MULTILINE)
        sdp = await self.peer.answer(message.body)
        await self._reply(message, "200 OK", f"Contact: <sip:caller@{HOST};transport=ws>\r\n", sdp)
        self.directions.put_nowait(found[1] if found else "")

    async def _bye(self, message: Message) -> None:
        await self._reply(message, "200 OK")
        self.ended.set()

    async def _ack(self, message: Message) -> None:
        """Needs no answer."""

    async def _fine(self, message: Message) -> None:
        await self._reply(message, "200 OK")

    async def _reply(self, to: Message, status: str, more: str = "", body: str = "") -> None:
        same = "".join(
            f"{name.title()}: {value}\r\n"
            for name, value in to.headers
            if name in {"via", "from", "call-id", "cseq"}
        )
        target = to.header("to")
        tag = "" if ";tag=" in target else f";tag={secrets.token_hex(4)}"
        await self._send(f"SIP/2.0 {status}\r\n{same}To: {target}{tag}\r\n{more}", body)

    async def _request(self, method: str, number: int, more: str = "", body: str = "") -> None:
        dialog = self._dialog
        await self._send(
            f"{method} {self._contact} SIP/2.0\r\n"
            f"Via: SIP/2.0/WS {HOST};branch=z9hG4bK{dialog['branch']}{method}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:+79123456789@{HOST}>;tag={dialog['from']}\r\n"
            f"To: {dialog.get('to', f'<sip:op-201@{HOST}>')}\r\n"
            f"Call-ID: {dialog['id']}\r\nCSeq: {number} {method}\r\n"
            f"Contact: <sip:caller@{HOST};transport=ws>\r\n{more}",
            body,
        )

    async def _send(self, head: str, body: str) -> None:
        assert self._socket is not None
        kind = "Content-Type: application/sdp\r\n" if body else ""
        await self._socket.send_str(f"{head}{kind}Content-Length: {len(body.encode())}\r\n\r\n{body}")
