"""The table of reports that were ordered and what became of them."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, String, Table, Text

from ivr.store import UtcDateTime, metadata

report_deliveries = Table(
    "report_deliveries",
    metadata,
    Column("name", String(48), primary_key=True),
    Column("first", Date, primary_key=True),
    Column("destination", String(512), primary_key=True),
    Column("last", Date, nullable=False),
    Column("planned_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),
    Column("attempts", Integer, nullable=False),
    Column("done_at", UtcDateTime),
    Column("error", Text),
    Index("ix_report_deliveries_due_at", "due_at"),
)
"""One row a report of a period and a destination, `folder:PATH` or `email:ADDRESS`.

`due_at` is None once nothing is to be done: it is delivered (`done_at`) or was given up.
"""
