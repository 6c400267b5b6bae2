from __future__ import annotations

import asyncio
import hashlib
import os
import sqlite3
import subprocess
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ivr.archive import index
from ivr.archive.archive import Archive
from ivr.archive.index import Recording, Selection
from ivr.archive.keeping import select
from ivr.archive.storage import LocalStorage
from tests.contract.archive.conftest import MOSCOW, NOW, Place

EVERYTHING = Selection(zone=MOSCOW)


@asynccontextmanager
async def running(place: Place) -> AsyncIterator[Archive]:
    archive = place.archive()
    archive.start()
    try:
        async with asyncio.timeout(10):
            yield archive
    finally:
        await archive.close()
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "archive"]


async def taken(place: Place, call_id: str, file: Path, part: str = "") -> None:
    async with running(place) as archive:
        archive.take_over(call_id, part, file)
        await archive.idle()


async def listed(place: Place) -> list[Recording]:
    return [recording async for page in select(place.database, EVERYTHING) for recording in page]


async def reasons(place: Place) -> dict[tuple[str, str], str]:
    found = await place.database.read(index.absences)
    return {(absence.call_id, absence.part): absence.reason for absence in found}


async def test_a_finished_recording_moves_into_the_archive(place: Place) -> None:
    call_id = await place.call()
    file = place.record(call_id, seconds=1.5)
    content = file.read_bytes()
    await taken(place, call_id, file)
    (recording,) = await listed(place)
    path = place.settings.folder / f"2026/11/24/{call_id}.sealed"
    assert place.settings.folder / recording.path == path
    assert place.content(recording) == content
    assert content[44:] not in path.read_bytes()
    assert not file.exists()
    assert recording.id == recording.call_id == call_id
    assert recording.sha256 == hashlib.sha256(content).hexdigest()
    assert (recording.bytes, recording.seconds, recording.repaired) == (24044, 1.5, False)
    assert recording.started_at == NOW - timedelta(seconds=1.5)
    assert not recording.legal_hold
    assert place.seen.taken == 1


@pytest.mark.parametrize(
    ("profile", "expires_at"),
    [
        ("bryansk", datetime(2027, 1, 24, tzinfo=MOSCOW)),
        ("krasnoyarsk", datetime(2027, 1, 24, tzinfo=MOSCOW)),
        ("strict", datetime(2027, 2, 23, tzinfo=MOSCOW)),
        ("unknown", datetime(2027, 1, 24, tzinfo=MOSCOW)),
    ],
)
async def test_the_longer_of_the_companys_term_and_the_profiles_counts(
    place: Place, profile: str, expires_at: datetime
) -> None:
    call_id = await place.call(profile=profile)
    await taken(place, call_id, place.record(call_id))
    (recording,) = await listed(place)
    assert recording.expires_at == expires_at


async def test_two_parts_of_a_call_are_two_recordings(place: Place) -> None:
    call_id = await place.call()
    async with running(place) as archive:
        archive.take_over(call_id, "", place.record(call_id))
        archive.take_over(call_id, "queue", place.record(call_id, part="queue"))
        await archive.idle()
    assert [(r.id, r.part) for r in await listed(place)] == [(call_id, ""), (f"{call_id}-queue", "queue")]


async def test_a_file_cut_by_a_crash_is_mended_once_it_has_rested(place: Place) -> None:
    call_id = await place.call()
    file = place.record(call_id)
    with file.open("r+b") as opened:
        opened.seek(40)
        opened.write(b"\0\0\0\0")
    os.utime(file, (NOW.timestamp(), NOW.timestamp()))
    archive = place.archive()
    archive.take_over(call_id, "", file)
    for seconds, there in [(0.0, 0), (1.9, 0), (2.1, 1)]:
        place.clock.seconds = seconds
        await archive._take_batch(archive._due())
        assert len(await listed(place)) == there
    (recording,) = await listed(place)
    assert (recording.seconds, recording.repaired) == (1.0, True)


async def test_a_file_that_grows_is_left_alone(place: Place) -> None:
    call_id = await place.call()
    file = place.record(call_id)
    archive = place.archive()
    archive.take_over(call_id, "", file)
    for seconds in (0.0, 3.0, 6.0, 9.0):
        with file.open("ab") as opened:
            opened.write(b"\0" * 320)
        place.clock.seconds = seconds
        await archive._take_batch(archive._due())
    assert await listed(place) == []
    place.clock.seconds = 12.0
    await archive._take_batch(archive._due())
    assert (await listed(place))[0].seconds == 1.08


@pytest.mark.parametrize(
    ("content", "reason", "left"),
    [
        (None, "no-file", []),
        (b"", "unreadable", [".wav.unreadable"]),
        (b"RIFF", "unreadable", [".wav.unreadable"]),
    ],
)
async def test_what_can_not_be_kept_has_a_reason(
    place: Place, content: bytes | None, reason: str, left: list[str]
) -> None:
    call_id = await place.call()
    file = place.spool / f"{call_id}.wav"
    if content is not None:
        file.write_bytes(content)
    archive = place.archive()
    archive.take_over(call_id, "", file)
    await archive._take_batch(archive._due())
    place.clock.seconds = 3
    await archive._take_batch(archive._due())
    assert await reasons(place) == {(call_id, ""): reason}
    assert [path.name.removeprefix(call_id) for path in place.spool.iterdir()] == left


async def test_a_recording_without_sound_is_no_recording(place: Place) -> None:
    call_id = await place.call()
    file = place.record(call_id, seconds=0)
    archive = place.archive()
    archive.take_over(call_id, "", file)
    await archive._take_batch(archive._due())
    place.clock.seconds = 3
    await archive._take_batch(archive._due())
    assert await reasons(place) == {(call_id, ""): "empty"}
    assert not file.exists()


# --- a crash at any step is made good by the next start ---


class Crash(BaseException):
    """The process died here."""


@pytest.mark.parametrize("step", ["compressed", "stored", "indexed", "removed"])
async def test_a_crash_at_any_step_is_made_good(
    place: Place, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    call_id = await place.call()
    file = place.record(call_id)
    content = file.read_bytes()
    archive = place.archive()
    archive.take_over(call_id, "", file)
    with monkeypatch.context() as patched:
        _crash_after(patched, archive, step)
        with pytest.raises(Crash):
            await archive._take_batch(archive._due())
    async with running(place) as again:
        await again.sweep()
        await again.idle()
    (recording,) = await listed(place)
    found = content_of(place.settings.folder)
    assert found == [place.settings.folder / recording.path]
    assert place.content(recording) == content
    assert [path for path in place.spool.rglob("*") if path.is_file()] == []


def _crash_after(patched: pytest.MonkeyPatch, archive: Archive, step: str) -> None:
    async def crash_async(*_: object) -> None:
        raise Crash

    def crash(*_: object) -> None:
        raise Crash

    if step == "compressed":
        patched.setattr(LocalStorage, "put", crash)
    elif step == "stored":
        patched.setattr(archive, "_note", crash_async)
    elif step == "indexed":
        patched.setattr(archive._intake, "remove", crash)
    else:
        patched.setattr(archive, "_report", crash)


async def test_half_a_copy_is_replaced(place: Place) -> None:
    call_id = await place.call()
    file = place.record(call_id)
    half = place.settings.folder / f"2026/11/24/.{call_id}.sealed.partial"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"RIFF")
    await taken(place, call_id, file)
    assert len(await listed(place)) == 1
    assert not half.exists()


async def test_another_recording_of_the_same_name_is_set_aside(place: Place) -> None:
    call_id = await place.call()
    await taken(place, call_id, place.record(call_id))
    other = place.record(call_id)
    other.write_bytes(other.read_bytes()[:-2] + b"\x09\x09")
    os.utime(other, (NOW.timestamp(), NOW.timestamp()))
    await taken(place, call_id, other)
    assert len(await listed(place)) == 1
    assert other.with_name(f"{call_id}.wav.conflict").exists()
    assert place.seen.failed == ["conflict"]


# --- what nobody told of ---


async def test_the_first_sweep_takes_what_belongs_to_ended_calls(place: Place) -> None:
    done, going_on = await place.call(), await place.call(ended=False)
    place.record(done)
    place.record(going_on)
    place.record(str(uuid.uuid4()))
    (place.spool / "notes.wav").write_bytes(b"x")
    async with running(place) as archive:
        await archive.sweep()
        await archive.idle()
    assert [recording.call_id for recording in await listed(place)] == [done]
    assert len(list(place.spool.glob("*.wav"))) == 3


async def test_a_file_of_an_unknown_call_is_taken_when_it_is_old(place: Place) -> None:
    stranger = str(uuid.uuid4())
    place.record(stranger)
    place.clock.at = NOW + timedelta(hours=2)
    async with running(place) as archive:
        await archive.sweep()
        await archive.idle()
    assert [recording.call_id for recording in await listed(place)] == [stranger]


async def test_every_ended_conversation_has_a_recording_or_a_reason(place: Place) -> None:
    recorded, without, spooled = await place.call(), await place.call(), await place.call()
    await place.call(answered=False)
    await place.call(ended=False)
    archive = place.archive()
    archive.take_over(recorded, "", place.record(recorded))
    place.record(spooled)
    await archive.sweep()
    await archive.sweep()
    assert await reasons(place) == {(without, ""): "no-file"}


async def test_a_recording_that_is_found_later_ends_the_absence(place: Place) -> None:
    call_id = await place.call()
    await place.archive().note_absence(call_id, "", "mixmonitor-refused")
    assert await reasons(place) == {(call_id, ""): "mixmonitor-refused"}
    await taken(place, call_id, place.record(call_id))
    assert await reasons(place) == {}


# --- when the world is unkind ---


async def test_a_locked_database_delays_and_loses_nothing(place: Place) -> None:
    call_id = await place.call()
    file = place.record(call_id)
    lock = sqlite3.connect(place.database.place, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    archive = place.archive()
    archive.take_over(call_id, "", file)
    await archive._take_batch(archive._due())
    lock.close()
    assert place.seen.failed == ["database"]
    assert file.exists()
    assert archive._due() == []
    place.clock.seconds = 11
    await archive._take_batch(archive._due())
    assert len(await listed(place)) == 1


def content_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True)
    if mount.returncode:
        pytest.skip("no right to mount a small disk")
    yield disk
    subprocess.run(["umount", disk], check=True)


async def test_a_full_disk_leaves_the_source_until_there_is_room(place: Place, small_disk: Path) -> None:
    place.settings = place.settings.model_copy(update={"folder": small_disk / "recordings"})
    filler = small_disk / "filler"
    filler.write_bytes(b"\0" * 56_000)
    call_id = await place.call()
    file = place.record(call_id)
    archive = place.archive()
    archive.take_over(call_id, "", file)
    await archive._take_batch(archive._due())
    assert place.seen.failed == ["disk-full"]
    assert file.exists()
    assert content_of(small_disk) == [filler]
    filler.unlink()
    place.clock.seconds = 11
    await archive._take_batch(archive._due())
    assert len(await listed(place)) == 1
    assert not file.exists()
