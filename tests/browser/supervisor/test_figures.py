"""«Показатели»: how the standard is kept, down to the calls."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.browser.stub import figures
from tests.browser.stub.data import Json
from tests.browser.stub.server import Stub
from tests.browser.supervisor.conftest import opened
from tests.browser.test_reach import unreached

pytestmark = pytest.mark.asyncio(loop_scope="session")

OCTOBER = "part=figures&from=2026-10-01&to=2026-10-31"
OVERFLOW = """document.documentElement.scrollWidth > innerWidth
  || [...document.querySelectorAll(".fig-choose, .fig-pane, .fig-side")]
    .some(e => e.scrollWidth > e.clientWidth + 1)"""
COLOURED = """canvas => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
  .filter((value, at) => at % 4 === 3 && value).length"""


@pytest.fixture
def told(leader: Stub) -> Stub:
    """The server tells figures."""
    figures.told_by(leader)
    return leader


@pytest_asyncio.fixture(loop_scope="session")
async def october(page: Page, told: Stub) -> Page:
    """The page with the figures of a month."""
    return await shown(page, told)


async def shown(page: Page, stub: Stub, more: str = "") -> Page:
    await opened(page, stub, f"{OCTOBER}{more}")
    await page.wait_for_selector("[data-part=figures] [data-kpi], [data-fault], [role=alert]")
    return page


def row(page: Page, id: str) -> Locator:
    return page.locator(f"[data-kpi={id}]")


def asked_last(stub: Stub, path: str) -> Json:
    """What the server was asked last at a path."""
    found = [one for one in stub.asked_for if urlsplit(one).path == path]
    return {name: values[0] for name, values in parse_qs(urlsplit(found[-1]).query).items()}


async def test_first_glance_tells_what_is_kept_and_how_it_went_before(october: Page) -> None:
    glance = october.locator(".fig-glance")
    for words in ("1 – 31 октября", "Целей: 4", "выполнено 2", "не выполнено 1", "нет данных 1"):
        await expect(glance).to_contain_text(words)
    await expect(october.locator(".fig-late")).to_contain_text("Доля потерянных звонков 18,2 %")
    lost = row(october, "lost-calls")
    for words in ("18,2 %", "не более 15 %", "п. 79 г", "Не выполнено", "+2,1 п. п., хуже", "12 151"):
        await expect(lost).to_contain_text(words)
    await expect(row(october, "service-level")).to_contain_text("настройка компании")
    groups = await october.locator(".fig-group th").all_inner_texts()
    assert groups == ["Звонки", "Потерянные звонки", "Ожидание ответа", "Обращения и жалобы"]


async def test_what_is_not_kept_alone_by_name_and_in_order(october: Page) -> None:
    await october.get_by_role("button", name="Только невыполненные").click()
    await expect(october.locator("[data-kpi]")).to_have_count(2)
    await october.get_by_role("button", name="Только невыполненные").click()
    await october.get_by_role("button", name="Только с целью").click()
    await expect(october.locator("[data-kpi]")).to_have_count(5)
    await october.get_by_role("button", name="Только с целью").click()
    await october.fill("#figures-find", "ожидание")
    await expect(october.locator("[data-kpi]")).to_have_count(1)
    await october.fill("#figures-find", "нет такого")
    await expect(october.locator(".nothing")).to_contain_text("Таких показателей нет")
    await october.fill("#figures-find", "")
    await october.get_by_role("button", name="Итог").click()
    ids = await october.locator("[data-kpi]").evaluate_all("rows => rows.map(row => row.dataset.kpi)")
    assert ids[0] == "lost-calls"
    await october.reload()
    await expect(october.locator("th[aria-sort=ascending]")).to_contain_text("Итог")


async def test_how_a_figure_is_counted_is_one_press_away(october: Page) -> None:
    await october.get_by_role("button", name="Как считается: Доля потерянных звонков").click()
    await expect(october.locator(".fig-told")).to_contain_text("Как считается «Доля потерянных звонков».")


async def test_what_is_chosen_stands_in_the_address(october: Page, told: Stub) -> None:
    await october.keyboard.press("Alt+BracketLeft")
    await expect(october.locator("#figures-from")).to_have_value("2026-09-01")
    await october.select_option("#figures-standard", "omsk")
    await october.select_option("#figures-agent", "olga")
    await october.wait_for_function("location.hash.includes('agent=olga')")
    await october.reload()
    await october.wait_for_selector("[data-kpi]")
    await expect(october.locator("#figures-standard")).to_have_value("omsk")
    asked = asked_last(told, "/kpi/report")
    assert asked == {
        "standard": "omsk",
        "from": "2026-09-01",
        "to": "2026-09-30",
        "agent": "olga",
        "before": "true",
    }
    link = await october.get_by_role("link", name="Excel").get_attribute("href")
    assert link == "/api/kpi/report.xlsx?standard=omsk&from=2026-09-01&to=2026-09-30&agent=olga"


async def test_a_figure_over_time_and_by_operators(october: Page, told: Stub) -> None:
    await row(october, "lost-calls").get_by_role("link").click()
    one = october.locator(".fig-one")
    await expect(one.locator("h2")).to_be_focused()
    for words in ("18,2 %", "было 16,1 % (1 – 30 сентября)", "Как считается"):
        await expect(one).to_contain_text(words)
    plot = one.get_by_role("img", name=re.compile("График: Доля потерянных звонков"))
    await expect(plot.locator("canvas")).to_have_count(1)
    assert await drawn(plot) > 100
    await expect(one.locator("[data-key]")).to_have_count(figures.DAYS)
    await expect(one.locator("[data-key='2026-10-20']")).to_contain_text("Не выполнено")
    await one.get_by_role("radio", name="операторам").click()
    await expect(one.locator("[data-key]")).to_have_count(2)
    await expect(plot).to_have_count(0)
    assert asked_last(told, "/kpi/figures/lost-calls")["by"] == "agent"
    await one.get_by_role("link", name="Ольга Ким").click()
    await expect(october.locator("#figures-agent")).to_have_value("olga")
    assert "kpi=lost-calls" in october.url


async def drawn(plot: Locator) -> int:
    """How many points of the canvas have a colour."""
    return int(await plot.locator("canvas").evaluate(COLOURED))


async def test_the_calls_behind_a_figure_lead_to_their_conversations(october: Page) -> None:
    await row(october, "lost-calls").get_by_role("link").click()
    calls = october.locator(".fig-list")
    await expect(calls.locator("h3")).to_have_text(f"Звонки за показателем: {figures.LISTED}")
    first = calls.locator("[data-call=c0]")
    for words in ("•••4567", "потерян в очереди, ожидание 1:30", "Единый номер · Задолженность"):
        await expect(first).to_contain_text(words)
    link = first.get_by_role("link")
    await expect(link).to_have_attribute("href", "#part=talks&call=c0")
    for count in (100, figures.LISTED):
        await calls.get_by_role("button", name="Показать ещё").click()
        await expect(calls.locator("[data-call]")).to_have_count(count)
    await expect(calls.get_by_role("button", name="Показать ещё")).to_have_count(0)


async def test_back_leads_to_where_one_was(october: Page) -> None:
    await row(october, "wait-maximum").get_by_role("link").click()
    await october.wait_for_selector(".fig-one h2")
    await october.go_back()
    await expect(row(october, "wait-maximum").get_by_role("link")).to_be_focused()


async def test_a_figure_that_is_not_made_of_calls_is_told_by_days_alone(october: Page) -> None:
    await row(october, "requests-in-time").get_by_role("link").click()
    await expect(october.get_by_role("radio")).to_have_count(1)
    await expect(october.locator(".fig-list")).to_have_count(0)
    await october.get_by_role("link", name="05.10.2026").click()
    await expect(october.locator("#figures-to")).to_have_value("2026-10-05")


async def test_an_empty_period_is_told_in_words(page: Page, told: Stub) -> None:
    told.answers["GET", "/kpi/report"] = figures.report(empty=True)
    await shown(page, told)
    await expect(page.locator(".box.note")).to_contain_text("За этот период звонков не было")


@pytest.mark.parametrize(
    ("more", "status", "error", "words"),
    [
        (
            "&standard=nowhere",
            404,
            {"code": "no-such-standard", "message": "Такого стандарта нет.", "field": "standard"},
            "Такого стандарта нет. Выберите другой стандарт.",
        ),
        (
            "&line=main",
            422,
            {"code": "future", "message": "Этот период ещё не начался.", "field": "from"},
            "Этот период ещё не начался. Выберите период, который уже начался.",
        ),
    ],
)
async def test_what_can_not_be_told_loses_nothing_of_the_choice(
    page: Page, told: Stub, more: str, status: int, error: Json, words: str
) -> None:
    await shown(page, told)
    told.refusals["GET", "/kpi/report"] = (status, error)
    await page.evaluate("hash => { location.hash = hash }", f"{OCTOBER}{more}")
    await expect(page.locator("[data-fault]")).to_contain_text(words)
    name, value = more[1:].split("=")
    await expect(page.locator(f"#figures-{name}")).to_have_value(value)
    await expect(page.locator("#figures-from")).to_have_value("2026-10-01")


async def test_a_year_that_is_being_typed_is_not_asked_for(october: Page, told: Stub) -> None:
    count = len(told.asked_for)
    async with october.expect_response(lambda answer: "/kpi/report?from=2026-10-02" in answer.url):
        await october.fill("#figures-from", "0002-10-01")
        await october.fill("#figures-from", "2026-10-02")
    asked = [one for one in told.asked_for[count:] if one.startswith("/kpi/report?")]
    assert [parse_qs(urlsplit(one).query)["from"] for one in asked] == [["2026-10-02"]]


async def test_dates_that_run_backwards_are_not_asked_for(october: Page, told: Stub) -> None:
    await october.fill("#figures-from", "2026-11-05")
    await expect(october.get_by_role("alert")).to_contain_text("заканчивается раньше, чем начинается")
    assert asked_last(told, "/kpi/report")["from"] == "2026-10-01"


async def test_while_the_server_is_away_what_is_known_stays(october: Page, told: Stub) -> None:
    told.away = True
    await october.select_option("#figures-line", "legal")
    fault = october.locator("[data-fault]")
    await expect(fault).to_be_visible()
    await expect(row(october, "lost-calls")).to_be_visible()
    told.away = False
    await fault.get_by_role("button", name="Повторить").click()
    await fault.wait_for(state="detached")
    assert asked_last(told, "/kpi/report")["line"] == "legal"


async def test_reports_that_did_not_arrive_are_seen(october: Page) -> None:
    await october.get_by_role("button", name="Рассылка отчётов: не дошло 1").click()
    late = october.locator("[data-state=failing]")
    for words in ("почта head@example.ru", "Не получилось, повторим", "Почтовый сервер не отвечает"):
        await expect(late).to_contain_text(words)
    await expect(october.locator("[data-state=done]")).to_contain_text("папка /srv/reports")


@pytest.mark.parametrize("width", [1280, 1920])
async def test_it_fits_and_all_of_it_is_reached_by_keys(page: Page, told: Stub, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 800 if width == 1280 else 1080})
    await shown(page, told)
    assert not await page.evaluate(OVERFLOW)
    assert await unreached(page) == []
    await row(page, "lost-calls").get_by_role("link").click()
    await page.wait_for_selector("[data-call]")
    assert not await page.evaluate(OVERFLOW)
    assert await unreached(page) == []
    assert await row(page, "lost-calls").is_visible() is (width == 1920)


async def test_paper_shows_the_figures_alone(october: Page) -> None:
    await october.emulate_media(media="print")
    await expect(row(october, "requests-in-time")).to_be_visible()
    for around in (".fig-choose", ".fig-filter", "footer"):
        await expect(october.locator(around)).to_be_hidden()
    await october.emulate_media(media="screen")


async def test_of_a_share_each_call_says_whether_it_is_the_part(page: Page, told: Stub) -> None:
    listed = {**figures.calls({"limit": 2}), "alike": False, "total": 2}
    listed["calls"] = [{**figures.call(0), "value": 1}, {**figures.call(1), "value": 0}]
    told.answers["GET", "/kpi/figures/service-level/calls"] = listed
    await opened(page, told, f"{OCTOBER}&kpi=service-level")
    await expect(page.locator("[data-call=c0]")).to_contain_text("✓ засчитан")
    await expect(page.locator("[data-call=c1]")).to_contain_text("○ не засчитан")
