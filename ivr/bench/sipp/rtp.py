"""RTP of one call, made ahead and written as pcap files that SIPp plays packet by packet.

SIPp's own `play_dtmf` repeats keys and numbers its payload type 96, so the events are made here. Sequence
numbers and time stamps go on from one file of a call to the next, as those of one telephone would.
"""

from __future__ import annotations

import audioop
import struct
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ivr.bench.sipp.actions import KEYS

ALAW_PAYLOAD = 8
EVENT_PAYLOAD = 101
RATE = 8000
PACKET_MS = 20
PACKET_SAMPLES = RATE * PACKET_MS // 1000
TONE_MS = 100
"""Length of a key: above the 80 ms below which Asterisk stretches a tone by itself."""
GAP_MS = 60
"""Pause between two keys; Asterisk wants 45 ms at least."""
END_PACKETS = 3
"""The last packet of an event is sent three times (RFC 4733, section 2.5.1.4)."""

_SSRC = 0x51A9
_PORT = 6000
_ETHERNET_LINK = 1
_NO_ADDRESSES = bytes(12)
_IPV4_TYPE = b"\x08\x00"
_VOLUME = 10


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet and the moment it is sent, milliseconds from the start of its file."""

    at_ms: int
    payload: bytes


class Track:
    """Makes the RTP of one direction of one call, in order."""

    def __init__(self) -> None:
        self._sequence = 1
        self._timestamp = RATE

    def keys(self, keys: str) -> list[Packet]:
        """Packets of keys pressed one after another."""
        packets: list[Packet] = []
        for place, key in enumerate(keys):
            start = place * (TONE_MS + GAP_MS)
            packets += self._key(KEYS.index(key), start)
            self._timestamp += RATE * (TONE_MS + GAP_MS) // 1000
        return packets

    def audio(self, wav: Path) -> list[Packet]:
        """Packets of a WAV file (8 kHz, mono, 16 bit).

        Raises:
            ValueError: The file has another rate, width or number of channels.
        """
        packets = []
        for place, chunk in enumerate(_alaw_chunks(wav)):
            header = self._header(ALAW_PAYLOAD, marker=place == 0)
            packets.append(Packet(place * PACKET_MS, header + chunk))
            self._timestamp += PACKET_SAMPLES
        return packets

    def pause(self, seconds: float) -> None:
        """Let the time of the track go on without sending anything."""
        self._timestamp += int(seconds * RATE)

    def _key(self, event: int, start_ms: int) -> Iterator[Packet]:
        steps = TONE_MS // PACKET_MS
        for step in range(1, steps + END_PACKETS):
            ended = step >= steps
            duration = min(step, steps) * PACKET_SAMPLES
            body = struct.pack("!BBH", event, _VOLUME | (0x80 if ended else 0), duration)
            header = self._header(EVENT_PAYLOAD, marker=step == 1)
            yield Packet(start_ms + (step - 1) * PACKET_MS, header + body)

    def _header(self, payload_type: int, *, marker: bool) -> bytes:
        second = payload_type | (0x80 if marker else 0)
        header = struct.pack("!BBHII", 0x80, second, self._sequence, self._timestamp % 2**32, _SSRC)
        self._sequence = (self._sequence + 1) % 2**16
        return header


def seconds_of_keys(keys: str) -> float:
    """Time that keys take, with the pause after the last one."""
    return len(keys) * (TONE_MS + GAP_MS) / 1000


def write_pcap(packets: list[Packet], path: Path) -> None:
    """Write a capture file as SIPp's `play_pcap_audio` reads it; it puts in addresses and ports itself."""
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, _ETHERNET_LINK))
        for packet in packets:
            frame = _ethernet(packet.payload)
            at_us = packet.at_ms * 1000 + 1_000_000
            file.write(struct.pack("<IIII", at_us // 1_000_000, at_us % 1_000_000, len(frame), len(frame)))
            file.write(frame)


def _ethernet(payload: bytes) -> bytes:
    udp = struct.pack("!HHHH", _PORT, _PORT, 8 + len(payload), 0) + payload
    loopback = b"\x7f\x00\x00\x01"
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, loopback, loopback)
    return _NO_ADDRESSES + _IPV4_TYPE + ip + udp


def _alaw_chunks(wav: Path) -> Iterator[bytes]:
    with wave.open(str(wav)) as file:
        shape = (file.getframerate(), file.getnchannels(), file.getsampwidth())
        if shape != (RATE, 1, 2):
            raise ValueError(f"{wav}: 8 kHz, mono, 16 bit is wanted, this is {shape}")
        while chunk := file.readframes(PACKET_SAMPLES):
            yield audioop.lin2alaw(chunk, 2).ljust(PACKET_SAMPLES, b"\xd5")
