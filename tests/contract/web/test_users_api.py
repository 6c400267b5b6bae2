"""Users and the audit through the API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.web.site import PASSWORD, Running

NEW = {
    "login": "sidorova",
    "name": "Ольга Сидорова",
    "role": "operator",
    "extension": "203",
    "skills": ["clients", "clients.billing"],
    "password": "kQ7-vagon-Lz",
}


async def test_an_administrator_makes_and_changes_users(site: Running) -> None:
    boss = await site.signed_in("boss")
    status, made = await boss.ask("POST", "/api/users", json=NEW)
    assert status == 201
    assert made == {**{name: NEW[name] for name in NEW if name != "password"}, "active": True}
    change = {"skills": ["clients"], "extension": None, "name": "Ольга С."}
    status, changed = await boss.ask("PATCH", "/api/users/sidorova", json=change)
    assert (status, changed) == (200, made | change)
    listed = (await boss.ask("GET", "/api/users"))[1]["users"]
    assert [each["login"] for each in listed] == ["boss", "ivanova", "petrova", "senior", "sidorova"]
    assert "kQ7" not in str(listed)


@pytest.mark.parametrize(
    ("given", "status", "code", "field"),
    [
        ({"login": "ivanova"}, 409, "login-taken", "login"),
        ({"extension": "201"}, 409, "extension-taken", "extension"),
        ({"login": "Сидорова"}, 422, "invalid", "login"),
        ({"name": " край"}, 422, "malformed", "name"),
        ({"role": "king"}, 422, "invalid", "role"),
        ({"skills": ["a b"]}, 422, "invalid", "skills.0"),
        ({"password": "korotko"}, 422, "weak-password-short", "password"),
        ({"password": "sidorova-2026"}, 422, "weak-password-login", "password"),
    ],
)
async def test_what_is_wrong_is_told_at_its_field(
    site: Running, given: dict[str, Any], status: int, code: str, field: str
) -> None:
    boss = await site.signed_in("boss")
    found, answer = await boss.ask("POST", "/api/users", json=NEW | given)
    assert (found, answer["error"]["code"], answer["error"]["field"]) == (status, code, field)
    assert answer["error"]["message"]


async def test_the_last_administrator_stays(site: Running) -> None:
    boss = await site.signed_in("boss")
    status, answer = await boss.ask("PATCH", "/api/users/boss", json={"active": False})
    assert (status, answer["error"]["code"]) == (409, "last-administrator")
    assert (await boss.ask("PATCH", "/api/users/nobody", json={}))[0] == 404


async def test_an_administrator_sees_and_ends_sessions(site: Running) -> None:
    boss, anna = await site.signed_in("boss"), await site.signed_in("ivanova")
    (session,) = (await boss.ask("GET", "/api/users/ivanova/sessions"))[1]["sessions"]
    assert session["address"] == "127.0.0.1"
    path = f"/api/users/ivanova/sessions/{session['id']}"
    assert (await boss.ask("DELETE", path))[0] == 204
    assert (await boss.ask("DELETE", path))[0] == 404
    assert (await anna.ask("GET", "/api/things"))[0] == 401


async def test_a_new_password_unlocks_and_signs_out(site: Running) -> None:
    boss, anna = await site.signed_in("boss"), await site.signed_in("ivanova")
    stranger = site.browser()
    for _ in range(4):
        await stranger.ask("POST", "/api/session", json={"login": "ivanova", "password": "guess"})
    given = {"password": "kQ7-vagon-Lz"}
    assert (await boss.ask("POST", "/api/users/ivanova/password", json=given))[0] == 204
    assert (await anna.ask("GET", "/api/things"))[0] == 401
    assert (await stranger.sign_in("ivanova", "kQ7-vagon-Lz"))["must_change"]
    assert (await boss.ask("POST", "/api/users/ivanova/unlock"))[1] == {"forgotten": False}


async def test_the_audit_is_read_by_those_who_may(site: Running) -> None:
    boss, senior = await site.signed_in("boss"), await site.signed_in("senior")
    await boss.ask("PATCH", "/api/users/ivanova", json={"name": "Анна"})
    (entry,) = (await senior.ask("GET", "/api/audit?action=user-changed&login=boss"))[1]["entries"]
    assert (entry["subject"], entry["what"]) == ("ivanova", "name")
    newest = (await senior.ask("GET", "/api/audit?limit=1"))[1]["entries"][0]
    older = (await senior.ask("GET", f"/api/audit?limit=1&before={newest['id']}"))[1]["entries"][0]
    assert older["id"] < newest["id"]
    assert PASSWORD not in str((await senior.ask("GET", "/api/audit"))[1])
