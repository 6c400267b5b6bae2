"""Handing readings over to billing in CSV files, each reading in exactly one file.

Readings are claimed for a batch, the file of the batch is written and renamed into place, then the batch is
marked done.
A run that was cut off is finished by the next one: the same batch gives the same file under the same name.
"""

from __future__ import annotations

import asyncio
import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select, update

from ivr.dialogue.ports import Clock
from ivr.errors import Fault
from ivr.readings.outbox import Channel, DeliveryState
from ivr.readings.tables import deliveries, readings
from ivr.store import Database

COLUMNS = (
    "id",
    "account",
    "serial",
    "zone",
    "period",
    "value",
    "consumption",
    "mark",
    "late",
    "source",
    "captured_at",
)
"""Columns of an exported file; docs/billing-api.md tells what they hold."""

_of_csv = deliveries.c.channel == Channel.CSV


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written, and how many readings it holds."""

    file: Path
    readings: int


async def export_readings(database: Database, folder: Path, clock: Clock) -> list[Exported]:
    """Write what waits into a new file; finish first what an earlier run has left unfinished.

    Args:
        database: Its tables are up to date.
        folder: Where the files go; made when it is missing.
        clock: Its zone is that of `captured_at` in the file.

    Raises:
        Fault: The file cannot be written; the readings wait for the next run.
        StoreUnavailable: The database cannot be written; the next run goes on.
    """
    now = clock.now()
    if now.tzinfo is None:
        raise ValueError("the clock has to tell its time zone")
    await database.write(partial(_claim, now))
    exported = []
    for batch in await database.read(_unfinished):
        rows = await database.read(partial(_rows_of, batch))
        file = folder / f"{batch}.csv"
        try:
            await asyncio.to_thread(_write, file, rows, now.tzinfo)
        except OSError as error:
            fix = "Free space or mend the rights, then export again."
            raise Fault(f"The readings cannot be written: {error.strerror}.", str(file), fix) from error
        await database.write(partial(_finish, batch, now))
        exported.append(Exported(file, len(rows)))
    return exported


def _claim(now: datetime, connection: Connection) -> None:
    waiting = _of_csv & (deliveries.c.state == DeliveryState.WAITING)
    first = connection.execute(
        select(deliveries.c.id).where(waiting).order_by(deliveries.c.id).limit(1)
    ).scalar()
    if first is None:
        return
    batch = f"readings-{now:%Y%m%dT%H%M%S}-{first}"
    claimed = {"state": DeliveryState.EXPORTING, "batch": batch, "attempts": 1}
    connection.execute(update(deliveries).where(waiting).values(claimed))


def _unfinished(connection: Connection) -> list[str]:
    exporting = _of_csv & (deliveries.c.state == DeliveryState.EXPORTING)
    query = select(deliveries.c.batch).where(exporting).distinct().order_by(deliveries.c.batch)
    return list(connection.execute(query).scalars())


def _rows_of(batch: str, connection: Connection) -> Sequence[Row[Any]]:
    query = select(readings).join(deliveries, deliveries.c.reading_id == readings.c.id)
    return connection.execute(query.where(_of_csv, deliveries.c.batch == batch).order_by(readings.c.id)).all()


def _finish(batch: str, now: datetime, connection: Connection) -> None:
    of_batch = _of_csv & (deliveries.c.batch == batch)
    connection.execute(update(deliveries).where(of_batch).values(state=DeliveryState.DONE, done_at=now))


def _write(file: Path, rows: Sequence[Row[Any]], zone: tzinfo) -> None:
    """Write all or nothing: into a temporary file, which is then renamed."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".part")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, delimiter=";", lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(_cells(row, zone) for row in rows)
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(file)
        _sync_folder(file.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _cells(row: Row[Any], zone: tzinfo) -> tuple[object, ...]:
    return (
        row.id,
        row.account_number,
        row.meter_serial,
        row.zone,
        f"{row.period:%Y-%m}",
        row.value,
        "" if row.consumption is None else row.consumption,
        row.mark or "",
        "late" if row.late else "",
        row.source,
        row.captured_at.astimezone(zone).isoformat(timespec="seconds"),
    )
