from __future__ import annotations

import audioop
import io
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from pydub import AudioSegment
from pydub.generators import Square

from ivr.errors import Fault
from ivr.speech.audio import RATE, Pause, Sound, intact, master, read_recording
from ivr.speech.melody import hold_music
from ivr.speech.settings import AudioSettings
from tests.unit.speech.fakes import tone

SETTINGS = AudioSettings(edge_milliseconds=50)


def segment(sound: Sound) -> AudioSegment:
    return AudioSegment.from_file(io.BytesIO(sound.wav), format="wav")


def test_silence_at_both_ends_is_trimmed_to_the_edge() -> None:
    assert len(segment(master([tone(0.5)], SETTINGS))) == pytest.approx(600, abs=15)


@pytest.mark.parametrize("dbfs", [-40.0, -25.0, -6.0])
def test_level(dbfs: float) -> None:
    result = segment(master([tone(1.0, dbfs=dbfs)], AudioSettings(edge_milliseconds=0)))
    assert result.dBFS == pytest.approx(-21.0, abs=1.0)


def test_peaks_stay_below_the_bound() -> None:
    click = AudioSegment.silent(990, frame_rate=RATE) + Square(100, sample_rate=RATE).to_audio_segment(10)
    with io.BytesIO() as target:
        click.export(target, format="wav")
        loud = segment(master([target.getvalue()], AudioSettings(level_dbfs=-10, edge_milliseconds=500)))
    assert loud.max_dBFS <= -0.9


def test_pauses_join_phrases() -> None:
    one = len(segment(master([tone(0.3)], SETTINGS)))
    joined = segment(master([tone(0.3), Pause(350), tone(0.3)], SETTINGS))
    assert len(joined) == pytest.approx(2 * one + 350, abs=15)
    assert joined[one + 100 : one + 200].rms == 0


def test_a_pause_alone() -> None:
    assert segment(master([Pause(200)], SETTINGS)).rms == 0


def test_both_formats_say_the_same() -> None:
    sound = master([tone(0.4)], SETTINGS)
    samples = segment(sound).raw_data
    assert sound.alaw == audioop.lin2alaw(samples, 2)
    assert sound.seconds == pytest.approx(len(samples) / 2 / RATE)


def test_silence_is_no_recording() -> None:
    with io.BytesIO() as target:
        AudioSegment.silent(500, frame_rate=RATE).export(target, format="wav")
        silent = target.getvalue()
    with pytest.raises(Fault, match="no sound"):
        master([silent], SETTINGS)


def test_hold_music_is_quiet_long_and_loops_without_a_click() -> None:
    music = segment(hold_music())
    assert 30 < music.duration_seconds < 60
    assert music.dBFS == pytest.approx(-28.0, abs=1.0)
    assert music.max_dBFS < -6
    samples = music.get_array_of_samples()
    steps = [abs(one - other) for one, other in pairwise(samples)]
    assert abs(samples[-1] - samples[0]) <= max(steps)
    assert all(music[start : start + 2000].rms for start in range(0, len(music), 2000))


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    sound = master([tone(0.4)], SETTINGS)
    base = tmp_path / "prompt"
    base.with_suffix(".wav").write_bytes(sound.wav)
    base.with_suffix(".alaw").write_bytes(sound.alaw)
    return base


def test_intact(stored: Path) -> None:
    sizes = [stored.with_suffix(extension).stat().st_size for extension in (".wav", ".alaw")]
    assert intact(stored) == sum(sizes)


@pytest.mark.parametrize("extension", [".wav", ".alaw"])
@pytest.mark.parametrize("kept", [0, 20, 1000])
def test_cut_short(stored: Path, extension: str, kept: int) -> None:
    path = stored.with_suffix(extension)
    path.write_bytes(path.read_bytes()[:kept])
    assert intact(stored) == 0


@pytest.mark.parametrize("extension", [".wav", ".alaw"])
def test_one_of_two_is_missing(stored: Path, extension: str) -> None:
    stored.with_suffix(extension).unlink()
    assert intact(stored) == 0


def test_a_studio_recording_is_brought_to_telephone_quality(tmp_path: Path) -> None:
    path = tmp_path / "hello.wav"
    with io.BytesIO(tone(0.5, rate=44100)) as source:
        AudioSegment.from_file(source, format="wav").set_channels(2).set_sample_width(4).export(
            path, format="wav"
        )
    read = AudioSegment.from_file(io.BytesIO(read_recording(path)), format="wav")
    assert (read.frame_rate, read.channels, read.sample_width) == (RATE, 1, 2)
    assert read.duration_seconds == pytest.approx(0.9, abs=0.02)


def test_a_studio_recording_without_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "hello.wav"
    path.write_bytes(tone(rate=44100))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(Fault, match="44100 Hz"):
        read_recording(path)
    path.write_bytes(tone(rate=8000))
    assert read_recording(path)


def test_a_broken_recording_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.wav"
    path.write_bytes(b"RIFF")
    with pytest.raises(Fault, match=r"broken\.wav"):
        read_recording(path)
