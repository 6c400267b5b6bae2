"""«Сейчас»: is the standard kept, then why, then who; and what is done about it."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.stub import now
from tests.browser.stub.data import Json, ago
from tests.browser.stub.server import PASSWORD, Stub
from tests.browser.supervisor.conftest import opened
from tests.browser.test_reach import OVERFLOW, unreached

pytestmark = pytest.mark.asyncio(loop_scope="session")

CUT = """[...document.querySelectorAll(".now-box, .now-tile, .now-table")]
  .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.className + " " + e.ariaLabel)"""


def kpi(id: str, value: float, text: str, verdict: str) -> Json:
    return {"id": id, "value": value, "value_text": text, "verdict": verdict, "calls": 413}


def moment(*changed: Json, **more: object) -> Json:
    """The moment with some of its KPIs changed."""
    others = {each["id"]: each for each in changed}
    told = now.moment(**more)
    return told | {"kpis": [others.get(each["id"], each) for each in told["kpis"]]}


async def test_the_first_glance_says_whether_the_standard_is_kept(lead: Page, leader: Stub) -> None:
    verdict = lead.locator("[data-verdict][role=status]")
    await expect(verdict).to_contain_text("Не соблюдается 1 из 4 целей")
    link = verdict.get_by_role("link", name="Ожидание ответа, наибольшее")
    day = now.today()
    await expect(link).to_have_attribute("href", f"#part=figures&kpi=wait-maximum&from={day}&to={day}")
    await leader.publish("now", moment(kpi("wait-maximum", 200, "3:20", "met")))
    await expect(verdict).to_contain_text("Соблюдается")
    await expect(verdict).not_to_contain_text("Не соблюдается")
    none = [kpi(each["id"], 0, "—", "no-data") for each in now.figures() if each["target"] is not None]
    await leader.publish("now", moment(*none))
    await expect(verdict).to_contain_text("Звонков ещё нет")


async def test_counts_and_queues_follow_the_events(lead: Page, leader: Stub) -> None:
    await expect(lead.locator("[data-tile=queued]")).to_contain_text("дольше всех 1:2")
    queues = [now.queue("clients", "Общая", waiting=7, longest_since=ago(seconds=130), ready=2, serving=9)]
    told = moment(in_robot=31, queued=0, longest_since=None, queues=queues)
    await leader.publish("now", told)
    await expect(lead.locator("[data-tile=in-robot]")).to_contain_text("31 звонок")
    await expect(lead.locator("[data-tile=queued]")).to_contain_text("никто не ждёт")
    row = lead.locator("[data-queue=clients]")
    await expect(row).to_contain_text("2 из 9")
    await expect(row.locator("td").nth(1)).to_have_text("2:10")
    older = moment(in_robot=99, at=ago(hours=1))
    await leader.publish("now", older)
    await leader.publish("now", moment(in_robot=32))
    await expect(lead.locator("[data-tile=in-robot]")).to_contain_text("32 звонка")


async def test_a_figure_has_target_verdict_last_half_hour_and_line(lead: Page, leader: Stub) -> None:
    row = lead.locator("[data-kpi=wait-maximum]")
    for text in ("5:41", "не более 5:00", "Не выполнено", "5:12 ↓ лучше"):
        await expect(row).to_contain_text(text)
    await expect(row.locator("canvas")).to_have_count(1)
    day = lead.get_by_role("region", name="Уровень обслуживания от принятых по получасам")
    await expect(day.locator("canvas")).to_have_count(1)
    await expect(day.locator("li").first).to_have_text("08:00: 59 %")


async def test_the_figure_whose_line_is_drawn_stays_after_a_reload(lead: Page, leader: Stub) -> None:
    await lead.get_by_role("button", name="Ожидание ответа, среднее").click()
    await expect(lead.get_by_role("region", name="Ожидание ответа, среднее по получасам")).to_be_visible()
    assert "kpi=wait-average" in lead.url
    await lead.reload()
    await expect(lead.get_by_role("region", name="Ожидание ответа, среднее по получасам")).to_be_visible()


async def test_an_alarm_says_what_to_do_until_somebody_has_seen_it(lead: Page, leader: Stub) -> None:
    first = lead.locator("[data-alarm=a1]")
    for text in ("Много ждущих", "Общая", "ждут 12, порог 10"):
        await expect(first).to_contain_text(text)
    await expect(first).to_contain_text("Верните операторов с пауз")
    leader.answers["POST", "/alarms/a1/seen"] = now.alarm(state="seen", seen_at=ago(), seen_by="anna")
    await first.get_by_role("button", name="Вижу").click()
    await expect(first).to_contain_text("Видит Анна Белова")
    await leader.publish("alarm", now.alarm(state="over", over_at=ago(), seen_at=ago(), seen_by="anna"))
    await expect(first).to_have_count(0)
    await leader.publish("alarm", now.alarm("a9", "recogniser", "127.0.0.1:5120", value=None, limit=None))
    await expect(lead.locator("[data-alarm=a9]")).to_contain_text("Распознавание речи не отвечает")
    await expect(lead.get_by_text("Закончились за сутки: 2")).to_be_visible()


async def test_an_operator_is_moved_paused_and_signed_out(lead: Page, leader: Stub) -> None:
    await lead.locator("[data-agent=operator3]").click()
    deeds = lead.get_by_role("toolbar", name="Действия: Орлова Анна А.")
    await deeds.get_by_role("button", name="На линию").click()
    path = "/floor/operator3/state"
    assert await leader.asked("PUT", path) == {"state": "ready"}
    ready = now.people()[3] | {"state": "ready", "reason": None, "reason_title": None}
    await leader.publish("agent", ready)
    await expect(lead.locator("[data-agent=operator3]")).to_have_attribute("data-state", "ready")
    await expect(deeds.get_by_role("button", name="На линию")).to_be_disabled()
    leader.taken.clear()
    await deeds.get_by_role("button", name="Пауза").click()
    await lead.locator("dialog li", has_text="Обед").get_by_role("button").click()
    assert await leader.asked("PUT", path) == {"state": "paused", "reason": "lunch"}
    await lead.locator("dialog").wait_for(state="detached")
    leader.taken.clear()
    await deeds.get_by_role("button", name="Снять с линии").click()
    await lead.locator("dialog").get_by_role("button", name="Снять с линии").click()
    assert await leader.asked("PUT", path) == {"state": "offline"}
    await leader.publish("agent", now.people()[3] | {"state": "offline"})
    await expect(lead.locator("[data-agent=operator3]")).to_have_count(0)
    await expect(lead.locator(".now-deeds")).to_contain_text("сейчас не на линии")


async def test_operators_are_chosen_by_state_and_by_keys_and_it_stays(lead: Page, leader: Stub) -> None:
    await lead.locator("[data-filter=paused]").click()
    people = lead.locator("[role=option]")
    await expect(people).to_have_count(2)
    await people.first.focus()
    await lead.keyboard.press("ArrowDown")
    await lead.keyboard.press("Enter")
    await expect(people.nth(1)).to_have_attribute("aria-selected", "true")
    await lead.reload()
    await expect(people).to_have_count(2)
    await expect(people.nth(1)).to_have_attribute("aria-selected", "true")
    await expect(lead.locator(".now-deeds")).to_contain_text("Орлова Анна Б.")


async def test_who_may_only_look_is_told_so(page: Page, leader: Stub) -> None:
    leader.rights = ["desk", "reports"]  # an administrator
    await opened(page, leader, "part=now&agent=operator3")
    await expect(page.locator(".now-deeds")).to_contain_text("может руководитель смены")
    await expect(page.get_by_role("link", name="Место оператора")).to_have_count(0)


async def test_what_was_missed_is_read_when_the_link_is_back(lead: Page, leader: Stub) -> None:
    await expect(lead.locator("[data-tile=people]")).to_contain_text("14")
    leader.answers["GET", "/now"] = {
        "moment": now.moment(in_robot=77),
        "figures": now.figures(),
        "agents": now.people(5),
    }
    await leader.cut()
    await expect(lead.locator("[data-tile=people]")).to_contain_text("5")
    await expect(lead.locator("[data-tile=in-robot]")).to_contain_text("77")


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)], ids=["1280", "1920"])
async def test_it_fits_and_tab_comes_everywhere(page: Page, leader: Stub, size: tuple[int, int]) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    leader.answers["GET", "/now"]["agents"] = now.people(50)
    await opened(page, leader, "part=now&agent=operator3")
    await expect(page.locator("[data-part=now] .fig-plot canvas")).to_have_count(1)
    assert not await page.evaluate(OVERFLOW)
    assert await page.evaluate(CUT) == []
    assert await unreached(page) == []


async def test_a_queue_and_an_operator_lead_to_their_figures(page: Page, leader: Stub) -> None:
    await opened(page, leader, "part=now&agent=operator3")
    place = f"#part=figures&from={now.today()}&to={now.today()}"
    queue = page.locator("[data-queue=clients]").get_by_role("link", name="Общая")
    await expect(queue).to_have_attribute("href", f"{place}&queue=clients")
    person = page.locator(".now-deeds").get_by_role("link", name="Орлова Анна А.")
    await expect(person).to_have_attribute("href", f"{place}&agent=operator3")


async def test_an_alarm_is_told_in_every_part(lead: Page, leader: Stub) -> None:
    await lead.keyboard.press("Alt+2")
    tab = lead.get_by_role("tab", name="Сейчас")
    await expect(tab).to_have_attribute("aria-selected", "false")
    await expect(tab.locator(".count")).to_have_text("▲ 1")
    await leader.publish("alarm", now.alarm("a9", "disk", "/srv"))
    await expect(tab.locator(".count")).to_have_text("▲ 2")
    await expect(lead).to_have_title("▲ 2 Показатели – Рабочее место руководителя")
    await leader.publish("alarm", now.alarm(state="seen", seen_at=ago(), seen_by="olga"))
    await expect(tab.locator(".count")).to_have_text("▲ 1")


async def test_who_signs_in_again_sees_what_happened_meanwhile(lead: Page, leader: Stub) -> None:
    await expect(lead.locator("[data-tile=in-robot]")).to_contain_text("12")
    leader.answers["GET", "/now"]["moment"] = now.moment(in_robot=55)
    await leader.cut(code=4401)
    await lead.locator("[data-view=sign-in-again] #password").fill(PASSWORD)
    await lead.keyboard.press("Enter")
    await expect(lead.locator("[data-tile=in-robot]")).to_contain_text("55")


async def test_what_could_not_be_read_is_read_soon(page: Page, leader: Stub) -> None:
    leader.refusals["GET", "/now"] = (503, {"code": "busy", "message": "Попробуйте позже"})
    await opened(page, leader)
    await expect(page.locator("[data-tile=in-robot]")).to_contain_text("12")


async def test_with_nobody_on_the_line_it_is_said_under_the_same_heads(page: Page, leader: Stub) -> None:
    leader.answers["GET", "/now"]["agents"] = []
    await opened(page, leader)
    nobody = page.get_by_text("На линии никого нет")
    heads = page.locator(".now-heads")
    told, above = await nobody.bounding_box(), await heads.bounding_box()
    assert told is not None
    assert above is not None
    assert (told["x"], told["width"]) == (above["x"], above["width"])
