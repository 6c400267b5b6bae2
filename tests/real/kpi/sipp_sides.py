"""Callers who give up when their patience ends, and operators' telephones: both as SIPp tells of them.

SIPp notes every SIP message with its time: when an operator picked up, who ended the call and when. When the
caller began to wait is heard: the line leads straight to the queue, whose music is the first sound he gets.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ivr.bench.sipp import Endpoint, Phone, SippProcess
from ivr.bench.sipp.process import free_media_port, free_port
from ivr.bench.sipp.scenario import write_phone

_LOOPBACK = "127.0.0.1"
_FILE = "messages.log"
_HEAD = re.compile(r"^-+ (\d{4}-\d\d-\d\d)\s+(\d\d:\d\d:\d\d\.\d+)", re.MULTILINE)
_FROM = re.compile(r"^(?:From|f):[^<]*<sip:([^@>]+)@", re.MULTILINE | re.IGNORECASE)
_CALL_ID = re.compile(r"^(?:Call-ID|i):\s*(\S+)", re.MULTILINE | re.IGNORECASE)
_CSEQ = re.compile(r"^CSeq:\s*\d+ (\S+)", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Message:
    """A SIP message: `start` is its first line, `number` whose call it is."""

    at: float
    sent: bool
    start: str
    method: str
    call_id: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Callers of one kind: each has a number of its own, `+7495` and seven digits.

    Attributes:
        dials: What they call.
        patience: Each gives up so many seconds after he was connected, unless the other side ends it before.
    """

    dials: str
    patience: float
    first: int
    calls: int
    per_second: float

    @property
    def numbers(self) -> list[str]:
        """Who calls."""
        return [f"+7495{self.first + place:07d}" for place in range(self.calls)]


class Ear(asyncio.DatagramProtocol):
    """Where a caller is listening; notes when he hears something for the first time."""

    def __init__(self) -> None:
        self.heard_at: float | None = None

    def datagram_received(self, data: bytes, address: object) -> None:
        self.heard_at = self.heard_at or time.time()


@dataclass(slots=True)
class Calling:
    """Calls of a group being placed, with the ears of its callers by their numbers."""

    sipp: SippProcess
    ears: dict[str, Ear]


@dataclass(slots=True)
class Seen:
    """A call as its two ends saw it; moments are seconds since the epoch.

    Attributes:
        connected: The call was taken, by the robot.
        heard: The first sound.
        picked_up: An operator's telephone answered.
        gone: One of the two hung up.
        by_caller: Whether it was the caller.
    """

    connected: float = 0.0
    heard: float = 0.0
    picked_up: float | None = None
    gone: float = 0.0
    by_caller: bool = False

    @property
    def wait(self) -> float:
        """From the first sound to the answer, or to where he gave up, seconds."""
        return (self.picked_up or self.gone) - self.heard

    @property
    def connected_before(self) -> float:
        """How long the robot had the call before the first sound: no wait is longer by more than that."""
        return self.heard - self.connected


async def place_group(group: Group, target: Endpoint, folder: Path) -> Calling:
    """Start placing the calls of a group; `folder` is empty."""
    loop = asyncio.get_running_loop()
    ears: dict[str, Ear] = {}
    ports = []
    for number in group.numbers:
        transport, ears[number] = await loop.create_datagram_endpoint(Ear, local_addr=(_LOOPBACK, 0))
        ports.append(transport.get_extra_info("sockname")[1])
    scenario, numbers = _written(group, ports, folder)
    rate = ["-r", str(round(group.per_second * 100)), "-rp", "100000"]
    media_port, _ = free_media_port(1)
    arguments = [str(target), "-sf", str(scenario), "-inf", str(numbers), "-m", str(group.calls), *rate]
    arguments += ["-timeout", "300s", "-timeout_error", *_addresses(free_port(), media_port)]
    return Calling(await SippProcess.start([*arguments, *_noted(folder)], folder), ears)


def _written(group: Group, ports: Sequence[int], folder: Path) -> tuple[Path, Path]:
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, autoescape=False
    )
    patience_ms = round(group.patience * 1000)
    text = templates.get_template("patient.xml.j2").render(number=group.dials, patience_ms=patience_ms)
    scenario, numbers = folder / "patient.xml", folder / "numbers.csv"
    scenario.write_text(text, encoding="utf-8")
    lines = [f"{number};{port};" for number, port in zip(group.numbers, ports, strict=True)]
    numbers.write_text("\n".join(["SEQUENTIAL", *lines]) + "\n")
    return scenario, numbers


async def answer(phone: Phone, folder: Path) -> SippProcess:
    """Start an operator's telephone; it answers any number of calls at a time."""
    scenario = write_phone(
        folder, ring_seconds=phone.ring_seconds, talk_seconds=phone.talk_seconds, speak=None
    )
    media_port, _ = free_media_port()
    arguments = ["-sf", str(scenario), "-aa", *_addresses(phone.address.port, media_port)]
    return await SippProcess.start([*arguments, *_noted(folder)], folder)


def seen_by_callers(folder: Path) -> dict[str, Seen]:
    """What the callers of a folder lived through, by their numbers."""
    calls: dict[str, Seen] = {}
    numbers: dict[str, str] = {}
    for message in _messages(folder / _FILE):
        number = numbers.setdefault(message.call_id, message.number)
        call = calls.setdefault(number, Seen())
        if message.start.startswith("SIP/2.0 200") and message.method == "INVITE":
            call.connected = call.connected or message.at
        elif message.start.startswith("BYE") and not call.gone:
            call.gone, call.by_caller = message.at, message.sent
    return calls


def picked_up(folder: Path) -> dict[str, float]:
    """When a telephone answered, by the numbers of the callers."""
    who = {}
    answers: dict[str, float] = {}
    for message in _messages(folder / _FILE):
        if message.start.startswith("INVITE"):
            who[message.call_id] = message.number
        elif message.start.startswith("SIP/2.0 200") and message.sent and message.method == "INVITE":
            answers.setdefault(who[message.call_id], message.at)
    return answers


def _noted(folder: Path) -> list[str]:
    return ["-trace_msg", "-message_file", str(folder / _FILE)]


def _addresses(port: int, media_port: int) -> list[str]:
    return ["-i", _LOOPBACK, "-p", str(port), "-mi", _LOOPBACK, "-mp", str(media_port)]


def _messages(file: Path) -> Iterator[Message]:
    text = file.read_text(encoding="utf-8", errors="replace")
    heads = list(_HEAD.finditer(text))
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        body = text[head.end() : following.start() if following else None]
        about, _, message = body.lstrip("\n").partition("\n\n")
        at = datetime.fromisoformat(f"{head[1]}T{head[2][:15]}").timestamp()
        yield _message(at, "sent" in about, message.lstrip("\n"))


def _message(at: float, sent: bool, text: str) -> Message:
    found = [pattern.search(text) for pattern in (_CSEQ, _CALL_ID, _FROM)]
    method, call_id, number = (each[1] if each else "" for each in found)
    return Message(at, sent, text.partition("\n")[0].strip(), method, call_id, number)
