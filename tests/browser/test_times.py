"""Times are the company's, wherever the browser believes it is (the context's zone is another one)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, expect

from tests.browser.stub import data
from tests.browser.stub.server import Stub
from tests.browser.test_workspace import in_wrap_up

pytestmark = pytest.mark.asyncio(loop_scope="session")

ZONES = ["Europe/Kaliningrad", "Europe/Moscow", "Asia/Kamchatka", "Asia/Kolkata", "America/New_York", "UTC"]
DAY_OF_CHANGE = datetime(2026, 11, 1, tzinfo=UTC)
"""In New York the clock goes back from 2 to 1 at 06:00 UTC."""
MOMENTS = [
    *(DAY_OF_CHANGE + timedelta(minutes=30 * n) for n in range(48)),
    *(datetime(2026, 3, 8, tzinfo=UTC) + timedelta(minutes=30 * n) for n in range(48)),
    datetime(2026, 12, 31, 21, 0, tzinfo=UTC),
    datetime(2027, 1, 1, 11, 59, tzinfo=UTC),
]
CONVERTED = """async ([zone, moments]) => {
  const { instant, localInput, setZone } = await import("/js/format.js");
  setZone(zone);
  return moments.map((iso) => [localInput(Date.parse(iso)), instant(localInput(Date.parse(iso)))]);
}"""
TOLD = """async ([zone, iso]) => {
  const { clockTime, day, setZone } = await import("/js/format.js");
  setZone(zone);
  return [day(iso), clockTime(iso), day("2026-11-21")];
}"""


@pytest.mark.parametrize("zone", ZONES)
async def test_fields_of_time_are_in_the_zone_and_go_back_to_the_same_instant(
    page: Page, stub: Stub, zone: str
) -> None:
    await page.goto(stub.url)
    converted = await page.evaluate(CONVERTED, [zone, [at.isoformat() for at in MOMENTS]])
    for at, (local, back) in zip(MOMENTS, converted, strict=True):
        here = at.astimezone(ZoneInfo(zone))
        assert local == f"{here:%Y-%m-%dT%H:%M}"
        repeated = here.replace(fold=0).utcoffset() != here.replace(fold=1).utcoffset()
        assert abs(datetime.fromisoformat(back) - at) <= timedelta(hours=1 if repeated else 0)


async def test_a_moment_is_told_by_the_clock_of_the_company(page: Page, stub: Stub) -> None:
    await page.goto(stub.url)
    told = await page.evaluate(TOLD, ["Europe/Moscow", "2026-11-20T21:05:00Z"])
    assert told == ["21 ноября", "00:05", "21 ноября"]
    told = await page.evaluate(TOLD, ["Europe/Kaliningrad", "2026-11-20T21:05:00Z"])
    assert told == ["20 ноября", "23:05", "21 ноября"]


async def test_the_shift_is_shown_and_a_promise_taken_in_the_zone_of_the_workspace(
    desk: Page, stub: Stub
) -> None:
    begins = datetime.now(UTC).replace(hour=5, minute=0, second=0, microsecond=0)
    stub.state["shift"] = {
        "begins_at": begins.isoformat(),
        "ends_at": (begins + timedelta(hours=12)).isoformat(),
        "breaks": [],
    }
    stub.state["time_zone"] = "Asia/Yekaterinburg"
    await desk.reload()
    await expect(desk.locator("[data-view=home] .facts")).to_contain_text("10:00 – 22:00")
    await in_wrap_up(desk, stub)
    await desk.get_by_role("radio", name="Ответ отложен").click()
    await desk.fill("#wrap-promised", "2026-12-01T10:00")
    await desk.keyboard.press("Control+Enter")
    body = await stub.asked("POST", f"/calls/{data.CALL}/wrap-up")
    assert datetime.fromisoformat(body["promised_at"]) == datetime(2026, 12, 1, 5, 0, tzinfo=UTC)
