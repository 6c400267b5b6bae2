"""The whole way with the real server: a campaign is made, filled, checked, started, watched, stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import FilePayload, Page, expect

from ivr.campaigns.model import CampaignState
from ivr.store import Database, StoreSettings
from tests.browser.stub.server import PAGES
from tests.contract.web.site import PASSWORD, add_users
from tests.contract.web.test_campaigns_api import SHEET, House, housed
from tests.databases import sqlite_file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An empty database."""
    made = tmp_path / "ivr.db"
    made.write_bytes(sqlite_file())
    return made


@pytest_asyncio.fixture(loop_scope="session")
async def house(file: Path) -> AsyncIterator[House]:
    """The real rooms and the real pages."""
    database = await Database.open(StoreSettings(url=f"sqlite:///{file}"))
    await add_users(database)
    async with housed(database, PAGES) as made:
        yield made
    await database.close()


@pytest.mark.asyncio(loop_scope="session")
async def test_from_an_empty_list_to_the_report(page: Page, house: House) -> None:
    await page.goto(f"{house.site.url}/supervisor.html#part=campaigns")
    await page.fill("#login", "senior")
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")
    today = house.clock.now().date()

    await page.get_by_role("button", name="Новая кампания").click()
    await page.locator("#camp-kind").select_option("debt")
    await page.fill("#camp-title", "Долги за октябрь")
    await page.fill("#camp-first_day", str(today))
    await page.fill("#camp-last_day", str(today + timedelta(days=6)))
    await page.get_by_role("button", name="Создать черновик").click()

    file = FilePayload(name="долги.csv", mimeType="text/csv", buffer=SHEET.encode("cp1251"))
    await page.locator("[data-load]").set_input_files(file)
    await expect(page.locator("[data-import=done]")).to_contain_text("новых 2")
    await expect(page.locator("[data-refused='4']")).to_be_visible()

    await page.get_by_role("button", name="Запустить").click()  # the day of payment is missing
    await expect(page.locator("[data-check]")).to_be_visible()
    await page.get_by_role("button", name="Проверить").click()
    await expect(page.locator("[data-ready=false]")).to_contain_text("Оплатить до")
    await page.get_by_role("button", name="Изменить").click()
    await page.fill("#camp-field-pay_by", str(today + timedelta(days=6)))
    await page.get_by_role("button", name="Сохранить").click()
    await page.get_by_role("button", name="Запустить").click()
    await expect(page.locator(".camp-head")).to_contain_text("идёт")

    (campaign,) = await house.book.campaigns()
    assert campaign.state is CampaignState.RUNNING
    await house.talk(campaign.campaign_id, "promised", promised_on="25.11.2026")
    house.clock.pass_by(60)
    await page.get_by_role("tab", name="Ход").click()
    await expect(page.locator("[data-counts=outcomes]")).to_contain_text("Назвал день оплаты")
    await expect(page.locator("[data-tile=left]")).to_contain_text("1")
    await page.get_by_role("tab", name="Звонки").click()
    await expect(page.locator("[data-attempt]")).to_contain_text("Обещал оплатить: 25.11.2026")

    async with page.expect_download() as sent:
        await page.get_by_role("link", name="Отчёт Excel").click()
    assert (await sent.value).suggested_filename == f"{campaign.name}.xlsx"
    await page.get_by_role("button", name="Остановить…").click()
    await page.get_by_role("dialog").get_by_role("button", name="Остановить").click()
    await expect(page.locator(".camp-head")).to_contain_text("остановлена")
    await page.get_by_role("tab", name="Условия").click()
    await expect(page.locator("[data-about]")).to_contain_text("Семён Старший")
