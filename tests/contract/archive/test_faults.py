"""The archive is killed at every step; what remains is made good by the next run."""

from __future__ import annotations

import multiprocessing
import signal
from functools import partial

import pytest

from ivr.archive import chain, keeping
from ivr.archive.crypt import Tampered
from ivr.archive.purging import purge
from ivr.archive.storage import StorageAway
from ivr.archive.upkeep import Upkeep
from tests.contract.archive import dying
from tests.contract.archive.conftest import NOW, Place
from tests.contract.archive.test_archive import EVERYTHING, content_of, listed, running
from tests.contract.archive.test_keeping import AFTER_THE_TERM

TAKING = ["compressing", "compressed", "encrypted", "half-stored", "stored", "noted", "removed"]
PURGING = ["marked", "deleted", "forgotten", "ended"]


def killed(place: Place, step: str) -> None:
    """Run the archive in another process until the step, at which it kills itself."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([dying.__name__])
    folders = (place.database.place, place.spool, place.settings.folder, place.settings.keys)
    process = context.Process(target=dying.run, args=(step, *map(str, folders)))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL


async def in_order(place: Place) -> None:
    found = await keeping.verify(place.database, place.vault, EVERYTHING)
    assert found.ok, found.problems()


@pytest.mark.parametrize("step", TAKING)
async def test_killed_while_taking_over(place: Place, step: str) -> None:
    call_id = await place.call()
    voice = bytes(n % 7 for n in range(16_000))
    place.record_apart(call_id, voice, bytes(16_000))
    killed(place, step)
    async with running(place) as archive:
        await archive.sweep()
        await archive.idle()
    [recording] = await listed(place)
    assert (recording.frames, recording.channels) == (8000, 2)
    assert len(place.content(recording)) == recording.bytes
    assert [path for path in place.spool.rglob("*") if path.is_file()] == []
    await in_order(place)
    assert content_of(place.settings.folder) == [place.settings.folder / recording.path]
    entries = await place.database.read(partial(chain.of, recording_id=recording.id))
    assert [entry["what"] for entry in entries] == ["taken"]


@pytest.mark.parametrize("step", PURGING)
async def test_killed_while_purging(place: Place, step: str) -> None:
    call_id = await place.call()
    place.record(call_id)
    async with running(place) as archive:
        await archive.sweep()
        await archive.idle()
    killed(place, step)
    await in_order(place)
    await purge(place.database, place.vault.storage, AFTER_THE_TERM, dry_run=False)
    assert await listed(place) == []
    assert content_of(place.settings.folder) == []
    await in_order(place)
    entries = await place.database.read(partial(chain.of, recording_id=call_id))
    assert [entry["what"] for entry in entries] == ["taken", "purge-begun", "purged"]


class Away:
    """A storage that can be away."""

    def __init__(self, place: Place) -> None:
        self._storage = place.vault.storage
        self.away = True

    def __getattr__(self, name: str) -> object:
        if self.away:
            raise StorageAway("no answer")
        return getattr(self._storage, name)


async def test_a_storage_that_is_away_for_an_hour(place: Place) -> None:
    storage = Away(place)
    place.storage = storage  # type: ignore[assignment]
    ids = [await place.call() for _ in range(3)]
    files = [place.record(call_id) for call_id in ids]
    archive = place.archive()
    for call_id, file in zip(ids, files, strict=True):
        archive.take_over(call_id, "", file)
    for minute in range(0, 60, 5):
        place.clock.seconds = 60.0 * minute
        await archive._take_batch(archive._due())
        assert all(file.exists() for file in files)
        assert await listed(place) == []
    assert set(place.seen.failed) == {"storage"}
    storage.away = False
    place.clock.seconds += 60
    await archive._take_batch(archive._due())
    assert len(await listed(place)) == 3
    await in_order(place)

    place.clock.at = AFTER_THE_TERM
    upkeep = Upkeep(place.database, place.vault, place.settings, place.clock, spool=place.spool)
    storage.away = True
    await upkeep.once()
    assert len(await listed(place)) == 3
    storage.away = False
    place.clock.seconds += place.settings.retry_seconds
    await upkeep.once()
    assert await listed(place) == []
    assert content_of(place.settings.folder) == []
    await in_order(place)


async def test_one_file_that_can_not_be_deleted_keeps_no_other(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = sorted([await place.call() for _ in range(3)])
    async with running(place) as archive:
        for call_id in ids:
            archive.take_over(call_id, "", place.record(call_id))
        await archive.idle()
    storage = place.vault.storage
    delete = type(storage).delete

    def stuck(self: object, path: str) -> None:
        if ids[1] in path:
            raise StorageAway("not permitted")
        delete(storage, path)

    with monkeypatch.context() as patched:
        patched.setattr(type(storage), "delete", stuck)
        with pytest.raises(StorageAway):
            await purge(place.database, storage, AFTER_THE_TERM, dry_run=False)
    assert [row.id for row in await listed(place)] == [ids[1]]
    await purge(place.database, storage, AFTER_THE_TERM, dry_run=False)
    assert await listed(place) == []


async def test_lost_keys_leave_recordings_in_the_spool_until_they_are_back(place: Place) -> None:
    first, second = await place.call(), await place.call()
    async with running(place) as archive:
        archive.take_over(first, "", place.record(first))
        await archive.idle()
    hidden = place.settings.keys.rename(place.settings.keys.with_name("elsewhere"))
    file = place.record(second)
    archive = place.archive()
    await archive._make_ready()
    archive.take_over(second, "", file)
    await archive._take_batch(archive._due())
    assert place.seen.failed == ["no-key"]
    assert file.exists()
    found = await keeping.verify(place.database, place.vault, EVERYTHING)
    assert (found.locked, found.ok) == ([first], False)
    place.settings.keys.rmdir() if place.settings.keys.exists() else None
    hidden.rename(place.settings.keys)
    place.clock.seconds = 11
    await archive._take_batch(archive._due())
    assert {row.id for row in await listed(place)} == {first, second}
    await in_order(place)


async def test_a_recording_under_the_name_of_another_is_seen(place: Place) -> None:
    one, two = await place.call(), await place.call()
    async with running(place) as archive:
        for call_id in (one, two):
            archive.take_over(call_id, "", place.record(call_id))
        await archive.idle()
    rows = {row.id: row for row in await listed(place)}
    paths = [place.settings.folder / rows[call_id].path for call_id in (one, two)]
    paths[0].chmod(0o640)
    paths[0].write_bytes(paths[1].read_bytes())
    with pytest.raises(Tampered):
        place.content(rows[one])
    assert (await keeping.verify(place.database, place.vault, EVERYTHING)).changed == [one]
    assert rows[one].taken_at == NOW
