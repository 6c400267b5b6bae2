"""Writing past calls into the tables that the ledger and its neighbours keep theirs in; jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from ivr.calls import rows
from ivr.calls.followup_tables import survey_answers
from ivr.calls.rows import Batch
from ivr.calls.story import Origin
from ivr.calls.tables import call_legs, calls, wrapups
from ivr.calls.wrapups import WrapUp
from ivr.kpi.circumstances import IMPORTED
from ivr.kpi.history import PastCall
from ivr.requests.callback_model import CallbackEnd, CallbackSource, CallbackStatus
from ivr.requests.callback_tables import callbacks
from ivr.requests.model import Wish

_TERM = timedelta(hours=24)
"""After that a promise of another system that it did not keep is taken for broken."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of some calls.

    Attributes:
        ours: Ids of calls that this system took itself: these are left alone.
    """

    added: int
    changed: int
    unchanged: int
    ours: tuple[str, ...] = ()


def ours(connection: Connection, call_ids: Sequence[str]) -> list[str]:
    """Those of the calls that this system took itself."""
    mine = calls.c.call_id.in_(list(call_ids)) & (calls.c.origin != Origin.IMPORTED)
    return sorted(connection.execute(select(calls.c.call_id).where(mine)).scalars())


def write(connection: Connection, past: Sequence[PastCall], now: datetime) -> Written:
    """Write calls that are new or differ from what an earlier file told; a repetition changes nothing."""
    known = _digests(connection, [call.story.call_id for call in past])
    left_alone = tuple(id for id, digest in known.items() if digest is None)
    differing = [
        call
        for call in past
        if call.story.call_id not in left_alone and known.get(call.story.call_id) != call.digest
    ]
    changed = sum(call.story.call_id in known for call in differing)
    if differing:
        _clear(connection, [call.story.call_id for call in differing])
        _put(connection, differing, now)
    same = len(past) - len(differing) - len(left_alone)
    return Written(len(differing) - changed, changed, same, left_alone)


def _digests(connection: Connection, call_ids: Sequence[str]) -> Mapping[str, str | None]:
    """The digests of calls that are there; None for those that no file has told."""
    query = select(calls.c.call_id, calls.c.origin, calls.c.data).where(calls.c.call_id.in_(call_ids))
    return {
        row.call_id: row.data.get(IMPORTED, {}).get("digest", "") if row.origin == Origin.IMPORTED else None
        for row in connection.execute(query)
    }


def _clear(connection: Connection, call_ids: Sequence[str]) -> None:
    for table in (call_legs, wrapups, survey_answers, callbacks):
        connection.execute(delete(table).where(table.c.call_id.in_(call_ids)))


def _put(connection: Connection, past: Sequence[PastCall], now: datetime) -> None:
    legs = [leg for call in past for leg in call.story.legs.values()]
    batch = Batch([rows.call_row(call.story) for call in past], [rows.leg_row(leg) for leg in legs])
    rows.write(connection, batch)
    summed_up = [_wrapup_row(each, now) for call in past for each in call.wrapups]
    scores = [_score_row(call) for call in past if call.score is not None]
    promises = [_promise_row(call, call.promised_at) for call in past if call.promised_at is not None]
    for table, values in ((wrapups, summed_up), (survey_answers, scores), (callbacks, promises)):
        if values:
            connection.execute(insert(table), values)


def _wrapup_row(wrapup: WrapUp, now: datetime) -> dict[str, Any]:
    return {each.name: getattr(wrapup, each.name) for each in fields(WrapUp)} | {"changed_at": now}


def _score_row(call: PastCall) -> dict[str, Any]:
    story = call.story
    at = story.ended_at
    row = {"call_id": story.call_id, "agent": story.agent, "agreed": True, "asked_at": at}
    return {**row, "answered_at": at, "score": call.score, "why": None}


def _promise_row(call: PastCall, promised_at: datetime) -> dict[str, Any]:
    """A promise that is closed in any case: nobody is to be rung for it by this system."""
    story, kept = call.story, call.kept_at is not None
    closed_at = call.kept_at or promised_at + _TERM
    return {
        "phone": (story.caller_number or "")[:16],
        "asked_at": promised_at,
        "promised_at": promised_at,
        "wish": Wish.SOON,
        "due_from": promised_at,
        "topic": story.topic or "",
        "account_number": "",
        "said": "",
        "status": CallbackStatus.DONE if kept else CallbackStatus.EXPIRED,
        "call_id": story.call_id,
        "changed_at": closed_at,
        "source": CallbackSource.QUEUE if story.queued_at else CallbackSource.ROBOT,
        "queue": "",
        "queued_at": None,
        "taken_by": None,
        "taken_at": None,
        "next_at": None,
        "failures": 0,
        "closed_at": closed_at,
        "closed_as": CallbackEnd.CALLED if kept else CallbackEnd.TOO_LATE,
        "note": "",
    }
