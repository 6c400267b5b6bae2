"""«Удовлетворённость»: figures by kind of client, questions and waves, what is due, files of answers."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import FilePayload, Page, expect

from tests.browser.stub import satisfaction
from tests.browser.stub.data import Json
from tests.browser.stub.server import Stub
from tests.browser.supervisor.conftest import opened

pytestmark = pytest.mark.asyncio(loop_scope="session")

OVERFLOW = """[...document.querySelectorAll(".sat-choose, .sat-side > *, .sat-one > *, .sat .item > *")]
  .filter(e => e.scrollWidth > e.clientWidth + 1
    || e.getBoundingClientRect().right > e.parentElement.getBoundingClientRect().right + 1)
  .map(e => e.className || e.tagName)"""


@pytest.fixture
def told(leader: Stub) -> Stub:
    """The server tells of surveys."""
    leader.answers |= satisfaction.answers()
    return leader


async def part(page: Page, stub: Stub, more: str = "") -> Page:
    await opened(page, stub, satisfaction.PLACE + more)
    await page.wait_for_selector("[data-part=satisfaction] [data-comments]")
    await page.wait_for_selector("[data-waves]")
    return page


def asked(stub: Stub, path: str) -> Json:
    """The query of the last question at a path."""
    last = [each for each in stub.asked_for if urlsplit(each).path == path][-1]
    return {name: values[0] for name, values in parse_qs(urlsplit(last).query).items()}


async def test_figures_stand_by_kind_of_client_with_interval_and_few_answers_said(
    page: Page, told: Stub
) -> None:
    await part(page, told)
    private = page.locator("[data-group=vladimir-private]")
    await expect(private).to_contain_text("412")
    await expect(private).to_contain_text("81 %")
    await expect(private).to_contain_text("78–85 %")
    await expect(private).not_to_contain_text("мало ответов")
    corporate = page.locator("[data-group=vladimir-corporate]")
    await expect(corporate).to_contain_text("−6")
    await expect(corporate).to_contain_text("мало ответов")
    assert asked(told, "/satisfaction/results") == {"from": "2026-07-01", "to": "2026-12-31"}


async def test_a_questionnaire_opens_by_keyboard_and_stays_in_the_address(page: Page, told: Stub) -> None:
    await part(page, told)
    await page.get_by_role("button", name="Удовлетворённость клиентов — население").press("Enter")
    await expect(page.locator("[data-question=solved]")).to_contain_text("да: 301")
    await expect(page.locator("[data-one] table").last).to_contain_text("01.01.2026 – 30.06.2026")
    assert "one=vladimir-private" in page.url
    await page.reload()
    await expect(page.locator("[data-question=recommend]")).to_contain_text("+31")


async def test_period_and_kind_of_client_are_asked_for_and_kept(page: Page, told: Stub) -> None:
    await part(page, told)
    await page.get_by_role("radio", name="○ Год").click()
    await page.locator("#sat-segment").select_option("corporate")
    await expect(page.locator("[data-group]").first).to_be_visible()
    await page.wait_for_function("location.hash.includes('segment=corporate')")
    await page.get_by_role("button", name="Раньше").click()
    await page.wait_for_function("location.hash.includes('from=2025-01-01')")
    assert "to=2025-12-31" in page.url


async def test_a_survey_is_begun_and_ended(page: Page, told: Stub) -> None:
    told.answers["POST", "/satisfaction/waves"] = satisfaction.wave(5)
    told.answers["POST", "/satisfaction/waves/3/close"] = satisfaction.wave(3)
    await part(page, told)
    due = page.locator("[data-wave=vladimir-corporate]")
    await expect(due).to_contain_text("пора начать")
    await expect(page.locator("[data-wave=omsk-web]")).to_contain_text("не проведён в срок")
    await expect(page.locator("[data-wave=omsk-office]")).to_contain_text("меры до 09.12.2026")
    async with page.expect_response("**/api/satisfaction/waves"):
        await due.get_by_role("button", name="Начать опрос").click()
    async with page.expect_response("**/waves/3/close"):
        await page.locator("[data-wave=vladimir-private]").get_by_role("button", name="Закончить").click()
    assert [(method, path) for method, path, _ in told.taken][-2:] == [
        ("POST", "/satisfaction/waves"),
        ("POST", "/satisfaction/waves/3/close"),
    ]


async def test_clients_are_drawn_for_operators(page: Page, told: Stub) -> None:
    drawn = {"drawn": 50, "asked": 50, "wave": satisfaction.wave(3)}
    told.answers["POST", "/satisfaction/waves/3/draw"] = drawn
    await part(page, told)
    running = page.locator("[data-wave=vladimir-private]")
    await running.get_by_role("button", name="Выбрать клиентов").click()
    dialog = page.get_by_role("dialog")
    await dialog.locator("#sat-count").fill("50")
    await dialog.get_by_role("button", name="Выбрать клиентов").click()
    await expect(dialog.get_by_role("status")).to_contain_text("Выбрано: 50, задач операторам: 50")
    assert told.taken[-1][2] == {"among": "callers", "count": 50, "ask": True}


async def test_a_file_of_answers_is_taken_over_part_by_part(page: Page, told: Stub) -> None:
    sent: list[str] = []

    def take(query: Json, body: Json) -> Json:
        sent.append(body["csv"])
        count = len(body["csv"].splitlines()) - 1
        bad = [{"line": 2, "column": "overall"}]
        counts = {"changed": 0, "unchanged": 0, "twice": 0, "refused": 0}
        return {"added": count - 1, **counts, "bad": bad, "ignored": ["mood"]}

    told.answers["POST", "/satisfaction/waves/3/import"] = take
    await part(page, told)
    lines = [f"{number};2026-11-20 14:30;5;{'ё' * 40}" for number in range(1000)]
    text = "\r\n".join(["key;answered_at;overall;wishes", *lines])
    file = FilePayload(name="answers.csv", mimeType="text/csv", buffer=text.encode("cp1251"))
    await page.locator("[data-load='3']").set_input_files(file)
    loaded = page.locator("[data-loaded]")
    await expect(loaded).to_contain_text("mood")
    assert len(sent) > 1
    assert all(part.startswith("key;answered_at;overall;wishes\n0") for part in sent[:1])
    assert [line for part in sent for line in part.splitlines()[1:]] == lines  # nothing lost, read as CP1251
    second = len(sent[0].splitlines()) + 1
    await expect(loaded).to_contain_text(f"строка 2, столбец overall; строка {second}")


async def test_control_calls_and_words_are_told(page: Page, told: Stub) -> None:
    await part(page, told)
    control = page.locator("[data-control]")
    await expect(control).to_contain_text("92 %")
    await expect(control).to_contain_text("→ жалоба 2600131")
    await expect(page.locator("[data-comments]")).to_contain_text("Опрос после разговора")


async def test_without_answers_it_says_so(page: Page, told: Stub) -> None:
    nothing = dict.fromkeys(("in_time", "reached", "satisfied", "partly", "score"), satisfaction.NOTHING)
    told.answers["GET", "/satisfaction/results"] = satisfaction.results(
        groups=[], comments=[], control_calls=[], control={**nothing, "continued": 0}
    )
    await part(page, told)
    await expect(page.locator("[data-part=satisfaction]")).to_contain_text("За этот период ответов нет.")
    await expect(page.locator("[data-control]")).to_contain_text("контрольных звонков нет")


@pytest.mark.parametrize("width", [1280, 1920])
async def test_nothing_is_cut(page: Page, told: Stub, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 800 if width == 1280 else 1080})
    await part(page, told, "&one=vladimir-private")
    await page.wait_for_selector("[data-question=wishes]")
    assert await page.evaluate(OVERFLOW) == []
