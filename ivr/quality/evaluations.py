"""Evaluations of talks in the database. Jobs of a connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, update

from ivr.calls.tables import call_legs
from ivr.quality.form import Scores
from ivr.quality.tables import evaluation_changes, evaluations

_TALKED = ("agent", "supervisor", "call_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What a supervisor found of a talk; one a supervisor, call and operator.

    Attributes:
        agent: Login of who was evaluated.
        talk_at: When the talk began, aware.
        form: Version of the form.
        score: Percent.
    """

    id: int
    call_id: str
    agent: str
    supervisor: str
    talk_at: datetime
    form: int
    scores: Scores
    score: float
    comment: str = field(repr=False)
    made_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What is said of a talk."""

    form: int
    scores: Scores
    score: float
    comment: str = field(default="", repr=False)

    def values(self) -> dict[str, Any]:
        """As columns."""
        return {
            "form": self.form,
            "scores": dict(self.scores),
            "score": self.score,
            "comment": self.comment,
        }


@dataclass(frozen=True, slots=True)
class Change:
    """A wording of an evaluation."""

    at: datetime
    judgement: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which evaluations; None does not matter.

    Attributes:
        since: The talk began at this instant or later.
        until: It began before this instant.
    """

    call_id: str | None = None
    agent: str | None = None
    supervisor: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Average:
    """How the talks of an operator were judged.

    Attributes:
        count: Evaluations.
        score: Mean, percent.
        criteria: Mean points of each criterion, where it applied.
    """

    count: int
    score: float
    criteria: Mapping[str, float]


def talk_of(connection: Connection, call_id: str, agent: str) -> datetime | None:
    """When an operator began to talk in a call; None: he did not."""
    statement = select(call_legs.c.answered_at).where(
        call_legs.c.call_id == call_id, call_legs.c.agent == agent, call_legs.c.answered_at.is_not(None)
    )
    return min(connection.execute(statement).scalars(), default=None)


def save(
    connection: Connection,
    call_id: str,
    agent: str,
    supervisor: str,
    judgement: Judgement,
    now: datetime,
) -> Evaluation | None:
    """Put an evaluation down, in place of the supervisor's earlier one, which stays in the history.

    Returns:
        It; None: the operator did not talk in that call.
    """
    talk_at = talk_of(connection, call_id, agent)
    if talk_at is None:
        return None
    given = {"call_id": call_id, "agent": agent, "supervisor": supervisor}
    mine = [evaluations.c[name] == value for name, value in given.items()]
    known = connection.execute(select(evaluations.c.id).where(*mine)).scalar()
    values = judgement.values()
    if known is None:
        row = given | values | {"talk_at": talk_at, "made_at": now, "changed_at": now}
        known = connection.execute(insert(evaluations).values(**row).returning(evaluations.c.id)).scalar_one()
    else:
        one = evaluations.c.id == known
        connection.execute(update(evaluations).where(one).values(**values, changed_at=now))
    connection.execute(insert(evaluation_changes).values(evaluation_id=known, at=now, **values))
    return _evaluation(
        connection.execute(select(evaluations).where(evaluations.c.id == known)).mappings().one()
    )


def find(connection: Connection, wanted: Wanted, limit: int, offset: int = 0) -> list[Evaluation]:
    """Evaluations, of the latest talks first."""
    statement = select(evaluations).where(*_conditions(wanted))
    ordered = statement.order_by(evaluations.c.talk_at.desc(), evaluations.c.id.desc())
    found = connection.execute(ordered.limit(limit).offset(offset)).mappings()
    return [_evaluation(row) for row in found]


def history(connection: Connection, evaluation_id: int) -> list[Change]:
    """All wordings of an evaluation, the first one first."""
    mine = select(evaluation_changes).where(evaluation_changes.c.evaluation_id == evaluation_id)
    return [
        Change(
            row.at,
            Judgement(form=row.form, scores=row.scores, score=row.score, comment=row.comment),
        )
        for row in connection.execute(mine.order_by(evaluation_changes.c.id))
    ]


def averages(connection: Connection, wanted: Wanted) -> dict[str, Average]:
    """How each operator was judged."""
    columns = (evaluations.c.agent, evaluations.c.score, evaluations.c.scores)
    judged: dict[str, list[tuple[float, Scores]]] = {}
    for agent, score, scores in connection.execute(select(*columns).where(*_conditions(wanted))):
        judged.setdefault(agent, []).append((score, scores))
    return {agent: _average(each) for agent, each in judged.items()}


def _average(judged: list[tuple[float, Scores]]) -> Average:
    points: dict[str, list[int]] = {}
    for _, scores in judged:
        for name, given in scores.items():
            if given is not None:
                points.setdefault(name, []).append(given)
    means = {name: round(sum(given) / len(given), 2) for name, given in points.items()}
    return Average(len(judged), round(sum(score for score, _ in judged) / len(judged), 1), means)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        evaluations.c[name] == getattr(wanted, name) for name in _TALKED if getattr(wanted, name)
    ]
    if wanted.since:
        found.append(evaluations.c.talk_at >= wanted.since)
    if wanted.until:
        found.append(evaluations.c.talk_at < wanted.until)
    return found


def _evaluation(row: Any) -> Evaluation:
    return Evaluation(**{name: row[name] for name in Evaluation.__dataclass_fields__})
