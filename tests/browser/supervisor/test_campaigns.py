"""«Кампании»: made, filled, checked, started, watched, stopped; what came of every call; refusals."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import FilePayload, Page, expect

from tests.browser.stub import campaigns
from tests.browser.stub.data import Json
from tests.browser.stub.server import Stub
from tests.browser.supervisor.conftest import opened

pytestmark = pytest.mark.asyncio(loop_scope="session")

OVERFLOW = """[...document.querySelectorAll(".camp, .camp *")]
  .filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== "visible"
    && !e.matches(".cut, .cut *, meter, select, input, .only-heard, .only-heard *"))
  .map(e => e.className || e.tagName)"""


@pytest.fixture
def told(leader: Stub) -> Stub:
    """The server tells of campaigns."""
    leader.answers |= campaigns.answers()
    return leader


async def part(page: Page, stub: Stub, more: str = "") -> Page:
    await opened(page, stub, campaigns.PLACE + more)
    await page.wait_for_selector("[data-campaign]")
    return page


def asked(stub: Stub, path: str) -> Json:
    """The query of the last question at a path."""
    last = [each for each in stub.asked_for if urlsplit(each).path == path][-1]
    return {name: values[0] for name, values in parse_qs(urlsplit(last).query).items()}


async def test_the_list_tells_states_and_why_one_has_stopped(page: Page, told: Stub) -> None:
    await part(page, told)
    await expect(page.locator("[data-campaign='7']")).to_contain_text("идёт")
    await expect(page.locator("[data-campaign='7']")).to_contain_text("6 120 из 10 000")
    paused = page.locator("[data-campaign='6']")
    await expect(paused).to_contain_text("приостановлена")
    await expect(paused).to_contain_text("отвергает все вызовы")
    await page.get_by_role("button", name="Должники за октябрь").press("Enter")
    await expect(page.locator("[data-course]")).to_be_visible()
    assert "campaign=7" in page.url


async def test_a_campaign_is_made_with_what_its_kind_needs(page: Page, told: Stub) -> None:
    told.answers["POST", "/campaigns"] = campaigns.draft()["campaign"]
    await part(page, told)
    await page.get_by_role("button", name="Новая кампания").click()
    await page.get_by_role("button", name="Создать черновик").click()
    await expect(page.locator("#camp-kind-wrong")).to_have_text("Заполните это поле.")
    await page.locator("#camp-kind").select_option("planned-outage")
    await expect(page.locator("[data-fields]")).to_contain_text("обязательно: kostroma 5.4")
    await page.fill("#camp-title", "Отключение 24 ноября, Судиславль")
    await page.fill("#camp-first_day", "2026-11-23")
    await page.fill("#camp-last_day", "2026-11-22")
    await page.get_by_role("button", name="Создать черновик").click()
    await expect(page.locator("#camp-last_day-wrong")).to_have_text("Последний день раньше первого.")
    await page.fill("#camp-last_day", "2026-11-23")
    await page.fill("#camp-field-place", "Судиславль, улица Мира")
    await page.fill("#camp-field-starts", "2026-11-24T09:00")
    await page.get_by_role("button", name="Создать черновик").click()
    await expect(page.locator("[data-people]")).to_contain_text("Адресатов ещё нет")
    body = await told.asked("POST", "/campaigns")
    assert (body["kind"], body["mode"], body["lines"], body["caller_id"]) == (
        "planned-outage",
        "agentless",
        10,
        "main",
    )
    assert (body["first_day"], body["opens"]) == ("2026-11-23", None)
    assert body["fields"] == {"place": "Судиславль, улица Мира", "starts": "2026-11-24T09:00"}


async def test_operators_need_a_queue_and_a_refusal_stands_at_its_field(page: Page, told: Stub) -> None:
    await part(page, told, "&make=new")
    await page.locator("#camp-kind").select_option("survey")
    await page.fill("#camp-title", "Опрос")
    await page.get_by_role("radio", name="○ операторам с опережением").click()
    await page.get_by_role("button", name="Создать черновик").click()
    await expect(page.locator("#camp-queue-wrong")).to_be_visible()
    await page.locator("#camp-queue").select_option("clients")
    message = {"code": "no-caller-id", "message": "Такого номера нет.", "field": "caller_id"}
    told.refusals["POST", "/campaigns"] = (422, message)
    await page.get_by_role("button", name="Создать черновик").click()
    await expect(page.locator("#camp-caller_id-wrong")).to_have_text("Такого номера нет.")


async def test_a_file_is_sent_and_every_refused_line_is_told(page: Page, told: Stub) -> None:
    keys: list[str] = []

    def send(query: Any, _body: Any) -> Json:
        keys.append(query["key"])
        told.answers["GET", f"/campaigns/9/targets/{query['key']}"] = imported(query, "done")
        told.answers["GET", "/campaigns/9"] = campaigns.draft(2)
        return imported(query, "running")

    def imported(query: Any, state: str) -> Json:
        bad = {
            "line": 4,
            "field": "телефон",
            "why": "Это не номер телефона.",
            "fix": "Исправьте номер.",
            "left_out": True,
        }
        done = {"new": 2, "known": 0, "repeated": 1, "refused": 1, "complaints": 1, "lines": [bad]}
        told_of = done if state == "done" else {}
        return campaigns.imported(query["key"], state, name=query["name"], ignored=["цвет"], **told_of)

    told.answers["POST", "/campaigns/9/targets"] = send
    await part(page, told, "&campaign=9&view=people")
    file = FilePayload(name="долги.csv", mimeType="text/csv", buffer="телефон\n1\n".encode("cp1251"))
    await page.locator("[data-load]").set_input_files(file)
    done = page.locator("[data-import=done]")
    await expect(done).to_contain_text("новых 2")
    await expect(done).to_contain_text("повторы в файле 1")
    await expect(page.locator("[data-refused='4']")).to_contain_text("Исправьте номер.")
    await expect(done).to_contain_text("цвет")
    await expect(page.locator("[data-people]")).to_contain_text("Адресатов: 2")
    assert len(keys) == 1
    assert told.taken[-1][2] == file["buffer"]


async def test_a_list_on_its_way_is_found_again_and_broken_off(page: Page, told: Stub) -> None:
    before = campaigns.imported("k1", "failed", fault="Файл пуст.", fix="Назовите столбцы.")
    now = campaigns.imported("k2", "running", read=12_500, new=12_000, refused=500)
    told.answers["GET", "/campaigns/9/targets"] = {"imports": [now, before]}
    told.answers["GET", "/campaigns/9/targets/k1"] = before
    told.answers["GET", "/campaigns/9/targets/k2"] = now

    def stop(_query: Any, _body: Any) -> Json:
        told.answers["GET", "/campaigns/9/targets/k2"] = now | {"state": "stopped"}
        return now

    told.answers["POST", "/campaigns/9/targets/k2/stop"] = stop
    await part(page, told, "&campaign=9&view=people")
    running = page.locator("[data-import=running]")
    await expect(running).to_contain_text("12 500")
    await expect(page.get_by_role("button", name="Загрузить файл")).to_be_disabled()
    await running.get_by_role("button", name="Прервать").click()
    stopped = page.locator("[data-import=stopped]")
    await expect(stopped).to_contain_text("то, что было принято до этого")
    await expect(stopped).to_contain_text("новых 12 000")
    await page.locator("[data-imports] button").nth(1).click()
    await expect(page.locator("[data-import=failed]")).to_contain_text("Файл пуст.")


async def test_debtors_are_taken_from_the_own_tables(page: Page, told: Stub) -> None:
    told.answers["POST", "/campaigns/9/debts"] = campaigns.imported("k", "done", read=812, new=812)
    await part(page, told, "&campaign=9&view=people")
    await page.get_by_role("button", name="Взять из долгов…").click()
    dialog = page.get_by_role("dialog")
    await dialog.locator("#debts-least").fill("1 500,50")
    await dialog.locator("#debts-streets").fill("Мира, Ленина")
    await dialog.get_by_role("button", name="Взять").click()
    await expect(page.locator("[data-import=done]")).to_contain_text("новых 812")
    body = told.taken[-1][2]
    assert (body["least"], body["most"], body["segment"]) == ("1500.5", None, "private")
    assert body["streets"] == ["Мира", "Ленина"]


async def test_the_check_stands_before_a_start_and_rehearses(page: Page, told: Stub) -> None:
    told.answers["GET", "/campaigns/9"] = campaigns.draft(412)
    findings = [
        {
            "severity": "error",
            "what": "Не хватает данных для текста: Оплатить до.",
            "where": "fields.pay_by",
            "fix": "Заполните поле.",
        }
    ]
    told.answers["POST", "/campaigns/9/check"] = {"ready": False, "findings": findings, "opens_at": None}
    told.answers["POST", "/campaigns/9/rehearsal"] = {"call_id": "r1"}
    await part(page, told, "&campaign=9&view=people")
    message = {"code": "not-ready", "message": "Запускать нельзя: не хватает данных."}
    told.refusals["POST", "/campaigns/9/start"] = (409, message)
    await page.get_by_role("button", name="Запустить").click()
    await expect(page.get_by_text("Запускать нельзя: не хватает данных.")).to_be_visible()
    await page.get_by_role("button", name="Проверить").click()
    await expect(page.locator("[data-ready=false]")).to_contain_text("Оплатить до")
    await expect(page.locator("[data-finding=error]")).to_contain_text("мешает запуску")
    await page.get_by_role("button", name="Позвонить").click()
    await expect(page.locator("#camp-number-wrong")).to_be_visible()
    await page.fill("#camp-number", "+7 910 123-45-67")
    await page.fill("#camp-try-amount", "1234,50")
    await page.get_by_role("button", name="Позвонить").click()
    await expect(page.get_by_text("Звоним.")).to_be_visible()
    number = {"own": False, "number": "+7 910 123-45-67"}
    assert told.taken[-1][2] == {**number, "fields": {"amount": "1234,50"}}
    await page.get_by_role("radio", name="на мой телефон").click()
    await expect(page.locator("#camp-number")).to_have_count(0)
    await page.get_by_role("button", name="Позвонить").click()
    await expect(page.get_by_text("говорите на месте оператора")).to_be_visible()
    assert told.taken[-1][2] == {"own": True, "number": "", "fields": {"amount": "1234,50"}}


async def test_a_campaign_that_runs_is_watched_without_reload(page: Page, told: Stub) -> None:
    await part(page, told, "&campaign=7")
    await expect(page.locator("[data-tile=left]")).to_contain_text("3 880")
    await expect(page.locator("[data-tile=lost]")).to_contain_text("2,4 %")
    await expect(page.locator("[data-tile=lost]")).to_contain_text("в границе 3 %")
    await expect(page.locator("[data-tile=ends]")).to_contain_text("в срок")
    await expect(page.locator("[data-funnel]")).to_contain_text("8 210")
    await expect(page.locator("[data-counts=dispositions]")).to_contain_text("не отвечает")
    await expect(page.locator("[data-counts=outcomes]")).to_contain_text("обещал оплатить")
    why = "Линия main отвергает все вызовы."
    over = campaigns.one(campaign={"state": "paused", "why": why}, course={"abandoned": 0.041, "open": 0})
    told.answers["GET", "/campaigns/7"] = over
    await told.publish("campaigns", {})
    await expect(page.locator("[data-why]")).to_have_text(why)
    await expect(page.locator("[data-tile=lost]")).to_contain_text("выше границы")
    await expect(page.get_by_role("button", name="Продолжить")).to_be_visible()


async def test_pause_works_at_once_and_a_stop_is_asked_for_twice(page: Page, told: Stub) -> None:
    told.answers["POST", "/campaigns/7/pause"] = campaigns.campaign(state="paused")
    told.answers["POST", "/campaigns/7/stop"] = campaigns.campaign(state="stopped")
    await part(page, told, "&campaign=7")
    told.answers["GET", "/campaigns/7"] = campaigns.one(campaign={"state": "paused"}, course={"open": 0})
    await page.get_by_role("button", name="Приостановить").click()
    await expect(page.get_by_role("button", name="Продолжить")).to_be_visible()
    await page.get_by_role("button", name="Остановить…").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("снова не запустить")
    assert not [path for _, path, _ in told.taken if path.endswith("/stop")]
    await dialog.locator("#camp-why").fill("Ошибка в тексте")
    told.answers["GET", "/campaigns/7"] = campaigns.one(campaign={"state": "stopped"}, course={"open": 0})
    await dialog.get_by_role("button", name="Остановить").click()
    await expect(page.locator(".camp-head")).to_contain_text("остановлена")
    assert told.taken[-1] == ("POST", "/campaigns/7/stop", {"why": "Ошибка в тексте"})


async def test_every_call_leads_to_its_conversation(page: Page, told: Stub) -> None:
    await part(page, told, "&campaign=7&view=attempts")
    row = page.locator("[data-attempt=call-31]")
    await expect(row).to_contain_text("обещал оплатить")
    await expect(row).to_contain_text("Оплатит: 25.11.2026")
    await expect(row.get_by_role("link", name="Послушать")).to_have_attribute(
        "href", "#part=talks&call=call-31"
    )
    await expect(page.locator("[data-attempt=call-29]")).to_contain_text("занято")
    await expect(page.locator("[data-attempt=call-29]").get_by_role("link")).to_have_count(0)
    await page.fill("#camp-number", "0031")
    async with page.expect_response("**/attempts?*number=0031*"):
        await page.keyboard.press("Enter")
    async with page.expect_response("**/attempts?*disposition=busy*"):
        await page.locator("#camp-disposition").select_option("busy")
    assert asked(told, "/campaigns/7/attempts") == {"disposition": "busy", "number": "0031"}
    assert "0031" not in page.url, "numbers stay out of the address"
    await row.get_by_role("button").click()
    await expect(page.get_by_text("Все звонки этому человеку")).to_be_visible()
    assert "person=131" in page.url
    proof = page.locator("[data-attempts]").get_by_role("link", name="Подтверждения")
    await expect(proof).to_have_attribute("href", "/api/campaigns/7/proof?target=131")
    report = page.get_by_role("link", name="Отчёт Excel")
    await expect(report).to_have_attribute("href", "/api/campaigns/7/report?form=xlsx")


async def test_a_refusal_is_written_down(page: Page, told: Stub) -> None:
    told.answers["POST", "/campaigns/refusals"] = campaigns.refusals()
    await part(page, told)
    await page.get_by_role("button", name="Отказы").click()
    await expect(page.locator("[data-refusal]").first).to_contain_text("от напоминаний о долге")
    await page.fill("#refuse-who", "+7 910 123-45-67")
    await page.fill("#refuse-note", "заявление № 15")
    await page.get_by_role("button", name="Записать отказ").click()
    await expect(page.get_by_text("Отказ записан.")).to_be_visible()
    assert told.taken[-1][2] == {"who": "+7 910 123-45-67", "scope": "all", "note": "заявление № 15"}


async def test_a_refusal_is_taken_back_with_the_reason(page: Page, told: Stub) -> None:
    told.answers["POST", "/campaigns/refusals/2/lift"] = campaigns.refusals()
    await part(page, told)
    await page.get_by_role("button", name="Отказы").click()
    row = page.locator("[data-refusal='2']")
    await expect(row).to_contain_text("действует")
    await row.get_by_role("button", name="Снять…").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Снять отказ").click()
    await expect(dialog).to_contain_text("откуда известно")
    await dialog.locator("#lift-why").fill("заявление № 16")
    after = campaigns.refusals()
    after["refusals"][0] |= {
        "lifted_at": "2026-11-21T09:12:00Z",
        "lifted_by": "Вера",
        "lifted_why": "заявление № 16",
    }
    told.answers["GET", "/campaigns/refusals"] = after
    await dialog.get_by_role("button", name="Снять отказ").click()
    await expect(row).to_contain_text("Вера: заявление № 16")
    assert ("POST", "/campaigns/refusals/2/lift", {"why": "заявление № 16"}) in told.taken


@pytest.mark.parametrize("width", [1280, 1920])
@pytest.mark.parametrize("view", ["course", "people", "check", "attempts", "about"])
async def test_nothing_is_cut(page: Page, told: Stub, width: int, view: str) -> None:
    await page.set_viewport_size({"width": width, "height": 800 if width == 1280 else 1080})
    await part(page, told, f"&campaign=7&view={view}")
    await page.wait_for_selector(f"[data-{view}]")
    assert await page.evaluate(OVERFLOW) == []
