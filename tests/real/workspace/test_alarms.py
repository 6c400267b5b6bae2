"""A supervisor is alarmed by what really happens; the network of a telephone in the browser is measured."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Playwright

from tests.real.workspace.desk_worker import page_session
from tests.real.workspace.office import CHIEF, CLIENT, Office, office, until
from tests.real.workspace.workplace import workplace

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

ANNA, OTHER = 740, 1700
REPORT_SECONDS = 12.0
"""Asterisk tells the browser of the network every five seconds, the browser answers with its next report."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    alarms = ("every_seconds=0.5", "raise_seconds=1", "over_seconds=1", "queue_callers=2")
    changes = (f"kpi.alarms.{change}" for change in alarms)
    with office(tmp_path_factory.mktemp("alarms"), *changes) as opened:
        yield opened


def metric(place: Office, name: str) -> float:
    """Of the engine, as Prometheus reads it."""
    with urllib.request.urlopen(f"{place.stack.url}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return float(next(line for line in lines if line.startswith(f"{name} ")).rpartition(" ")[2])


async def test_a_long_queue_raises_an_alarm_until_it_is_short_again(place: Office) -> None:
    async with page_session(place, CHIEF) as chief:
        assert await chief.sign_in() == 200
        listening = asyncio.create_task(chief.listen())
        async with place.client("+74832000001"), place.client("+74832000002", OTHER):
            raised = (await chief.until("alarm", 40, name="queue", state="raised"))["data"]
            assert (raised["about"], raised["value"], raised["limit"]) == ("clients", 2, 2)
            assert await asyncio.to_thread(metric, place, 'ivr_alarm{name="queue"}') == 1
            assert await asyncio.to_thread(metric, place, 'ivr_queue_callers{queue="clients"}') == 2
            seen = await chief.done("POST", f"/alarms/{raised['id']}/seen")
            assert (seen["state"], seen["seen_by"]) == ("seen", CHIEF)
        await chief.until("alarm", id=raised["id"], state="over")
        kept = (await chief.done("GET", "/alarms"))["alarms"]
        assert [one["state"] for one in kept if one["id"] == raised["id"]] == ["over"]
        listening.cancel()


async def test_the_network_of_a_telephone_in_the_browser_is_measured(
    place: Office, playwright: Playwright, tmp_path: Path
) -> None:
    async with workplace(playwright, place.stack.url, "anna", ANNA, tmp_path) as anna:
        await anna.sign_in()
        await anna.ready()
        async with place.client("+74832000003", CLIENT) as caller:
            call_id = await anna.answer()
            await until(lambda: caller.hears(ANNA))
            await asyncio.sleep(REPORT_SECONDS)
        await until(lambda: len(place.select("SELECT * FROM network_legs WHERE call_id = ?", call_id)) == 2)
    rows = place.select("SELECT * FROM network_legs WHERE call_id = ?", call_id)
    legs = {row["link"]: row for row in rows}
    assert legs["trunk"]["delay_us"] is None  # the client's telephone sends no reports
    assert 0 < legs["workplace"]["delay_us"] < 150_000
    assert legs["workplace"]["packets"] > 2 * 50 * REPORT_SECONDS / 2
    report = await asyncio.to_thread(
        place.ivr, "kpi", "report", "--standard", "bryansk", "--period", "day", "--format", "json"
    )
    delay = {kpi["id"]: kpi for kpi in json.loads(report.stdout)["kpis"]}["network-delay"]
    assert (delay["verdict"], delay["calls"], delay["value"]) == (
        "met",
        1,
        legs["workplace"]["delay_us"] / 1_000_000,
    )
