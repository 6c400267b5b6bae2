"""What was not understood, through the API: listed, heard by ranges, marked; every look is on record."""

from __future__ import annotations

import io
import wave
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from ivr.access.audit import Selection
from ivr.calls.tables import turns
from ivr.speech.recognition.clips import Clips
from ivr.store import Database
from ivr.web.api.once import OnceAudited
from ivr.web.api.review import ReviewRoutes
from tests.contract.kpi.conftest import put
from tests.contract.web.site import PATIENT, Browser, Running, StillClock, running
from tests.unit.kpi.stories import CAME, served

TOPICS = {"readings.submit": "Передача показаний"}


@dataclass
class Room:
    site: Running
    database: Database
    clips: Clips

    async def row(self, turn_id: int) -> Any:
        wanted = select(turns.c.reviewed_at, turns.c.topic, turns.c.note).where(turns.c.id == turn_id)
        return await self.database.read(lambda connection: connection.execute(wanted).one())


@pytest.fixture
async def room(database: Database, pages: Path, tmp_path: Path) -> AsyncIterator[Room]:
    clips = Clips(tmp_path / "clips", 60)
    clip = clips.add(b"\1\0" * 8000)
    clips.keep(clip)
    await put(database, served("c1"))
    turn = {
        "call_id": "c1",
        "at": CAME,
        "flow": "clients@1",
        "state": "ask",
        "kind": "speech",
        "result": "no-match",
        "voice": True,
    }
    rows = [
        {**turn, "id": 1, "seq": 1, "text": "эту штуку", "confidence": 0.4, "clip": clip},
        {**turn, "id": 2, "seq": 2, "text": "перерасчёт", "confidence": None, "clip": None},
        {**turn, "id": 3, "seq": 3, "text": "ничего", "confidence": 0.1, "clip": "0" * 32},
        {**turn, "id": 4, "seq": 4, "text": None, "confidence": 0.9, "clip": None},
    ]

    def work(connection: Connection) -> None:
        connection.execute(insert(turns), rows)

    await database.write(work)
    clock = StillClock()
    async with running(database, pages, settings=PATIENT) as bare:
        audit = bare.access.audit
    routes = ReviewRoutes(
        database=database,
        clips=clips,
        audit=audit,
        views=OnceAudited(audit, clock),
        clock=clock,
        topics=lambda: TOPICS,
        lines={"main": "Единый номер"},
    ).routes()
    async with running(database, pages, settings=PATIENT, routes=routes) as run:
        yield Room(run, database, clips)


@pytest.fixture
async def senior(room: Room) -> Browser:
    return await room.site.signed_in("senior")


async def audited(room: Room) -> Sequence[tuple[str, str]]:
    found = await room.site.access.audit.find(Selection(login="senior"))
    return [(each.action, each.what) for each in found if each.action in ("viewed", "changed")][::-1]


async def test_what_waits_is_told_with_what_can_be_heard(room: Room, senior: Browser) -> None:
    status, told = await senior.ask("GET", "/api/review")
    assert (status, told["waiting"], told["topics"]) == (200, 3, TOPICS)
    shown = [(each["id"], each["text"], each["sound"]) for each in told["speeches"]]
    assert shown == [(3, "ничего", False), (2, "перерасчёт", False), (1, "эту штуку", True)]
    assert await audited(room) == [("viewed", "review")]
    assert len((await senior.ask("GET", "/api/review?limit=1"))[1]["speeches"]) == 1


async def test_a_phrase_is_heard_and_that_is_on_record_once(room: Room, senior: Browser) -> None:
    url = f"{senior.url}/api/review/1/sound"
    async with senior.http.get(url, headers=senior.headers) as answer:
        content = await answer.read()
    assert (answer.status, answer.headers["Content-Type"]) == (200, "audio/wav")
    with wave.open(io.BytesIO(content)) as sound:
        assert (sound.getframerate(), sound.getnframes()) == (8000, 8000)
    async with senior.http.get(url, headers=senior.headers | {"Range": "bytes=10-19"}) as answer:
        assert (answer.status, await answer.read()) == (206, content[10:20])
    assert await audited(room) == [("viewed", "review 1")]


@pytest.mark.parametrize(
    ("speech", "code"),
    [("2", "no-sound"), ("3", "no-sound"), ("4", "no-such-speech"), ("99", "no-such-speech"), ("x", None)],
)
async def test_sound_that_is_not_there(senior: Browser, speech: str, code: str | None) -> None:
    status, told = await senior.ask("GET", f"/api/review/{speech}/sound")
    assert (status, told["error"]["code"]) == (404, code or "no-such-speech")
    assert told["error"]["message"]


async def test_marking_keeps_topic_and_note_and_takes_it_off_the_list(room: Room, senior: Browser) -> None:
    body = {"topic": "readings.submit", "note": " про счётчик "}
    status, told = await senior.ask("POST", "/api/review/1", json=body)
    assert (status, told) == (200, {"waiting": 2})
    row = await room.row(1)
    assert (row.topic, row.note, row.reviewed_at is not None) == ("readings.submit", "про счётчик", True)
    assert (await senior.ask("POST", "/api/review/2", json={}))[1] == {"waiting": 1}
    assert (await room.row(2)).topic is None
    assert await audited(room) == [("changed", "review 1"), ("changed", "review 2")]


async def test_a_topic_that_nobody_knows_is_refused(room: Room, senior: Browser) -> None:
    status, told = await senior.ask("POST", "/api/review/1", json={"topic": "no.such"})
    assert (status, told["error"]["code"], told["error"]["field"]) == (422, "no-such-topic", "topic")
    assert (await room.row(1)).reviewed_at is None
    assert (await senior.ask("POST", "/api/review/99", json={}))[0] == 404


async def test_who_has_no_right_sees_nothing(room: Room) -> None:
    operator = await room.site.signed_in("ivanova")
    for method, path in (("GET", ""), ("GET", "/1/sound"), ("POST", "/1")):
        assert (await operator.ask(method, f"/api/review{path}", json={}))[0] == 403
    assert (await room.row(1)).reviewed_at is None
