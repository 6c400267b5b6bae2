"""Tables of what has been counted. All of it follows from the ledger and can be counted anew at any time."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import BigInteger, Column, Date, Float, Index, Integer, String, Table

from ivr.kpi.measures import CALL_MEASURES, TALK_MEASURES
from ivr.store import Json, UtcDateTime, metadata


def _dimensions() -> list[Column[str]]:
    """What calls are told apart by; empty where it is not known."""
    return [
        Column("profile", String(32), nullable=False),
        Column("line", String(64), nullable=False),
        Column("segment", String(16), nullable=False),
        Column("topic", String(64), nullable=False),
        Column("queue", String(64), nullable=False),
        Column("agent", String(128), nullable=False),
    ]


def _cell() -> list[Column[object]]:
    return [
        Column("axis", String(8), primary_key=True),
        Column("key", String(128), primary_key=True),
        Column("profile", String(32), primary_key=True),
        Column("line", String(64), primary_key=True),
        Column("at", UtcDateTime, primary_key=True),
    ]


def _measures(names: Iterable[str]) -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False) for name in names]


kpi_calls = Table(
    "kpi_calls",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    *_dimensions(),
    Column("came_at", UtcDateTime, nullable=False),
    Column("half_hour", UtcDateTime, nullable=False),
    Column("day", Date, nullable=False),
    *_measures(CALL_MEASURES),
    Index("ix_kpi_calls_half_hour", "half_hour"),
)
"""One row a call that has ended; `day` is the company's."""

kpi_talks = Table(
    "kpi_talks",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("leg_id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    *_dimensions(),
    Column("answered_at", UtcDateTime, nullable=False),
    Column("half_hour", UtcDateTime, nullable=False),
    Column("day", Date, nullable=False),
    *_measures(TALK_MEASURES),
    Index("ix_kpi_talks_half_hour", "half_hour"),
)
"""One row a person's talk in a call; it belongs to the half-hour and day in which the call came."""

kpi_call_cells = Table("kpi_call_cells", metadata, *_cell(), *_measures(("calls", *CALL_MEASURES)))
"""Sums and maxima of the calls of one key of an axis in one half-hour (axis `line`) or day (the others)."""

kpi_talk_cells = Table("kpi_talk_cells", metadata, *_cell(), *_measures(("calls", *TALK_MEASURES)))
"""The same of talks."""

for _cells in (kpi_call_cells, kpi_talk_cells):
    Index(f"ix_{_cells.name}_at", _cells.c.axis, _cells.c.at)

kpi_agent_days = Table(
    "kpi_agent_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("agent", String(64), primary_key=True),
    *_measures(("ready_us", "ringing_us", "talking_us", "wrapup_us", "paused_us")),
)
"""What an operator did on a day that is over."""

kpi_staffed_days = Table(
    "kpi_staffed_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("spans", Json, nullable=False),
    Column("agents", Integer, nullable=False),
)
"""When anybody was at work on a day that is over: `[[from, until], …]`, seconds after midnight."""

network_legs = Table(
    "network_legs",
    metadata,
    Column("leg_id", String(64), primary_key=True),
    Column("call_id", String(64), nullable=False),
    Column("line", String(64), nullable=False),
    Column("profile", String(32), nullable=False),
    Column("link", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("packets", BigInteger, nullable=False),
    Column("lost", BigInteger, nullable=False),
    Column("delay_us", BigInteger),
    Index("ix_network_legs_at", "at"),
)
"""What the network did to the sound of one telephone. Measured, so it can't be counted anew."""

network_days = Table(
    "network_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("link", String(16), primary_key=True),
    Column("profile", String(32), primary_key=True),
    Column("line", String(64), primary_key=True),
    *_measures(("legs", "packets", "lost", "delays", "longest_delay_us")),
)
"""The same by days of the company; `delays` are legs whose delay is known."""

alarms = Table(
    "alarms",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(16), nullable=False),
    Column("about", String(128), nullable=False),
    Column("state", String(8), nullable=False),
    Column("value", Float),
    Column("limit", Float),
    Column("worst", Float),
    Column("raised_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime),
    Column("seen_by", String(64)),
    Column("over_at", UtcDateTime),
    Index("ix_alarms_raised_at", "raised_at"),
)
"""What supervisors were alarmed of."""
