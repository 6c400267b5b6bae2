"""A town of subscribers in one SIPp: the last digit of the number called says what each is like.

SIPp notes each call that comes to it, and how it ended there, by the number: its own count, against which
that of a campaign is held.
"""

from __future__ import annotations

import re
import wave
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ivr.bench.sipp import Endpoint, SippProcess
from ivr.bench.sipp.process import free_media_port
from ivr.bench.sipp.rtp import RATE, Track, write_pcap

_LOG = re.compile(r"(called|ended) (\d+)(?: ([a-z-]+))?$")


class Temper(StrEnum):
    """What becomes of a call; the place in this list is the last digit of the number."""

    PERSON = "person"
    BRIEF = "brief"  # answers and hangs up at once
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    REJECTS = "rejects"
    UNKNOWN = "unknown"
    MACHINE = "machine"
    ANNOUNCEMENT = "announcement"
    FAX = "fax"
    CONGESTED = "congested"


ANSWERING = frozenset({Temper.PERSON, Temper.BRIEF, Temper.MACHINE, Temper.ANNOUNCEMENT, Temper.FAX})
SPEAKING = (Temper.PERSON, Temper.MACHINE, Temper.ANNOUNCEMENT, Temper.FAX)


def number_of(place: int, temper: Temper) -> str:
    """A number of the town, E.164."""
    return f"+748327{place:04}{list(Temper).index(temper)}"


@dataclass(frozen=True, slots=True)
class Count:
    """What SIPp has counted, by number with a plus.

    Attributes:
        called: Calls that came.
        ended: Calls by how they ended there.
    """

    called: Counter[str]
    ended: Counter[tuple[str, str]]

    def of(self, how: str) -> int:
        """Calls that ended so."""
        return sum(count for (_, ended), count in self.ended.items() if ended == how)

    @property
    def repeated(self) -> list[str]:
        """Numbers that were called more than once."""
        return [number for number, times in self.called.items() if times > 1]


@dataclass(frozen=True, slots=True)
class Town:
    """The subscribers while they live."""

    folder: Path
    sipp: SippProcess

    def count(self) -> Count:
        """What SIPp has noted so far."""
        file = self.folder / "log.txt"
        lines = file.read_text(errors="replace").splitlines() if file.exists() else []
        found = [match.groups() for line in lines if (match := _LOG.search(line))]
        return Count(
            Counter(f"+{number}" for what, number, _ in found if what == "called"),
            Counter((f"+{number}", how) for what, number, how in found if what == "ended"),
        )


@asynccontextmanager
async def town(
    address: Endpoint,
    folder: Path,
    sounds: Mapping[Temper, Path],
    *,
    ring_seconds: float = 0.3,
    talk_seconds: float = 20.0,
) -> AsyncIterator[Town]:
    """The subscribers live while the block runs.

    Args:
        address: Where the trunk finds them.
        folder: Empty, for SIPp's files.
        sounds: What those say who speak (`SPEAKING`; WAV, 8 kHz, mono, 16 bit).
        ring_seconds: Ringing before the answer.
        talk_seconds: Who answered hangs up after so long.
    """
    scenario = _built(folder, sounds, ring_seconds, talk_seconds)
    media_port, _ = free_media_port()
    arguments = ["-sf", str(scenario), "-aa", "-i", address.host, "-p", str(address.port)]
    arguments += [
        "-mi",
        address.host,
        "-mp",
        str(media_port),
        "-trace_logs",
        "-log_file",
        str(folder / "log.txt"),
    ]
    sipp = await SippProcess.start(arguments, folder)
    try:
        yield Town(folder, sipp)
    finally:
        await sipp.stop()


def _built(folder: Path, sounds: Mapping[Temper, Path], ring_seconds: float, talk_seconds: float) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for temper, file in sounds.items():
        spoken = with_silence(file, talk_seconds, folder / f"{temper.value}.wav")
        write_pcap(Track().audio(spoken), folder / f"{temper.value}.pcap")
    scenario = folder / "town.xml"
    scenario.write_text(_scenario(list(sounds), ring_seconds, talk_seconds), encoding="utf-8")
    return scenario


def with_silence(sound: Path, seconds: float, made: Path) -> Path:
    """The same and then silence: a telephone sends sound for as long as it is in a call."""
    with wave.open(str(sound)) as heard, wave.open(str(made), "wb") as out:
        out.setparams(heard.getparams())
        out.writeframes(heard.readframes(heard.getnframes()) + bytes(int(seconds * RATE) * 2))
    return made


def _scenario(speaking: Sequence[Temper], ring_seconds: float, talk_seconds: float) -> str:
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    return templates.get_template("town.xml.j2").render(
        tempers=[temper.value for temper in Temper],
        answering=[temper.value for temper in Temper if temper in ANSWERING],
        speaking=[temper.value for temper in speaking],
        refusals={
            "busy": "486 Busy Here",
            "rejects": "603 Decline",
            "unknown": "404 Not Found",
            "congested": "503 Service Unavailable",
        },
        ring_ms=int(ring_seconds * 1000),
        talk_ms=int(talk_seconds * 1000),
    )
