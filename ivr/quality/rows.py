"""Transcripts in the database: what is to be done, what was done, what is forgotten. Jobs of a connection."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, func, insert, or_, select, update

from ivr.archive.index import Recording, one
from ivr.archive.tables import recordings
from ivr.quality import mark_rows, texts
from ivr.quality.model import Mark, Side, State, Transcript, Utterance
from ivr.quality.tables import transcripts, utterances

_LOOK_BACK = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Job:
    """A recording that is to be transcribed; `attempts` were made before."""

    id: int
    recording: Recording
    attempts: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far transcribing is.

    Attributes:
        waiting: Recordings that wait.
        failing: Of these, those of which an attempt failed.
        done: Transcribed.
        given_up: Failed too often, by reason.
        sound_seconds: Length of what was transcribed.
        work_seconds: Time of a processor that it took.
    """

    waiting: int
    failing: int
    done: int
    given_up: dict[str, int]
    sound_seconds: float
    work_seconds: float


def unknown(connection: Connection, limit: int, *, everything: bool) -> list[Recording]:
    """Recordings that nobody has put on the list, the latest first.

    Args:
        connection: To read with.
        limit: How many at most.
        everything: Look at the whole archive; else at what was taken over about the time of the last known.
    """
    known = exists().where(transcripts.c.recording_id == recordings.c.id)
    statement = select(recordings).where(~known, recordings.c.purge_begun_at.is_(None))
    if not everything:
        newest = connection.execute(select(func.max(transcripts.c.taken_at))).scalar()
        if newest is not None:
            statement = statement.where(recordings.c.taken_at >= newest - _LOOK_BACK)
    found = connection.execute(statement.order_by(recordings.c.taken_at.desc()).limit(limit))
    return [Recording(**row) for row in found.mappings()]


def enlist(connection: Connection, found: Sequence[Recording], settle: timedelta) -> None:
    """Put recordings on the list; those that are there already, or gone meanwhile, are left out."""
    for recording in found:
        known = select(transcripts.c.id).where(transcripts.c.recording_id == recording.id)
        if connection.execute(known).first() or not _is_there(connection, recording.id):
            continue
        connection.execute(
            insert(transcripts).values(
                recording_id=recording.id,
                call_id=recording.call_id,
                started_at=recording.started_at,
                taken_at=recording.taken_at,
                state=State.WAITING,
                due_at=recording.taken_at + settle,
                attempts=0,
                reason="",
                sound_seconds=recording.seconds,
            )
        )


def due(connection: Connection, now: datetime) -> Job | None:
    """The next recording, the latest first; None: nothing is due."""
    statement = (
        select(transcripts.c.id, transcripts.c.attempts, transcripts.c.recording_id)
        .join(recordings, recordings.c.id == transcripts.c.recording_id)
        .where(
            transcripts.c.state == State.WAITING,
            transcripts.c.due_at <= now,
            recordings.c.purge_begun_at.is_(None),
        )
        .order_by(transcripts.c.started_at.desc())
        .limit(1)
    )
    row = connection.execute(statement).first()
    recording = one(connection, row.recording_id) if row else None
    return Job(row.id, recording, row.attempts) if row and recording else None


def begin(connection: Connection, job: Job, again_at: datetime) -> bool:
    """Count an attempt before it is made: one that kills the process counts as well.

    Args:
        connection: A writing one.
        job: Which.
        again_at: When it is tried again should nothing more be heard of this attempt.

    Returns:
        Whether it is ours; else another engine has begun it, or it is gone.
    """
    same = (transcripts.c.id == job.id) & (transcripts.c.attempts == job.attempts)
    waits = same & (transcripts.c.state == State.WAITING)
    values = {"attempts": job.attempts + 1, "due_at": again_at, "reason": "died"}
    return connection.execute(update(transcripts).where(waits).values(**values)).rowcount == 1


def finish(
    connection: Connection,
    job: Job,
    said: Sequence[Utterance],
    marks: Sequence[Mark],
    *,
    stems: str,
    now: datetime,
    work_seconds: float,
) -> bool:
    """Write down what was said, in place of what was there; whether the recording still is in the archive."""
    if not _is_there(connection, job.recording.id):
        return False
    connection.execute(delete(utterances).where(utterances.c.transcript_id == job.id))
    if said:
        connection.execute(insert(utterances), [_row(job.id, seq, each) for seq, each in enumerate(said)])
    texts.put(connection, job.id, stems)
    mark_rows.replace(connection, job.recording, marks)
    done = {"state": State.DONE, "done_at": now, "reason": "", "work_seconds": work_seconds}
    connection.execute(update(transcripts).where(transcripts.c.id == job.id).values(**done))
    return True


def fail(connection: Connection, job: Job, reason: str, *, again_at: datetime | None, counts: bool) -> None:
    """Note that an attempt failed.

    Args:
        connection: A writing one.
        job: Which.
        reason: Why.
        again_at: When it is tried again; None: it is given up.
        counts: Whether it counts as an attempt.
    """
    values: dict[str, Any] = {"reason": reason, "attempts": job.attempts + counts}
    values |= {"state": State.GIVEN_UP} if again_at is None else {"due_at": again_at}
    connection.execute(update(transcripts).where(transcripts.c.id == job.id).values(**values))


def again(connection: Connection, ids: Collection[str], now: datetime) -> int:
    """Transcribe anew; what is there stays until then.

    Args:
        connection: A writing one.
        ids: Of recordings or calls; without any, all that were given up.
        now: The time.

    Returns:
        How many.
    """
    chosen = or_(transcripts.c.recording_id.in_(ids), transcripts.c.call_id.in_(ids))
    which = chosen if ids else transcripts.c.state == State.GIVEN_UP
    values = {"state": State.WAITING, "due_at": now, "attempts": 0, "reason": ""}
    return connection.execute(update(transcripts).where(which).values(**values)).rowcount


def forget(connection: Connection, recording_ids: Sequence[str]) -> None:
    """Delete what was said in recordings that are deleted (`ivr.archive.purging.Forget`).

    Marks stay without words, for the count of what was found.
    """
    chosen = select(transcripts.c.id).where(transcripts.c.recording_id.in_(recording_ids))
    ids = list(connection.execute(chosen).scalars())
    texts.forget(connection, ids)
    connection.execute(delete(utterances).where(utterances.c.transcript_id.in_(ids)))
    connection.execute(delete(transcripts).where(transcripts.c.id.in_(ids)))
    mark_rows.forget(connection, recording_ids)


def transcript(connection: Connection, recording_id: str) -> Transcript | None:
    """What was said in a recording; None: nobody has put it on the list."""
    row = connection.execute(
        select(transcripts).where(transcripts.c.recording_id == recording_id)
    ).one_or_none()
    if row is None:
        return None
    said = select(utterances).where(utterances.c.transcript_id == row.id).order_by(utterances.c.seq)
    return Transcript(
        recording_id=row.recording_id,
        call_id=row.call_id,
        state=State(row.state),
        reason=row.reason,
        done_at=row.done_at,
        utterances=tuple(_utterance(each) for each in connection.execute(said)),
    )


def waiting(connection: Connection) -> int:
    """How many recordings wait."""
    mine = select(func.count()).select_from(transcripts).where(transcripts.c.state == State.WAITING)
    return connection.execute(mine).scalar_one()


def progress(connection: Connection) -> Progress:
    """How far it is."""
    states = dict[str, int](
        (state, count)
        for state, count in connection.execute(
            select(transcripts.c.state, func.count()).group_by(transcripts.c.state)
        )
    )
    failing = and_(transcripts.c.state == State.WAITING, transcripts.c.reason != "")
    given_up = (
        select(transcripts.c.reason, func.count())
        .where(transcripts.c.state == State.GIVEN_UP)
        .group_by(transcripts.c.reason)
    )
    sums = select(func.sum(transcripts.c.sound_seconds), func.sum(transcripts.c.work_seconds)).where(
        transcripts.c.state == State.DONE
    )
    sound, work = connection.execute(sums).one()
    return Progress(
        waiting=states.get(State.WAITING, 0),
        failing=connection.execute(select(func.count()).select_from(transcripts).where(failing)).scalar_one(),
        done=states.get(State.DONE, 0),
        given_up={row[0]: row[1] for row in connection.execute(given_up)},
        sound_seconds=float(sound or 0),
        work_seconds=float(work or 0),
    )


def _is_there(connection: Connection, recording_id: str) -> bool:
    found = select(recordings.c.id).where(
        recordings.c.id == recording_id, recordings.c.purge_begun_at.is_(None)
    )
    return connection.execute(found).first() is not None


def _row(transcript_id: int, seq: int, said: Utterance) -> dict[str, Any]:
    return {
        "transcript_id": transcript_id,
        "seq": seq,
        "side": said.side,
        "agent": said.agent,
        "begin_ms": said.begin,
        "end_ms": said.end,
        "text": said.text,
        "confidence": said.confidence,
    }


def _utterance(row: Any) -> Utterance:
    return Utterance(Side(row.side), row.begin_ms, row.end_ms, row.text, row.confidence, row.agent)
