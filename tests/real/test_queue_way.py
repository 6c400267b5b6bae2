"""The caller's way to people: slices of waiting, the key, the engine gone, after the talk; browsers register.

The engine is a script: what the robot says and decides is the test's, the rest is Asterisk's dialplan.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import socket
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ivr.asterisk.agi import AgiServer, AgiSession, AgiSettings
from ivr.asterisk.config import workplace_secret
from ivr.asterisk.host import AsteriskHost
from ivr.asterisk.settings import AsteriskSettings
from ivr.dialogue.ports import CallerGone
from tests.real.instances import (
    NUMBER,
    eventually,
    free_port,
    instance_settings,
    manager,
    running,
    write_prompt,
)
from tests.real.sipp import (
    Caller,
    Endpoint,
    ExpectHangup,
    Hangup,
    Keys,
    Phone,
    Placed,
    Wait,
    heard,
    operator,
    place,
)

pytestmark = pytest.mark.real

QUEUES = ("slow", "busy", "late", "told", "ringing")


@dataclass(frozen=True)
class House:
    """One Asterisk for all tests of this file."""

    host: AsteriskHost
    settings: AsteriskSettings
    phones: Mapping[str, Endpoint]

    def waiting(self, queue: str) -> list[tuple[int, str]]:
        """Who waits there, in order: place and channel."""
        shown = self.host.cli(f"queue show {queue}")
        return [(int(place), channel) for place, channel in re.findall(r"(\d+)\. (\S+) \(wait", shown)]

    def prompt(self, name: str) -> Path:
        return self.settings.prompts_folder / "fixed" / f"{name}.wav"

    async def call(self, folder: Path, caller: Caller) -> Placed:
        target = Endpoint(str(self.settings.sip.host), self.settings.sip.port)
        return await place([caller], target, folder, listen=True)


@dataclass
class Engine:
    """Takes the calls of one test to a queue, then does as told.

    Attributes:
        queue: Where the robot sends every call.
        waits: What is left in IVR_… after each visit, in turn; the last one again and again.
        after: The same after each talk; nothing when they are used up.
        visits: Each route with IVR_QUEUE_END and IVR_KEY.
    """

    queue: str
    waits: deque[Mapping[str, str]]
    after: deque[Mapping[str, str]] = field(default_factory=deque)
    says: str = ""
    visits: list[tuple[str, str, str]] = field(default_factory=list)
    call_ids: set[str] = field(default_factory=set)

    async def __call__(self, session: AgiSession) -> None:
        route = session.environment.route
        self.call_ids.add(session.environment.arguments[0])
        try:
            if route.startswith("line/"):
                await session.answer()
                await self._leave(session, {"IVR_QUEUE": self.queue, "IVR_RESULT": "queue"})
                return
            end, _, key = (await session.evaluate("${IVR_QUEUE_END}:${IVR_KEY}")).partition(":")
            self.visits.append((route, end, key))
            await self._leave(session, self._next(route))
        except CallerGone:
            self.visits.append((route, "gone", ""))

    def _next(self, route: str) -> Mapping[str, str]:
        if route == "after-talk":
            return self.after.popleft() if self.after else {}
        return self.waits[0] if len(self.waits) == 1 else self.waits.popleft()

    async def _leave(self, session: AgiSession, words: Mapping[str, str]) -> None:
        if self.says:
            await session.command("STREAM FILE", self.says, "", within=10)
        if words:
            await session.execute("MSet", *(f"{name}={value}" for name, value in words.items()))


def waits(queue: str, seconds: int, position: int | None = None, priority: int = 0) -> dict[str, str]:
    return {
        "IVR_QUEUE": queue,
        "IVR_SLICE": str(seconds),
        "IVR_PRIORITY": str(priority),
        "IVR_POSITION": "" if position is None else str(position),
        "IVR_NEXT": "queue",
    }


CLOSING = aiohttp.ClientWSTimeout(ws_close=0.1)
LEAVES = {"IVR_NEXT": "hangup"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("way")
    certificate, key = _certificate(folder)
    phones = {name: Endpoint("127.0.0.1", free_port(socket.SOCK_DGRAM)) for name in QUEUES}
    queues: dict[str, dict[str, object]] = {
        name: {"members": [f"sip:anna@{phones[name]}"], "ring_seconds": 2, "engine_retry_seconds": 5}
        for name in QUEUES
    }
    queues["slow"] = {"groups": {"billing": {"title": "Начисления"}}}
    settings = instance_settings(
        folder,
        queues=queues,
        lines={"clients": {"numbers": [NUMBER], "last_resort": "slow"}},
        websocket={
            "port": free_port(socket.SOCK_STREAM),
            "tls_host": "127.0.0.2",
            "tls_port": free_port(socket.SOCK_STREAM),
            "certificate": certificate,
            "key": key,
        },
    )
    for name, sound in (("engine-away", "beep"), ("survey", "tt-somethingwrong")):
        write_prompt(settings, name, sound)
    with running(settings) as host:
        yield House(host, settings, phones)
        log = (settings.log_folder / "asterisk.log").read_text()
        assert "pbx.c" not in log
        assert "app_queue.c" not in log


@asynccontextmanager
async def engaged(house: House, engine: Engine) -> AsyncIterator[AgiServer]:
    """The engine takes calls while the block runs, or until it is closed."""
    server = AgiServer(AgiSettings(port=house.settings.agi.port), engine)
    await server.start()
    try:
        yield server
    finally:
        await server.close()


async def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # what Asterisk does raises no event here
            await asyncio.sleep(0.05)


# --- waiting ---------------------------------------------------------------------------------------------


async def test_a_key_leads_to_the_robot_and_the_place_is_kept(house: House, tmp_path: Path) -> None:
    first = waits("slow.billing", 60)
    engine = Engine("slow.billing", deque([first, first, waits("slow.billing", 1, position=1), LEAVES]))
    async with engaged(house, engine):
        impatient = Caller(number=NUMBER, actions=(Wait(2.5), Keys("1"), ExpectHangup(30)))
        calling = asyncio.create_task(house.call(tmp_path / "impatient", impatient))
        await eventually(lambda: len(house.waiting("slow.billing")) == 1)
        ((_, channel),) = house.waiting("slow.billing")
        patient = Caller(number=NUMBER, actions=(Wait(7), Hangup()))
        other = asyncio.create_task(house.call(tmp_path / "patient", patient))
        await eventually(lambda: len(house.waiting("slow.billing")) == 2)
        await until(lambda: ("waiting/slow.billing", "", "1") in engine.visits)
        await eventually(lambda: (1, channel) in house.waiting("slow.billing"))
        assert (await calling).tally.successful == 1
        assert (await other).tally.successful == 1
    assert engine.visits == [
        ("waiting/slow.billing", "", ""),
        ("waiting/slow.billing", "", ""),
        ("waiting/slow.billing", "", "1"),
        ("waiting/slow.billing", "TIMEOUT", ""),
    ]


async def test_an_engine_that_dies_while_callers_wait_loses_nobody(house: House, tmp_path: Path) -> None:
    engine = Engine("late", deque([waits("late", 2)]))
    async with engaged(house, engine) as server:
        caller = Caller(number=NUMBER, actions=(ExpectHangup(40),))
        calling = asyncio.create_task(house.call(tmp_path / "caller", caller))
        await until(lambda: ("waiting/late", "TIMEOUT", "") in engine.visits)
        await server.close()
        await eventually(lambda: house.waiting("late") != [])
        served = len(engine.visits)
        phone = Phone(address=house.phones["late"], talk_seconds=1)
        async with operator(phone, tmp_path / "phone"):
            assert (await calling).tally.successful == 1
    assert len(engine.visits) == served


async def test_waiting_callers_are_led_to_an_engine_that_is_back(house: House, tmp_path: Path) -> None:
    """He came while none was there, and waits in the queue of the last resort."""
    caller = Caller(number=NUMBER, actions=(Wait(4), Keys("1"), ExpectHangup(20)))
    calling = asyncio.create_task(house.call(tmp_path / "caller", caller))
    await eventually(lambda: house.waiting("slow") != [])
    engine = Engine("slow", deque([LEAVES]), says=str(house.prompt("survey").with_suffix("")))
    async with engaged(house, engine):
        assert (await calling).tally.successful == 1
    assert engine.visits == [("waiting/slow", "", "1")]
    assert heard(house.prompt("survey"), calling.result().recordings[0]) is not None


async def test_a_queue_that_does_not_exist_ends_in_the_last_resort(house: House, tmp_path: Path) -> None:
    engine = Engine("nonsense", deque([waits("nonsense", 1), LEAVES]))
    async with engaged(house, engine):
        placed = await house.call(tmp_path, Caller(number=NUMBER, actions=(ExpectHangup(20),)))
    assert placed.tally.successful == 1
    assert engine.visits == [("waiting/slow", "", ""), ("waiting/slow", "TIMEOUT", "")]


# --- the talk, and after ---------------------------------------------------------------------------------


async def test_after_the_talk_the_caller_is_asked_or_waits_again(house: House, tmp_path: Path) -> None:
    """The first operator's telephone was lost, the second one ended the talk."""
    engine = Engine("busy", deque([waits("busy", 30)]))
    engine.after = deque([waits("busy", 30, position=1, priority=9), {}])
    engine.says = str(house.prompt("survey").with_suffix(""))
    async with engaged(house, engine):
        phone = Phone(address=house.phones["busy"], talk_seconds=1)
        async with operator(phone, tmp_path / "phone"):
            caller = Caller(number=NUMBER, actions=(ExpectHangup(40),))
            placed = await house.call(tmp_path / "caller", caller)
    assert placed.tally.successful == 1
    assert [route for route, _, _ in engine.visits] == ["waiting/busy", "after-talk", "after-talk"]
    assert heard(house.prompt("survey"), placed.recordings[0]) is not None


async def test_a_ring_goes_on_when_the_slice_ends(house: House, tmp_path: Path) -> None:
    engine = Engine("ringing", deque([waits("ringing", 1)]))
    async with engaged(house, engine):
        phone = Phone(address=house.phones["ringing"], ring_seconds=1.7, talk_seconds=1)
        async with operator(phone, tmp_path / "phone"):
            caller = Caller(number=NUMBER, actions=(ExpectHangup(40),))
            assert (await house.call(tmp_path / "caller", caller)).tally.successful == 1
    assert [route for route, _, _ in engine.visits] == ["waiting/ringing", "after-talk"]


class Ringing(asyncio.DatagramProtocol):
    """A telephone that shows what it is told, and is busy."""

    def __init__(self) -> None:
        self.invites: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.DatagramTransport)
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple[str | object, int]) -> None:
        text = data.decode()
        if text.startswith("INVITE"):
            self.invites.append(text)
            kept = [
                line for line in text.splitlines() if line.startswith(("Via", "From", "To", "Call", "CSe"))
            ]
            busy = ["SIP/2.0 486 Busy Here", *kept, "Content-Length: 0", "", ""]
            self._transport.sendto("\r\n".join(busy).encode(), address)


async def test_the_operators_telephone_is_told_the_call_and_the_number_alone(
    house: House, tmp_path: Path
) -> None:
    where = house.phones["told"]
    transport, telephone = await asyncio.get_running_loop().create_datagram_endpoint(
        Ringing, local_addr=(where.host, where.port)
    )
    engine = Engine("told", deque([waits("told", 20)]))
    try:
        async with engaged(house, engine):
            caller = Caller(number=NUMBER, actions=(Wait(3), Hangup()), caller_id="+74832000077")
            await house.call(tmp_path, caller)
    finally:
        transport.close()
    assert f"X-Ivr-Call: {engine.call_ids.pop()}\r\n" in telephone.invites[0]
    sender = re.search(r"^From: (.*)$", telephone.invites[0], re.MULTILINE)
    assert sender is not None
    assert re.match(r'(?:"\+?74832000077" )?<sip:\+74832000077@', sender.group(1)), sender.group(1)


# --- telephones of the workplaces ------------------------------------------------------------------------


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.2, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ivr")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.2"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    files = folder / "own.pem", folder / "own.key"
    files[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption()))
    return files


def _register(user: str, number: int, credentials: str = "", transport: str = "ws") -> str:
    tag = hashlib.sha256(user.encode()).hexdigest()[:8]
    lines = [
        "REGISTER sip:ivr SIP/2.0",
        f"Via: SIP/2.0/{transport.upper()} tab.invalid;branch=z9hG4bK{os.urandom(6).hex()}",
        "Max-Forwards: 70",
        f"From: <sip:{user}@ivr>;tag={tag}",
        f"To: <sip:{user}@ivr>",
        f"Call-ID: {tag}",
        f"CSeq: {number} REGISTER",
        f"Contact: <sip:{tag}@tab.invalid;transport=ws>;expires=60",
        *([credentials] if credentials else []),
        "Content-Length: 0",
    ]
    return "\r\n".join(lines) + "\r\n\r\n"


def _credentials(challenge: str, user: str, password: str) -> str:
    """RFC 2617, section 3.2.2, with `qop=auth`."""
    told = dict(re.findall(r'(\w+)="?([^",\r\n]+)"?', challenge.partition("WWW-Authenticate: Digest ")[2]))

    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    secret = md5(f"{user}:{told['realm']}:{password}")
    proof = md5(f"{secret}:{told['nonce']}:00000001:c0ffee:auth:{md5('REGISTER:sip:ivr')}")
    return (
        f'Authorization: Digest username="{user}", realm="{told["realm"]}", nonce="{told["nonce"]}", '
        f'uri="sip:ivr", response="{proof}", algorithm=MD5, qop=auth, nc=00000001, cnonce="c0ffee", '
        f'opaque="{told.get("opaque", "")}"'
    )


@asynccontextmanager
async def _connected(
    url: str, ssl_context: ssl.SSLContext | None = None
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, protocols=("sip",), ssl=ssl_context or True, timeout=CLOSING) as socket_,
    ):
        yield socket_


async def _next(browser: aiohttp.ClientWebSocketResponse, start: str) -> str:
    """The next message that begins so; Asterisk asks in between whether the telephone is there."""
    async with asyncio.timeout(5):
        while not (message := await browser.receive_str()).startswith(start):
            continue
    return message


async def _registered(browser: aiohttp.ClientWebSocketResponse, user: str, password: str) -> list[int]:
    """Statuses of a REGISTER without a password and of one with it."""
    await browser.send_str(_register(user, 1))
    challenge = await _next(browser, "SIP/2.0")
    await browser.send_str(_register(user, 2, _credentials(challenge, user, password)))
    answer = await _next(browser, "SIP/2.0")
    return [int(each.split(" ", 2)[1]) for each in (challenge, answer)]


async def _tried(url: str, user: str, password: str) -> list[int]:
    async with _connected(url) as browser:
        return await _registered(browser, user, password)


async def test_a_browser_registers_with_its_password_alone(house: House) -> None:
    """Its address is that of the trunk, which has no password, and yet it is asked for one."""
    url = f"ws://127.0.0.1:{house.settings.websocket.port}/ws"
    right = workplace_secret(house.settings, "op-201").get_secret_value()
    assert await _tried(url, "op-201", right) == [401, 200]
    assert await _tried(url, "op-201", "wrong") == [401, 401]
    assert await _tried(url, "op-202", right) == [401, 401]
    assert await _tried(url, "desk-201", right) == [401, 401]


async def test_from_another_address_it_registers_over_tls(house: House) -> None:
    certificate = house.settings.websocket.certificate
    assert certificate is not None
    url = f"wss://127.0.0.2:{house.settings.websocket.tls_port}/ws"
    right = workplace_secret(house.settings, "op-203").get_secret_value()
    context = ssl.create_default_context(cafile=str(certificate))
    async with _connected(url, context) as browser:
        assert await _registered(browser, "op-203", right) == [401, 200]


async def test_a_browser_is_offered_encrypted_alaw_with_ice(house: House) -> None:
    url = f"ws://127.0.0.1:{house.settings.websocket.port}/ws"
    right = workplace_secret(house.settings, "op-204").get_secret_value()
    async with _connected(url) as browser:
        assert await _registered(browser, "op-204", right) == [401, 200]
        await asyncio.to_thread(_ring, house, "PJSIP/op-204")
        offer = await _next(browser, "INVITE")
    (media,) = re.findall(r"(?m)^m=(.*)\r$", offer)
    assert re.fullmatch(r"audio \d+ UDP/TLS/RTP/SAVPF 8 101", media)
    for line in ("a=candidate:", "a=ice-ufrag:", "a=fingerprint:SHA-256", "a=setup:actpass", "a=rtcp-mux"):
        assert line in offer


def _ring(house: House, device: str) -> None:
    with manager(house.host, house.settings) as act:
        fields = {"Action": "Originate", "Channel": device, "Application": "Wait", "Data": "1"}
        assert "Success" in act(fields | {"Async": "true", "Timeout": "2000"})


async def test_nothing_else_is_offered_there(house: House) -> None:
    base = f"http://127.0.0.1:{house.settings.websocket.port}"
    async with aiohttp.ClientSession() as session:
        for path in ("/", "/httpstatus", "/static/x", "/ari/asterisk/info", "/rawman", "/metrics"):
            async with session.get(base + path) as answer:
                assert answer.status == 404, path
