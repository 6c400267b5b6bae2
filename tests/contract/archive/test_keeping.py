from __future__ import annotations

import json
import os
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select as sql_select

from ivr.archive import chain, index, keeping, purging
from ivr.archive.exporting import export
from ivr.archive.index import Selection
from ivr.archive.keeping import verify
from ivr.archive.purging import purge
from ivr.archive.storage import Storage
from ivr.archive.tables import recording_purges
from ivr.errors import Fault
from tests.contract.archive.conftest import MOSCOW, NOW, Place
from tests.contract.archive.test_archive import EVERYTHING, Crash, listed, running

AFTER_THE_TERM = NOW + timedelta(days=62)


async def filled(place: Place, count: int = 3) -> list[str]:
    ids = sorted([await place.call() for _ in range(count)])
    async with running(place) as archive:
        for call_id in ids:
            archive.take_over(call_id, "", place.record(call_id))
        await archive.idle()
    return ids


def file_of(place: Place, call_id: str) -> Path:
    return place.settings.folder / f"2026/11/24/{call_id}.sealed"


async def exported(place: Place, chosen: Selection, target: Path) -> list[index.Recording]:
    pages = keeping.select(place.database, chosen)
    return await export(place.database, place.vault, pages, target, who="anna", why="complaint 17", now=NOW)


async def logged(place: Place, recording_id: str) -> list[tuple[str, str]]:
    rows = await place.database.read(partial(chain.of, recording_id=recording_id))
    return [(row["what"], row["who"]) for row in rows]


async def purged(place: Place) -> list[str]:
    return await place.database.read(
        lambda c: list(c.execute(sql_select(recording_purges.c.recording_id)).scalars())
    )


async def test_an_archive_in_order(place: Place) -> None:
    await filled(place)
    result = await verify(place.database, place.vault, EVERYTHING)
    assert result.ok
    assert len(result.recordings) == 3


async def test_missing_changed_and_orphaned_files_are_found(place: Place) -> None:
    missing, changed, cut = await filled(place)
    file_of(place, missing).unlink()
    path = file_of(place, changed)
    path.chmod(0o640)
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")
    os.truncate(file_of(place, cut), 100)
    stray = place.settings.folder / "2026/11/23/stray.wav"
    stray.parent.mkdir()
    stray.write_bytes(b"RIFF")
    result = await verify(place.database, place.vault, EVERYTHING)
    assert not result.ok
    assert (result.missing, result.changed) == ([missing], sorted([changed, cut]))
    assert result.orphaned == ["2026/11/23/stray.wav"]


async def test_pages_lose_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "_PAGE", 2)
    monkeypatch.setattr(purging, "_PAGE", 2)
    ids = await filled(place, 5)
    assert [recording.id for recording in await listed(place)] == ids
    assert len(await purge(place.database, place.vault.storage, AFTER_THE_TERM, dry_run=True)) == 5
    assert len(await purge(place.database, place.vault.storage, AFTER_THE_TERM, dry_run=False)) == 5


async def test_nothing_is_deleted_before_its_term(place: Place) -> None:
    await filled(place)
    last = datetime(2027, 1, 23, 23, 59, 59, tzinfo=MOSCOW)
    assert await purge(place.database, place.vault.storage, last, dry_run=False) == []
    assert len(await listed(place)) == 3


async def test_purge_deletes_file_and_row_and_leaves_a_record(place: Place) -> None:
    first, held, last = await filled(place)
    assert await place.database.write(partial(index.hold, chosen=held, reason="court", who="anna", now=NOW))
    would = await purge(place.database, place.vault.storage, AFTER_THE_TERM, dry_run=True)
    assert [recording.id for recording in would] == [first, last]
    assert len(await listed(place)) == 3
    gone = await purge(place.database, place.vault.storage, AFTER_THE_TERM, dry_run=False)
    assert [recording.id for recording in gone] == [first, last]
    assert [recording.id for recording in await listed(place)] == [held]
    assert [path.stem for path in file_of(place, held).parent.iterdir()] == [held]
    assert await purged(place) == [first, last]
    assert [what for what, _ in await logged(place, first)] == ["taken", "purge-begun", "purged"]
    assert (await verify(place.database, place.vault, EVERYTHING)).ok
    assert await purge(place.database, place.vault.storage, AFTER_THE_TERM, dry_run=False) == []


async def test_a_purged_conversation_is_not_reported_as_without_a_recording(place: Place) -> None:
    await filled(place, 1)
    await purge(place.database, place.vault.storage, AFTER_THE_TERM, dry_run=False)
    await place.archive().sweep()
    assert await place.database.read(index.absences) == []


async def test_an_interrupted_purge_is_finished_by_the_next(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(storage: Storage, page: list[index.Recording]) -> None:
        storage.delete(page[0].path)
        raise Crash

    ids = await filled(place)
    with monkeypatch.context() as patched:
        patched.setattr(purging, "_delete", crash)
        with pytest.raises(Crash):
            await purge(place.database, place.vault.storage, AFTER_THE_TERM, dry_run=False)
    assert not await place.database.write(
        partial(index.hold, chosen=ids[1], reason="court", who="anna", now=NOW)
    )
    await purge(place.database, place.vault.storage, AFTER_THE_TERM, dry_run=False)
    assert await listed(place) == []
    assert await purged(place) == ids
    assert list(file_of(place, ids[0]).parent.iterdir()) == []


async def test_an_export_has_copies_and_a_manifest(place: Place, tmp_path: Path) -> None:
    first, _, last = await filled(place)
    chosen = Selection(ids=frozenset([first, last]), zone=MOSCOW)
    done = await exported(place, chosen, tmp_path / "out")
    assert [recording.id for recording in done] == [first, last]
    manifest = json.loads((tmp_path / "out/manifest.json").read_text(encoding="utf-8"))
    assert [entry["file"] for entry in manifest["recordings"]] == [f"{first}.wav", f"{last}.wav"]
    assert manifest["recordings"][0]["sha256"] == done[0].sha256
    copy = tmp_path / "out" / f"{first}.wav"
    assert copy.read_bytes() == place.content(done[0])
    assert manifest["exported"]["who"] == "anna"
    assert await logged(place, first) == [("taken", "engine"), ("exported", "anna")]


async def test_an_export_refuses_what_is_not_in_order(place: Place, tmp_path: Path) -> None:
    changed, missing, _ = await filled(place)
    with pytest.raises(Fault, match="not empty"):
        await exported(place, EVERYTHING, place.settings.folder)
    os.truncate(file_of(place, changed), 100)
    with pytest.raises(Fault, match="not what was taken over"):
        await exported(place, EVERYTHING, tmp_path / "a")
    file_of(place, missing).unlink()
    only = Selection(ids=frozenset([missing]), zone=MOSCOW)
    with pytest.raises(Fault, match="is not there"):
        await exported(place, only, tmp_path / "b")


@pytest.mark.parametrize(
    ("since", "until", "count"),
    [
        (date(2026, 11, 24), None, 1),
        (date(2026, 11, 25), None, 0),
        (None, date(2026, 11, 24), 1),
        (None, date(2026, 11, 23), 0),
    ],
)
async def test_days_are_those_of_the_company(
    place: Place, since: date | None, until: date | None, count: int
) -> None:
    await filled(place, 1)
    chosen = Selection(since=since, until=until, zone=MOSCOW)
    result = await verify(place.database, place.vault, chosen)
    assert len(result.recordings) == count
