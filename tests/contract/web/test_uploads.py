"""Files that are sent: kept until the handler returns, never beyond the limit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from ivr.access.model import Right
from ivr.store import Database
from ivr.web.api.route import Asked, Route, Upload
from tests.contract.web.site import SETTINGS, Running, running

MOST = 300_000
SENT = {"Content-Type": "application/octet-stream"}


class Taken(BaseModel):
    size: int
    tail: str


class Desk:
    def __init__(self) -> None:
        self.path = Path()

    async def take(self, asked: Asked) -> Taken:
        file: Upload = asked.body
        self.path = file.path
        return Taken(size=file.size, tail=file.path.read_bytes()[-3:].decode())


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def office(database: Database, pages: Path, desk: Desk) -> AsyncIterator[Running]:
    route = Route(
        method="POST",
        path="/sheets",
        title="Take",
        right=Right.WORK,
        run=desk.take,
        upload=MOST,
        answer=Taken,
    )
    async with running(database, pages, settings=SETTINGS, routes=[route]) as run:
        yield run


async def test_a_file_longer_than_a_body_may_be_is_taken_and_leaves_nothing(
    office: Running, desk: Desk
) -> None:
    anna = await office.signed_in("ivanova")
    file = b"1" * (MOST - 3) + b"end"
    assert len(file) > SETTINGS.limits.body_bytes
    status, told = await anna.ask("POST", "/api/sheets", data=file, headers=SENT)
    assert (status, told) == (200, {"size": MOST, "tail": "end"})
    assert not desk.path.exists()


async def test_one_byte_too_many_is_refused_whether_told_or_not(office: Running, desk: Desk) -> None:
    anna = await office.signed_in("ivanova")

    async def unmeasured() -> AsyncIterator[bytes]:
        yield b"1" * MOST
        yield b"2"

    for data in (b"1" * (MOST + 1), unmeasured()):
        status, told = await anna.ask("POST", "/api/sheets", data=data, headers=SENT)
        assert (status, told["error"]["code"]) == (413, "too-large")
    assert desk.path == Path()


async def test_what_is_no_file_or_is_forged_is_refused(office: Running, desk: Desk) -> None:
    anna = await office.signed_in("ivanova")
    status, told = await anna.ask("POST", "/api/sheets", json={"a": 1})
    assert (status, told["error"]["code"]) == (415, "not-a-file")
    forged = {**SENT, "X-CSRF-Token": "another"}
    assert (await anna.ask("POST", "/api/sheets", data=b"1", headers=forged))[0] == 403
    assert desk.path == Path()


async def test_the_document_tells_of_it(office: Running) -> None:
    anna = await office.signed_in("ivanova")
    _, document = await anna.ask("GET", "/api/openapi.json")
    body = document["paths"]["/api/sheets"]["post"]["requestBody"]
    assert list(body["content"]) == ["application/octet-stream"]
