"""The whole way: a history is imported, and the page shows its figures and its calls, to the call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from ivr.app.kpi import open_reporting
from ivr.app.papers import Bookmaking
from ivr.kpi.live import LiveCounters
from ivr.kpi.profiles import load_profiles
from ivr.settings import load
from ivr.store import Database, StoreSettings
from ivr.web.api.figures import FigureRoutes
from tests.browser.stub.server import PAGES
from tests.contract.kpi_truth.company import Company, Truth, differences, told
from tests.contract.web.site import PASSWORD, PATIENT, Running, StillClock, add_users, running
from tests.databases import sqlite_file
from tests.truth.table import as_told, table
from tests.truth.world import Plan, play
from tests.unit.kpi.stories import RULES

FIRST, LAST = date(2026, 11, 9), date(2026, 11, 11)
ZONE = ZoneInfo("Europe/Moscow")
ROWS = """[...document.querySelectorAll("[data-kpi]")].map(row => [row.dataset.kpi,
  row.cells[1].innerText, row.cells[3].innerText.trim().split("\\n").at(-1), row.cells[5].innerText])"""
VERDICTS = {"met": "Выполнено", "missed": "Не выполнено", "no-data": "Нет данных", "no-target": "Без цели"}


@pytest.fixture
def truth() -> Truth:
    return Truth(as_told(play(Plan(zone=ZONE, first=FIRST, days=3, calls_a_day=60), 11)))


@pytest.fixture
def company(tmp_path: Path, truth: Truth) -> Company:
    """Its history is imported by the command."""
    file = tmp_path / "ivr.db"
    file.write_bytes(sqlite_file())
    company = Company(tmp_path, f"sqlite:///{file}", ZONE.key)
    company.take_over(table(truth.history.calls, ZONE))
    return company


@pytest_asyncio.fixture(loop_scope="session")
async def site(company: Company) -> AsyncIterator[Running]:
    """The real server over it."""
    settings = load(company.folder / "ivr.yaml")
    database = await Database.open(StoreSettings(url=company.url))
    clock = StillClock()
    books = Bookmaking(
        reporting=open_reporting(settings, dict(load_profiles(settings.standards_folder))),
        database=database,
        clock=clock,
        topic_titles=dict,
    )
    figures = FigureRoutes(
        books=books,
        counters=LiveCounters(RULES, clock),
        database=database,
        clock=clock,
        standard=company.profile,
    )
    await add_users(database)
    async with running(database, PAGES, settings=PATIENT, routes=figures.routes()) as run:
        yield run
    await database.close()


@pytest.mark.asyncio(loop_scope="session")
async def test_the_page_shows_the_truth_to_the_call(page: Page, site: Running, truth: Truth) -> None:
    period = f"from={FIRST}&to={LAST}"
    report = (await (await site.signed_in("boss")).ask("GET", f"/api/kpi/report?{period}"))[1]
    assert not differences(truth.of(FIRST, LAST), told(report["kpis"]))
    await page.goto(f"{site.url}/supervisor.html#part=figures&{period}")
    await page.fill("#login", "senior")
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("[data-kpi]")
    assert {id: tuple(shown) for id, *shown in await page.evaluate(ROWS)} == {
        kpi["id"]: (kpi["value_text"], VERDICTS[kpi["verdict"]], number(kpi["calls"]))
        for kpi in report["kpis"]
    }
    await page.locator("[data-kpi=lost-calls] a").click()
    lost = {call.id for call in truth.history.within(FIRST, LAST) if not call.blocked and not call.talks}
    assert await listed(page, len(lost)) == lost


async def listed(page: Page, total: int) -> set[Any]:
    """Ids of all calls behind the figure, page by page."""
    calls = page.locator(".fig-list")
    await expect(calls.locator("h3")).to_have_text(f"Звонки за показателем: {total}")
    for shown in range(50, total, 50):
        await expect(calls.locator("[data-call]")).to_have_count(shown)
        await calls.get_by_role("button", name="Показать ещё").click()
    await expect(calls.locator("[data-call]")).to_have_count(total)
    return set(await calls.locator("[data-call]").evaluate_all("rows => rows.map(row => row.dataset.call)"))


def number(count: int) -> str:
    """As the page writes it."""
    return f"{count:,}".replace(",", "\N{NO-BREAK SPACE}")
