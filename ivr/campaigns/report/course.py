"""How a campaign goes: whom it has reached, how talks ended, how fast it dials."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, func, select

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
    """Count a campaign, in one pass over its targets and two over its attempts; `now` is aware.

    A job of the database.
    """
    standing = _targets(connection, campaign_id)
    states: Counter[TargetState] = Counter()
    outcomes: Counter[str] = Counter()
    for state, outcome, count, _ in standing:
        states[state] += count
        if state in OVER:
            outcomes[outcome] += count
    ended = _dispositions(connection, campaign_id)
    answered, reached = _met(connection, campaign_id)
    return Course(
        total=states.total(),
        tried=sum(tried for *_, tried in standing),
        answered=answered,
        reached=reached,
        states=states,
        outcomes=outcomes,
        dispositions={Disposition(name): count for name, count in ended.items() if name},
        open=ended.get(None, 0),
        lately=_lately(connection, campaign_id, now - LATELY),
    )


def _targets(connection: Connection, campaign_id: int) -> list[tuple[TargetState, str, int, int]]:
    """State, outcome, how many targets stand so, and how many of them have been dialled."""
    tried = func.sum(case((targets.c.tries > 0, 1), else_=0))
    query = (
        select(targets.c.state, targets.c.outcome, func.count(), tried)
        .where(targets.c.campaign_id == campaign_id)
        .group_by(targets.c.state, targets.c.outcome)
    )
    found = connection.execute(query)
    return [(TargetState(state), outcome, count, int(tries)) for state, outcome, count, tries in found]


def _dispositions(connection: Connection, campaign_id: int) -> dict[str | None, int]:
    query = (
        select(attempts.c.disposition, func.count())
        .where(attempts.c.campaign_id == campaign_id)
        .group_by(attempts.c.disposition)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _met(connection: Connection, campaign_id: int) -> tuple[int, int]:
    """Targets where anything answered, and those where a person did."""
    is_person = case((attempts.c.disposition.in_([each.value for each in _PERSONS]), 1), else_=0)
    by_target = (
        select(func.max(is_person).label("person"))
        .where(attempts.c.campaign_id == campaign_id, attempts.c.answered_at.is_not(None))
        .group_by(attempts.c.target_id)
        .subquery()
    )
    answered, reached = connection.execute(
        select(func.count(), func.coalesce(func.sum(by_target.c.person), 0))
    ).one()
    return int(answered), int(reached)


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
