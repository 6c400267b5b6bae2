"""How the standard is kept, through the API: reports, files, the calls behind a figure, today so far."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from ivr.app.kpi import Reporting, open_reporting
from ivr.app.papers import Bookmaking
from ivr.calls.story import Story
from ivr.errors import Fault
from ivr.kpi.breakdown import By
from ivr.kpi.live import LiveCounters
from ivr.kpi.papers.deliveries import Delivery, plan
from ivr.kpi.papers.kinds import Form
from ivr.kpi.papers.settings import Order
from ivr.kpi.papers.spans import Days, Span
from ivr.kpi.profiles import load_profiles
from ivr.settings import load
from ivr.store import Database
from ivr.web.api.figures import FigureRoutes
from tests.contract.kpi.conftest import count_all, put
from tests.contract.web.site import SETTINGS, Running, StillClock, running
from tests.unit.kpi.stories import RULES, Tale, answered, gave_up, served

ROOT = Path(__file__).parents[3]
PATIENT = SETTINGS.model_copy(update={"limits": SETTINGS.limits.model_copy(update={"answer_seconds": 30.0})})
DAY = datetime(2026, 11, 10, 7, 0, tzinfo=UTC)
PERIOD = "from=2026-11-10&to=2026-11-11"


def stories() -> list[Story]:
    """Two lost after 90 and 40 s, one answered after 15 s, one served."""
    return [
        gave_up("c1", DAY, wait=90),
        gave_up("c2", DAY + timedelta(hours=1), wait=40),
        answered("c3", DAY + timedelta(days=1), wait=15),
        served("c4", DAY + timedelta(days=1, hours=2)),
    ]


@cache
def company() -> Reporting:
    settings = load(ROOT / "ivr.yaml")
    return open_reporting(settings, load_profiles(settings.standards_folder))


@dataclass
class Desk:
    site: Running
    counters: LiveCounters
    books: Bookmaking


@pytest.fixture
async def desk(database: Database, pages: Path) -> AsyncIterator[Desk]:
    await put(database, *stories())
    await count_all(database)
    clock = StillClock()
    counters = LiveCounters(RULES, clock)
    books = Bookmaking(
        reporting=company(),
        database=database,
        clock=clock,
        topic_titles=lambda: {"balance.debt": "Задолженность и состояние лицевого счёта"},
    )
    figures = FigureRoutes(
        books=books,
        counters=counters,
        database=database,
        clock=clock,
        standard="bryansk",
    )
    async with running(database, pages, settings=PATIENT, routes=figures.routes()) as run:
        yield Desk(run, counters, books)


async def asked(desk: Desk, path: str, login: str = "senior") -> tuple[int, Any]:
    return await (await desk.site.signed_in(login)).ask("GET", f"/api/kpi/{path}")


async def test_a_report_with_its_breakdowns(desk: Desk) -> None:
    status, told = await asked(desk, f"report?{PERIOD}&by=day&by=topic")
    assert status == 200
    assert (told["standard"], told["from"], told["to"]) == ("bryansk", "2026-11-10", "2026-11-11")
    found = {each["id"]: each for each in told["kpis"]}
    lost = found["lost-calls"]
    assert (lost["value"], lost["value_text"], lost["target_text"]) == (
        0.75,
        "75\N{NO-BREAK SPACE}%",
        "не более 15\N{NO-BREAK SPACE}%",
    )
    assert (lost["verdict"], lost["ground"], lost["calls"]) == ("missed", "п. 79 г", 4)
    days, topics = told["breakdowns"]
    assert [row["title"] for row in days["rows"]] == ["10.11.2026", "11.11.2026"]
    assert days["rows"][0]["figures"]["lost"]["value"] == 2
    titles = {row["key"]: row["title"] for row in topics["rows"]}
    assert titles["balance.debt"] == "Задолженность и состояние лицевого счёта"
    assert titles[""] == "не указано"
    narrowed = (await asked(desk, f"report?{PERIOD}&topic=balance.debt"))[1]
    assert next(each["value"] for each in narrowed["kpis"] if each["id"] == "incoming") == 1


async def test_a_figure_stands_beside_that_of_the_period_before(desk: Desk) -> None:
    told = (await asked(desk, "report?from=2026-11-11&to=2026-11-11&before=true"))[1]
    assert (told["before"], told["goes_on"]) == ({"from": "2026-11-10", "to": "2026-11-10"}, False)
    lost = next(each for each in told["kpis"] if each["id"] == "lost-calls")
    assert lost["group"] == "lost"
    assert (lost["value"], lost["before"]["value"], lost["before"]["trend"]) == (0.5, 1.0, "better")
    assert lost["before"]["change_text"] == "−50\N{NO-BREAK SPACE}п. п."
    month = (await asked(desk, "report?period=month&of=2026-11-24&before=true"))[1]
    assert (month["before"], month["goes_on"]) == ({"from": "2026-10-01", "to": "2026-10-24"}, True)
    assert next(each["before"]["trend"] for each in month["kpis"] if each["id"] == "lost-calls") is None
    assert (await asked(desk, f"report?{PERIOD}"))[1]["kpis"][0]["before"] is None


async def test_one_figure_over_time_and_by_what_it_is_made_of(desk: Desk) -> None:
    status, told = await asked(desk, "figures/wait-maximum?from=2026-11-09&to=2026-11-11&by=day")
    assert status == 200
    assert (told["figure"]["value_text"], told["figure"]["calls"]) == ("1:30", 3)
    assert [(each["key"], each["label"], each["value"], each["calls"]) for each in told["points"]] == [
        ("2026-11-09", "09.11", None, 0),
        ("2026-11-10", "10.11", 90, 2),
        ("2026-11-11", "11.11", 15, 1),
    ]
    topics = (await asked(desk, f"figures/lost-calls?{PERIOD}&by=topic"))[1]
    assert (topics["key_title"], topics["figure"]["ground"]) == ("Тема", "п. 79 г")
    assert {each["title"]: each["verdict"] for each in topics["points"]}["не указано"] == "missed"


async def test_a_figure_that_is_not_made_of_calls_is_told_by_parts_of_the_period(desk: Desk) -> None:
    days = (await asked(desk, f"figures/complaints?{PERIOD}&by=day"))[1]
    assert (days["figure"]["has_calls"], days["figure"]["counts"]) == (False, "cases")
    assert [(each["key"], each["value"]) for each in days["points"]] == [("2026-11-10", 0), ("2026-11-11", 0)]
    quarter = (await asked(desk, "figures/complaints?period=quarter&of=2026-11-10&by=day"))[1]
    assert quarter["points"][1]["title"] == "05.10.2026 – 11.10.2026"
    assert quarter["points"][1]["days"] == {"from": "2026-10-05", "to": "2026-10-11"}
    assert quarter["points"][-1]["days"]["to"] == "2026-11-29"
    assert (await asked(desk, f"figures/complaints?{PERIOD}&by=topic"))[1]["points"] == []


async def test_what_figures_can_be_chosen_by(desk: Desk) -> None:
    status, told = await asked(desk, "choices")
    assert (status, told["standard"], told["today"]) == (200, "bryansk", "2026-11-24")
    titles = {each["id"]: each["title"] for each in told["standards"]}
    assert set(titles) == {"bryansk", "kostroma", "krasnoyarsk", "omsk", "vladimir"}
    assert {each["id"] for each in told["topics"]} == {"balance.debt", "tariffs.current"}
    assert told["agents"] == [{"id": "anna", "title": "anna"}]
    assert told["groups"][0] == {"id": "calls", "title": "Звонки"}


async def test_every_call_behind_a_figure_says_why_it_counts(desk: Desk) -> None:
    told = (await asked(desk, f"figures/lost-calls/calls?{PERIOD}"))[1]
    assert (told["total"], told["more"], told["talks"], told["alike"]) == (3, False, False, True)
    facts = {each["call_id"]: each["facts"] for each in told["calls"]}
    assert facts["c1"] == ["потерян в очереди", "записи нет, причина неизвестна", "ожидание 1:30"]
    assert facts["c4"][0] == "обслужил робот"
    page = (await asked(desk, f"figures/lost-calls/calls?{PERIOD}&limit=1&offset=1"))[1]
    assert (page["total"], page["more"], len(page["calls"])) == (3, True, 1)
    level = (await asked(desk, f"figures/first-contact/calls?{PERIOD}"))[1]
    assert (level["alike"], [each["value"] for each in level["calls"]]) == (False, [1, 1])
    talks = (await asked(desk, f"figures/talk-average/calls?{PERIOD}"))[1]
    assert (talks["total"], talks["talks"]) == (1, True)


async def test_a_month_is_named_by_a_day_of_it(desk: Desk) -> None:
    told = (await asked(desk, "report?period=month&of=2026-11-10"))[1]
    assert (told["from"], told["to"]) == ("2026-11-01", "2026-11-30")


async def test_calls_behind_a_figure_come_by_pages_and_show_nobodys_number(desk: Desk) -> None:
    status, first = await asked(desk, f"figures/lost/calls?{PERIOD}&limit=1")
    assert (status, first["more"]) == (200, True)
    second = (await asked(desk, f"figures/lost/calls?{PERIOD}&limit=1&offset=1"))[1]
    assert second["more"] is False
    assert {each["call_id"] for each in first["calls"] + second["calls"]} == {"c1", "c2"}
    assert {each["caller"] for each in first["calls"] + second["calls"]} == {"•••4567"}
    waits = (await asked(desk, f"figures/wait-maximum/calls?{PERIOD}"))[1]["calls"]
    assert [(each["call_id"], each["value"], each["value_text"]) for each in waits] == [
        ("c1", 90, "1:30"),
        ("c2", 40, "0:40"),
        ("c3", 15, "0:15"),
    ]


@pytest.mark.parametrize(
    ("suffix", "kind", "way"),
    [
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "attachment"),
        ("csv", "text/csv; charset=utf-8", "attachment"),
        ("html", "text/html; charset=utf-8", "inline"),
    ],
)
async def test_a_report_as_a_file(desk: Desk, suffix: str, kind: str, way: str) -> None:
    browser = await desk.site.signed_in("boss")
    async with browser.http.get(
        f"{browser.url}/api/kpi/report.{suffix}?{PERIOD}&by=day&calls=lost", headers=browser.headers
    ) as answer:
        content = await answer.read()
        assert answer.status == 200
    assert answer.headers["Content-Type"] == kind
    name = f"bryansk-2026-11-10--2026-11-11.{suffix}"
    assert answer.headers["Content-Disposition"] == f'{way}; filename="{name}"'
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    if suffix == "xlsx":
        assert load_workbook(BytesIO(content)).sheetnames == [
            "Показатели",
            "По дням",
            "Потерянные звонки",
        ]
    else:
        assert "Потерянные звонки" in content.decode("utf-8-sig")


@pytest.mark.parametrize(
    ("path", "status", "code", "field"),
    [
        ("report?from=2026-11-10", 422, "invalid", None),
        ("report?period=month&to=2026-11-10", 422, "invalid", None),
        ("report?from=2026-11-12&to=2026-11-11", 422, "backwards", "to"),
        ("report?from=2026-12-01&to=2026-12-31", 422, "future", "from"),
        ("report?period=day&of=2027-01-01", 422, "future", "of"),
        ("report?from=2000-01-01&to=2026-11-11", 422, "too-long", "to"),
        ("report?from=0001-01-01&to=0001-01-02", 422, "invalid", "from"),
        ("report?period=week&of=9999-12-31", 422, "invalid", "of"),
        (f"report?{PERIOD}&standard=nowhere", 404, "no-such-standard", "standard"),
        (f"report?{PERIOD}&by=moon", 422, "invalid", "by.0"),
        (f"figures/nothing/calls?{PERIOD}", 404, "no-such-kpi", None),
        (f"figures/nothing?{PERIOD}", 404, "no-such-kpi", None),
        (f"report.csv?{PERIOD}&calls=nothing", 404, "no-such-kpi", None),
        ("live?standard=nowhere", 404, "no-such-standard", "standard"),
    ],
)
async def test_what_can_not_be_told(desk: Desk, path: str, status: int, code: str, field: str | None) -> None:
    found, told = await asked(desk, path)
    assert (found, told["error"]["code"], told["error"]["field"]) == (status, code, field)
    assert told["error"]["message"]


async def test_operators_do_not_see_it(desk: Desk) -> None:
    for path in (
        f"report?{PERIOD}",
        f"report.xlsx?{PERIOD}",
        f"figures/lost/calls?{PERIOD}",
        f"figures/lost?{PERIOD}",
        "choices",
        "live",
        "deliveries",
    ):
        assert (await asked(desk, path, "ivanova"))[0] == 403


async def test_today_so_far(desk: Desk) -> None:
    now = StillClock().now()
    desk.counters.story_changed(gave_up("t1", now - timedelta(hours=1)))
    desk.counters.story_changed(Tale("t2", now - timedelta(seconds=40)).queued(10).story)
    told = (await asked(desk, "live"))[1]
    assert (told["day"], told["queued"], told["in_robot"]) == ("2026-11-24", 1, 0)
    assert told["longest_since"] == "2026-11-24T09:59:30+03:00"
    found = {each["id"]: each for each in told["kpis"]}
    assert found["lost"]["value"] == 1
    assert found["lost-calls"]["target"] == 0.15
    assert "talk-average" not in found
    assert "occupancy" not in found


async def test_files_are_declared_as_such(desk: Desk) -> None:
    document = (await (await desk.site.signed_in("boss")).ask("GET", "/api/openapi.json"))[1]
    told = document["paths"]["/api/kpi/report.csv"]["get"]
    assert told["x-right"] == "reports"
    assert list(told["responses"]["200"]["content"]) == ["text/csv"]
    names = [each["name"] for each in told["parameters"]]
    assert {"from", "to", "period", "of", "by", "calls"} <= set(names)


async def test_reports_that_are_made_by_themselves(desk: Desk, database: Database, tmp_path: Path) -> None:
    order = Order(name="weekly", period=Span.WEEK, formats=(Form.XLSX, Form.HTML), folder=tmp_path)
    made = await desk.books.ordered(order, Days(date(2026, 11, 9), date(2026, 11, 15)))
    assert [each.by for each in made.breakdowns] == [By.DAY, By.HOUR, By.TOPIC, By.AGENT]
    assert made.titles[By.AGENT]["ivanova"] == "Анна Иванова"
    now = StillClock().now()
    planned = Delivery(
        name="weekly",
        first=date(2026, 11, 9),
        last=date(2026, 11, 15),
        destination=f"folder:{tmp_path}",
        planned_at=now,
        due_at=now,
    )
    await database.write(lambda connection: plan(connection, [planned]))
    (told,) = (await asked(desk, "deliveries"))[1]["deliveries"]
    assert (told["name"], told["state"], told["attempts"]) == ("weekly", "waiting", 0)


async def test_a_report_by_itself_needs_its_standard(desk: Desk) -> None:
    order = Order(name="weekly", standard="nowhere", email=("boss@example.ru",))
    with pytest.raises(Fault, match="no standard 'nowhere'"):
        await desk.books.ordered(order, Days(date(2026, 11, 9), date(2026, 11, 15)))
