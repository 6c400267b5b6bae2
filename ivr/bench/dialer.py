"""A campaign of a million targets: how fast the next ones are found, and how fast calls are ordered.

Targets are written and claimed by the book itself, each batch a durable transaction; the baseline is the same
batch in bare SQL. How the engine orders calls, beside panoramisk alone: `ivr.bench.dialer_calls`.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from time import monotonic, perf_counter
from zoneinfo import ZoneInfo

from ivr.bench.dialer_calls import Ordered, order
from ivr.bench.processes import cpu_seconds, memory_mb
from ivr.campaigns.book import CampaignBook, NewCampaign, NewTarget
from ivr.campaigns.model import Campaign, CampaignState, TargetState
from ivr.clock import SystemClock
from ivr.store import Database, StoreSettings, upgrade

DIFFERS = (
    "Targets of one campaign in eleven time zones, all due; they are claimed 100 at a time, the easternmost"
    " first, each batch durable (SQLite, WAL, synchronous=FULL).",
    "The bare claims read and update the same table by the same index in Python's sqlite3, as durably, and"
    " neither know of zones and campaigns nor make objects of what they read.",
    "Calls are ordered by the whole loop: rules, attempt written, order over the manager, its end told by"
    " events, ledger, retry rule. Every subscriber is busy at once: nothing is said, no Asterisk runs, and"
    " billing is not asked.",
    "The bare orders are panoramisk's, to the same server, 100 under way at once; they keep nothing.",
)
"""What a reader has to know."""

ZONES = (
    "Europe/Kaliningrad",
    "Europe/Moscow",
    "Europe/Samara",
    "Asia/Yekaterinburg",
    "Asia/Omsk",
    "Asia/Krasnoyarsk",
    "Asia/Irkutsk",
    "Asia/Yakutsk",
    "Asia/Vladivostok",
    "Asia/Magadan",
    "Asia/Kamchatka",
)
_BATCH = 100
_CHUNK = 20_000
_DIALER = "bench"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured.

    Attributes:
        targets: Of the campaign.
        claimed: Of them, each time.
        calls: Ordered.
    """

    targets: int = 1_000_000
    claimed: int = 20_000
    calls: int = 3_000


QUICK = Size(targets=20_000, claimed=1_000, calls=200)


class Noon(SystemClock):
    """A clock that begins at noon of a working day in Moscow, so that the hours allow calls."""

    def __init__(self) -> None:
        super().__init__(ZoneInfo("Europe/Moscow"))
        self._begun = monotonic()

    def now(self) -> datetime:
        """As `Clock.now`."""
        passed = timedelta(seconds=monotonic() - self._begun)
        return datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("Europe/Moscow")) + passed


@dataclass(slots=True)
class Measured:
    """What came out.

    Attributes:
        added: Targets written in a second.
        few: Targets claimed in a second when a hundredth of them is there.
        claims: Seconds of each claim with all of them there.
        claims_cpu: CPU time of all these claims, seconds.
        bare: Targets claimed in a second by bare SQL.
        progress: Seconds of counting the whole campaign for its page.
    """

    added: float = 0.0
    few: float = 0.0
    claims: list[float] = field(default_factory=list)
    claims_cpu: float = 0.0
    bare: float = 0.0
    progress: float = 0.0
    engine: Ordered | None = None
    panoramisk: Ordered | None = None
    rss_mb: float = 0.0

    def document(self, size: Size, machine: Mapping[str, object]) -> dict[str, object]:
        """The figures under the names of the contract."""
        percentiles = quantiles(self.claims, n=100, method="inclusive")
        return {
            "targets": size.targets,
            "targets_selected_per_second": round(_rate(self.claims)),
            "selected_of_a_hundredth_per_second": round(self.few),
            "bare_selected_per_second": round(self.bare),
            "claim_ms": {"p50": _ms(percentiles[49]), "p99": _ms(percentiles[98])},
            "cpu_ms_per_target": round(1000 * self.claims_cpu / (_BATCH * len(self.claims)), 4),
            "targets_added_per_second": round(self.added),
            "progress_ms": _ms(self.progress),
            **_orders(self.engine, self.panoramisk),
            "rss_mb": round(self.rss_mb, 1),
            "machine": dict(machine),
            "differs": list(DIFFERS),
        }


def _orders(engine: Ordered | None, bare: Ordered | None) -> dict[str, object]:
    if engine is None or bare is None:
        return {}
    return {
        "originates_per_second": round(engine.per_second, 1),
        "bare_originates_per_second": round(bare.per_second, 1),
        "ratio": round(engine.per_second / bare.per_second, 3),
        "originates": engine.calls,
        "cpu_ms_per_call": {"engine": round(engine.cpu_ms, 3), "bare": round(bare.cpu_ms, 3)},
        "ended_busy": engine.ended,
    }


async def measure(size: Size, folder: Path, tell: Callable[[str], None]) -> Measured:
    """Measure selection from all targets, then calls.

    Args:
        size: How much.
        folder: For the databases; empty.
        tell: Is told how it goes.

    Raises:
        Fault: The calls can't be ordered, or did not come to their end.
    """
    found, file = Measured(), folder / "ivr.db"
    database = await Database.open(StoreSettings(url=f"sqlite:///{file}"))
    try:
        await upgrade(database)
        book = CampaignBook(database, Noon())
        await _select(book, size, found, tell)
    finally:
        await database.close()
    found.bare = _bare(file, size.claimed)
    found.panoramisk, found.engine = await order(size.calls, folder / "calls.db", Noon())
    tell(f"{found.engine.calls} calls ordered, {found.engine.per_second:.0f} a second")
    found.rss_mb = max(found.rss_mb, memory_mb([os.getpid()]))
    return found


async def _select(book: CampaignBook, size: Size, found: Measured, tell: Callable[[str], None]) -> None:
    campaign = await book.create(_campaign())
    campaign = await book.set_state(campaign.campaign_id, CampaignState.RUNNING, "", _DIALER)
    first = max(_BATCH * 2, size.targets // 100)
    seconds = await _add(book, campaign, range(first))
    found.few = _rate(await _claim(book, campaign, min(size.claimed, first // 2)))
    seconds += await _add(book, campaign, range(first, size.targets))
    found.added = size.targets / seconds
    tell(f"{size.targets} targets written, {found.added:.0f} a second")
    cpu = cpu_seconds([os.getpid()])
    found.claims = await _claim(book, campaign, size.claimed)
    found.claims_cpu = cpu_seconds([os.getpid()]) - cpu
    begun = perf_counter()
    await book.progress(campaign.campaign_id)
    found.progress = perf_counter() - begun
    found.rss_mb = memory_mb([os.getpid()])
    tell(f"{_rate(found.claims):.0f} targets selected a second")


def _campaign() -> NewCampaign:
    return NewCampaign(
        name=_DIALER,
        kind="debt",
        title="Измерение",
        first_day=date(2026, 11, 24),
        last_day=date(2026, 11, 30),
        by=_DIALER,
    )


async def _add(book: CampaignBook, campaign: Campaign, numbers: range) -> float:
    """Seconds; making the people is not in them."""
    seconds = 0.0
    for start in range(numbers.start, numbers.stop, _CHUNK):
        people = list(_people(range(start, min(start + _CHUNK, numbers.stop))))
        begun = perf_counter()
        await book.add_targets(campaign.campaign_id, people)
        seconds += perf_counter() - begun
    return seconds


def _people(numbers: range) -> Iterator[NewTarget]:
    for number in numbers:
        yield NewTarget(
            person=f"account:{number:09d}",
            numbers=(f"+7900{number:07d}",),
            zones=(ZONES[number % len(ZONES)],),
            account=f"{number:09d}",
            fields={"name": "Анна Ивановна", "amount": f"{number % 9_000}.50"},
        )


async def _claim(book: CampaignBook, campaign: Campaign, count: int) -> list[float]:
    """Seconds of each batch."""
    took = []
    now = datetime(2026, 11, 24, 18, tzinfo=ZoneInfo("Europe/Moscow"))
    for _ in range(count // _BATCH):
        begun = perf_counter()
        await book.claim([campaign.campaign_id], now, _BATCH, _DIALER)
        took.append(perf_counter() - begun)
    return took


def _bare(file: Path, count: int) -> float:
    """Targets in a second that bare SQL claims, as durably."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
    wanted = (
        "SELECT id, person, account, numbers, zones, fields, due_at FROM campaign_targets"
        " WHERE campaign_id = 1 AND state = ? AND east = 180 AND due_at <= '2026-12-01 00:00:00.000000'"
        " ORDER BY due_at LIMIT ?"
    )
    begun = perf_counter()
    for _ in range(count // _BATCH):
        connection.execute("BEGIN IMMEDIATE")
        rows = connection.execute(wanted, (TargetState.WAITING.value, _BATCH)).fetchall()
        claimed = [(TargetState.CALLING.value, _DIALER, row[0]) for row in rows]
        connection.executemany("UPDATE campaign_targets SET state = ?, dialer = ? WHERE id = ?", claimed)
        connection.execute("COMMIT")
    seconds = perf_counter() - begun
    connection.close()
    return count / seconds


def _rate(took: list[float]) -> float:
    return _BATCH * len(took) / sum(took)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
