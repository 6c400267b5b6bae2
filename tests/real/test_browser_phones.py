"""Telephones in the browser: they register over a WebSocket with their password alone."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ivr.asterisk.config import workplace_secret
from ivr.asterisk.host import AsteriskHost
from ivr.asterisk.settings import AsteriskSettings
from tests.real.instances import free_port, instance_settings, manager, running

pytestmark = pytest.mark.real

CLOSING = aiohttp.ClientWSTimeout(ws_close=0.1)


@dataclass(frozen=True)
class House:
    """One Asterisk for all tests of this file; its trunk has the address of the browsers."""

    host: AsteriskHost
    settings: AsteriskSettings


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("browsers")
    certificate, key = _certificate(folder)
    websocket = {
        "port": free_port(socket.SOCK_STREAM),
        "tls_host": "127.0.0.2",
        "tls_port": free_port(socket.SOCK_STREAM),
        "certificate": certificate,
        "key": key,
    }
    settings = instance_settings(folder, websocket=websocket)
    with running(settings) as host:
        yield House(host, settings)


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
