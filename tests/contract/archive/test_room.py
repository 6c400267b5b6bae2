"""Searching, listening, keys, the log and the disk watch."""

from __future__ import annotations

import math
from collections import namedtuple
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, Delete, Select, Update, delete, insert, select, update

from ivr.archive import chain, keeping, rotating, search
from ivr.archive.chain import Entry, What
from ivr.archive.keyring import KeyMissing
from ivr.archive.listening import Listening, NotHeard
from ivr.archive.search import Found, Wanted
from ivr.archive.settings import SoundFormat
from ivr.archive.storage import LocalStorage
from ivr.archive.tables import archive_log, recordings
from ivr.archive.upkeep import Growth, Upkeep, days_left
from ivr.calls.tables import calls, identifications, wrapups
from tests.contract.archive.conftest import NOW, Place
from tests.contract.archive.test_archive import EVERYTHING, listed, running
from tests.contract.archive.test_keeping import AFTER_THE_TERM, filled, logged
from tests.real.tones import whistle


async def kept(place: Place, *call_ids: str) -> None:
    async with running(place) as archive:
        for call_id in call_ids:
            archive.take_over(call_id, "", place.record(call_id))
        await archive.idle()


# --- search ---


async def of(place: Place, **about: Any) -> str:
    call_id = await place.call()
    if about:
        change = update(calls).where(calls.c.call_id == call_id).values(**about)
        await changed(place, change)
    await kept(place, call_id)
    return call_id


async def found(place: Place, **wanted: Any) -> list[str]:
    job = partial(search.find, wanted=Wanted(**wanted), limit=10)
    return [one.recording.call_id for one in await place.database.read(job)]


async def test_recordings_are_found_by_their_calls(place: Place) -> None:
    robot = await of(place, caller_number="+74832000001", line="clients", topic="readings.submit")
    talk = await of(place, caller_number="+74832000002", line="clients", agent="anna")
    await of(place)

    def about(connection: Connection) -> None:
        row = {"call_id": talk, "account_number": "320100", "how": "phone", "agent": "anna", "at": NOW}
        connection.execute(insert(identifications), row)
        noted = {"call_id": talk, "agent": "anna", "topic": "bill", "personal": True, "alone": True}
        connection.execute(insert(wrapups), noted | {"note": "", "changed_at": NOW})
        carried = {"account": {"id": "7", "number": "320200"}}
        connection.execute(update(calls).where(calls.c.call_id == robot).values(carried=carried))

    await place.database.write(about)
    assert await found(place, number="+74832000001") == [robot]
    assert await found(place, number="000002") == [talk]
    assert await found(place, account="320100") == [talk]
    assert await found(place, account="320200") == [robot]
    assert await found(place, agent="anna") == [talk]
    assert await found(place, topic="bill") == [talk]
    assert await found(place, topic="readings.submit", line="clients") == [robot]
    assert await found(place, request="17") == []
    assert await found(place, text="свет") == []
    assert await found(place, held=True) == []
    assert len(await found(place)) == 3


async def test_pages_go_back_in_time(place: Place) -> None:
    ids = [await of(place) for _ in range(5)]
    page: list[Found] = []
    seen: list[str] = []
    while True:
        last = page[-1].recording if page else None
        before = (last.started_at, last.id) if last else None
        page = await place.database.read(partial(search.find, wanted=Wanted(), limit=2, before=before))
        if not page:
            break
        seen += [one.recording.id for one in page]
    assert sorted(seen) == sorted(ids)
    assert await found(place, since=NOW - timedelta(seconds=1), until=NOW) == seen
    assert await found(place, since=NOW) == []


class Words:
    def matching(self, text: str) -> Select[tuple[str]]:
        return select(recordings.c.id).where(recordings.c.id.startswith(text))


async def test_words_are_looked_up_where_they_are_kept(place: Place) -> None:
    one = await of(place)
    await of(place)
    job = partial(search.find, wanted=Wanted(text=one), limit=10, texts=Words())
    assert [each.recording.id for each in await place.database.read(job)] == [one]


# --- listening ---


async def test_who_listens_is_noted_once_in_half_an_hour(place: Place) -> None:
    [call_id] = await filled(place, 1)
    listening = Listening(place.database, place.vault, place.clock)
    for seconds in (0, 60, 1799, 1801):
        place.clock.seconds = seconds
        opened = await listening.open(call_id, "boris")
    [recording] = await listed(place)
    assert (opened.media_type, opened.size) == ("audio/wav", recording.bytes)
    assert await opened.read(10, 20) == place.content(recording)[10:30]
    assert await logged(place, call_id) == [("taken", "engine"), ("listened", "boris"), ("listened", "boris")]
    drawn = await listening.outline(call_id, 10)
    assert (len(drawn.sides), len(drawn.sides[0])) == (1, 10)


@pytest.mark.parametrize(
    ("harm", "reason"), [("missing", "missing"), ("changed", "changed"), ("locked", "locked")]
)
async def test_what_can_not_be_heard_has_a_reason(place: Place, harm: str, reason: str) -> None:
    [call_id] = await filled(place, 1)
    [recording] = await listed(place)
    file = place.settings.folder / recording.path
    file.chmod(0o640)
    if harm == "missing":
        file.unlink()
    elif harm == "changed":
        file.write_bytes(file.read_bytes()[:-1])
    else:
        place.settings.keys.rename(place.settings.keys.with_name("elsewhere"))
    with pytest.raises(NotHeard) as refused:
        await Listening(place.database, place.vault, place.clock).open(call_id, "boris")
    assert refused.value.reason == reason


async def test_an_unknown_recording_is_not_heard(place: Place) -> None:
    with pytest.raises(NotHeard, match="unknown"):
        await Listening(place.database, place.vault, place.clock).open("nothing", "boris")


# --- keys ---


async def test_rotation_changes_no_content_and_frees_the_old_key(place: Place) -> None:
    ids = await filled(place, 3)
    before = await listed(place)
    files = {row.id: (place.settings.folder / row.path).read_bytes() for row in before}
    name = await rotating.make_key(place.database, place.vault.ring, "anna", NOW + timedelta(days=1))
    assert await rotating.rotate(place.database, place.vault.ring, "anna", NOW) == 3
    assert await rotating.rotate(place.database, place.vault.ring, "anna", NOW) == 0
    assert await place.database.read(rotating.use) == {name: 3}
    (place.settings.keys / sorted(path.name for path in place.settings.keys.iterdir())[0]).unlink()
    after = await listed(place)
    assert {row.id: (place.settings.folder / row.path).read_bytes() for row in after} == files
    assert [len(place.content(row)) for row in after] == [row.bytes for row in before]
    assert {row.id for row in after} == set(ids)
    assert (await keeping.verify(place.database, place.vault, EVERYTHING)).ok


async def test_rotation_without_the_old_key_changes_nothing(place: Place) -> None:
    await filled(place, 2)
    before = await listed(place)
    for file in place.settings.keys.iterdir():
        file.unlink()
    await rotating.make_key(place.database, place.vault.ring, "anna", NOW)
    with pytest.raises(KeyMissing):
        await rotating.rotate(place.database, place.vault.ring, "anna", NOW)
    assert await listed(place) == before


async def test_an_empty_ring_has_nothing_to_rotate_to(place: Place) -> None:
    for file in place.settings.keys.iterdir():
        file.unlink()
    with pytest.raises(KeyMissing):
        await rotating.rotate(place.database, place.vault.ring, "anna", NOW)


async def test_recordings_can_stay_unencrypted(place: Place) -> None:
    place.settings = place.settings.model_copy(update={"encrypt": False})
    [call_id] = await filled(place, 1)
    [recording] = await listed(place)
    assert recording.key_id is None
    file = place.settings.folder / f"2026/11/24/{call_id}.wav"
    assert file.read_bytes() == place.content(recording)
    place.settings = place.settings.model_copy(update={"encrypt": True})
    assert (await keeping.verify(place.database, place.vault, EVERYTHING)).ok


async def test_a_row_of_an_earlier_version_is_read_as_it_is(place: Place) -> None:
    """WAV, mixed, not encrypted, without what was noted later."""
    call_id = await place.call()
    content = place.record(call_id).read_bytes()
    LocalStorage(place.settings.folder).put("2026/11/24/old.wav", place.spool / f"{call_id}.wav")
    row = {
        "id": call_id,
        "call_id": call_id,
        "part": "",
        "path": "2026/11/24/old.wav",
        "bytes": len(content),
        "seconds": 1.0,
        "sha256": "0" * 64,
        "started_at": NOW,
        "taken_at": NOW,
        "expires_at": NOW,
        "legal_hold": False,
        "repaired": False,
    }
    await place.database.write(lambda connection: connection.execute(insert(recordings), row) and None)
    [recording] = await listed(place)
    assert (recording.format, recording.channels, place.content(recording)) == ("wav", 1, content)


# --- the log ---


async def changed(place: Place, statement: Delete | Update) -> None:
    def job(connection: Connection) -> None:
        connection.execute(statement)

    await place.database.write(job)


async def test_a_changed_entry_breaks_the_chain(place: Place) -> None:
    await filled(place, 3)
    whole = await place.database.read(chain.check)
    assert (whole.entries, whole.broken, whole.head[:2]) == (3, [], "3:")
    forged = update(archive_log).where(archive_log.c.seq == 2).values(who="nobody")
    await changed(place, forged)
    assert (await place.database.read(chain.check)).broken == [2]
    assert await place.database.read(partial(chain.holds, head=whole.head))


async def test_an_entry_that_was_taken_out_is_missed(place: Place) -> None:
    await filled(place, 3)
    head = (await place.database.read(chain.check)).head
    for seq, broken in ((2, [3]), (3, [])):
        await changed(place, delete(archive_log).where(archive_log.c.seq == seq))
        assert (await place.database.read(chain.check)).broken == broken
    assert not await place.database.read(partial(chain.holds, head=head))
    assert not await place.database.read(partial(chain.holds, head="nonsense"))


async def test_a_row_that_was_taken_out_of_the_index_is_missed(place: Place) -> None:
    one, two = await filled(place, 2)

    def harm(connection: Connection) -> None:
        connection.execute(delete(recordings).where(recordings.c.id == one))
        connection.execute(update(recordings).where(recordings.c.id == two).values(sha256="0" * 64))

    await place.database.write(harm)
    found = await keeping.verify(place.database, place.vault, EVERYTHING)
    assert (found.log.vanished, found.log.differing, found.changed) == ([one], [two], [two])
    assert not found.ok


async def test_every_letter_of_an_entry_is_bound(place: Place) -> None:
    entry = Entry(What.EXPORTED, "call", "anna", "жалоба №17", "a" * 64)
    await place.database.write(partial(chain.append, entries=[entry], now=NOW))
    for change in ({"why": "жалоба №18"}, {"at": NOW + timedelta(seconds=1)}, {"sha256": "b" * 64}):
        before = await place.database.read(lambda c: dict(c.execute(select(archive_log)).mappings().one()))
        await changed(place, update(archive_log).values(**change))
        assert (await place.database.read(chain.check)).broken == [1]
        await changed(place, update(archive_log).values(**before))
    assert (await place.database.read(chain.check)).broken == []


# --- upkeep ---

Usage = namedtuple("Usage", "total used free")


def upkeep(place: Place, free: int, monkeypatch: pytest.MonkeyPatch) -> Upkeep:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(10 * free, 9 * free, free))
    return Upkeep(place.database, place.vault, place.settings, place.clock, spool=place.spool)


@pytest.mark.parametrize(
    ("free", "rate", "days"),
    [
        (100, Growth(10, 0), 10),
        (100, Growth(10, 5), 20),
        (100, Growth(5, 10), math.inf),
        (None, Growth(10, 0), math.inf),
    ],
)
def test_days_left(free: int | None, rate: Growth, days: float) -> None:
    assert days_left(free, rate) == days


async def test_a_disk_that_fills_is_told_early(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    await filled(place, 4)
    size = sum(row.bytes for row in await listed(place))
    place.settings = place.settings.model_copy(update={"warn_free_bytes": size})
    place.clock.at = NOW + timedelta(hours=1)
    for free, told in ((100 * size, ""), (5 * size, "full in 5 days"), (size // 2, "nearly full")):
        watch = upkeep(place, free, monkeypatch)
        await watch.once()
        assert told in watch.room.warning
        assert bool(watch.room.warning) == bool(told)


async def test_what_is_due_is_deleted_without_being_asked(place: Place) -> None:
    await filled(place, 2)
    forgotten: list[str] = []
    watch = Upkeep(
        place.database,
        place.vault,
        place.settings,
        place.clock,
        spool=place.spool,
        forget=[lambda _, ids: forgotten.extend(ids)],
    )
    await watch.once()
    assert len(await listed(place)) == 2
    place.clock.at = AFTER_THE_TERM
    await watch.once()
    assert len(await listed(place)) == 2, "not before the pause is over"
    place.clock.seconds = place.settings.purge_seconds
    await watch.once()
    assert await listed(place) == []
    assert len(forgotten) == 2


# --- both sides ---


@pytest.mark.parametrize("form", [SoundFormat.OPUS, SoundFormat.MP3])
async def test_a_part_of_an_operators_channel_has_its_sides_changed(place: Place, form: SoundFormat) -> None:
    place.settings = place.settings.model_copy(update={"format": form})
    call_id = await place.call()
    loud, still = whistle(440, 1.0).tobytes(), bytes(16_000)
    place.record_apart(call_id, loud, still)
    place.record_apart(call_id, loud, still, part="1p")
    async with running(place) as archive:
        archive.call_ended(call_id)
        await archive.idle()
    rows = await listed(place)
    assert [(row.part, row.seconds, row.format) for row in rows] == [("", 1.0, form), ("1", 1.0, form)]
    listening = Listening(place.database, place.vault, place.clock)
    outlines = [(await listening.outline(row.id, 10)).sides for row in rows]
    (his, others), (others_1, his_1) = [(left[5], right[5]) for left, right in outlines]

    assert min(his, his_1) > 50 * max(others, others_1)
