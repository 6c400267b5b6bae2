"""What figures can be narrowed to: lines, topics, operators, segments and queues that have calls."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from ivr.kpi.breakdown import By
from ivr.kpi.cells import CALLS, TALKS, Axis, Kept

Keys = Mapping[By, tuple[str, ...]]
"""Keys by what they are keys of, in alphabetical order; never the empty one."""

_KEPT: Mapping[Axis, Kept] = {Axis.AGENT: TALKS}


def keys_since(connection: Connection, since: datetime) -> Keys:
    """The keys of whatever was counted since a moment; a job for `Database.read`."""
    return {By(axis.value): _keys(connection, axis, since) for axis in Axis}


def _keys(connection: Connection, axis: Axis, since: datetime) -> tuple[str, ...]:
    cells = _KEPT.get(axis, CALLS).cells.c
    column = cells.line if axis is Axis.LINE else cells.key
    query = select(column).where(cells.axis == axis.value, cells.at >= since, column != "").distinct()
    return tuple(sorted(connection.execute(query).scalars()))
