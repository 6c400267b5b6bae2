from __future__ import annotations

import struct
import wave
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.bench.sipp.actions import KEYS
from ivr.bench.sipp.rtp import EVENT_PAYLOAD, Packet, Track, seconds_of_keys, write_pcap


def header(packet: Packet) -> tuple[bool, int, int, int]:
    _, second, sequence, timestamp = struct.unpack_from("!BBHI", packet.payload)
    return bool(second & 0x80), second & 0x7F, sequence, timestamp


def event(packet: Packet) -> tuple[int, bool, int]:
    key, flags, duration = struct.unpack_from("!BBH", packet.payload, 12)
    return key, bool(flags & 0x80), duration


@given(st.text(KEYS, min_size=1, max_size=20))
def test_every_key_is_one_event_that_ends_three_times(keys: str) -> None:
    packets = Track().keys(keys)
    by_event: dict[int, list[Packet]] = {}
    for packet in packets:
        marker, payload, _, timestamp = header(packet)
        assert payload == EVENT_PAYLOAD
        assert marker == (timestamp not in by_event)
        by_event.setdefault(timestamp, []).append(packet)
    assert "".join(KEYS[event(several[0])[0]] for several in by_event.values()) == keys
    for several in by_event.values():
        assert [event(one)[1] for one in several] == [False] * (len(several) - 3) + [True] * 3
        durations = [event(one)[2] for one in several]
        assert durations == sorted(durations)
        assert len(set(durations[-3:])) == 1


@given(st.lists(st.text(KEYS, min_size=1, max_size=5), min_size=1, max_size=5))
def test_sequence_and_time_go_on_over_the_whole_call(strings: list[str]) -> None:
    track = Track()
    packets = []
    for keys in strings:
        packets += track.keys(keys)
        track.pause(0.5)
    headers = [header(packet) for packet in packets]
    assert [sequence for _, _, sequence, _ in headers] == list(range(1, len(packets) + 1))
    assert [at for *_, at in headers] == sorted(at for *_, at in headers)


@given(st.text(KEYS, min_size=1, max_size=20))
def test_packets_end_before_the_time_given_for_the_keys(keys: str) -> None:
    assert max(packet.at_ms for packet in Track().keys(keys)) < seconds_of_keys(keys) * 1000


def test_audio_is_cut_into_packets_of_twenty_milliseconds(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", samples=8000 + 40)
    packets = Track().audio(path)
    assert len(packets) == 51
    assert {len(packet.payload) for packet in packets} == {12 + 160}
    assert [packet.at_ms for packet in packets] == list(range(0, 1020, 20))
    assert packets[-1].payload.endswith(b"\xd5" * 120)


def test_audio_of_another_rate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="8 kHz"):
        Track().audio(write_wav(tmp_path / "a.wav", samples=10, rate=16000))


def test_a_capture_file_holds_every_packet_with_its_moment(tmp_path: Path) -> None:
    packets = Track().keys("1#")
    write_pcap(packets, tmp_path / "k.pcap")
    data = (tmp_path / "k.pcap").read_bytes()
    assert struct.unpack_from("<I", data)[0] == 0xA1B2C3D4
    at, read = 24, []
    while at < len(data):
        seconds, microseconds, length, _ = struct.unpack_from("<IIII", data, at)
        frame = data[at + 16 : at + 16 + length]
        assert struct.unpack_from("!H", frame, 38)[0] == 8 + len(frame) - 42  # length of the UDP datagram
        read.append(Packet((seconds - 1) * 1000 + microseconds // 1000, frame[42:]))
        at += 16 + length
    assert read == packets


def write_wav(path: Path, *, samples: int, rate: int = 8000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"\x10\x00" * samples)
    return path
