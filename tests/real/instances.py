"""Asterisk instances for tests: own folders, own ports, the shared private root."""

from __future__ import annotations

import asyncio
import os
import socket
import wave
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from ivr.asterisk.host import AsteriskHost
from ivr.asterisk.settings import AsteriskSettings

PROJECT = Path(__file__).parents[2]
ROOT = Path(os.environ.get("IVR_ASTERISK_ROOT", PROJECT / ".cache" / "asterisk-root"))
NUMBER = "4832000001"


def free_port(kind: socket.SocketKind) -> int:
    """A port of the loopback that nobody uses at this moment."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def instance_settings(folder: Path, **changes: object) -> AsteriskSettings:
    """Settings with one trunk from the loopback, one line and one queue; some of them changed."""
    values: dict[str, object] = {
        "data_folder": folder / "asterisk",
        "prompts_folder": folder / "prompts",
        "recordings_spool": folder / "spool",
        "templates_folder": PROJECT / "asterisk-conf",
        "root_folder": ROOT,
        "sip": {"host": "127.0.0.1", "port": free_port(socket.SOCK_DGRAM)},
        "rtp": {"first_port": 30000, "last_port": 32000},
        "manager": {"port": free_port(socket.SOCK_STREAM)},
        "agi": {"port": free_port(socket.SOCK_STREAM)},
        "websocket": {"port": free_port(socket.SOCK_STREAM)},
        "trunks": [{"name": "main", "mode": "address", "addresses": ["127.0.0.1"]}],
        "lines": {"clients": {"numbers": [NUMBER], "last_resort": "clients"}},
        "queues": {"clients": {}},
        "stop_seconds": 0,
    }
    return AsteriskSettings.model_validate(values | changes)


@contextmanager
def running(settings: AsteriskSettings) -> Iterator[AsteriskHost]:
    """An instance that runs while the block does."""
    host = AsteriskHost(settings)
    host.up()
    try:
        yield host
    finally:
        host.down()


async def eventually(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until a condition holds, asking it outside the event loop."""
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110 - Asterisk raises no event for it
            await asyncio.sleep(0.05)


async def invite(settings: AsteriskSettings, number: str, user: str = "79990000000") -> int:
    """Status of the final answer to an INVITE from the loopback."""
    asked = asyncio.get_running_loop().create_future()

    class Asking(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, _: object) -> None:
            status = int(data.split(b" ", 2)[1])
            if status >= 200 and not asked.done():
                asked.set_result(status)

    target = f"{settings.sip.host}:{settings.sip.port}"
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        Asking, local_addr=("127.0.0.1", 0), remote_addr=(str(settings.sip.host), settings.sip.port)
    )
    own = "{}:{}".format(*transport.get_extra_info("sockname"))
    session = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"]
    body = "\r\n".join([*session, f"m=audio {own.rpartition(':')[2]} RTP/AVP 8", ""])
    lines = [
        f"INVITE sip:{number}@{target} SIP/2.0",
        f"Via: SIP/2.0/UDP {own};branch=z9hG4bK{os.urandom(6).hex()};rport",
        f"From: <sip:{user}@{own}>;tag={os.urandom(4).hex()}",
        f"To: <sip:{number}@{target}>",
        f"Call-ID: {os.urandom(8).hex()}",
        "CSeq: 1 INVITE",
        f"Contact: <sip:{user}@{own}>",
        "Max-Forwards: 70",
        "Content-Type: application/sdp",
        f"Content-Length: {len(body)}",
    ]
    try:
        transport.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
        async with asyncio.timeout(5):
            return int(await asked)
    finally:
        transport.close()


def write_prompt(settings: AsteriskSettings, name: str, sound: str) -> Path:
    """Put one of Asterisk's Russian sounds in place of a fixed prompt."""
    source = ROOT / "usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU" / f"{sound}.wav"
    prompt = settings.prompts_folder / "fixed" / f"{name}.wav"
    prompt.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(source)) as reader, wave.open(str(prompt), "wb") as writer:
        writer.setparams(reader.getparams())
        writer.writeframes(reader.readframes(reader.getnframes()))
    return prompt


@contextmanager
def manager(host: AsteriskHost, settings: AsteriskSettings) -> Iterator[Callable[[Mapping[str, str]], str]]:
    """Sends actions to the manager as the user of the actions, and gives the first answer to each."""
    address = (str(settings.manager.host), settings.manager.port)
    with (
        socket.create_connection(address, 5) as connection,
        connection.makefile("rw", newline="") as stream,
    ):
        stream.readline()

        def act(fields: Mapping[str, str]) -> str:
            stream.write("".join(f"{key}: {value}\r\n" for key, value in fields.items()) + "\r\n")
            stream.flush()
            answer = ""
            while (line := stream.readline().strip()) or not answer:
                answer += line + "\n"
            return answer

        user = settings.manager.actions_user
        secret = (settings.data_folder / "manager.secret").read_text()
        assert "Success" in act({"Action": "Login", "Username": user, "Secret": secret, "Events": "off"})
        with suppress(OSError):
            yield act
