"""How a campaign goes: whom it has reached, how talks ended, how fast it dials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, distinct, func, select

from ivr.campaigns.model import Disposition, TargetState
from ivr.campaigns.tables import campaign_attempts as attempts
from ivr.campaigns.tables import campaign_targets as targets

LATELY = timedelta(minutes=10)
_LAST_ATTEMPTS = 5_000
OVER = (TargetState.DONE, TargetState.FAILED, TargetState.REFUSED, TargetState.EXPIRED)
"""The ends of targets."""

_PERSONS = (Disposition.PERSON, Disposition.ABANDONED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A campaign up to now; the funnel counts targets, each of them once.

    Attributes:
        total: All targets.
        tried: Those that have been dialled.
        answered: Those where somebody or something answered.
        reached: Those where a person answered.
        states: How many targets stand so.
        outcomes: How those that are over ended: outcome of the talk, or why there was none.
        dispositions: How many attempts ended so.
        open: Attempts under way.
        lately: Attempts dialled within `LATELY`.
    """

    total: int
    tried: int
    answered: int
    reached: int
    states: Mapping[TargetState, int]
    outcomes: Mapping[str, int]
    dispositions: Mapping[Disposition, int]
    open: int
    lately: int

    @property
    def left(self) -> int:
        """Targets that are not over."""
        return self.total - sum(self.states.get(state, 0) for state in OVER)

    @property
    def persons(self) -> int:
        """Attempts in which a person answered."""
        return sum(self.dispositions.get(each, 0) for each in _PERSONS)

    @property
    def abandoned(self) -> float | None:
        """Share of persons who found nobody (47 CFR 64.1200(a)(7)); None: nobody has answered yet."""
        lost = self.dispositions.get(Disposition.ABANDONED, 0)
        return lost / self.persons if self.persons else None


def course(connection: Connection, campaign_id: int, now: datetime) -> Course:
    """Count a campaign; `now` is aware. A job of the database."""
    states = _counts(connection, campaign_id)
    ended = _dispositions(connection, campaign_id)
    reached_by = attempts.c.disposition.in_([each.value for each in _PERSONS])
    return Course(
        total=sum(states.values()),
        tried=_tried(connection, campaign_id),
        answered=_targets_with(connection, campaign_id, attempts.c.answered_at.is_not(None)),
        reached=_targets_with(connection, campaign_id, reached_by),
        states=states,
        outcomes=_outcomes(connection, campaign_id),
        dispositions={Disposition(name): count for name, count in ended.items() if name},
        open=ended.get(None, 0),
        lately=_lately(connection, campaign_id, now - LATELY),
    )


def _counts(connection: Connection, campaign_id: int) -> dict[TargetState, int]:
    query = (
        select(targets.c.state, func.count())
        .where(targets.c.campaign_id == campaign_id)
        .group_by(targets.c.state)
    )
    return {TargetState(state): count for state, count in connection.execute(query)}


def _outcomes(connection: Connection, campaign_id: int) -> dict[str, int]:
    over = targets.c.state.in_([state.value for state in OVER])
    query = (
        select(targets.c.outcome, func.count())
        .where(targets.c.campaign_id == campaign_id, over)
        .group_by(targets.c.outcome)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _tried(connection: Connection, campaign_id: int) -> int:
    query = select(func.count()).where(targets.c.campaign_id == campaign_id, targets.c.tries > 0)
    return int(connection.execute(query).scalar_one())


def _dispositions(connection: Connection, campaign_id: int) -> dict[str | None, int]:
    query = (
        select(attempts.c.disposition, func.count())
        .where(attempts.c.campaign_id == campaign_id)
        .group_by(attempts.c.disposition)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _targets_with(connection: Connection, campaign_id: int, condition: ColumnElement[bool]) -> int:
    query = select(func.count(distinct(attempts.c.target_id))).where(
        attempts.c.campaign_id == campaign_id,
        condition,
    )
    return int(connection.execute(query).scalar_one())


def _lately(connection: Connection, campaign_id: int, since: datetime) -> int:
    """The last attempts are looked at alone: all of them would take long."""
    last = (
        select(attempts.c.dialled_at)
        .where(attempts.c.campaign_id == campaign_id)
        .order_by(attempts.c.id.desc())
        .limit(_LAST_ATTEMPTS)
        .subquery()
    )
    query = select(func.count()).where(last.c.dialled_at >= since)
    return int(connection.execute(query).scalar_one())
