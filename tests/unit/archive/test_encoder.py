from __future__ import annotations

import json
import math
import tempfile
from array import array
from pathlib import Path

import pytest

from ivr.archive.decoding import NotDecoded, outline, samples
from ivr.archive.encoder import Order, answers, encode, written

RATE = 8000


def tone(hertz: int, frames: int, amplitude: int = 9000) -> list[int]:
    return [round(amplitude * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(frames)]


def recorded(file: Path, left: list[int], right: list[int]) -> Path:
    both = array("h", [sample for pair in zip(left, right, strict=True) for sample in pair])
    file.write_bytes(both.tobytes())
    return file


def order(source: Path, form: str = "opus", *, swapped: bool = False) -> Order:
    return Order(str(source), str(source.with_suffix(f".{form}")), form, 24, RATE, 2, swapped)


def decoded(done: Order) -> tuple[array[int], array[int]]:
    sound = array("h", b"".join(samples([Path(done.target).read_bytes()], 2)))
    return sound[0::2], sound[1::2]


def loud(side: array[int]) -> float:
    return math.sqrt(sum(sample * sample for sample in side) / len(side))


@pytest.mark.parametrize("form", ["opus", "mp3", "wav"])
@pytest.mark.parametrize(("frames", "off"), [(1, 160), (160, 0), (8000, 0), (12_345, 0)])
def test_the_length_is_kept_to_the_sample(tmp_path: Path, form: str, frames: int, off: int) -> None:
    """A stretch shorter than one frame of Opus, 20 ms, may become one."""
    done = order(recorded(tmp_path / "a.raw", tone(440, frames), [0] * frames), form)
    encode(done)
    assert 0 <= len(decoded(done)[0]) - frames <= off


@pytest.mark.parametrize("form", ["opus", "mp3"])
@pytest.mark.parametrize("swapped", [False, True])
def test_the_sides_stay_apart(tmp_path: Path, form: str, swapped: bool) -> None:
    """Each speaks in turn: what leaks to the other side is 40 dB lower at least."""
    half = 8000
    left, right = tone(440, half) + [0] * half, [0] * half + tone(600, half)
    done = order(recorded(tmp_path / "a.raw", left, right), form, swapped=swapped)
    encode(done)
    first, second = decoded(done)[::-1] if swapped else decoded(done)
    middle = slice(1000, half - 1000)
    assert loud(first[middle]) > 100 * max(1.0, loud(second[middle]))


def test_half_a_frame_at_the_end_is_left_out(tmp_path: Path) -> None:
    source = recorded(tmp_path / "a.raw", tone(440, 8000), [0] * 8000)
    with source.open("ab") as file:
        file.write(b"\1\2\3")
    encode(order(source))
    assert abs(len(decoded(order(source))[0]) - 8000) <= 1


def test_temporary_files_are_elsewhere_only_meanwhile(tmp_path: Path) -> None:
    before = tempfile.gettempdir()
    encode(order(recorded(tmp_path / "a.raw", tone(440, 100), [0] * 100)))
    assert tempfile.gettempdir() == before


def test_each_order_has_an_answer(tmp_path: Path) -> None:
    source = recorded(tmp_path / "a.raw", tone(440, 100), [0] * 100)
    missing = order(tmp_path / "missing.raw")
    good, bad = map(json.loads, answers([written(order(source)), written(missing)]))
    assert good == {}
    assert "missing" in bad["error"]


def test_the_outline_shows_each_side(tmp_path: Path) -> None:
    source = recorded(tmp_path / "a.raw", tone(440, 8000) + [0] * 8000, [0] * 8000 + tone(600, 8000, 4000))
    encode(order(source))
    drawn = outline([Path(order(source).target).read_bytes()], 2, 16_000, 20)
    assert drawn.seconds == pytest.approx(2.0, abs=0.001)
    client, others = drawn.sides
    assert (len(client), len(others)) == (20, 20)
    assert client[4] == pytest.approx(9000 / 32768, abs=0.05)
    assert others[15] == pytest.approx(4000 / 32768, abs=0.05)
    assert max(client[12:]) < 0.01


def test_noise_is_no_sound() -> None:
    with pytest.raises(NotDecoded):
        list(samples([b"no sound at all"], 2))
