"""Reading from the ledger and its neighbours what a call is counted from; jobs for the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, and_, select

from ivr.archive.tables import recording_absences, recording_purges, recordings
from ivr.calls.followup_tables import survey_answers
from ivr.calls.identifications import How, Identification
from ivr.calls.rows import read_stories
from ivr.calls.story import Story
from ivr.calls.tables import calls, identifications, wrapups
from ivr.calls.wrapups import WrapUp
from ivr.kpi.facts import Circumstances, Promised, Recorded
from ivr.requests.callback_model import PENDING, CallbackStatus
from ivr.requests.callback_tables import callbacks

IMPORTED = "imported"
"""Key of a story's data under which an imported history tells what the ledger has no place for."""


def read(connection: Connection, call_ids: Sequence[str]) -> list[tuple[Story, Circumstances]]:
    """Stories and what else is known of them, in the order of the ids; unknown calls are left out."""
    stories = read_stories(connection, call_ids)
    known = _Known(connection, call_ids, stories)
    return [(stories[one], known.of(stories[one])) for one in call_ids if one in stories]


class _Known:
    """What is noted of some calls, by id of the call."""

    def __init__(self, connection: Connection, call_ids: Sequence[str], stories: Mapping[str, Story]) -> None:
        self._wrapups = _wrapups(connection, call_ids)
        self._identifications = _identifications(connection, call_ids)
        self._scores = _scores(connection, call_ids)
        self._promises = _promises(connection, call_ids)
        self._recorded = _ids(connection, call_ids, recordings) | _ids(connection, call_ids, recording_purges)
        self._excused = _ids(connection, call_ids, recording_absences)

    def of(self, story: Story) -> Circumstances:
        told = story.data.get(IMPORTED)
        imported = told if isinstance(told, Mapping) else None
        return Circumstances(
            wrapups=self._wrapups.get(story.call_id, ()),
            identifications=self._identifications.get(story.call_id, ()),
            promised=self._promises.get(story.call_id),
            score=self._scores.get(story.call_id),
            recorded=self._recording(story.call_id) if imported is None else _imported(imported),
            transfers=None if imported is None else imported.get("transfers"),  # type: ignore[arg-type]
            alone_known=imported is None or bool(imported.get("alone")),
        )

    def _recording(self, call_id: str) -> Recorded:
        if call_id in self._recorded:
            return Recorded.YES
        return Recorded.EXCUSED if call_id in self._excused else Recorded.NO


def _imported(told: Mapping[str, Any]) -> Recorded:
    recording = told.get("recording")
    return Recorded(recording) if recording else Recorded.UNKNOWN


def _wrapups(connection: Connection, call_ids: Sequence[str]) -> Mapping[str, Sequence[WrapUp]]:
    found: dict[str, list[WrapUp]] = defaultdict(list)
    table = wrapups.c
    query = select(
        table.call_id,
        table.agent,
        table.topic,
        table.result,
        table.personal,
        table.alone,
        table.began_at,
        table.saved_at,
    ).where(table.call_id.in_(call_ids), table.saved_at.is_not(None))
    for row in connection.execute(query.order_by(table.saved_at, table.agent)).mappings():
        found[row["call_id"]].append(WrapUp(**row))
    return found


def _identifications(connection: Connection, call_ids: Sequence[str]) -> Mapping[str, list[Identification]]:
    found: dict[str, list[Identification]] = defaultdict(list)
    table = identifications.c
    query = select(table.call_id, table.account_number, table.how, table.agent, table.at)
    for row in connection.execute(query.where(table.call_id.in_(call_ids)).order_by(table.at)).mappings():
        found[row["call_id"]].append(Identification(**{**row, "how": How(row["how"])}))
    return found


def _scores(connection: Connection, call_ids: Sequence[str]) -> Mapping[str, int]:
    table = survey_answers.c
    query = select(table.call_id, table.score).where(table.call_id.in_(call_ids), table.score.is_not(None))
    return {row.call_id: row.score for row in connection.execute(query)}


_IN_CALL = and_(
    calls.c.caller_number == callbacks.c.phone,
    calls.c.came_at <= callbacks.c.asked_at,
    calls.c.ended_at >= callbacks.c.asked_at,
)
"""The call in which a promise was first asked for: a later plea moves the promise on to its own call."""


def _promises(connection: Connection, call_ids: Sequence[str]) -> Mapping[str, Promised]:
    first = select(calls.c.call_id, callbacks.c.status).join_from(calls, callbacks, _IN_CALL)
    found = {
        row.call_id: _promised(row.status)
        for row in connection.execute(first.where(calls.c.call_id.in_(call_ids)))
    }
    last = select(callbacks.c.call_id, callbacks.c.status).where(callbacks.c.call_id.in_(call_ids))
    return found | {row.call_id: _promised(row.status) for row in connection.execute(last)}


def _promised(status: str) -> Promised:
    if status in PENDING:
        return Promised.OWED
    return Promised.KEPT if status == CallbackStatus.DONE else Promised.BROKEN


def of_the_same_promises(connection: Connection, call_ids: Sequence[str]) -> list[str]:
    """Ids of the calls in which promises were first asked for whose last plea was in one of these calls."""
    query = select(calls.c.call_id).join_from(callbacks, calls, _IN_CALL)
    return list(connection.execute(query.where(callbacks.c.call_id.in_(call_ids))).scalars())


def _ids(connection: Connection, call_ids: Iterable[str], table: Table) -> set[str]:
    query = select(table.c.call_id).where(table.c.call_id.in_(list(call_ids)))
    return set(connection.execute(query).scalars())
