"""Which figures of a breakdown are drawn."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.kpi.definitions import Definition
from ivr.kpi.papers.book import Row
from ivr.kpi.report import Kpi

_ALWAYS = "incoming"
_PREFERRED = ("lost-calls", "wait-average", "service-level", "handling-average")
_MOST = 3
_LEAST_ROWS = 2


def charted(kpis: Sequence[Kpi], rows: Sequence[Row]) -> list[Definition]:
    """How many came, then what has a target, then the usual ones; at most three, each with data.

    A single row makes no chart.
    """
    if len(rows) < _LEAST_ROWS:
        return []
    usual = [kpi for kpi in kpis if kpi.definition.id in _PREFERRED]
    usual.sort(key=lambda kpi: (kpi.aim is None, _PREFERRED.index(kpi.definition.id)))
    first = [kpi for kpi in kpis if kpi.definition.id == _ALWAYS]
    found = [kpi.definition for kpi in (*first, *usual) if _has_data(rows, kpi.definition.id)]
    return found[:_MOST]


def _has_data(rows: Sequence[Row], id: str) -> bool:
    return any(id in row.figures and row.figures[id].value.value is not None for row in rows)
