"""Work beside the talk: requests in full, visits, stories of calls, and what those do who lead the desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import at_work
from tests.browser.stub import data, office
from tests.browser.stub.server import Stub
from tests.browser.test_workspace import in_talk

pytestmark = pytest.mark.asyncio(loop_scope="session")

OVERLAPPING = """(() => {
  const parts = [...document.querySelectorAll(".strip .queue > *, .strip > :not(.grow), .strip button")];
  const boxes = [...new Set(parts)].map((e) => [e.textContent, e.getBoundingClientRect()]);
  return boxes.slice(1).filter(([, box], n) => box.left < boxes[n][1].right - 1 || box.right > innerWidth)
    .map(([text]) => text);
})()"""
NUMBER = "2026-001171"


async def opened(desk: Page) -> None:
    await desk.keyboard.press("Alt+4")
    await desk.locator(f'[data-number="{NUMBER}"]').get_by_role("button", name="Открыть").click()
    await desk.wait_for_selector(f'[data-request="{NUMBER}"]')


async def test_a_request_is_read_in_full_answered_and_its_control_call_shown(desk: Page, stub: Stub) -> None:
    await opened(desk)
    shown = desk.locator("[data-request]")
    await expect(shown).to_contain_text("Просрочено")
    await expect(shown).to_contain_text("предельный срок, Стандарт обслуживания клиентов, ООО «Газ")
    await expect(shown).not_to_contain_text("bryansk")
    await expect(shown).to_contain_text("Назначен ответственный, Ольга Новикова")
    await expect(shown.locator(f'[data-recording="{data.CALL}"]')).to_be_visible()
    await desk.get_by_role("radio", name="Ответить", exact=False).first.click()
    await desk.get_by_role("radio", name="Телефон").click()
    await desk.fill("#answer-text", "Платёж найден и учтён")
    await desk.get_by_label("Клиент доволен ответом").check()
    done = {"status": "answered", "status_title": "Отвечено", "control_due_at": data.ahead(days=3)}
    stub.after["answer"] = {**done, "overdue": False, "answer": "Платёж найден и учтён"}
    await desk.keyboard.press("Control+Enter")
    body = await stub.asked("POST", f"/requests/{NUMBER}/answer")
    assert (body["channel"], body["satisfied"], body["unreachable"]) == ("phone", True, False)
    assert body["text"] == "Платёж найден и учтён"
    await expect(shown).to_contain_text("Контрольный звонок")
    await expect(desk.get_by_role("radio", name="Отказать")).to_have_count(0)


async def test_a_refusal_names_a_ground_and_a_repetition_is_the_same_step(desk: Page, stub: Stub) -> None:
    await opened(desk)
    await desk.get_by_role("radio", name="Отказать").click()
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator("#refuse-ground-wrong")).to_be_visible()
    await desk.select_option("#refuse-ground", "anonymous")
    stub.refusals["POST", f"/requests/{NUMBER}/refuse"] = (
        422,
        {"code": "unknown-ground", "message": "Выберите основание отказа", "field": "ground"},
    )
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator("#refuse-ground-wrong")).to_have_text("Выберите основание отказа")
    first = await stub.asked("POST", f"/requests/{NUMBER}/refuse")
    stub.taken.clear()
    await desk.keyboard.press("Control+Enter")
    assert await stub.asked("POST", f"/requests/{NUMBER}/refuse") == first


async def test_filters_and_the_opened_request_survive_a_reload(desk: Page, stub: Stub) -> None:
    await desk.keyboard.press("Alt+4")
    await desk.get_by_role("radio", name="Все", exact=False).first.click()
    await desk.select_option("#requests-kind", "complaint")
    await desk.fill("#requests-since", "2026-11-01")
    await opened(desk)
    stub.asked_for.clear()
    await desk.reload()
    await desk.wait_for_selector(f'[data-request="{NUMBER}"]')
    await expect(desk.locator("#requests-kind")).to_have_value("complaint")
    listed = [path for path in stub.asked_for if path.startswith("/requests?")]
    assert listed
    assert all("kind=complaint" in path and "since=2026-11-01" in path for path in listed)
    assert all("open=" not in path for path in listed)
    await desk.keyboard.press("Escape")
    await desk.get_by_role("button", name="Выйти").click()
    await desk.wait_for_selector("[data-view=sign-in]")
    assert "#" not in desk.url


async def test_a_request_leads_to_its_call_and_back(desk: Page, stub: Stub) -> None:
    await in_talk(desk, stub)
    await desk.get_by_role("button", name="2026-001184").click()
    await desk.locator("[data-request]").get_by_role("button", name="Ход звонка").click()
    story = desk.locator(f'[data-story="{data.CALL}"]')
    await expect(story.locator("li")).to_have_count(5)
    await expect(story).to_contain_text("Конец — собеседник положил трубку, anna")
    await desk.keyboard.press("Escape")
    await desk.wait_for_selector("[data-request]")
    await desk.keyboard.press("Escape")
    await desk.get_by_role("button", name="Все звонки клиента").click()
    await desk.get_by_role("dialog").get_by_role("button", name="Ход звонка").click()
    await desk.wait_for_selector('[data-story="p1"]')


async def test_a_visit_of_the_day_is_moved_and_another_given_back(desk: Page, stub: Stub) -> None:
    await desk.keyboard.press("Alt+6")
    await desk.get_by_role("button", name="Перенести").click()
    await desk.get_by_role("radiogroup", name="Время", exact=True).get_by_role("radio").first.click()
    taken = {"code": "slot-taken", "message": "Это время уже занято", "field": "starts_at"}
    stub.refusals["POST", "/appointments/A-104/move"] = (409, taken)
    await desk.keyboard.press("Control+Enter")
    await expect(desk.get_by_role("dialog").get_by_role("alert")).to_contain_text("Это время уже занято")
    stub.taken.clear()
    await desk.keyboard.press("Control+Enter")
    assert (await stub.asked("POST", "/appointments/A-104/move"))["segment"] == "private"
    await desk.get_by_role("radio", name="Выезды на дом").click()
    await desk.locator("[data-visit=V-17]").get_by_role("button", name="Отменить").click()
    await desk.get_by_role("dialog").get_by_role("button", name="Отменить").click()
    assert await stub.asked("POST", "/visits/V-17/cancel") == {}


async def test_who_came_is_noted_and_a_visit_that_may_not_be_is_explained(desk: Page, stub: Stub) -> None:
    stub.appointments = [{**office.APPOINTMENTS[0], "starts_at": data.ago(hours=1)}]
    await in_talk(desk, stub)
    await desk.keyboard.press("Alt+5")
    await desk.get_by_role("radio", name="Записи дня").click()
    await desk.get_by_role("button", name="Не пришёл").click()
    assert await stub.asked("POST", "/appointments/A-104/met") == {"came": False}
    why = {"code": "too-often", "message": "Следующий выезд возможен с 01.03.2027.", "field": None}
    stub.refusals["GET", "/visits/slots"] = (409, why)
    await desk.get_by_role("radio", name="Выезд на дом", exact=False).click()
    await expect(desk.get_by_role("alert")).to_contain_text("возможен с 01.03.2027")


async def test_an_operator_without_rights_leads_nothing(desk: Page, stub: Stub) -> None:
    await desk.keyboard.press("Alt+7")
    await expect(desk.get_by_role("tab", name="Команда")).to_have_count(0)
    await in_talk(desk, stub)
    await desk.keyboard.press("Alt+m")
    await expect(desk.get_by_role("dialog")).not_to_contain_text("Заблокировать номер")


@pytest.fixture
def leading(stub: Stub) -> None:
    stub.rights = ["work", "cards", "block", "desk", "floor"]


@pytest.mark.usefixtures("leading")
async def test_a_leader_sees_the_floor_and_the_plan_as_they_change(page: Page, stub: Stub) -> None:
    desk = await at_work(page, stub)
    await desk.keyboard.press("Alt+7")
    await desk.wait_for_selector("[data-agent=olga][data-state=talking]")
    olga = data.agent("paused", login="olga", name="Ольга Новикова", extension="202")
    await stub.publish("agent", olga)
    await expect(desk.locator("[data-agent=olga]")).to_contain_text("Пауза: Перерыв")
    await expect(desk.locator(".bar")).to_contain_text("Пауза: Перерыв")
    await desk.get_by_role("radio", name="План смен").click()
    await expect(desk.locator("[data-shift=petr]")).to_contain_text("нет на месте")
    await expect(desk.locator("[data-shift=olga]")).not_to_contain_text("нет на месте")


@pytest.mark.usefixtures("leading")
async def test_a_leader_pauses_and_signs_out_a_colleague(page: Page, stub: Stub) -> None:
    desk = await at_work(page, stub)
    await desk.keyboard.press("Alt+7")
    olga = desk.locator("[data-agent=olga]")
    await olga.get_by_role("button", name="Пауза").click()
    await desk.get_by_role("dialog").locator("[data-row]", has_text="Обучение").get_by_role("button").click()
    assert await stub.asked("PUT", "/floor/olga/state") == {"state": "paused", "reason": "training"}
    await desk.wait_for_selector("dialog", state="detached")
    stub.taken.clear()
    why = {"code": "not-signed-in", "message": "Этот оператор сейчас не на линии.", "field": None}
    stub.refusals["PUT", "/floor/olga/state"] = (409, why)
    await olga.get_by_role("button", name="Снять с линии").click()
    sure = desk.get_by_role("dialog").get_by_role("button", name="Снять с линии")
    await expect(sure).to_be_focused()
    await desk.keyboard.press("Enter")
    await expect(desk.locator(".toasts")).to_contain_text("сейчас не на линии")
    await desk.keyboard.press("Enter")
    await desk.wait_for_selector("dialog", state="detached")
    assert [body for _, _, body in stub.taken] == [{"state": "offline"}] * 2
    stub.taken.clear()
    await olga.get_by_role("button", name="На линию").click()
    assert await stub.asked("PUT", "/floor/olga/state") == {"state": "ready"}


async def test_who_leads_without_the_right_moves_nobody(page: Page, stub: Stub) -> None:
    stub.rights = ["work", "desk"]
    desk = await at_work(page, stub)
    await desk.keyboard.press("Alt+7")
    await desk.wait_for_selector("[data-agent=olga]")
    await expect(desk.get_by_role("button", name="Снять с линии")).to_have_count(0)


@pytest.mark.usefixtures("leading")
async def test_a_week_is_planned_by_keyboard(page: Page, stub: Stub) -> None:
    desk = await at_work(page, stub)
    await desk.keyboard.press("Alt+7")
    await desk.get_by_role("radio", name="План смен").click()
    monday = office.TODAY - timedelta(days=office.TODAY.weekday())
    await desk.locator(f'[data-cell="ivan {monday}"]').focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowUp", "Enter"):
        await desk.keyboard.press(key)
    dialog = desk.get_by_role("dialog")
    await expect(dialog).to_contain_text("Иван Громов")
    await desk.fill("#shift-begins", "20:00")
    await desk.fill("#shift-ends", "08:00")
    await desk.fill("#shift-breaks", "в полночь")
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator("#shift-breaks-wrong")).to_contain_text("12:00-12:30")
    await desk.fill("#shift-breaks", "0:00-0:30, 4:00-4:15")
    words = "Смена 24.11 20:00 – 25.11 08:00 пересекается со сменой 25.11 07:00 – 25.11 15:00"
    stub.refusals["PUT", "/shifts"] = (409, {"code": "overlaps", "message": words, "field": "begins"})
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator("#shift-begins-wrong")).to_contain_text("пересекается")
    stub.taken.clear()
    await desk.keyboard.press("Control+Enter")
    (planned,) = (await stub.asked("PUT", "/shifts"))["shifts"]
    breaks = [{"since": "00:00", "until": "00:30"}, {"since": "04:00", "until": "04:15"}]
    tuesday = (monday + timedelta(days=1)).isoformat()
    hours = {"begins": "20:00", "ends": "08:00", "breaks": breaks}
    assert planned == {"login": "ivan", "day": tuesday, **hours}
    await desk.wait_for_selector("dialog", state="detached")
    await desk.locator(f'[data-cell="olga {office.TODAY}"]').click()
    begins = datetime.fromisoformat(office.SHIFTS[0]["begins_at"]).astimezone(ZoneInfo("Europe/Moscow"))
    await expect(desk.locator("#shift-begins")).to_have_value(f"{begins:%H:%M}")
    await dialog.get_by_role("button", name="Убрать смену").click()
    await stub.asked("DELETE", f"/shifts/olga/{office.TODAY}")


@pytest.mark.usefixtures("leading")
async def test_the_week_before_is_repeated_where_nothing_is_planned(page: Page, stub: Stub) -> None:
    desk = await at_work(page, stub)
    await desk.keyboard.press("Alt+7")
    await desk.get_by_role("radio", name="План смен").click()
    last = f"last={office.TODAY - timedelta(days=office.TODAY.weekday() - 13)}"
    async with desk.expect_response(lambda answer: "/shifts?" in answer.url and last in answer.url):
        await desk.get_by_role("button", name="Следующая неделя").click()
    await desk.wait_for_function(
        "(day) => document.querySelector(`[data-cell='ivan ${day}']`)",
        arg=(office.TODAY - timedelta(days=office.TODAY.weekday() - 7)).isoformat(),
    )
    await desk.get_by_role("button", name="Повторить прошлую неделю").click()
    planned = (await stub.asked("PUT", "/shifts"))["shifts"]
    assert [(each["login"], each["day"]) for each in planned] == [
        (login, (office.TODAY + timedelta(days=7)).isoformat()) for login in ("olga", "petr")
    ]


@pytest.mark.usefixtures("leading")
async def test_a_bulletin_is_written_and_its_readers_seen(page: Page, stub: Stub) -> None:
    desk = await at_work(page, stub)
    await desk.keyboard.press("Alt+7")
    await desk.get_by_role("radio", name="Объявления").click()
    await expect(desk.locator("[data-bulletin='1']")).to_contain_text("Прочитали 1: Ольга Новикова")
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator("#bulletin-text-wrong")).to_be_visible()
    await desk.fill("#bulletin-text", "Сайт не работает до полудня")
    await desk.select_option("#bulletin-queue", label="Общая")
    await desk.get_by_label("Срочное").check()
    await desk.keyboard.press("Control+Enter")
    body = await stub.asked("POST", "/bulletins")
    assert (body["text"], body["urgent"], body["since"]) == ("Сайт не работает до полудня", True, None)
    assert body["queue"] == "clients"
    await desk.get_by_role("button", name="Снять").click()
    await stub.asked("DELETE", "/bulletins/1")


@pytest.mark.usefixtures("leading")
async def test_a_number_is_kept_away_from_the_call_in_one_step_and_let_in_again(
    page: Page, stub: Stub
) -> None:
    desk = await at_work(page, stub)
    await desk.keyboard.press("Alt+7")
    await desk.get_by_role("radio", name="Блокировки").click()
    await desk.get_by_role("button", name="Разблокировать").click()
    await stub.asked("DELETE", "/blocked/3")
    await in_talk(desk, stub)
    await desk.keyboard.press("Alt+m")
    await desk.fill("#block-reason", "Угрозы оператору")
    await desk.get_by_role("radio", name="30 дней").click()
    await desk.keyboard.press("Control+Enter")
    body = await stub.asked("POST", "/blocked")
    assert (body["phone"], body["reason"], body["call_id"]) == (
        "+79123456789",
        "Угрозы оператору",
        data.CALL,
    )
    assert (
        timedelta(days=29) < datetime.fromisoformat(body["until"]) - datetime.now(UTC) <= timedelta(days=30)
    )
    await desk.wait_for_selector("dialog", state="detached")


async def test_a_call_whose_answer_got_lost_is_ordered_once(desk: Page, stub: Stub) -> None:
    stub.cut_off = [("POST", "/calls")]
    await desk.keyboard.press("F2")
    await desk.keyboard.press("Alt+k")
    await desk.fill("#dial", "+7 912 345-67-89")
    await desk.keyboard.press("Enter")
    await expect(desk.locator(".bar")).to_contain_text("Набираем")
    keys = [body["key"] for _, path, body in stub.taken if path == "/calls"]
    assert len(keys) == 2
    assert len(set(keys)) == 1


async def test_a_call_back_whose_answer_got_lost_is_ordered_again_and_answered(
    desk: Page, stub: Stub
) -> None:
    stub.cut_off = [("POST", "/callbacks/11/call")]
    await desk.keyboard.press("Alt+1")
    await desk.get_by_role("button", name="Позвонить").first.click()
    await expect(desk.locator(".bar")).to_contain_text("Набираем")
    assert [path for _, path, _ in stub.taken if path.endswith("/call")] == ["/callbacks/11/call"] * 2


async def test_many_queues_fit_the_footer_and_are_one_press_away(desk: Page, stub: Stub) -> None:
    queues = [
        {
            "queue": f"clients.{n}",
            "title": f"Очередь с длинным названием про начисления и платежи, {n}",
            "waiting": n,
            "longest_since": data.ago(seconds=80 + n),
            "ready": 2,
            "serving": 3,
            "estimate_seconds": 65,
        }
        for n in range(5)
    ]
    await stub.publish("queues", {"queues": queues})
    await expect(desk.locator(".strip")).to_contain_text("ждут 4")
    assert await desk.evaluate(OVERLAPPING) == []
    await desk.get_by_role("button", name="Ещё очередей: 4").click()
    await expect(desk.locator("[data-queue='clients.2']")).to_contain_text("1:05")


async def test_a_conference_and_its_third_party_survive_a_reload(desk: Page, stub: Stub) -> None:
    await in_talk(desk, stub)
    await desk.keyboard.press("F7")
    await desk.get_by_role("option", name="Ольга Новикова").wait_for()
    await desk.keyboard.press("Enter")
    asked = {"call_id": data.CALL, "leg_id": "leg-of-olga", "role": "consult", "agent": "olga"}
    stub.state["consult"] = {**asked, "stage": "talking", "since": data.ago()}
    await stub.publish("talk", stub.state["consult"])
    await desk.get_by_role("button", name="Втроём").click()
    conference = desk.locator("[data-stage=conference]")
    await conference.wait_for()
    await desk.reload()
    await expect(conference).to_contain_text("Ольга Новикова")
