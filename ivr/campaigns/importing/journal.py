"""The imports of a campaign as they are kept: who handed what in, how far it is, what became of it.

Jobs of a transaction. An import that runs is heard of every few seconds; one that is not, is lost: its engine
was stopped in the middle. What it had taken stays, and the same list may be handed in again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from ivr.campaigns.importing.faults import ListProblem
from ivr.campaigns.importing.reasons import Complaint, ImportReport, Reason
from ivr.campaigns.importing.tables import campaign_imports as imports

HEARD_EVERY = timedelta(seconds=3)
LOST_AFTER = 5 * HEARD_EVERY
_COUNTS = ("read", "new", "known", "repeated", "refused")


class ImportState(StrEnum):
    """Where an import is; all but RUNNING are its end."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    """Somebody broke it off."""
    LOST = "lost"
    """The engine was stopped meanwhile."""


class Failure(StrEnum):
    """Why an import failed that is not at fault itself; beside `ListProblem`."""

    DATABASE = "database"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is handed in.

    Attributes:
        key: The same one is the same list, within a campaign.
        name: Of the file, or what it is instead of one.
        by: Login.
    """

    campaign_id: int
    key: str
    name: str
    by: str


Problem = ListProblem | Failure


@dataclass(frozen=True, slots=True)
class Stage:
    """Where an import is.

    Attributes:
        problem: Why it failed; None: it did not.
        facts: What the words of the problem name.
    """

    state: ImportState
    problem: Problem | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """An import; `report` says what has become of the list so far."""

    import_id: int
    order: Order
    began_at: datetime
    heard_at: datetime
    stage: Stage
    report: ImportReport

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.stage.state is not ImportState.RUNNING


class ImportRuns(Exception):
    """Another list is being taken into the same campaign."""


def begin(connection: Connection, order: Order, now: datetime) -> tuple[Import, bool]:
    """Write an import down, and whether it is to be done: not when the same list is known and has not failed.

    Raises ImportRuns.
    """
    known = find(connection, order.campaign_id, order.key, now)
    if known is not None and known.stage.state in {ImportState.RUNNING, ImportState.DONE}:
        return known, False
    under_way = select(imports).where(
        imports.c.campaign_id == order.campaign_id, imports.c.state == ImportState.RUNNING.value
    )
    if any(not _of(row, now).over for row in connection.execute(under_way)):
        raise ImportRuns
    values: dict[str, Any] = {"by": order.by, "name": order.name, "began_at": now, "heard_at": now}
    values |= _stage(Stage(ImportState.RUNNING)) | _report(ImportReport())
    if known is not None:
        _change(connection, known.import_id, values)
    else:
        connection.execute(imports.insert().values(campaign_id=order.campaign_id, key=order.key, **values))
    row = connection.execute(_one(order.campaign_id, order.key)).one()
    return _of(row, now), True


def heard(connection: Connection, import_id: int, report: ImportReport, now: datetime) -> None:
    """It goes on; the complaints are kept at its end."""
    _change(connection, import_id, {"heard_at": now} | _counts(report))


def end(connection: Connection, import_id: int, stage: Stage, report: ImportReport, now: datetime) -> None:
    """It is over."""
    _change(connection, import_id, {"heard_at": now} | _stage(stage) | _report(report))


def find(connection: Connection, campaign_id: int, key: str, now: datetime) -> Import | None:
    """An import with all of its complaints."""
    row = connection.execute(_one(campaign_id, key)).one_or_none()
    return None if row is None else _of(row, now)


def latest(connection: Connection, campaign_id: int, most: int, now: datetime) -> list[Import]:
    """The imports of a campaign, the latest first."""
    query: Select[Any] = select(imports).where(imports.c.campaign_id == campaign_id)
    return [_of(row, now) for row in connection.execute(query.order_by(imports.c.id.desc()).limit(most))]


def _one(campaign_id: int, key: str) -> Select[Any]:
    return select(imports).where(imports.c.campaign_id == campaign_id, imports.c.key == key)


def _change(connection: Connection, import_id: int, values: Mapping[str, Any]) -> None:
    connection.execute(imports.update().where(imports.c.id == import_id).values(values))


def _stage(stage: Stage) -> dict[str, Any]:
    problem = stage.problem.value if stage.problem else ""
    return {"state": stage.state.value, "problem": problem, "facts": dict(stage.facts)}


def _report(report: ImportReport) -> dict[str, Any]:
    complaints = [[each.line, each.field, each.reason.value, each.left_out] for each in report.complaints]
    return _counts(report) | {"complaints": complaints, "ignored": list(report.ignored)}


def _counts(report: ImportReport) -> dict[str, Any]:
    return {name: getattr(report, name) for name in _COUNTS}


def _of(row: Row[Any], now: datetime) -> Import:
    found = Import(
        import_id=row.id,
        order=Order(campaign_id=row.campaign_id, key=row.key, name=row.name, by=row.by),
        began_at=row.began_at,
        heard_at=row.heard_at,
        stage=Stage(ImportState(row.state), _problem(row.problem), row.facts),
        report=ImportReport(
            **{name: getattr(row, name) for name in _COUNTS},
            complaints=tuple(_complaints(row.complaints)),
            ignored=tuple(row.ignored),
        ),
    )
    lost = not found.over and now - found.heard_at > LOST_AFTER
    return replace(found, stage=Stage(ImportState.LOST)) if lost else found


def _complaints(told: Iterable[tuple[int, str, str, bool]]) -> Iterable[Complaint]:
    return (Complaint(line, field, Reason(reason), left_out) for line, field, reason, left_out in told)


def _problem(text: str) -> Problem | None:
    if not text:
        return None
    return Failure(text) if text in set(Failure) else ListProblem(text)
