"""The archive of recordings, wired: what takes them over, and what looks after them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from ivr.archive.archive import Archive
from ivr.archive.upkeep import Room, Upkeep
from ivr.dialogue.ports import Clock
from ivr.kpi.metrics import Metrics
from ivr.kpi.profiles import Profile
from ivr.quality.rows import forget
from ivr.settings import Settings
from ivr.store import Database


@dataclass(frozen=True, slots=True)
class Kept:
    """The archive and its upkeep, at work."""

    archive: Archive
    upkeep: Upkeep

    @property
    def room(self) -> Room:
        """How much room is left."""
        return self.upkeep.room


def open_archive(
    settings: Settings,
    database: Database,
    clock: Clock,
    metrics: Metrics,
    profiles: Mapping[str, Profile],
    closing: AsyncExitStack,
) -> Kept:
    """Begin to take recordings over; ends with `closing`. What was said is forgotten with a recording.

    Raises:
        Fault: Its keys or its storage can't be used.
    """
    spool = settings.recordings_spool
    spool.mkdir(parents=True, exist_ok=True)
    archive = Archive(
        database,
        settings.archive,
        clock,
        metrics,
        spool=spool,
        zone=settings.company.zone,
        retention_days={name: profile.retention_days for name, profile in profiles.items()},
    )
    archive.start()
    closing.push_async_callback(archive.close)
    upkeep = Upkeep(database, archive.vault, settings.archive, clock, spool=spool, forget=[forget])
    upkeep.start()
    closing.push_async_callback(upkeep.close)
    kept = Kept(archive, upkeep)
    _measure(kept, metrics)
    return kept


def _measure(kept: Kept, metrics: Metrics) -> None:
    metrics.watch(
        "archive_free_bytes",
        "Room left in the archive; -1 where its storage does not tell",
        lambda: -1.0 if kept.room.free is None else float(kept.room.free),
    )
    metrics.watch(
        "archive_days_left",
        "Days until the archive's disk is full at the rate of the last week",
        lambda: kept.room.days_left,
    )
