"""Subscribers who converse: all of them in one SIPp, each answers what the robot asks him.

What the robot says is read from the transcript of the call; SIPp is told by MESSAGE what to say (see
`tests.real.sipp.talker`), with the call-id that it has noted for the number.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ivr.bench.sipp import Endpoint, SippProcess
from ivr.bench.sipp.process import free_media_port
from ivr.bench.sipp.rtp import Track, write_pcap
from tests.real.campaigns.subscribers import with_silence
from tests.real.sipp.talker import LONGEST, Utterance, later, packets_of, whisper

HANG_UP = "hang up"
Lines = Sequence[tuple[str, str]]
"""A transcript so far: who and what."""

_CALLED = re.compile(r"called (\d+) (\S+)$")
_ENDED = re.compile(r"ended (\d+) (\w+)$")
_NOTHING_HEARD = "…"
_INTO_THE_QUESTION = 1.2
"""When he answers, seconds after the question was written down: it is being asked, and may be cut short."""
_PATIENCE = 6.0
"""Who was not heard for so long says it again, seconds."""
_RING_MS, _HELLO_MS, _PATIENCE_MS = 300, 400, 90_000


@dataclass(frozen=True, slots=True)
class Step:
    """What a subscriber does.

    Attributes:
        to: Found in what the robot says.
        does: An utterance of the repertoire, or `HANG_UP`.
    """

    to: str
    does: str


@dataclass
class Talkers:
    """The subscribers while they live.

    Attributes:
        repertoire: What they can say, by name.
    """

    folder: Path
    address: Endpoint
    repertoire: Sequence[str]
    _told: dict[str, int] = field(default_factory=dict)

    def call_ids(self) -> dict[str, str]:
        """Number (with a plus) → SIP's id of its call."""
        return {f"+{number}": call_id for number, call_id in self._noted(_CALLED)}

    def calls(self) -> list[str]:
        """Numbers that were called, each as often as it was."""
        return [f"+{number}" for number, _ in self._noted(_CALLED)]

    def ended_by(self) -> dict[str, str]:
        """Number → who hung up: `robot` or `subscriber`."""
        return {f"+{number}": who for number, who in self._noted(_ENDED)}

    async def converse(self, number: str, steps: Sequence[Step], lines: Callable[[], Lines]) -> None:
        """Do what is to be done, in order, as the robot says the words for it."""
        seen = 0
        for step in steps:
            seen = await self._until_said(step.to, seen, lines)
            seen = await self._do(number, step, seen, lines)

    async def _until_said(self, wanted: str, seen: int, lines: Callable[[], Lines]) -> int:
        while True:
            told = lines()
            for place in range(seen, len(told)):
                who, text = told[place]
                if who == "robot" and re.search(wanted, text):
                    return place + 1
            await asyncio.sleep(0.05)

    async def _do(self, number: str, step: Step, seen: int, lines: Callable[[], Lines]) -> int:
        """Until it was heard; then how much of the transcript that was."""
        await asyncio.sleep(_INTO_THE_QUESTION)
        while True:
            self._tell(number, step.does)
            if step.does == HANG_UP or (heard := await self._heard(seen, lines)):
                return seen if step.does == HANG_UP else heard

    async def _heard(self, seen: int, lines: Callable[[], Lines]) -> int:
        deadline = asyncio.get_running_loop().time() + _PATIENCE
        while asyncio.get_running_loop().time() < deadline:
            told = lines()
            for place in range(seen, len(told)):
                if told[place][0] == "caller" and told[place][1] != _NOTHING_HEARD:
                    return place + 1
            await asyncio.sleep(0.05)
        return 0

    def _tell(self, number: str, what: str) -> None:
        self._told[number] = self._told.get(number, 0) + 1
        place = 0 if what == HANG_UP else self.repertoire.index(what) + 1
        whisper(self.address, self.call_ids()[number], place, self._told[number])

    def _noted(self, wanted: re.Pattern[str]) -> list[tuple[str, str]]:
        file = self.folder / "log.txt"
        lines = file.read_text(errors="replace").splitlines() if file.exists() else []
        return [(match[1], match[2]) for line in lines if (match := wanted.search(line))]


@asynccontextmanager
async def talkers(
    address: Endpoint, folder: Path, hello: Path, repertoire: Mapping[str, Utterance], *, turns: int = 9
) -> AsyncIterator[Talkers]:
    """The subscribers live while the block runs.

    Args:
        address: Where the trunk finds them.
        folder: For SIPp's files.
        hello: What they say when they have answered (WAV, 8 kHz, mono, 16 bit).
        repertoire: What they can say, by name.
        turns: How often one may say something.
    """
    scenario = _written(folder, hello, repertoire, turns)
    media_port, _ = free_media_port()
    arguments = ["-sf", str(scenario), "-aa", "-i", address.host, "-p", str(address.port)]
    arguments += ["-mi", address.host, "-mp", str(media_port)]
    arguments += ["-trace_logs", "-log_file", str(folder / "log.txt")]
    sipp = await SippProcess.start(arguments, folder)
    try:
        yield Talkers(folder, address, list(repertoire))
    finally:
        await sipp.stop()


def _written(folder: Path, hello: Path, repertoire: Mapping[str, Utterance], turns: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write_pcap(Track().audio(with_silence(hello, 1.0, folder / "hello.wav")), folder / "hello.pcap")
    said = [packets_of(utterance) for utterance in repertoire.values()]
    names = [[f"{turn}-{place}" for place in range(len(said))] for turn in range(turns)]
    for turn, files in enumerate(names):
        for name, packets in zip(files, said, strict=True):
            write_pcap([later(packet, turn + 1) for packet in packets], folder / f"{name}.pcap")
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    text = templates.get_template("talkers.xml.j2").render(
        turns=names, ring_ms=_RING_MS, hello_ms=_HELLO_MS, patience_ms=_PATIENCE_MS
    )
    if len(text) > LONGEST:
        raise ValueError(f"{len(said)} utterances in {turns} turns are too much for one scenario of SIPp")
    scenario = folder / "talkers.xml"
    scenario.write_text(text, encoding="utf-8")
    return scenario
