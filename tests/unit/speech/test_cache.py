from __future__ import annotations

import errno
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.speech.audio import Sound, master
from ivr.speech.cache import SoundCache, StorageFault, write_whole
from ivr.speech.settings import AudioSettings, CacheSettings
from tests.unit.speech.fakes import SetClock, tone

SOUND = master([tone(0.2)], AudioSettings())
SIZE = len(SOUND.wav) + len(SOUND.alaw)
GUARD = 900
KEEP = 24 * 3600


def cache(folder: Path, clock: SetClock, *, megabytes: int = 500) -> SoundCache:
    return SoundCache(folder, CacheSettings(max_megabytes=megabytes, guard_seconds=GUARD), clock)


def key(number: int) -> str:
    return f"{number:032x}"


def big(megabytes: float) -> Sound:
    """A sound of about so many megabytes."""
    seconds = megabytes * 1_000_000 / 3 / 8000
    return master([tone(seconds)], AudioSettings())


def test_what_was_put_is_found_by_this_and_the_next_process(tmp_path: Path) -> None:
    clock = SetClock()
    first = cache(tmp_path, clock)
    assert first.find(key(1)) is None
    path = first.put(key(1), SOUND)
    assert Path(path).is_absolute()
    assert Path(path + ".wav").read_bytes() == SOUND.wav
    assert Path(path + ".alaw").read_bytes() == SOUND.alaw
    assert first.find(key(1)) == path
    assert cache(tmp_path, clock).find(key(1)) == path


def test_what_another_process_has_put_is_found(tmp_path: Path) -> None:
    clock = SetClock()
    one, other = cache(tmp_path, clock), cache(tmp_path, clock)
    assert other.find(key(1)) is None
    path = one.put(key(1), SOUND)
    assert other.find(key(1)) == path


def test_a_known_prompt_costs_no_disk_access_within_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SetClock()
    store = cache(tmp_path, clock)
    path = store.put(key(1), SOUND)
    with monkeypatch.context() as patched:
        patched.setattr("ivr.speech.cache.intact", lambda base: pytest.fail("looked at the disk"))
        clock.now += 59
        assert store.find(key(1)) == path
    Path(path + ".wav").write_bytes(b"")
    clock.now += 61
    assert store.find(key(1)) is None


@pytest.mark.parametrize("content", [b"", SOUND.wav[: len(SOUND.wav) // 2], b"x" * 5000])
def test_a_broken_file_is_not_found_but_can_be_put_again(tmp_path: Path, content: bytes) -> None:
    clock = SetClock()
    path = cache(tmp_path, clock).put(key(1), SOUND)
    Path(path + ".wav").write_bytes(content)
    store = cache(tmp_path, clock)
    assert store.find(key(1)) is None
    assert store.put(key(1), SOUND) == path
    assert store.find(key(1)) == path


def test_the_least_recently_used_is_dropped(tmp_path: Path) -> None:
    clock = SetClock()
    store = cache(tmp_path, clock, megabytes=1)
    sound = big(0.4)
    for number in (1, 2):
        store.put(key(number), sound)
        clock.now += GUARD + 1
    assert store.find(key(1))
    clock.now += GUARD + 1
    store.put(key(3), sound)
    assert store.find(key(2)) is None
    assert store.find(key(1))
    assert store.find(key(3))
    assert store.bytes_of_calls <= 1_000_000
    assert not Path(tmp_path, key(2)[:2], key(2) + ".alaw").exists()


def test_what_may_be_playing_is_not_dropped(tmp_path: Path) -> None:
    clock = SetClock()
    store = cache(tmp_path, clock, megabytes=1)
    sound = big(0.4)
    for number in range(5):
        store.put(key(number), sound)
    assert all(store.find(key(number)) for number in range(5))
    clock.now += GUARD + 1
    store.put(key(6), sound)
    assert store.bytes_of_calls <= 1_000_000


def test_what_another_process_plays_is_not_dropped(tmp_path: Path) -> None:
    clock = SetClock()
    one = cache(tmp_path, clock, megabytes=1)
    sound = big(0.4)
    one.put(key(1), sound)
    one.put(key(2), sound)
    clock.now += GUARD + 1
    assert cache(tmp_path, clock).find(key(1))
    one.put(key(3), sound)
    assert one.find(key(1))
    assert one.find(key(2)) is None


def test_what_is_pinned_stays(tmp_path: Path) -> None:
    clock = SetClock()
    store = cache(tmp_path, clock, megabytes=1)
    sound = big(0.4)
    store.pin([key(1), key(2), key(3)])
    for number in range(1, 6):
        store.put(key(number), sound)
        clock.now += GUARD + 1
    store.put(key(6), sound)
    assert [number for number in range(1, 7) if store.find(key(number))] == [1, 2, 3, 5, 6]


def test_the_bound_holds_for_what_an_earlier_process_has_left(tmp_path: Path) -> None:
    clock = SetClock()
    sound = big(0.4)
    before = cache(tmp_path, clock)
    for number in range(4):
        before.put(key(number), sound)
    for file in tmp_path.glob("*/*"):
        os.utime(file, (clock.now, clock.now))
    clock.now += GUARD + 1
    store = cache(tmp_path, clock, megabytes=1)
    store.put(key(9), sound)
    assert store.bytes_of_calls <= 1_000_000
    assert store.find(key(9))


def test_drop_unused(tmp_path: Path) -> None:
    clock = SetClock()
    store = cache(tmp_path, clock)
    store.pin([key(1)])
    for number in (1, 2, 3):
        path = store.put(key(number), SOUND)
        os.utime(path + ".alaw", (clock.now, clock.now))
    clock.now += 86400
    store.find(key(3))
    assert store.drop_unused(86000) == 1
    assert [number for number in (1, 2, 3) if store.find(key(number))] == [1, 3]


def test_drop_unused_spares_what_may_be_playing(tmp_path: Path) -> None:
    clock = SetClock()
    store = cache(tmp_path, clock)
    store.put(key(1), SOUND)
    assert store.drop_unused(0) == 0


def test_a_sweep_drops_what_is_old_and_spares_the_rest(tmp_path: Path) -> None:
    clock = SetClock()
    store = cache(tmp_path, clock)
    store.pin([key(1)])
    store.put(key(1), SOUND)
    joined = store.put_joined(key(2), SOUND.alaw)
    store.put(key(3), SOUND)
    clock.now += KEEP - 60
    store.find(key(3))
    clock.now += 61
    store.sweep()
    assert not Path(joined + ".alaw").exists()
    assert [number for number in (1, 2, 3) if store.find(key(number))] == [1, 3]
    assert store.bytes_of_calls == SIZE


def test_a_sweep_looks_once_an_hour(tmp_path: Path) -> None:
    clock = SetClock()
    store = cache(tmp_path, clock)
    store.put(key(1), SOUND)
    clock.now += KEEP - 1800
    store.sweep()
    clock.now += 1801
    store.sweep()
    assert store.bytes_of_calls
    clock.now += 1800
    store.sweep()
    assert not store.bytes_of_calls


def test_a_long_sweep_is_done_in_batches(tmp_path: Path) -> None:
    clock = SetClock()
    store = cache(tmp_path, clock)
    for number in range(120):
        store.put_joined(key(number), b"x")
    clock.now += KEEP + 1
    left = []
    for _ in range(3):
        store.sweep()
        left.append(store.bytes_of_calls)
    assert left == [70, 20, 0]


def test_a_sweep_covers_what_an_earlier_process_has_left(tmp_path: Path) -> None:
    clock = SetClock()
    joined = cache(tmp_path, clock).put_joined(key(1), SOUND.alaw)
    clock.now += KEEP + 60
    store = cache(tmp_path, clock)
    assert store.bytes_of_calls == len(SOUND.alaw)
    store.sweep()
    assert not Path(joined + ".alaw").exists()


def test_a_sweep_spares_what_another_process_uses(tmp_path: Path) -> None:
    clock = SetClock()
    one, other = cache(tmp_path, clock), cache(tmp_path, clock)
    one.put(key(1), SOUND)
    clock.now += KEEP + 60
    assert other.find(key(1))
    one.sweep()
    assert one.find(key(1))


def test_a_file_that_can_not_be_dropped_harms_no_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SetClock()
    store = cache(tmp_path, clock)
    store.put(key(1), SOUND)
    clock.now += KEEP + 60

    def refuse(self: Path, missing_ok: bool = False) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "unlink", refuse)
    store.sweep()
    assert not store.bytes_of_calls


def test_what_is_joined_counts_in_the_bound(tmp_path: Path) -> None:
    clock = SetClock()
    store = cache(tmp_path, clock, megabytes=1)
    samples = bytes(400_000)
    for number in range(1, 4):
        store.put_joined(key(number), samples)
        clock.now += GUARD + 1
    assert store.bytes_of_calls == 800_000
    assert [number for number in range(1, 4) if store.find_joined(key(number))] == [2, 3]


def test_what_is_joined_is_never_taken_over_from_another_process(tmp_path: Path) -> None:
    clock = SetClock()
    one, other = cache(tmp_path, clock), cache(tmp_path, clock)
    path = one.put_joined(key(1), SOUND.alaw)
    assert one.find_joined(key(1)) == path
    assert other.find_joined(key(1)) is None
    assert cache(tmp_path, clock).find_joined(key(1)) is None


def test_reading_what_was_cut_short_since_it_was_found(tmp_path: Path) -> None:
    store = cache(tmp_path, SetClock())
    path = store.put(key(1), SOUND)
    assert store.read(key(1)) == SOUND.alaw
    Path(path + ".alaw").write_bytes(SOUND.alaw[:10])
    with pytest.raises(StorageFault, match="changed on disk"):
        store.read(key(1))
    assert store.find(key(1)) is None


@given(st.lists(st.tuples(st.sampled_from("pjfdt"), st.integers(0, 5)), max_size=40))
def test_the_count_of_bytes_is_that_of_the_files(steps: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        clock = SetClock()
        store = cache(Path(folder), clock)
        store.pin([key(0)])
        for step, number in steps:
            if step == "p":
                store.put(key(number), SOUND)
            elif step == "j":
                store.put_joined(key(number + 10), bytes(100 + number))
            elif step == "f":
                store.find(key(number))
            elif step == "d":
                store.drop_unused(GUARD)
            else:
                clock.now += 600
        files = [path for path in Path(folder).glob("*/*") if path.stem != key(0)]
        assert store.bytes_of_calls == sum(path.stat().st_size for path in files)


def test_a_full_disk_leaves_the_cache_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SetClock()
    store = cache(tmp_path, clock)
    path = store.put(key(1), SOUND)
    full = OSError(errno.ENOSPC, "No space left on device")

    def write_half(self: Path, content: bytes) -> int:
        with self.open("wb") as target:
            target.write(content[:10])
        raise full

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", write_half)
        with pytest.raises(StorageFault, match=r"No space left.*Free space"):
            store.put(key(2), SOUND)
    assert store.find(key(2)) is None
    assert store.find(key(1)) == path
    assert not list(tmp_path.glob("**/*.part"))
    assert store.put(key(2), SOUND)


def test_a_reader_never_sees_a_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "prompt.wav"
    write_whole(target, b"old")
    seen: list[bytes] = []
    write = Path.write_bytes

    def spy(self: Path, content: bytes) -> int:
        written = write(self, content)
        seen.append(target.read_bytes())
        return written

    monkeypatch.setattr(Path, "write_bytes", spy)
    write_whole(target, b"new")
    assert seen == [b"old"]
    assert target.read_bytes() == b"new"


def test_leftovers_of_a_crash_are_swept_once_they_are_old(tmp_path: Path) -> None:
    clock = SetClock()
    left = tmp_path / "00" / "x.wav.1-0.part"
    left.parent.mkdir()
    left.write_bytes(b"half")
    os.utime(left, (clock.now, clock.now))
    cache(tmp_path, clock)
    assert left.exists()
    clock.now += 3601
    cache(tmp_path, clock)
    assert not left.exists()
