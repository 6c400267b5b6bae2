"""«Качество», the words of a conversation, and its evaluation."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.stub import quality
from tests.browser.stub.data import Json
from tests.browser.stub.quality import CALL
from tests.browser.stub.server import Stub
from tests.browser.supervisor.conftest import opened
from tests.browser.test_reach import unreached

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = f"/quality/evaluations/{CALL}/vera"
OVERFLOW = """[...document.querySelectorAll(".quality-head, .quality-sides > *, .quality-table, .judge")]
  .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.className)"""


@pytest.fixture
def told(leader: Stub) -> Stub:
    """The server tells of quality."""
    leader.answers |= quality.answers()
    return leader


async def part(page: Page, stub: Stub, more: str = "") -> Page:
    await opened(page, stub, f"part=quality{more}")
    await page.wait_for_selector("[data-part=quality] :is([data-row], .nothing)")
    return page


def asked(stub: Stub, path: str) -> Json:
    """The query of the last question at a path."""
    last = [each for each in stub.asked_for if urlsplit(each).path == path][-1]
    return {name: values[0] for name, values in parse_qs(urlsplit(last).query).items()}


def resolved(stub: Stub, number: int, verdict: str) -> None:
    stub.answers["POST", f"/quality/marks/{number}"] = quality.mark(
        number - 100, verdict=verdict, resolved_by="senior", resolved_at="2026-11-21T10:00:00Z"
    )


def choose(form: Locator, criterion: str, level: str) -> Any:
    return form.locator(f"[data-criterion={criterion}]").get_by_role("radio", name=level).click()


# --- marks ---


async def test_a_mark_is_judged_by_keyboard_and_the_next_one_comes(page: Page, told: Stub) -> None:
    resolved(told, 100, "confirmed")
    await part(page, told)
    one = page.locator("[data-one='100']")
    for words in ("Запретная фраза", "п. 116 в", "лучше: «Назовите, пожалуйста…»", "не могли бы вы назвать"):
        await expect(one).to_contain_text(words)
    await one.get_by_label("Примечание").fill("напомнить")
    await page.keyboard.press("Control+Enter")
    body = await told.asked("POST", "/quality/marks/100")
    assert body == {"verdict": "confirmed", "note": "напомнить"}
    await expect(page.locator("[data-one='101']")).to_be_visible()
    await expect(page.locator("[data-mark='100']")).to_have_count(0)
    await expect(page.get_by_role("radio", name="не разобраны")).to_contain_text("(13)")
    await expect(page.get_by_role("radio", name="подтверждены")).to_contain_text("(32)")


async def test_a_false_mark_is_said_to_be_one_and_may_be_taken_back(page: Page, told: Stub) -> None:
    resolved(told, 100, "false")
    await part(page, told)
    await page.get_by_role("button", name="Ложная").click()
    assert (await told.asked("POST", "/quality/marks/100"))["verdict"] == "false"
    told.answers["GET", "/quality/marks"] = {**quality.marks(1, more=False)}
    told.answers["GET", "/quality/marks"]["marks"][0]["verdict"] = "false"
    await page.get_by_role("radio", name="ложные").click()
    await expect(page.locator("[data-one='100']")).to_contain_text("ложная")
    assert asked(told, "/quality/marks")["verdict"] == "false"
    resolved(told, 100, "open")
    await page.get_by_role("button", name="Вернуть в разбор").click()
    await expect(page.locator("[data-mark]")).to_have_count(0)


async def test_what_is_chosen_stands_in_the_address(page: Page, told: Stub) -> None:
    await part(page, told)
    await page.select_option("#quality-kind", "forbidden")
    await page.select_option("#quality-agent", "vera")
    await page.fill("#quality-month", "2026-10")
    await page.locator("[data-mark='102'] .link").click()
    await page.reload()
    await page.wait_for_selector("[data-one='102']")
    assert asked(told, "/quality/marks") == {
        "verdict": "open",
        "kind": "forbidden",
        "agent": "vera",
        "from": "2026-09-30T21:00:00.000Z",
        "to": "2026-10-31T21:00:00.000Z",
    }


async def test_more_marks_follow_the_last_one(page: Page, told: Stub) -> None:
    await part(page, told)
    last = quality.mark(13)
    told.answers["GET", "/quality/marks"] = {**quality.marks(0, more=False), "marks": [quality.mark(20)]}
    await page.get_by_role("button", name="Показать ещё").click()
    await expect(page.locator("[data-mark]")).to_have_count(15)
    assert asked(told, "/quality/marks")["before_id"] == str(last["id"])


async def test_nothing_of_the_sound_is_asked_for_before_somebody_wants_to_hear(
    page: Page, told: Stub
) -> None:
    await part(page, told)
    await expect(page.get_by_role("button", name="Слушать с этого места")).to_be_visible()
    assert not [each for each in told.asked_for if each.endswith("/sound")]
    link = page.locator("[data-one='100']").get_by_role("link", name="Весь разговор")
    await expect(link).to_have_attribute("href", f"#part=talks&call={CALL}")


async def test_a_refusal_is_told_and_nothing_is_lost(page: Page, told: Stub) -> None:
    gone = {"code": "no-such-mark", "message": "Такой пометки нет: срок хранения записи прошёл."}
    told.refusals["POST", "/quality/marks/100"] = (404, gone)
    await part(page, told)
    await page.get_by_label("Примечание").fill("важно")
    await page.get_by_role("button", name="Подтвердить").click()
    await expect(page.get_by_role("alert").filter(has_text="срок хранения")).to_be_visible()
    await expect(page.get_by_label("Примечание")).to_have_value("важно")


async def test_where_nothing_is_transcribed_it_is_said(page: Page, told: Stub) -> None:
    told.answers["GET", "/quality/words"] = quality.words(transcribing=False)
    told.answers["GET", "/quality/marks"] = quality.marks(0, more=False)
    await part(page, told)
    await expect(page.get_by_role("note")).to_contain_text("Записи не расшифровываются")
    await expect(page.locator(".nothing").first).to_contain_text("Все пометки за этот месяц разобраны")


# --- evaluations ---


async def test_a_talk_that_was_drawn_is_evaluated(page: Page, told: Stub) -> None:
    told.answers["GET", f"/quality/calls/{CALL}"] = quality.of_call()
    told.answers["PUT", PLACE] = quality.evaluation(0, supervisor="senior")
    await part(page, told, "&view=evaluations&agent=vera")
    drawn = page.locator(f"[data-drawn='{CALL}']")
    await expect(drawn).to_contain_text("ждёт оценки")
    await drawn.get_by_role("button").click()
    form = page.locator("[data-judge]")
    await form.get_by_role("button", name="Записать оценку").click()
    await expect(form.get_by_role("alert")).to_contain_text("Осталось выбрать: Приветствие, Внимание")
    assert not [one for one in told.taken if one[0] == "PUT"]
    for criterion, level in (("greeting", "1 –"), ("listening", "2 –"), ("identification", "1 –")):
        await choose(form, criterion, level)
    await choose(form, "farewell", "не применимо")
    await expect(form.locator(".judge-total")).to_contain_text("90 %")
    await form.get_by_label("Комментарий").fill("Назвать себя")
    await form.get_by_role("button", name="Записать оценку").click()
    assert await told.asked("PUT", PLACE) == {
        "scores": {"greeting": 1, "listening": 2, "identification": 1, "farewell": None},
        "comment": "Назвать себя",
    }


async def test_a_critical_criterion_makes_the_whole_nothing(page: Page, told: Stub) -> None:
    told.answers["GET", f"/quality/calls/{CALL}"] = quality.of_call()
    await part(page, told, f"&view=evaluations&talk={CALL}")
    form = page.locator("[data-judge]")
    await choose(form, "greeting", "2 –")
    await expect(form.locator(".judge-total")).to_contain_text("100 %")
    await choose(form, "identification", "0 –")
    await expect(form.locator(".judge-total")).to_contain_text("Итог: 0 %")
    await expect(form.locator("[data-criterion=identification]")).to_contain_text("весь разговор — 0 %")


async def test_criteria_are_chosen_by_arrows(page: Page, told: Stub) -> None:
    told.answers["GET", f"/quality/calls/{CALL}"] = quality.of_call()
    await part(page, told, f"&view=evaluations&talk={CALL}")
    greeting = page.locator("[data-criterion=greeting]")
    await greeting.get_by_role("radio", name="0 –").focus()
    for level in ("0 –", "1 –"):
        await page.keyboard.press("ArrowRight")
        await expect(greeting.get_by_role("radio", name=level)).to_be_focused()
    await expect(greeting.get_by_role("radio", name="1 –")).to_have_attribute("aria-checked", "true")


async def test_what_another_found_is_shown_beside_and_ones_own_can_be_changed(page: Page, told: Stub) -> None:
    mine = quality.evaluation(0, id=51, supervisor=told.state["me"]["login"])
    told.answers["GET", f"/quality/calls/{CALL}"] = quality.of_call(quality.evaluation(0), mine)
    told.answers["GET", "/quality/evaluations/51/history"] = {
        "wordings": [
            {"at": mine["made_at"], "scores": mine["scores"], "score": 60.0, "comment": "сначала так"},
            {"at": mine["changed_at"], "scores": mine["scores"], "score": 90.0, "comment": ""},
        ]
    }
    await part(page, told, f"&view=evaluations&talk={CALL}")
    form = page.locator("[data-judge]")
    await expect(form).to_contain_text("Игорь Петрович Старших · 90 %")
    await expect(form.get_by_role("button", name="Изменить оценку")).to_be_visible()
    await expect(form.locator(".judge-total")).to_contain_text("90 %")
    await form.get_by_text("История оценки (2)").click()
    await expect(form).to_contain_text("60 % · сначала так")


async def test_each_of_several_who_talked_has_a_form_of_his_own(page: Page, told: Stub) -> None:
    told.answers["GET", f"/quality/calls/{CALL}"] = quality.of_call(
        quality.evaluation(0, supervisor=told.state["me"]["login"]), agents=("vera", "pavel")
    )
    told.answers["GET", "/quality/evaluations/50/history"] = {"wordings": []}
    await part(page, told, f"&view=evaluations&talk={CALL}")
    form = page.locator("[data-judge]")
    await expect(form.locator(".judge-total")).to_contain_text("90 %")
    await form.get_by_role("radio", name=re.compile("Константинопольский")).click()
    await expect(form.locator(".judge-total")).to_contain_text("—")


async def test_operators_lead_to_their_marks_and_evaluations(page: Page, told: Stub) -> None:
    await part(page, told, "&view=operators")
    vera = page.locator("[data-operator=vera]")
    for words in ("87,4 %", "Внимание к клиенту, 0,7 из 2"):
        await expect(vera).to_contain_text(words)
    await vera.get_by_role("button", name=re.compile("не разобраны 3")).click()
    await page.wait_for_selector("[data-mark]")
    assert asked(told, "/quality/marks")["agent"] == "vera"
    await page.get_by_role("radio", name="Сотрудники").click()
    await page.locator("[data-operator=vera]").get_by_role("button", name="Вера Белова", exact=True).click()
    await page.wait_for_selector("[data-drawn]")
    assert "view=evaluations" in page.url


# --- the words of a conversation ---


async def test_words_follow_the_sound_and_lead_to_it(page: Page, told: Stub) -> None:
    await opened(page, told, f"part=talks&call={CALL}")
    words = page.locator("[data-transcript]")
    await expect(words.locator("li")).to_have_count(6)
    await expect(words.locator("li").nth(3)).to_contain_text("Запретная фраза · «не могли бы вы»")
    await words.get_by_role("button", name=re.compile("Вера Белова: здравствуйте")).click()
    slider = page.get_by_role("slider", name="Место записи")
    await expect(slider).to_have_attribute("aria-valuetext", "0:52 из 3:12")
    await expect(words.locator("li[aria-current]")).to_contain_text("газпром энергосбыт")
    await slider.focus()
    for _ in range(3):
        await page.keyboard.press("ArrowRight")
    await expect(words.locator("li[aria-current]")).to_contain_text("большая квитанция")


@pytest.mark.parametrize(
    ("state", "reason", "words"),
    [
        ("waiting", "", "Текст ещё готовится."),
        ("given-up", "not-decoded", "Текст получить не удалось. Запись не читается."),
        ("done", "", "Речи в записи нет."),
    ],
)
async def test_why_there_are_no_words_is_told(
    page: Page, told: Stub, state: str, reason: str, words: str
) -> None:
    nothing = quality.transcript(state=state, reason=reason, utterances=[], marks=[])
    told.answers["GET", f"/recordings/{CALL}/transcript"] = nothing
    await opened(page, told, f"part=talks&call={CALL}")
    await expect(page.locator("[data-transcript]")).to_contain_text(words)


async def test_without_the_right_neither_words_nor_form_are_asked_for(page: Page, told: Stub) -> None:
    told.rights = [right for right in told.rights if right != "quality"]
    await opened(page, told, f"part=talks&call={CALL}")
    await page.wait_for_selector(".wave path")
    assert not [each for each in told.asked_for if "quality" in each or "transcript" in each]


@pytest.mark.parametrize("width", [1280, 1920])
async def test_nothing_is_cut(page: Page, told: Stub, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 800 if width == 1280 else 1080})
    for view in ("marks", f"evaluations&agent=vera&talk={CALL}", "operators"):
        await page.goto("about:blank")
        await part(page, told, f"&view={view}")
        assert await page.evaluate(OVERFLOW) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_all_is_reached_by_keyboard(page: Page, told: Stub) -> None:
    told.answers["GET", f"/quality/calls/{CALL}"] = quality.of_call(quality.evaluation(0))
    for view in ("marks", f"evaluations&agent=vera&talk={CALL}", "operators"):
        await page.goto("about:blank")
        await part(page, told, f"&view={view}")
        assert await unreached(page) == []
    await opened(page, told, f"part=talks&call={CALL}")
    await page.wait_for_selector("[data-transcript] li")
    assert await unreached(page) == []
    await page.locator("[data-judge] summary").press("Enter")
    await expect(page.locator("[data-criterion]")).to_have_count(4)
    await choose(page.locator("[data-judge]"), "greeting", "2 –")
    for _ in range(2):
        await page.locator("[data-judge] summary").press("Enter")
    await expect(page.locator("[data-criterion=greeting] [aria-checked=true]")).to_contain_text("полностью")
