"""Whoever wrote it: words that look like HTML or a script are shown as they were written, and never run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import at_work
from tests.browser.stub import data, office
from tests.browser.stub.data import Json
from tests.browser.stub.server import Stub
from tests.browser.test_workspace import in_talk, in_wrap_up

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVIL = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>[ссылка](javascript:owned=1)'
MADE = "img[src=x], script, iframe, a[href^=javascript]"  # what would be made of it, were it taken for HTML


async def in_talk_about(desk: Page, stub: Stub, card: Json) -> None:
    await stub.ring(card)
    await stub.talk()
    await desk.wait_for_selector("[data-view=talk]")


async def display_name(desk: Page, stub: Stub) -> Locator:
    card = data.card()
    card["caller"]["name"] = EVIL
    await stub.ring(card)
    await expect(desk.locator(".bar .who")).to_contain_text(EVIL)
    return desk.locator("[data-view=ring] h1")


async def said_to_the_robot(desk: Page, stub: Stub) -> Locator:
    card = data.card()
    card["robot"]["said"] = [EVIL]
    await stub.ring(card)
    return desk.locator("[data-view=ring]")


async def transcript(desk: Page, stub: Stub) -> Locator:
    card = data.card()
    card["robot"]["transcript"] = [{"who": "caller", "text": EVIL, "at": data.ago()}]
    await in_talk_about(desk, stub, card)
    return desk.locator(".speech li.caller")


async def note_of_a_transfer(desk: Page, stub: Stub) -> Locator:
    await in_talk_about(desk, stub, data.card(note=EVIL, brought_by=EVIL))
    return desk.locator(".box.note h3")


async def text_of_a_request(desk: Page, stub: Stub) -> Locator:
    stub.request = office.request(text=EVIL, client=EVIL, name=EVIL)
    return await opened(desk, "[data-request] .said")


async def history_of_a_request(desk: Page, stub: Stub) -> Locator:
    stub.request["history"][0] |= {"note": EVIL, "by_name": EVIL}
    return await opened(desk, "[data-request] .story li >> nth=0")


async def opened(desk: Page, shown: str) -> Locator:
    await desk.keyboard.press("Alt+4")
    await desk.locator("[data-number]").get_by_role("button", name="Открыть").first.click()
    return desk.locator(shown)


async def note_of_a_wrap_up(desk: Page, stub: Stub) -> Locator:
    await in_wrap_up(desk, stub)
    await desk.fill("#wrap-note", EVIL)
    await desk.reload()
    await expect(desk.locator("#wrap-note")).to_have_value(EVIL)
    card = data.card()
    card["previous"][0] |= {"result": EVIL, "operator": EVIL}
    await stub.publish("card", {"card": card})
    return desk.locator(".side.left")


async def question_of_a_task(desk: Page, stub: Stub) -> Locator:
    task = {**stub.state["tasks"][0], "question": EVIL, "overdue": True}
    stub.state["tasks"] = [task]
    await desk.keyboard.press("Alt+3")
    await stub.publish("task", {"task": task})
    await stub.publish("reminder", {"task": task})
    await expect(desk.locator(".toasts")).to_contain_text(EVIL)
    return desk.locator("[data-id='5']")


async def task_on_the_card(desk: Page, stub: Stub) -> Locator:
    card = data.card()
    card["tasks"][0]["asked"] = EVIL
    await in_talk_about(desk, stub, card)
    return desk.locator(".side.left")


async def bulletin(desk: Page, stub: Stub) -> Locator:
    posted = {"id": 2, "text": EVIL, "queue": "", "until": data.ahead(hours=1), "read_at": None}
    await stub.publish("bulletin", {"bulletin": posted})
    return desk.locator(".side.left")


async def colleague_as_a_target(desk: Page, stub: Stub) -> Locator:
    stub.targets = [{**data.TARGETS[0], "title": EVIL}]
    await in_talk(desk, stub)
    await desk.keyboard.press("F7")
    await expect(desk.locator("#targets")).to_contain_text(EVIL)
    await desk.keyboard.press("Enter")
    return desk.locator("[data-alert=consult]")


async def colleague_of_a_team(desk: Page, stub: Stub) -> Locator:
    stub.rights = ["work", "desk", "floor"]
    await at_work(desk, stub)
    await desk.keyboard.press("Alt+7")
    await desk.wait_for_selector("[data-agent=ivan]")
    await stub.publish("agent", data.agent("ready", login="ivan", name=EVIL, extension="203"))
    return desk.locator("[data-agent=ivan]")


async def article(desk: Page, stub: Stub) -> Locator:
    stub.article = {**data.ARTICLE, "title": EVIL, "short": EVIL, "full": f"# {EVIL}\n\n- {EVIL}\n\n{EVIL}"}
    await in_talk(desk, stub)
    await desk.keyboard.press("F9")
    await desk.keyboard.type("платёж")
    await desk.get_by_role("button", name="Полный ответ").click()
    for shown in ("h2", "h3", "li", "p >> nth=0"):
        await expect(desk.locator(f"[data-article] {shown}")).to_contain_text(EVIL)
    await desk.keyboard.press("Alt+a")
    return desk.locator(".article.aloud")


async def refusal(desk: Page, stub: Stub) -> Locator:
    stub.refusals["PUT", "/me/state"] = (409, {"code": "no", "message": EVIL, "field": None})
    await desk.keyboard.press("F2")
    return desk.locator(".toasts")


PLACES: list[Callable[[Page, Stub], Awaitable[Locator]]] = [
    display_name,
    said_to_the_robot,
    transcript,
    note_of_a_transfer,
    text_of_a_request,
    history_of_a_request,
    note_of_a_wrap_up,
    question_of_a_task,
    task_on_the_card,
    bulletin,
    colleague_of_a_team,
    colleague_as_a_target,
    article,
    refusal,
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
async def test_words_of_strangers_are_words(
    desk: Page, stub: Stub, place: Callable[[Page, Stub], Awaitable[Locator]]
) -> None:
    shown = await place(desk, stub)
    await expect(shown).to_contain_text(EVIL)
    assert await desk.evaluate("window.owned") is None
    assert await desk.locator("#app").locator(MADE).count() == 0
