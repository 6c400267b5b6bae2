"""A control call on a complaint is closed with what the client said."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.stub.server import Stub

pytestmark = pytest.mark.asyncio(loop_scope="session")

PATH = "/tasks/5/control"


async def closing(desk: Page, stub: Stub) -> Locator:
    """The window in which the task of a control call is closed."""
    task = {**stub.state["tasks"][0], "kind": "control-call", "question": "Доволен ли клиент ответом?"}
    stub.state["tasks"] = [task]
    stub.answers["GET", "/tasks"] = {"tasks": [task]}
    await desk.keyboard.press("Alt+3")
    await stub.publish("task", {"task": task})
    await desk.locator("[data-id='5']").get_by_role("button", name="Закрыть").click()
    dialog = desk.get_by_role("dialog")
    await expect(dialog).to_contain_text("Доволен ли клиент ответом?")
    return dialog


async def test_who_is_not_content_gets_a_complaint_that_follows(desk: Page, stub: Stub) -> None:
    stub.answers["POST", PATH] = {"continued_as": "2600131"}
    dialog = await closing(desk, stub)
    await dialog.get_by_role("radio", name="не доволен").click()
    await expect(dialog).to_contain_text("Будет зарегистрирована новая жалоба")
    await dialog.get_by_role("radio", name="2").click()
    await dialog.locator("#control-words").fill("Счёт не исправили")
    await desk.keyboard.press("Control+Enter")
    await expect(desk.locator(".toasts")).to_contain_text("2600131")
    assert stub.taken[-1] == (
        "POST",
        PATH,
        {"reached": True, "satisfied": "no", "score": 2, "words": "Счёт не исправили"},
    )
    await expect(desk.locator("[data-id='5']")).to_have_count(0)


async def test_who_did_not_answer_is_not_judged(desk: Page, stub: Stub) -> None:
    stub.answers["POST", PATH] = {"continued_as": None}
    dialog = await closing(desk, stub)
    await dialog.get_by_role("button", name="Сохранить").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("Выберите, доволен ли клиент")
    await dialog.get_by_role("radio", name="не ответил").click()
    await expect(dialog.get_by_role("radio", name="5")).to_have_count(0)
    await dialog.get_by_role("button", name="Сохранить").click()
    await expect(dialog).to_be_hidden()
    assert stub.taken[-1] == ("POST", PATH, {"reached": False, "words": ""})
