"""The document tells every call; and whatever is sent to any of them, none fails unexpectedly."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from ivr.store import Database
from ivr.web.settings import LimitSettings
from tests.contract.web.site import ROUTES, SETTINGS, Browser, Running, running

UNLIMITED = SETTINGS.model_copy(
    update={"limits": LimitSettings(user_per_second=100_000, user_burst=1_000_000)}
)
OURS = [route for route in ROUTES if route.path != "/fail/{how}"]


@pytest.fixture
async def fuzzed(database: Database, pages: Path) -> AsyncIterator[Running]:
    async with running(database, pages, settings=UNLIMITED, routes=OURS) as run:
        yield run


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for each in node.values():
            yield from references(each)
    elif isinstance(node, list):
        for each in node:
            yield from references(each)


async def document(site: Running) -> dict[str, Any]:
    found: dict[str, Any] = (await (await site.signed_in("boss")).ask("GET", "/api/openapi.json"))[1]
    return found


async def test_every_call_is_in_it_and_every_reference_leads_somewhere(site: Running) -> None:
    found = await document(site)
    assert found["openapi"] == "3.1.0"
    told = {
        (method.upper(), path.removeprefix("/api"))
        for path, calls in found["paths"].items()
        for method in calls
    }
    assert {(route.method, route.path) for route in ROUTES} < told
    own = {("POST", "/session"), ("GET", "/events"), ("GET", "/users"), ("GET", "/audit")}
    assert own < told
    for reference in references(found):
        assert reference.removeprefix("#/components/schemas/") in found["components"]["schemas"]


async def test_each_call_is_declared_whole(site: Running) -> None:
    found = await document(site)
    identifiers = []
    for path, calls in found["paths"].items():
        for method, call in calls.items():
            identifiers.append(call["operationId"])
            assert call["summary"]
            assert "default" in call["responses"]
            named = {each["name"] for each in call.get("parameters", ()) if each["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path))
            if method != "get" and path != "/api/session":
                assert call["security"] == [{"session": [], "token": []}]
    assert len(set(identifiers)) == len(identifiers)
    assert found["paths"]["/api/session"]["post"]["security"] == []
    query = found["paths"]["/api/things"]["get"]["parameters"]
    assert [each["name"] for each in query] == ["q", "tag", "limit"]
    assert found["paths"]["/api/cards/{call_id}"]["get"]["x-right"] == "cards"


# --- anything at all ---------------------------------------------------------------------------------------

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ["text", "count", "login", "password", "name", "role", "extension", "skills", "old", "new", "csrf"]
BODIES = st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=6).map(json.dumps) | st.binary(
    max_size=60
)
PARTS = st.text(min_size=1, max_size=20).filter(lambda part: part not in {".", ".."})
QUERIES = st.dictionaries(
    st.sampled_from(["q", "tag", "limit", "before", "since", "action", "login", "call_id", "x"]),
    st.text(max_size=20),
    max_size=3,
)
KEPT = {("DELETE", "/api/session"), ("GET", "/api/events"), ("POST", "/api/session")}


@dataclass
class Sent:
    method: str
    url: URL
    body: str | bytes


def drawn(data: st.DataObject, method: str, path: str) -> Sent:
    filled = re.sub(r"{\w+}", lambda _: encoded(data.draw(PARTS)), path)
    query = "&".join(f"{name}={encoded(value)}" for name, value in data.draw(QUERIES).items())
    return Sent(method, URL(f"{filled}?{query}", encoded=True), data.draw(BODIES))


async def send(browser: Browser, sent: Sent) -> tuple[int, Any]:
    url = URL(f"{browser.url}{sent.url}", encoded=True)
    headers = browser.headers | {"Content-Type": "application/json"}
    async with browser.http.request(sent.method, url, data=sent.body, headers=headers) as answer:
        text = await answer.text()
        return answer.status, json.loads(text) if text else None


def encoded(part: str) -> str:
    return "".join(f"%{byte:02x}" for byte in part.encode("utf-8", errors="surrogatepass"))


async def test_nothing_that_is_sent_makes_a_call_fail(fuzzed: Running) -> None:
    found = await document(fuzzed)
    calls = [
        (method.upper(), path)
        for path, methods in found["paths"].items()
        for method in methods
        if (method.upper(), path) not in KEPT
    ]
    browsers = [await fuzzed.signed_in("boss"), await fuzzed.signed_in("ivanova")]
    loop = asyncio.get_running_loop()
    statuses: Counter[int] = Counter()

    @settings(max_examples=400, suppress_health_check=list(HealthCheck), database=None)
    @given(st.data())
    def play(data: st.DataObject) -> None:
        browser = data.draw(st.sampled_from(browsers))
        sent = drawn(data, *data.draw(st.sampled_from(calls)))
        status, answer = asyncio.run_coroutine_threadsafe(send(browser, sent), loop).result()
        statuses[status] += 1
        assert status < 500, (sent, answer)
        assert status < 400 or answer["error"]["message"]

    await asyncio.to_thread(play)
    assert {200, 400, 403, 404, 422} <= statuses.keys()
