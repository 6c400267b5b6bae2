"""Every attempt with what came of it, for reports: read part by part, so that nothing is held long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, select

from ivr.archive.tables import recordings
from ivr.campaigns.model import Disposition, TargetState
from ivr.campaigns.tables import campaign_attempts as attempts
from ivr.campaigns.tables import campaign_targets as targets


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One attempt.

    Attributes:
        id: Rising; `attempt_id` is the id of the call in the ledger and of its recording, too.
        outcome: Of the talk.
        target_outcome: Of the target, where it is over.
        result: What was gathered, as data.
        recorded: Whether the archive has a recording of it.
    """

    id: int
    attempt_id: str
    target_id: int
    account: str = field(repr=False)
    number: str = field(repr=False)
    trunk: str
    written_at: datetime
    dialled_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    disposition: Disposition | None
    cause: int
    outcome: str
    result: Mapping[str, Any] = field(repr=False)
    target_state: TargetState
    target_outcome: str
    recorded: bool

    @property
    def talk_seconds(self) -> float | None:
        """From the answer to the end."""
        if self.answered_at is None or self.ended_at is None:
            return None
        return max(0.0, (self.ended_at - self.answered_at).total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which attempts; the empty values mean any.

    Attributes:
        after: Only later ones.
        before: Only earlier ones, the latest first.
        number: Digits with which the telephone ends.
    """

    campaign_id: int
    after: int = 0
    before: int = 0
    disposition: Disposition | None = None
    outcome: str | None = None
    account: str = field(default="", repr=False)
    number: str = field(default="", repr=False)
    target_id: int = 0
    limit: int = 500


def evidence(connection: Connection, wanted: Wanted) -> list[Evidence]:
    """The attempts meant, the first one first; with `before` the last one first. A job of the database."""
    query = (
        select(
            attempts,
            targets.c.account,
            targets.c.state.label("target_state"),
            targets.c.outcome.label("target_outcome"),
            exists().where(recordings.c.call_id == attempts.c.attempt_id).label("recorded"),
        )
        .join(targets, targets.c.id == attempts.c.target_id)
        .where(attempts.c.campaign_id == wanted.campaign_id, attempts.c.id > wanted.after)
        .limit(wanted.limit)
    )
    if wanted.before:
        query = query.where(attempts.c.id < wanted.before).order_by(attempts.c.id.desc())
    else:
        query = query.order_by(attempts.c.id)
    for column, value in (
        (attempts.c.disposition, wanted.disposition and wanted.disposition.value),
        (attempts.c.outcome, wanted.outcome),
        (targets.c.account, wanted.account or None),
        (attempts.c.target_id, wanted.target_id or None),
    ):
        query = query if value is None else query.where(column == value)
    if wanted.number:
        query = query.where(attempts.c.number.endswith(wanted.number, autoescape=True))
    return [_evidence(row) for row in connection.execute(query)]


def _evidence(row: Row[Any]) -> Evidence:
    values = {name: getattr(row, name) for name in Evidence.__dataclass_fields__}
    disposition = values["disposition"]
    return Evidence(
        **values
        | {
            "disposition": Disposition(disposition) if disposition else None,
            "target_state": TargetState(values["target_state"]),
        }
    )
