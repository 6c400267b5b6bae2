"""Recordings become words: one at a time, through every failure, and are forgotten with the recording."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, text

from ivr.archive import index, search
from ivr.archive.purging import begin, purge
from ivr.archive.search import Wanted
from ivr.archive.storage import NotStored, StorageAway
from ivr.quality import mark_rows, rows
from ivr.quality.hearing import NotHeard
from ivr.quality.model import Side, State, Transcript, Verdict
from ivr.quality.rows import Progress
from ivr.quality.tables import quality_marks, transcripts, utterances
from tests.contract.archive.conftest import NOW
from tests.contract.archive.test_archive import running
from tests.contract.quality.conftest import RARE, SAID, Work, checkpoint, expire, stored


async def transcript(work: Work, recording_id: str) -> Transcript:
    found = await work.place.database.read(partial(rows.transcript, recording_id=recording_id))
    assert found is not None
    return found


async def progress(work: Work) -> Progress:
    return await work.place.database.read(rows.progress)


async def counted(work: Work) -> dict[str, int]:
    def job(connection: Connection) -> dict[str, int]:
        tables = {table.name: table for table in (transcripts, utterances, quality_marks)}
        found = {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in tables.items()
        }
        indexed = connection.execute(text("SELECT count(*) FROM transcript_words")).scalar_one()
        return found | {"words": indexed}

    return await work.place.database.read(job)


async def found(work: Work, said: str) -> list[str]:
    job = partial(search.find, wanted=Wanted(text=said), limit=10, texts=work.words)
    return [each.recording.id for each in await work.place.database.read(job)]


def later(work: Work, seconds: float) -> None:
    work.place.clock.at += timedelta(seconds=seconds)
    work.place.clock.seconds += seconds


async def test_a_recording_is_transcribed_once(work: Work) -> None:
    (call,) = await work.recorded()
    transcribing = work.transcribing()
    assert await transcribing.once()
    assert not await transcribing.once()
    done = await transcript(work, call)
    assert (done.state, done.reason, done.call_id) == (State.DONE, "", call)
    assert [(each.side, each.text, each.agent) for each in done.utterances] == [
        (Side.PERSON, SAID[0].text, "anna"),
        (Side.CLIENT, SAID[1].text, "anna"),
    ]
    assert len(work.ear.heard) == 1
    assert len(work.ear.people[0]) == 1


async def test_the_latest_recordings_come_first_and_all_come(work: Work) -> None:
    await work.recorded(3)
    transcribing = work.transcribing()
    while await transcribing.once():
        pass
    assert (await progress(work)).done == 3
    assert (await progress(work)).work_seconds == pytest.approx(4.5)


async def test_marks_come_with_the_words_and_what_was_resolved_stays(work: Work) -> None:
    (call,) = await work.recorded()
    await work.transcribing().once()
    (mark,) = await work.place.database.read(partial(mark_rows.find, wanted=mark_rows.Wanted(), limit=5))
    assert (mark.recording_id, mark.at_ms, mark.agent, mark.clause) == (call, 500, "anna", "п. 116 в")
    await work.place.database.write(
        partial(
            mark_rows.resolve,
            mark_id=mark.id,
            verdict=Verdict.FALSE,
            note="ослышался",
            who="senior",
            now=NOW,
        )
    )
    again = await work.place.database.write(partial(rows.again, ids=[call], now=NOW))
    assert again == 1
    assert await work.transcribing().once()
    left = await work.place.database.read(partial(mark_rows.find, wanted=mark_rows.Wanted(), limit=5))
    assert [(each.id, each.verdict) for each in left] == [(mark.id, Verdict.FALSE)]
    assert (await counted(work))["utterances"] == 2


@pytest.mark.parametrize(
    ("said", "is_found"),
    [
        ("показания", True),
        ("показаний счетчиков", True),
        ("«показания счётчика»", True),
        ('"счётчика показания"', False),
        ("адреса", True),
        ("показания газ", False),
        ("", None),
        ("?!", False),
        ("NEAR OR * (", False),
        ('" OR 1', False),
    ],
)
async def test_recordings_are_found_by_words_in_any_form(
    work: Work, said: str, is_found: bool | None
) -> None:
    (call,) = await work.recorded()
    await work.transcribing().once()
    assert await found(work, said) == ([call] if is_found is not False else [])


# --- failures ---


async def test_a_failure_is_tried_again_later_and_given_up_at_last(work: Work) -> None:
    (call,) = await work.recorded()
    work.ear.faults = [NotHeard("failed") for _ in range(3)]
    transcribing = work.transcribing(attempts=3, retry_seconds=60)
    assert await transcribing.once()
    assert not await transcribing.once(), "it waits"
    later(work, 61)
    assert await transcribing.once()
    later(work, 61)
    assert not await transcribing.once(), "the pause doubles"
    later(work, 61)
    assert await transcribing.once()
    assert (await progress(work)).given_up == {"failed": 1}
    later(work, 100_000)
    assert not await transcribing.once()
    assert await work.place.database.write(partial(rows.again, ids=[], now=work.place.clock.now())) == 1
    assert await transcribing.once()
    assert (await transcript(work, call)).state is State.DONE


@pytest.mark.parametrize("fault", [StorageAway("x"), NotStored("x")])
async def test_a_storage_that_is_away_costs_no_attempt(work: Work, fault: Exception) -> None:
    (call,) = await work.recorded()
    work.ear.faults = [fault]
    transcribing = work.transcribing(attempts=1)
    await transcribing.once()
    away = isinstance(fault, StorageAway)
    assert (await transcript(work, call)).state is (State.WAITING if away else State.GIVEN_UP)
    assert (await transcript(work, call)).reason == ("storage" if away else "missing")


async def test_killed_at_work_it_begins_again_and_nothing_is_there_twice(work: Work) -> None:
    (call,) = await work.recorded()
    reached = asyncio.Event()

    async def hang() -> None:
        reached.set()
        await asyncio.Event().wait()

    work.ear.before = hang
    task = asyncio.create_task(work.transcribing().once())
    await reached.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (await transcript(work, call)).utterances == ()
    work.ear.before = None
    assert not await work.transcribing().once(), "somebody else may be at work on it"
    later(work, 400)
    assert await work.transcribing().once()
    assert await counted(work) == {"transcripts": 1, "utterances": 2, "quality_marks": 1, "words": 1}


async def test_what_kills_the_process_each_time_is_given_up(work: Work) -> None:
    await work.recorded()

    class Killed(BaseException):
        pass

    async def kill() -> None:
        raise Killed

    work.ear.before = kill
    for _ in range(2):
        with pytest.raises(Killed):
            await work.transcribing(attempts=2).once()
        later(work, 1000)
    work.ear.before = None
    work.ear.faults = [NotHeard("died")]
    await work.transcribing(attempts=2).once()
    assert (await progress(work)).given_up == {"died": 1}


async def test_a_second_writing_of_the_same_changes_nothing(work: Work) -> None:
    await work.recorded()
    transcribing = work.transcribing()
    await transcribing.once()
    before = await counted(work)
    await work.place.database.write(partial(rows.again, ids=[], now=NOW))
    for _ in range(2):
        fresh = work.transcribing()
        await fresh.once()
    assert await counted(work) == before


async def test_two_engines_do_not_transcribe_the_same(work: Work) -> None:
    await work.recorded()
    other = work.transcribing()

    async def also() -> None:
        work.ear.before = None
        assert not await other.once()

    work.ear.before = also
    assert await work.transcribing().once()
    assert len(work.ear.heard) == 1


async def test_of_two_that_begin_at_once_one_does_it(work: Work) -> None:
    await work.recorded()
    await asyncio.gather(work.transcribing().once(), work.transcribing().once())
    assert len(work.ear.heard) == 1


async def test_it_waits_while_many_calls_go_on(work: Work) -> None:
    await work.recorded()
    work.calls = 3
    assert not await work.transcribing(most_calls=2).once()
    assert work.ear.heard == []
    assert (await progress(work)).waiting == 1, "it is on the list all the same"
    work.calls = 2
    assert await work.transcribing(most_calls=2).once()


async def test_calls_that_come_while_it_works_stop_it_between_two_stretches(work: Work) -> None:
    await work.recorded()
    transcribing = work.transcribing(most_calls=0, look_seconds=0.001)

    async def busy() -> None:
        work.calls = 1
        asyncio.get_running_loop().call_later(0.05, setattr, work, "calls", 0)

    work.ear.before = busy
    assert await transcribing.once()
    assert work.calls == 0


async def test_a_call_that_nobody_answered_is_listened_to_on_the_clients_side_only(work: Work) -> None:
    call = await work.place.call(answered=True)
    sound = b"\x10\x00" * 8000
    async with running(work.place) as archive:
        archive.take_over(call, "", work.place.record_apart(call, sound, sound))
        await archive.idle()
    await work.transcribing().once()
    assert work.ear.people == [[]]


async def test_talks_only_leaves_the_robots_calls_out(work: Work) -> None:
    call = await work.place.call()
    async with running(work.place) as archive:
        archive.take_over(call, "", work.place.record(call))
        await archive.idle()
    assert await work.transcribing(talks_only=True).once()
    assert work.ear.heard == []
    assert (await transcript(work, call)).state is State.DONE


# --- deletion ---


async def purged(work: Work, **given: Any) -> None:
    now = work.place.clock.now()
    await purge(
        work.place.database,
        work.place.vault.storage,
        now,
        dry_run=False,
        forget=given.get("forget", [rows.forget]),
    )


async def test_with_the_recording_goes_what_was_said(work: Work) -> None:
    gone, kept = await work.recorded(2)
    transcribing = work.transcribing()
    while await transcribing.once():
        pass
    await expire(work.place.database, work.place.clock.now(), gone)
    await purged(work)
    assert await counted(work) == {"transcripts": 1, "utterances": 2, "quality_marks": 2, "words": 1}
    assert await found(work, RARE) == [kept]
    marks = await work.place.database.read(partial(mark_rows.find, wanted=mark_rows.Wanted(), limit=5))
    assert [each.recording_id for each in marks] == [kept]
    totals = await work.place.database.read(partial(mark_rows.counts, wanted=mark_rows.Wanted()))
    assert totals[Verdict.OPEN] == 2, "what was found still counts"


async def test_no_word_is_left_in_the_files(work: Work) -> None:
    await work.recorded(3)
    folder = work.place.settings.folder.parent
    transcribing = work.transcribing()
    while await transcribing.once():
        pass
    await checkpoint(work.place.database)
    assert stored(folder, RARE)
    await expire(work.place.database, work.place.clock.now())
    await purged(work)
    await transcribing.compact()
    await checkpoint(work.place.database)
    assert not stored(folder, RARE)


async def test_a_recording_that_is_deleted_meanwhile_leaves_nothing(work: Work) -> None:
    (call,) = await work.recorded()

    async def delete() -> None:
        await expire(work.place.database, work.place.clock.now(), call)
        await purged(work)

    work.ear.before = delete
    assert await work.transcribing().once()
    assert await counted(work) == {"transcripts": 0, "utterances": 0, "quality_marks": 0, "words": 0}


async def test_a_deletion_that_has_begun_and_was_killed_is_not_transcribed(work: Work) -> None:
    (call,) = await work.recorded()
    now = work.place.clock.now()
    await expire(work.place.database, now, call)
    await work.place.database.write(partial(begin, now=now, after="", limit=5))
    assert not await work.transcribing().once()
    await purged(work)
    assert (await counted(work))["transcripts"] == 0


async def test_what_is_held_keeps_its_words(work: Work) -> None:
    (call,) = await work.recorded()
    await work.transcribing().once()
    now = work.place.clock.now()
    await work.place.database.write(partial(index.hold, chosen=call, reason="спор", who="senior", now=now))
    await expire(work.place.database, now + timedelta(days=400))
    await purged(work)
    assert await found(work, RARE) == [call]
