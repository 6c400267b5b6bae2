"""The frame of the API from outside: strangers, forgers and malformed requests."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

import pytest
from structlog.testing import capture_logs

from ivr.access.audit import Action, Selection
from ivr.web.api.events import Audience
from tests.contract.web.site import IMPATIENT, PASSWORD, SETTINGS, Noted, Running


def code(answer: tuple[int, Any]) -> tuple[int, str]:
    status, body = answer
    return status, body["error"]["code"]


# --- signing in --------------------------------------------------------------------------------------------


async def test_signing_in_and_out(site: Running) -> None:
    browser = site.browser()
    assert code(await browser.ask("GET", "/api/session")) == (401, "signed-out")
    told = await browser.sign_in("ivanova")
    assert told["user"]["extension"] == "201"
    assert told["rights"] == ["work"]
    assert told["must_change"] is False
    again = (await browser.ask("GET", "/api/session"))[1]
    assert again == told, "a reloaded page gets the same token"
    assert (await browser.ask("DELETE", "/api/session"))[0] == 204
    assert code(await browser.ask("GET", "/api/session")) == (401, "signed-out")


async def test_the_cookie_is_for_the_server_alone(site: Running) -> None:
    browser = site.browser()
    body = {"login": "ivanova", "password": PASSWORD}
    async with browser.http.post(f"{site.url}/api/session", json=body, headers=browser.headers) as answer:
        cookie = answer.headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Strict", "Path=/api", "Max-Age=43200"):
        assert part in cookie
    assert "Secure" not in cookie, "this is http on the loopback"


@pytest.mark.parametrize(
    ("login", "password"), [("ivanova", "wrong"), ("nobody", "wrong"), ("' OR 1=1 --", "x"), ("ё" * 60, "x")]
)
async def test_wrong_and_unknown_get_the_same_answer(site: Running, login: str, password: str) -> None:
    answer = await site.browser().ask("POST", "/api/session", json={"login": login, "password": password})
    assert answer == (
        401,
        {
            "error": {
                "code": "wrong-password",
                "message": "Имя или пароль не подходят.",
                "field": None,
                "fields": [],
                "wait_seconds": None,
            }
        },
    )


async def test_a_storm_of_wrong_passwords_is_told_to_wait(site: Running) -> None:
    browser = site.browser()
    with capture_logs() as logs:
        answers = await asyncio.gather(
            *(
                browser.ask("POST", "/api/session", json={"login": "ivanova", "password": f"guess {n}"})
                for n in range(150)
            )
        )
    codes = [code(answer) for answer in answers]
    assert set(codes) == {(401, "wrong-password"), (429, "too-many")}
    assert codes.count((401, "wrong-password")) <= 4
    assert all(body["error"]["wait_seconds"] >= 1 for status, body in answers if status == 429)
    assert "guess" not in json.dumps(logs, default=str)
    site.clock.pass_by(60)
    await site.signed_in("petrova")


async def test_a_user_with_a_given_password_chooses_his_own_first(site: Running) -> None:
    boss = await site.signed_in("boss")
    made = {"login": "new", "name": "Новая Н.", "role": "operator", "password": "kQ7-vagon-Lz"}
    assert (await boss.ask("POST", "/api/users", json=made))[0] == 201
    new = site.browser()
    assert (await new.sign_in("new", "kQ7-vagon-Lz"))["must_change"] is True
    assert code(await new.ask("GET", "/api/things")) == (403, "password-must-change")
    weak = await new.ask("POST", "/api/password", json={"old": "kQ7-vagon-Lz", "new": "korotko"})
    assert weak[1]["error"] | {"code": "weak-password-short", "field": "new"} == weak[1]["error"]
    changed = await new.ask("POST", "/api/password", json={"old": "kQ7-vagon-Lz", "new": PASSWORD})
    assert changed[0] == 204
    assert (await new.ask("GET", "/api/things"))[0] == 200


# --- strangers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("cookie", ["", "forged", "0" * 43, "x" * 5_000, "' OR 1=1 --"])
async def test_without_a_session_nothing_is_told(site: Running, method: str, cookie: str) -> None:
    await site.signed_in("ivanova")
    stranger = site.browser()
    headers = {"Cookie": f"ivr_session={cookie}"}
    assert code(await stranger.ask(method, "/api/things", headers=headers)) == (401, "signed-out")
    assert code(await stranger.ask("GET", "/api/openapi.json", headers=headers)) == (401, "signed-out")


async def test_forged_sessions_are_soon_not_even_looked_up(site: Running) -> None:
    good = await site.signed_in("ivanova")
    stranger = site.browser()
    found = set()
    for number in range(SETTINGS.limits.stranger_burst + 5):
        cookie = {"Cookie": f"ivr_session=forged{number}"}
        found.add(code(await stranger.ask("GET", "/api/things", headers=cookie)))
    assert found == {(401, "signed-out"), (429, "too-many")}
    assert (await good.ask("GET", "/api/things"))[0] == 200, "who is known from the same address goes on"


async def test_a_whole_office_comes_back_after_a_restart(site: Running) -> None:
    count = SETTINGS.limits.stranger_burst + 5
    secrets = [await site.access.sessions.begin("ivanova", "127.0.0.1") for _ in range(count)]
    office = site.browser()
    for secret in secrets:
        status, _ = await office.ask("GET", "/api/session", headers={"Cookie": f"ivr_session={secret}"})
        assert status == 200


async def test_a_stolen_session_ends_with_its_owner(site: Running) -> None:
    owner = await site.signed_in("ivanova")
    thief = site.browser()
    stolen = {"Cookie": f"ivr_session={owner.secret}"}
    assert (await thief.ask("GET", "/api/things", headers=stolen))[0] == 200
    await owner.ask("DELETE", "/api/session")
    assert code(await thief.ask("GET", "/api/things", headers=stolen)) == (401, "signed-out")


async def test_an_expired_session_is_told_so(site: Running) -> None:
    browser = await site.signed_in("ivanova")
    site.clock.pass_by(13 * 3_600)
    assert code(await browser.ask("GET", "/api/things")) == (401, "signed-out")


@pytest.mark.parametrize(
    "headers",
    [
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "0" * 64},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_forged_requests_do_nothing(site: Running, headers: dict[str, str]) -> None:
    browser = await site.signed_in("ivanova")
    with capture_logs() as logs:
        for path, method in (("/api/things", "POST"), ("/api/session", "DELETE")):
            answer = await browser.ask(method, path, headers=headers, json={"text": "x"})
            assert code(answer) == (403, "forged")
    assert [each["event"] for each in logs] == ["api.forged", "api.forged"]
    assert (await browser.ask("GET", "/api/session"))[0] == 200


async def test_anothers_token_does_not_fit(site: Running) -> None:
    one, other = await site.signed_in("ivanova"), await site.signed_in("petrova")
    answer = await one.ask("POST", "/api/things", json={"text": "x"}, headers={"X-CSRF-Token": other.token})
    assert code(answer) == (403, "forged")


async def test_another_site_can_not_sign_anyone_in(site: Running) -> None:
    body = {"login": "ivanova", "password": PASSWORD}
    browser = site.browser()
    answer = await browser.ask("POST", "/api/session", json=body, headers={"Origin": "https://evil.example"})
    assert code(answer) == (403, "forged")
    form = await browser.ask(
        "POST", "/api/session", data=json.dumps(body), headers={"Content-Type": "text/plain"}
    )
    assert code(form) == (415, "not-json")


async def test_who_has_no_right_is_refused_and_put_down(site: Running) -> None:
    browser = await site.signed_in("ivanova")
    asked = [("GET", "/api/cards/c1"), ("GET", "/api/users"), ("GET", "/api/audit")]
    asked += [("DELETE", "/api/users/boss/sessions/x")]
    with capture_logs() as logs:
        for method, path in asked:
            assert code(await browser.ask(method, path)) == (403, "denied")
    assert "ivanova" not in json.dumps(logs)
    assert [each["path"] for each in logs][:2] == ["/api/cards/{call_id}", "/api/users"]
    entries = await site.access.audit.find(Selection(action=Action.DENIED))
    assert entries[-1].what == "GET /api/cards/{call_id}"
    assert {each.login for each in entries} == {"ivanova"}
    assert (await (await site.signed_in("senior")).ask("GET", "/api/cards/c1"))[0] == 200


async def test_one_user_can_not_flood(site: Running) -> None:
    browser = await site.signed_in("ivanova")
    answers = [await browser.ask("GET", "/api/things") for _ in range(SETTINGS.limits.user_burst + 1)]
    assert [status for status, _ in answers].count(429) >= 1
    assert (await (await site.signed_in("petrova")).ask("GET", "/api/things"))[0] == 200
    site.clock.pass_by(1)
    assert (await browser.ask("GET", "/api/things"))[0] == 200


# --- malformed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ('{"text": ""}', "text", "Нужно не меньше 1 знаков."),
        ("{}", "text", "Заполните это поле."),
        ('{"text": "x", "count": 10}', "count", "Можно не больше 9."),
        ('{"text": "x", "count": "много"}', "count", "Нужно целое число."),
        ('{"text": 5}', "text", "Нужен текст."),
        ('{"text": "x", "extra": 1}', "extra", "Такого поля нет."),
    ],
)
async def test_a_wrong_field_is_named_in_russian(site: Running, body: str, field: str, message: str) -> None:
    browser = await site.signed_in("ivanova")
    json_type = {"Content-Type": "application/json"}
    status, answer = await browser.ask("POST", "/api/things", data=body, headers=json_type)
    error = answer["error"]
    assert (status, error["code"], error["field"], error["message"]) == (422, "invalid", field, message)
    assert error["fields"] == [{"field": field, "message": message}]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b'{"text": "\\ud800"}', b'{"text": "\\u0000"}', b"[" * 4_000, b"null"]
)
async def test_what_is_no_json_is_refused(site: Running, body: bytes) -> None:
    browser = await site.signed_in("ivanova")
    json_type = {"Content-Type": "application/json"}
    status, answer = await browser.ask("POST", "/api/things", data=body, headers=json_type)
    assert status in {400, 422}
    assert answer["error"]["message"]


async def test_a_backslash_before_an_escape_is_no_nul(site: Running) -> None:
    browser = await site.signed_in("ivanova")
    assert (await browser.ask("POST", "/api/things", json={"text": "\\u0000"}))[0] == 201


async def test_too_much_is_refused(site: Running) -> None:
    browser = await site.signed_in("ivanova")
    answer = await browser.ask("POST", "/api/things", json={"text": "x" * 10_000})
    assert code(answer) == (413, "too-large")


async def test_a_body_that_does_not_come_is_not_awaited(impatient: Running) -> None:
    browser = await impatient.signed_in("ivanova")

    async def drops() -> Any:
        yield b'{"text"'
        await asyncio.sleep(2)
        yield b': "x"}'

    json_type = {"Content-Type": "application/json"}
    answer = await browser.ask("POST", "/api/things", data=drops(), headers=json_type)
    assert code(answer) == (408, "too-slow")


@pytest.mark.parametrize("answered", [False, True], ids=["at once", "after a request"])
async def test_headers_that_trickle_are_not_awaited(impatient: Running, answered: bool) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", impatient.web.port)
    head = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
    if answered:
        writer.write(head + b"\r\n")
        assert b"alive" in await reader.readuntil(b"}")
    writer.write(head)

    async def trickle() -> None:
        while True:
            writer.write(b"X-More: y\r\n")
            await asyncio.sleep(0.05)

    trickling = asyncio.create_task(trickle())
    try:
        with suppress(ConnectionResetError):  # it was cut between two drops
            async with asyncio.timeout(10):
                assert await reader.read() == b"", "cut without an answer"
    finally:
        trickling.cancel()
        writer.close()


async def test_events_outlast_the_limit_of_idle_connections(impatient: Running) -> None:
    browser = await impatient.signed_in("ivanova")
    async with browser.events() as socket:
        loop = asyncio.get_running_loop()
        idle_until = loop.time() + 1.5 * IMPATIENT.limits.idle_seconds
        while loop.time() < idle_until:
            await socket.receive_json(timeout=5)
        impatient.hub.publish("thing", Noted(text="after"), Audience(login="ivanova"))
        async with asyncio.timeout(10):
            while (await socket.receive_json())["type"] != "thing":
                pass


async def test_queries_are_checked(site: Running) -> None:
    browser = await site.signed_in("ivanova")
    told = (await browser.ask("GET", "/api/things?q=свет&tag=a&tag=b&limit=5"))[1]
    assert told["query"] == {"q": "свет", "tag": ["a", "b"], "limit": 5}
    for query in ("limit=0", "limit=x", "other=1", "q=1&q=2"):
        assert code(await browser.ask("GET", f"/api/things?{query}")) == (422, "invalid")
    assert code(await browser.ask("GET", "/api/things?q=%00")) == (400, "not-readable")
    assert code(await browser.ask("GET", "/api/things?q=%ff%fe%1f")) == (400, "not-readable")


async def test_a_fixed_path_goes_before_a_variable_one(site: Running) -> None:
    browser = await site.signed_in("ivanova")
    assert (await browser.ask("GET", "/api/things/best"))[1]["path"] == {}
    assert (await browser.ask("GET", "/api/things/x%20y"))[1]["path"] == {"id": "x y"}
    assert code(await browser.ask("GET", "/api/things/%00")) == (404, "not-found")
    assert code(await browser.ask("GET", "/api/things/" + "x" * 201)) == (404, "not-found")


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("refused", (409, "slot-taken")),
        ("gone", (409, "call-gone")),
        ("away", (503, "exchange-away")),
        ("store", (503, "store-away")),
        ("own-timeout", (500, "failed")),
        ("else", (500, "failed")),
    ],
)
async def test_what_goes_wrong_has_one_form(site: Running, how: str, expected: tuple[int, str]) -> None:
    browser = await site.signed_in("ivanova")
    answer = await browser.ask("POST", f"/api/fail/{how}")
    assert code(answer) == expected
    assert "4832000001" not in json.dumps(answer)


async def test_an_answer_that_does_not_come_is_not_awaited(impatient: Running) -> None:
    browser = await impatient.signed_in("ivanova")
    assert code(await browser.ask("POST", "/api/fail/slow")) == (503, "slow")


async def test_an_unexpected_fault_has_a_number_that_stands_in_the_log(site: Running) -> None:
    browser = await site.signed_in("ivanova")
    with capture_logs() as logs:
        _, answer = await browser.ask("POST", "/api/fail/else")
    (failed,) = [each for each in logs if each["event"] == "api.failed"]
    assert failed["incident"] in answer["error"]["message"]
    assert failed["path"] == "/api/fail/{how}"


async def test_unknown_calls_are_json_too(site: Running) -> None:
    browser = await site.signed_in("ivanova")
    assert code(await browser.ask("GET", "/api/nowhere")) == (404, "not-found")
    assert code(await browser.ask("PUT", "/api/things")) == (405, "wrong-method")


async def raw(site: Running, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.web.port)
    writer.write(request)
    await writer.drain()
    answer = await reader.read(4_096)
    writer.close()
    return answer


@pytest.mark.parametrize(
    "request_",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /api/things HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_refused(site: Running, request_: bytes) -> None:
    assert (await raw(site, request_)).split(b" ")[1] == b"400"


@pytest.mark.parametrize(
    "path",
    [
        "/../outside.txt",
        "/%2e%2e/outside.txt",
        "/..%2foutside.txt",
        "/lib/../../outside.txt",
        "//outside.txt",
        "/lib\\..\\..\\outside.txt",
        "/.secret",
        "/lib",
        "/lib/",
        "/%00",
    ],
)
async def test_no_path_leads_out_of_the_pages(site: Running, path: str) -> None:
    answer = await raw(site, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert b"outside" not in answer.partition(b"\r\n\r\n")[2]
    assert answer.split(b" ")[1] in {b"404", b"400"}


# --- pages -------------------------------------------------------------------------------------------------


async def test_pages_have_a_strict_policy_and_are_asked_again(site: Running) -> None:
    http = site.browser().http
    async with http.get(f"{site.url}/") as page:
        assert "Рабочее место" in await page.text()
        policy = page.headers["Content-Security-Policy"]
        headers = page.headers
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "connect-src 'self' ws://127.0.0.1:8088" in policy
    assert "microphone=(self)" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == "no-cache"
    assert "Strict-Transport-Security" not in headers
    async with http.get(f"{site.url}/", headers={"If-None-Match": headers["ETag"]}) as again:
        assert (again.status, await again.text()) == (304, "")


async def test_scripts_are_packed_and_typed(site: Running) -> None:
    async with site.browser().http.get(f"{site.url}/lib/phone.js") as script:
        assert script.headers["Content-Encoding"] == "gzip"
        assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert (await script.text()).startswith("export const ring")


async def test_answers_of_the_api_are_not_kept(site: Running) -> None:
    browser = await site.signed_in("ivanova")
    async with browser.http.get(f"{site.url}/api/things", headers=browser.headers) as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


# --- the beacon --------------------------------------------------------------------------------------------


async def test_a_page_that_vanishes_says_so(site: Running) -> None:
    browser = await site.signed_in("ivanova")
    plain = {"Content-Type": "text/plain"}
    beacon = json.dumps({"csrf": browser.token})
    assert (await browser.ask("POST", "/api/phone/lost", data=beacon, headers=plain))[0] == 204
    assert site.lost == ["ivanova"]
    forged = json.dumps({"csrf": "x"})
    assert code(await browser.ask("POST", "/api/phone/lost", data=forged, headers=plain)) == (403, "forged")
    assert site.lost == ["ivanova"]
