"""A SIP telephone in the process of the test: registers, rings, answers, holds, whistles and listens.

Each telephone whistles a note of its own for as long as it is in a call, so that it can be told of any
recording and any ear who is in it. RFC 3261 as far as one Asterisk on the loopback needs it.
"""

from __future__ import annotations

import asyncio
import audioop
import hashlib
import random
import re
import struct
from array import array
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from tests.real.tones import LOUD, RATE, loudness, whistle

HOST: Final = "127.0.0.1"
FRAME: Final = RATE // 50

_ALAW: Final = 8
_KEY: Final = 101
_KEYS: Final = "0123456789*#"
_KEY_FRAMES: Final = 6
_KEY_PAUSE: Final = 6
_EAR_SECONDS: Final = 0.4
_ids = count(1)

Address = tuple[str, int]


@dataclass
class Message:
    """A request or a response of SIP."""

    start: str
    headers: list[tuple[str, str]]
    body: str = ""

    @classmethod
    def parse(cls, data: bytes) -> Message:
        head, _, body = data.decode(errors="replace").partition("\r\n\r\n")
        start, *lines = head.split("\r\n")
        pairs = [line.partition(":") for line in lines]
        return cls(start, [(name.strip().lower(), value.strip()) for name, _, value in pairs], body)

    def __getitem__(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name.lower()), "")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name.lower()]

    @property
    def method(self) -> str:
        return self["cseq"].partition(" ")[2]

    @property
    def status(self) -> int:
        """Of a response; 0 for a request."""
        return int(self.start.split(" ")[1]) if self.start.startswith("SIP/") else 0


def _write(start: str, headers: list[tuple[str, str]], body: str) -> bytes:
    lines = [start, *(f"{name}: {value}" for name, value in headers)]
    if body:
        lines.append("Content-Type: application/sdp")
    return ("\r\n".join([*lines, f"Content-Length: {len(body)}"]) + "\r\n\r\n" + body).encode()


class _Ear(asyncio.DatagramProtocol):
    """Keeps what is heard at a port, in the order of arrival."""

    def __init__(self) -> None:
        self.sound = array("h")

    def datagram_received(self, data: bytes, addr: object) -> None:
        if len(data) > 12 and data[1] & 0x7F == _ALAW:
            self.sound.frombytes(audioop.alaw2lin(data[12:], 2))


@dataclass(frozen=True, slots=True)
class _Media:
    transport: asyncio.DatagramTransport
    ear: _Ear

    @property
    def port(self) -> int:
        return int(self.transport.get_extra_info("sockname")[1])


@dataclass(frozen=True, slots=True)
class _Frame:
    """What one packet of 20 ms carries; `first` of a key."""

    kind: int
    data: bytes
    first: bool = False


def _key_frames(event: int) -> list[_Frame]:
    """A key of 120 ms, its end told three times, and a pause."""

    def told(frames: int, last: bool) -> bytes:
        return struct.pack("!BBH", event, 0x8A if last else 0x0A, frames * FRAME)

    pressed = [_Frame(_KEY, told(n, False), first=n == 1) for n in range(1, _KEY_FRAMES + 1)]
    return pressed + [_Frame(_KEY, told(_KEY_FRAMES, True))] * 3 + [_Frame(_ALAW, b"")] * _KEY_PAUSE


@dataclass
class TelephoneCall:
    """One call of a telephone.

    Attributes:
        invite: The request that it began with.
        ended: Set when it is over.
        says: What it says in place of its note, silence follows; and `on_frame` is told of each frame.
    """

    phone: Softphone
    invite: Message
    call_id: str
    local: str
    remote: str
    peer_uri: str
    media: _Media
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    on_hold: bool = False
    says: array[int] | None = None
    on_frame: Callable[[int], None] = lambda frame: None
    _sequence: int = 1
    _target: Address | None = None
    _whistling: asyncio.Task[None] | None = None
    _pressed: deque[_Frame] = field(default_factory=deque)

    @property
    def sound(self) -> array[int]:
        """All that was heard, in the order of arrival."""
        return self.media.ear.sound

    async def until_heard(self, seconds: float, patience: float = 30) -> None:
        """Wait until so much sound has come altogether; a busy exchange needs longer for it than it lasts."""
        async with asyncio.timeout(patience):
            while len(self.sound) < seconds * RATE:  # noqa: ASYNC110  # a condition would wake for each packet
                await asyncio.sleep(0.02)

    # --- what the person does ---

    def answer(self) -> None:
        """Lift the receiver."""
        self._listen_to(self.invite.body)
        self.phone.reply(self.invite, "200 OK", self.local, self._offer())
        self._begin()

    def decline(self, status: str = "603 Decline") -> None:
        self.phone.reply(self.invite, status, self.local)
        self._over()

    def hang_up(self, reason: str = "") -> None:
        """End it; `reason` goes into the header of that name."""
        self._request("BYE", [("Reason", reason)] if reason else [])
        self._over()

    def press(self, keys: str) -> None:
        """Press keys one after another (RFC 4733); the whistle pauses meanwhile."""
        for key in keys:
            self._pressed.extend(_key_frames(_KEYS.index(key)))

    def hold(self) -> None:
        self.on_hold = True
        self._request("INVITE", [], self._offer())

    def resume(self) -> None:
        self.on_hold = False
        self._request("INVITE", [], self._offer())

    def vanish(self) -> None:
        """Send nothing any more, as a browser that has crashed."""
        self._over()

    def hears(self, hertz: int) -> bool:
        """Whether a note is in what was heard last."""
        return loudness(self.sound[-int(_EAR_SECONDS * RATE) :], hertz) > LOUD

    # --- what comes in ---

    def handle(self, request: Message) -> None:
        match request.method:
            case "BYE" | "CANCEL":
                self.phone.reply(request, "200 OK", self.local)
                if request.method == "CANCEL":
                    self.phone.reply(self.invite, "487 Request Terminated", self.local)
                self._over()
            case "INVITE":
                self._listen_to(request.body)
                self.phone.reply(request, "200 OK", self.local, self._offer())
            case "ACK":
                pass
            case _:
                self.phone.reply(request, "200 OK", self.local)

    def responded(self, response: Message) -> None:
        if response.method != "INVITE" or response.status < 200:
            return
        if response.status >= 300:
            self._over()
            return
        self.remote, self.peer_uri = response["to"], _uri(response["contact"])
        self._listen_to(response.body)
        self._request("ACK", [], sequence=int(response["cseq"].split()[0]))
        self._begin()

    # --- inside ---

    def _begin(self) -> None:
        self.answered.set()
        if self._whistling is None:
            self._whistling = asyncio.create_task(self._whistle())

    def _over(self) -> None:
        if self._whistling is not None:
            self._whistling.cancel()
        self.media.transport.close()
        self.ended.set()

    def _request(
        self, method: str, extra: list[tuple[str, str]], body: str = "", sequence: int | None = None
    ) -> None:
        if sequence is None:
            self._sequence += 1
            sequence = self._sequence
        headers = [
            (
                "Via",
                f"SIP/2.0/UDP {HOST}:{self.phone.port};branch=z9hG4bK{next(_ids)}x{random.random()};rport",
            ),
            ("From", self.local),
            ("To", self.remote),
            ("Call-ID", self.call_id),
            ("CSeq", f"{sequence} {method}"),
            ("Contact", f"<sip:{self.phone.name}@{HOST}:{self.phone.port}>"),
            ("Max-Forwards", "70"),
            *extra,
        ]
        self.phone.send(_write(f"{method} {self.peer_uri} SIP/2.0", headers, body))

    def _offer(self) -> str:
        direction = "sendonly" if self.on_hold else "sendrecv"
        lines = ["v=0", f"o=- 1 {next(_ids)} IN IP4 {HOST}", "s=-", f"c=IN IP4 {HOST}", "t=0 0"]
        lines += [f"m=audio {self.media.port} RTP/AVP 8 {_KEY}", "a=rtpmap:8 PCMA/8000"]
        lines += [f"a=rtpmap:{_KEY} telephone-event/8000", f"a=fmtp:{_KEY} 0-15", f"a={direction}", ""]
        return "\r\n".join(lines)

    def _listen_to(self, sdp: str) -> None:
        host, port = re.search(r"^c=IN IP4 (\S+)", sdp, re.M), re.search(r"^m=audio (\d+)", sdp, re.M)
        if host and port:
            self._target = (host.group(1), int(port.group(1)))

    async def _whistle(self) -> None:
        loop = asyncio.get_running_loop()
        source, sequence, stamp = random.getrandbits(32), self.phone.first_packet, random.getrandbits(31)
        begun = loop.time()
        note = whistle(self.phone.hertz, 1.0)
        key_stamp = stamp
        for frame in count():
            await asyncio.sleep(begun + frame * 0.02 - loop.time())
            now = (stamp + frame * FRAME) % 2**32
            self.on_frame(frame)
            sent = _Frame(_ALAW, audioop.lin2alaw(self._spoken(note, frame), 2))
            if self._pressed:
                sent = self._pressed.popleft()
            if sent.first:
                key_stamp = now
            header = struct.pack(
                "!BBHII",
                0x80,
                sent.kind | (0x80 if sent.first else 0),
                (sequence + frame) % 2**16,
                key_stamp if sent.kind == _KEY else now,
                source,
            )
            if self._target and sent.data and not self.on_hold and not self.phone.loses(frame):
                self.media.transport.sendto(header + sent.data, self._target)

    def _spoken(self, note: array[int], frame: int) -> bytes:
        start = frame % 50 * FRAME if self.says is None else frame * FRAME
        sound = (note if self.says is None else self.says)[start : start + FRAME].tobytes()
        return sound.ljust(2 * FRAME, b"\0")


class Softphone(asyncio.DatagramProtocol):
    """A telephone with one note; use `softphone`."""

    def __init__(self, exchange: Address, name: str, hertz: int, first_packet: int) -> None:
        self.exchange = exchange
        self.name = name
        self.hertz = hertz
        self.first_packet = first_packet
        self.loses: Callable[[int], bool] = lambda frame: False
        self.port = 0
        self.calls: dict[str, TelephoneCall] = {}
        self._rung: asyncio.Queue[TelephoneCall] = asyncio.Queue()
        self._registered: asyncio.Future[Message] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._transport: asyncio.DatagramTransport

    def plug_in(self, transport: asyncio.DatagramTransport) -> None:
        """Use this socket."""
        self._transport = transport
        self.port = int(transport.get_extra_info("sockname")[1])

    # --- what the person does ---

    async def rung(self, seconds: float = 10) -> TelephoneCall:
        """Wait until it rings."""
        async with asyncio.timeout(seconds):
            return await self._rung.get()

    async def taken(self, seconds: float = 10) -> TelephoneCall:
        """Wait until it rings, and answer."""
        call = await self.rung(seconds)
        call.answer()
        return call

    async def call(self, number: str, caller: str, display: str = "") -> TelephoneCall:
        """Call a number, with a name to display if one is given; `answered` is set when it is."""
        uri = f"sip:{number}@{self.exchange[0]}:{self.exchange[1]}"
        name = f'"{display}" ' if display else ""
        local = f"{name}<sip:{caller}@{HOST}:{self.port}>;tag=s{next(_ids)}"
        call_id = f"soft-{next(_ids)}-{random.getrandbits(32)}"
        invite = Message(f"INVITE {uri} SIP/2.0", [])
        made = TelephoneCall(self, invite, call_id, local, f"<{uri}>", uri, await self._media())
        self.calls[call_id] = made
        made._sequence = 0
        made._request("INVITE", [], made._offer())
        return made

    async def register(self, user: str, password: str) -> None:
        """Log in at the exchange."""
        answer = await self._ask_to_register(user, "", 1)
        if answer.status == 401:
            answer = await self._ask_to_register(user, _digest(answer["www-authenticate"], user, password), 2)
        assert answer.status == 200, answer.start

    # --- wire ---

    def send(self, data: bytes) -> None:
        self._transport.sendto(data, self.exchange)

    def reply(self, request: Message, status: str, local: str, body: str = "") -> None:
        headers = [("Via", via) for via in request.all("via")]
        headers += [("Record-Route", route) for route in request.all("record-route")]
        headers += [
            ("From", request["from"]),
            ("To", local if local and "tag=" not in request["to"] else request["to"]),
            ("Call-ID", request["call-id"]),
            ("CSeq", request["cseq"]),
            ("Contact", f"<sip:{self.name}@{HOST}:{self.port}>"),
        ]
        self.send(_write(f"SIP/2.0 {status}", headers, body))

    def datagram_received(self, data: bytes, addr: object) -> None:
        message = Message.parse(data)
        call = self.calls.get(message["call-id"])
        if message.status:
            if message.method == "REGISTER" and self._registered and not self._registered.done():
                self._registered.set_result(message)
            elif call:
                call.responded(message)
        elif call:
            call.handle(message)
        elif message.method == "INVITE":
            task = asyncio.create_task(self._ring(message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif message.method != "ACK":
            self.reply(message, "200 OK", "")

    async def close(self) -> None:
        for call in self.calls.values():
            if not call.ended.is_set():
                call._over()
        for task in self._tasks:
            task.cancel()
        self._transport.close()
        await asyncio.sleep(0)

    async def _ring(self, invite: Message) -> None:
        local = f"{invite['to']};tag=s{next(_ids)}"
        call = TelephoneCall(
            self,
            invite,
            invite["call-id"],
            local,
            invite["from"],
            _uri(invite["contact"]),
            await self._media(),
        )
        self.calls[call.call_id] = call
        self.reply(invite, "180 Ringing", local)
        self._rung.put_nowait(call)

    async def _media(self) -> _Media:
        transport, ear = await asyncio.get_running_loop().create_datagram_endpoint(_Ear, local_addr=(HOST, 0))
        return _Media(transport, ear)

    async def _ask_to_register(self, user: str, authorization: str, sequence: int) -> Message:
        self._registered = asyncio.get_running_loop().create_future()
        uri = f"sip:{self.exchange[0]}:{self.exchange[1]}"
        headers = [
            ("Via", f"SIP/2.0/UDP {HOST}:{self.port};branch=z9hG4bK{next(_ids)}r{random.random()};rport"),
            ("From", f"<sip:{user}@{HOST}>;tag=r{next(_ids)}"),
            ("To", f"<sip:{user}@{HOST}>"),
            ("Call-ID", f"register-{self.port}"),
            ("CSeq", f"{sequence} REGISTER"),
            ("Contact", f"<sip:{user}@{HOST}:{self.port}>"),
            ("Expires", "600"),
            ("Max-Forwards", "70"),
        ]
        if authorization:
            headers.append(("Authorization", authorization))
        self.send(_write(f"REGISTER {uri} SIP/2.0", headers, ""))
        async with asyncio.timeout(5):
            return await self._registered


@asynccontextmanager
async def softphone(
    exchange: Address, name: str, hertz: int, *, first_packet: int | None = None, port: int = 0
) -> AsyncIterator[Softphone]:
    """A telephone while the block runs.

    Args:
        exchange: SIP address of Asterisk.
        name: Its user.
        hertz: Its note.
        first_packet: Number of the first RTP packet of each call; any when not given.
        port: UDP port of SIP; any when not given.
    """
    number = random.getrandbits(16) if first_packet is None else first_packet
    transport, phone = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Softphone(exchange, name, hertz, number), local_addr=(HOST, port)
    )
    phone.plug_in(transport)
    try:
        yield phone
    finally:
        with suppress(OSError):
            await phone.close()


def _uri(contact: str) -> str:
    found = re.search(r"<([^>]+)>", contact)
    return found.group(1) if found else contact


def _digest(challenge: str, user: str, password: str) -> str:
    """RFC 2617 with MD5, as Asterisk asks."""
    told = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
    uri = "sip:asterisk"

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    ha1, ha2 = md5(f"{user}:{told['realm']}:{password}"), md5(f"REGISTER:{uri}")
    parts = {"username": user, "realm": told["realm"], "nonce": told["nonce"], "uri": uri}
    text = ", ".join(f'{key}="{value}"' for key, value in parts.items())
    if "qop" in told:
        response = md5(f"{ha1}:{told['nonce']}:00000001:x:auth:{ha2}")
        text += ', qop=auth, nc=00000001, cnonce="x"'
    else:
        response = md5(f"{ha1}:{told['nonce']}:{ha2}")
    if "opaque" in told:
        text += f', opaque="{told["opaque"]}"'
    return f'Digest {text}, response="{response}", algorithm=MD5'
