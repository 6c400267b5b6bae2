"""A caller of SIPp who talks when told to: SIPp plays the sound, the test chooses the moment and the words.

SIPp waits for a SIP MESSAGE with its own call-id, which Asterisk never sees: the test sends it straight to
SIPp's port, with the number of the utterance in the body. Each utterance is written once per turn, so that
RTP sequence numbers and time stamps go up whatever is said in which order.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ivr.bench.sipp import Endpoint, Keys, SippProcess, Speak, Tally, Wait
from ivr.bench.sipp.process import free_media_port, free_port
from ivr.bench.sipp.rtp import PACKET_MS, PACKET_SAMPLES, Packet, Track, seconds_of_keys, write_pcap
from tests.real.sipp.hearing import Ear, listening

Utterance = Sequence[Speak | Keys | Wait]
"""What is said and pressed in one go."""

_LOOPBACK = "127.0.0.1"
_CALL_ID = "talker"
_TURN_SECONDS = 60
"""RTP of one turn is numbered and stamped so much later than that of the turn before."""
_KEPT_SECONDS = 180
LONGEST = 65_536
"""Characters of a scenario that SIPp 3.6 takes in."""


@dataclass
class Talker:
    """A call that is going on.

    Attributes:
        ear: What the caller hears.
    """

    ear: Ear
    _sipp: SippProcess
    _address: Endpoint
    _names: list[str]
    _told: int = 0

    def say(self, name: str) -> None:
        """Begin to say something of the repertoire."""
        self._tell(self._names.index(name) + 1)

    def hang_up(self) -> None:
        """End the call, in the middle of a word if need be."""
        self._tell(0)

    async def ended(self) -> Tally:
        """Wait for the end of the call."""
        return await self._sipp.wait()

    def _tell(self, number: int) -> None:
        self._told += 1
        whisper(self._address, _CALL_ID, number, self._told)


def whisper(address: Endpoint, call_id: str, number: int, told: int) -> None:
    """Tell a call of SIPp's what to say now, by a MESSAGE of its own call-id.

    Args:
        address: SIPp's.
        call_id: Of the call.
        number: What the scenario makes an utterance of; 0 is the end of the call.
        told: Counts up within the call.
    """
    body = str(number)
    lines = [
        f"MESSAGE sip:caller@{address} SIP/2.0",
        f"Via: SIP/2.0/UDP {_LOOPBACK}:9;branch=z9hG4bK{told}",
        f"From: <sip:prompter@{_LOOPBACK}>;tag=prompter",
        f"To: <sip:caller@{_LOOPBACK}>",
        f"Call-ID: {call_id}",
        f"CSeq: {told} MESSAGE",
        "Content-Type: text/plain",
        f"Content-Length: {len(body)}",
    ]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as prompter:
        prompter.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), (_LOOPBACK, address.port))


@asynccontextmanager
async def talking(
    target: Endpoint,
    number: str,
    repertoire: Mapping[str, Utterance],
    folder: Path,
    *,
    caller_id: str,
    turns: int = 14,
) -> AsyncIterator[Talker]:
    """A call that is placed when the block begins; SIPp is stopped at its end.

    Args:
        target: Asterisk's SIP address.
        number: Number called.
        repertoire: What may be said, by name; each as often as wanted.
        folder: Empty folder for this call.
        caller_id: Number that is shown to the called side.
        turns: How often something may be said; then the caller only listens.

    Raises:
        ValueError: So many utterances in so many turns don't fit into a scenario of SIPp (about 20 in 14 do).
    """
    scenario = _write(folder, number, caller_id, list(repertoire.values()), turns)
    port = free_port()
    media_port, sockets = free_media_port(1)
    arguments = [str(target), "-sf", str(scenario), "-m", "1", "-cid_str", _CALL_ID]
    arguments += ["-i", _LOOPBACK, "-p", str(port), "-mi", _LOOPBACK, "-mp", str(media_port)]
    async with listening(sockets) as [ear]:
        sipp = await SippProcess.start(arguments, folder)
        try:
            yield Talker(ear, sipp, Endpoint(_LOOPBACK, port), list(repertoire))
        finally:
            await sipp.stop()


def _write(folder: Path, number: str, caller_id: str, utterances: list[Utterance], turns: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    said = [packets_of(utterance) for utterance in utterances]
    for turn in range(turns):
        files.append([str(turn * len(said) + place) for place in range(len(said))])
        for name, packets in zip(files[-1], said, strict=True):
            write_pcap([later(packet, turn) for packet in packets], folder / f"{name}.pcap")
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        autoescape=False,
    )
    text = templates.get_template("talker.xml.j2").render(
        number=number, caller_id=caller_id, turns=files, patience_ms=_KEPT_SECONDS * 1000
    )
    if len(text) > LONGEST:
        raise ValueError(f"{len(said)} utterances in {turns} turns are too much for one scenario of SIPp")
    path = folder / "talker.xml"
    path.write_text(text, encoding="utf-8")
    return path


def later(packet: Packet, turn: int) -> Packet:
    """The same packet in a later turn."""
    head, sequence, timestamp = struct.unpack_from("!HHI", packet.payload)
    packets = turn * _TURN_SECONDS * 1000 // PACKET_MS
    header = struct.pack("!HHI", head, sequence + packets, timestamp + packets * PACKET_SAMPLES)
    return Packet(packet.at_ms, header + packet.payload[len(header) :])


def packets_of(utterance: Utterance) -> list[Packet]:
    """RTP of an utterance, from its first packet on."""
    track = Track()
    packets: list[Packet] = []
    start_ms = 0
    for action in utterance:
        match action:
            case Wait(seconds):
                track.pause(seconds)
                start_ms += int(seconds * 1000)
                continue
            case Keys(keys):
                added, length_ms = track.keys(keys), int(seconds_of_keys(keys) * 1000)
            case Speak(wav):
                added = track.audio(wav)
                length_ms = len(added) * PACKET_MS
        packets += [Packet(start_ms + packet.at_ms, packet.payload) for packet in added]
        start_ms += length_ms
    return packets
