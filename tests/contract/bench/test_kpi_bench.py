"""The bench of figures works, on a small month."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr.bench.kpi import Size, measure
from ivr.desk.attendance import AgentStates
from ivr.kpi.definitions import load_definitions
from ivr.kpi.facts import Rules
from ivr.kpi.named import NAMES, Elsewhere, NoNetwork
from ivr.kpi.periods import Period
from ivr.kpi.profiles import load_profile
from ivr.kpi.profiles.hours import Silence
from ivr.kpi.report import Reporter
from ivr.kpi.sums import Selection, total
from ivr.requests.workdays import Own, WorkCalendar
from ivr.store import StoreSettings
from tests.databases import with_tables

METRICS = Path(__file__).parents[3] / "metrics"
MOSCOW = ZoneInfo("Europe/Moscow")
KEYS = {"calls", "month_report_seconds", "counter_update_us", "rss_mb", "machine"}


async def test_a_small_month_is_measured(tmp_path: Path) -> None:
    elsewhere = Elsewhere(
        states=AgentStates(),
        calendar=WorkCalendar.load(METRICS / "calendars" / "ru.yaml", Own()),
        silence=Silence(),
        network=NoNetwork(),
        repeat_error_days=90,
    )
    definitions = load_definitions(METRICS / "definitions.yaml", NAMES)
    reporter = Reporter(definitions=definitions, targets={}, elsewhere=elsewhere)
    profile = load_profile(METRICS / "standards" / "bryansk.yaml")
    size = Size(calls=300, live=20, intake=20)
    database = await with_tables(StoreSettings(url=f"sqlite:///{tmp_path / 'ivr.db'}"))
    try:
        measured = await measure(database, reporter, profile, Rules(zone=MOSCOW), size, lambda text: None)
        october = Selection(period=Period(date(2026, 10, 1), date(2026, 10, 31), MOSCOW))
        november = october.over(Period(date(2026, 11, 1), date(2026, 11, 1) + timedelta(days=29), MOSCOW))
        sums = await database.read(partial(total, selection=october))
        counted = await database.read(partial(total, selection=november))
    finally:
        await database.close()
    document = measured.document(size, {})
    assert set(document) >= KEYS
    assert document["calls"] == sums["incoming"] == 300
    assert counted["answered"] == 20  # those that came through the ledger
    assert sums["served"] + sums["answered"] + sums["lost"] == 300
