"""«Разговоры» and «Неузнанное»: found, told, held, taken away; nothing personal in the address."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.browser.stub import data, talks
from tests.browser.stub.server import Stub
from tests.browser.supervisor.conftest import opened

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROWS = "[data-recording]"


@pytest.fixture
def archive(leader: Stub) -> Stub:
    """The server, with recordings."""
    leader.answers |= talks.answers()
    return leader


def asked(stub: Stub) -> dict[str, list[str]]:
    """The query of the last search."""
    last = [each for each in stub.asked_for if each.startswith("/recordings?")][-1]
    return parse_qs(urlsplit(last).query)


async def test_what_is_personal_is_asked_for_but_not_kept_in_the_address(page: Page, archive: Stub) -> None:
    await opened(page, archive, "part=talks&from=2026-11-02T09:30&agent=anna")
    await page.wait_for_selector(ROWS)
    await page.fill("#number", "8 912 345-67-89")
    await page.fill("#account", "320100")
    await page.fill("#text", "где мой свет")
    await page.fill("#request", "2026-001190")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("request=2026-001190"))
    async with page.expect_response("**/api/recordings?*"):
        await page.get_by_role("button", name="Найти").click()
    query = asked(archive)
    assert query["from"] == ["2026-11-02T06:30:00.000Z"]
    assert query["number"] == ["8 912 345-67-89"]
    assert (query["account"], query["agent"], query["text"]) == (["320100"], ["anna"], ["где мой свет"])
    address = urlsplit(page.url).fragment
    assert "agent=anna" in address
    assert not [secret for secret in ("912", "320100", "%D0%B3") if secret in address]


async def test_a_link_leads_to_one_call_and_its_story_seeks(page: Page, archive: Stub) -> None:
    await opened(page, archive, f"part=talks&call={talks.CALL}")
    call = page.locator(f"[data-call='{talks.CALL}']")
    await expect(call).to_contain_text("Робот передал оператору — Задолженность")
    await expect(call.get_by_text("Тишина по правилу", exact=False).last).to_contain_text("1:01–1:20")
    slider = call.get_by_role("slider", name="Место записи")
    await expect(slider).to_have_attribute("aria-valuetext", "0:00 из 3:12")
    await slider.focus()
    for key, place in [
        ("ArrowRight", "0:05"),
        ("ArrowRight", "0:10"),
        ("ArrowLeft", "0:05"),
        ("End", "3:12"),
    ]:
        await page.keyboard.press(key)
        await expect(slider).to_have_attribute("aria-valuetext", f"{place} из 3:12")
    await call.get_by_role("button", name="Прослушать с 0:52").click()
    await expect(slider).to_have_attribute("aria-valuetext", "0:52 из 3:12")


async def test_nothing_of_the_sound_is_asked_for_before_somebody_wants_to_hear(
    page: Page, archive: Stub
) -> None:
    await opened(page, archive, f"part=talks&call={talks.CALL}")
    await page.wait_for_selector(".wave path")
    assert not [each for each in archive.asked_for if each.endswith("/sound")]


async def test_what_is_wrong_with_the_search_is_told_without_a_jump(page: Page, archive: Stub) -> None:
    await opened(page, archive, "part=talks")
    await page.wait_for_selector(ROWS)
    place = await page.locator(".talks-sides").bounding_box()
    wrong = {"code": "invalid", "message": "Нужен номер целиком.", "field": "number"}
    archive.refusals["GET", "/recordings"] = (422, wrong)
    await page.fill("#number", "12")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("Нужен номер целиком.")
    await expect(page.locator("#number")).to_have_attribute("aria-invalid", "true")
    assert await page.locator(".talks-sides").bounding_box() == place
    await expect(page.locator(ROWS)).to_have_count(30)


async def test_rows_by_keyboard_and_order_by_any_column(page: Page, archive: Stub) -> None:
    other = talks.found(2)["call_id"]
    archive.answers["GET", f"/calls/{other}/recordings"] = talks.of_call(call_id=other)
    await opened(page, archive, "part=talks")
    await page.locator(ROWS).first.get_by_role("button").focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator(ROWS).nth(2)).to_contain_text("удерживается")
    await page.keyboard.press("Enter")
    await expect(page.locator(ROWS).nth(2)).to_have_attribute("aria-current", "true")
    await expect(page).to_have_url(re.compile(f"call={other}"))
    await page.get_by_role("button", name="Длина").click()
    await expect(page.locator(ROWS).first).to_contain_text("0:05")
    await page.get_by_role("button", name="Длина").click()
    await expect(page.locator(ROWS).first).to_contain_text("12:21")
    await expect(page.get_by_role("columnheader", name="Длина")).to_have_attribute("aria-sort", "descending")
    await expect(page).to_have_url(re.compile("sort=-seconds"))


async def test_the_next_page_comes_after_the_first(page: Page, archive: Stub) -> None:
    pages = {"": talks.page(3, "more"), "more": {"recordings": [talks.found(7)], "next": None}}
    archive.answers["GET", "/recordings"] = lambda query, _: pages[query.get("before", "")]
    await opened(page, archive, "part=talks")
    await page.get_by_role("button", name="Показать ещё").click()
    await expect(page.locator(ROWS)).to_have_count(4)
    await expect(page.get_by_text("4 записи")).to_be_visible()
    await expect(page.get_by_role("button", name="Показать ещё")).to_have_count(0)


async def test_why_there_is_no_recording_is_said(page: Page, archive: Stub) -> None:
    absence = {
        "part": "",
        "reason": "empty",
        "message": "Запись пуста: в разговоре не было звука.",
        "noted_at": talks.found()["came_at"],
    }
    archive.answers["GET", f"/calls/{talks.CALL}/recordings"] = talks.of_call(absences=[absence])
    await opened(page, archive, f"part=talks&call={talks.CALL}")
    await expect(page.get_by_role("note")).to_have_text("Запись пуста: в разговоре не было звука.")
    await expect(page.get_by_role("button", name="Слушать")).to_have_count(0)


async def test_a_recording_is_held_with_a_reason(page: Page, archive: Stub) -> None:
    held = talks.recording(legal_hold=True, hold_reason="Запрос суда", held_by="senior", held_at=data.ago())
    archive.answers["POST", f"/recordings/{talks.CALL}/hold"] = held
    await opened(page, archive, f"part=talks&call={talks.CALL}")
    await page.get_by_role("button", name="Удержать…").click()
    await page.get_by_role("dialog").get_by_role("button", name="Удержать").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Заполните поле")
    await page.fill("#reason", "Запрос суда")
    await page.keyboard.press("Control+Enter")
    assert await archive.asked("POST", f"/recordings/{talks.CALL}/hold") == {"reason": "Запрос суда"}
    await expect(page.locator("[data-call]")).to_contain_text("Запись удерживается")
    await expect(page.locator(ROWS).first).to_contain_text("удерживается")


async def test_those_picked_are_taken_away_and_a_refusal_is_told_in_the_window(
    page: Page, archive: Stub
) -> None:
    message = "Слишком много записей: за один раз можно выгрузить не больше 200. Сузьте условия."
    archive.refusals["POST", "/recordings/export"] = (422, {"code": "too-many", "message": message})
    archive.answers["POST", "/recordings/export"] = {"zip": "…"}
    await opened(page, archive, "part=talks")
    for n in (0, 3):
        await page.locator(ROWS).nth(n).get_by_role("checkbox").check()
    await page.get_by_role("button", name="Выгрузить (2)").click()
    await page.fill("#reason", "Запрос прокуратуры")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("dialog")).to_contain_text(message)
    async with page.expect_download():
        await page.keyboard.press("Control+Enter")
    ids = [talks.found(n)["id"] for n in (0, 3)]
    assert archive.taken[-1][2] == {"ids": ids, "reason": "Запрос прокуратуры"}
    await page.get_by_role("dialog").wait_for(state="detached")


async def test_requests_and_the_card_come_on_demand(page: Page, archive: Stub) -> None:
    await opened(page, archive, f"part=talks&call={talks.CALL}")
    await page.get_by_role("button", name="№ 2026-001190").click()
    await expect(page.get_by_role("region", name="Обращения звонка")).to_contain_text("В работе")
    assert f"/cards/{talks.CALL}" not in archive.asked_for


# --- «Неузнанное» ---


async def test_phrases_are_marked_one_after_another(page: Page, archive: Stub) -> None:
    archive.answers["POST", "/review/100"] = {"waiting": 2}
    archive.answers["POST", "/review/101"] = {"waiting": 1}
    await opened(page, archive, "part=unheard")
    await expect(page.get_by_role("status").first).to_have_text("3 фразы ждут разбора")
    await page.fill("#topic", "readings.submit")
    await page.fill("#note", "про счётчик")
    await page.keyboard.press("Control+Enter")
    assert await archive.asked("POST", "/review/100") == {"topic": "readings.submit", "note": "про счётчик"}
    await expect(page.locator("[data-speech='101']")).to_contain_text("Звук не сохранялся")
    await expect(page.get_by_role("status").first).to_have_text("2 фразы ждут разбора")
    await page.fill("#topic", "no.such")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("[data-speech='101']")).to_contain_text("Выберите тему из списка")
    await page.fill("#topic", "")
    await page.keyboard.press("Control+Enter")
    assert await archive.asked("POST", "/review/101") == {"topic": None, "note": None}
    await expect(page.locator("[data-speech='102']")).to_be_visible()


async def test_nothing_left_is_said(page: Page, archive: Stub) -> None:
    archive.answers["GET", "/review"] = talks.review()
    await opened(page, archive, "part=unheard")
    await expect(page.locator("[data-part=unheard]")).to_have_text("Всё разобрано: неузнанных фраз нет.")


async def test_the_parts_of_a_call_have_names_and_sound_one_after_the_other(
    page: Page, archive: Stub
) -> None:
    named = {"1795304722602": "Разговор", "s1795304750": "Вошедший в разговор", "after": "После разговора"}
    parts = [talks.recording(), *(talks.recording(id=f"{talks.CALL}-{part}", part=part) for part in named)]
    archive.answers["GET", f"/calls/{talks.CALL}/recordings"] = talks.of_call(*parts)
    await opened(page, archive, f"part=talks&call={talks.CALL}")
    shown = page.locator("[data-call]").get_by_role("radiogroup", name="Часть").get_by_role("radio")
    await expect(shown).to_have_count(len(parts))
    for radio, name in zip(await shown.all(), ["Робот", *named.values()], strict=True):
        await expect(radio).to_have_accessible_name(re.compile(rf"{name} \d\d:\d\d"))
    await expect(shown.nth(0)).to_be_checked()
    await page.locator("audio").dispatch_event("ended")
    await expect(shown.nth(1)).to_be_checked()
    await expect(page.locator("audio")).to_have_attribute("src", re.compile("1795304722602"))


async def test_a_row_of_the_list_opens_the_part_that_it_stands_for(page: Page, archive: Stub) -> None:
    talk: dict[str, Any] = {"id": f"{talks.CALL}-1795304722602", "part": "1795304722602"}
    rows = {"recordings": [talks.found(**talk), talks.found()], "next": None}
    archive.answers["GET", "/recordings"] = rows
    archive.answers["GET", f"/calls/{talks.CALL}/recordings"] = talks.of_call(
        talks.recording(), talks.recording(**talk)
    )
    await opened(page, archive, "part=talks")
    for row, name in ((0, "Разговор"), (1, "Робот")):
        await page.locator(ROWS).nth(row).get_by_role("button").click()
        await expect(page.locator("[data-call]").get_by_role("radio", checked=True)).to_contain_text(name)
    await page.reload()
    await expect(page.locator("[data-call]").get_by_role("radio", checked=True)).to_contain_text("Робот")
