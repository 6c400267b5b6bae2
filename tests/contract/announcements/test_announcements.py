"""Announcements and outages over the API, on a real database: in force only when spoken, and over in time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from ivr.access.audit import Action, Audit, Selection
from ivr.access.settings import AuditSettings
from ivr.announcements.actions import actions
from ivr.announcements.announcer import Announcer
from ivr.announcements.board import Board
from ivr.announcements.settings import AnnouncementsSettings
from ivr.app.knowledge import forbidden_phrases
from ivr.customers.model import Address
from ivr.dialogue.ports import CallFacts
from ivr.errors import Fault
from ivr.outages.service import Outages
from ivr.outages.settings import OutagesSettings
from ivr.store import Database, StoreUnavailable
from ivr.web.api.announcements import AnnouncementRoutes
from ivr.web.api.outages import OutageRoutes
from tests.contract.access.conftest import template  # noqa: F401  a fixture
from tests.contract.web.conftest import database, pages, with_users  # noqa: F401  fixtures
from tests.contract.web.site import PATIENT, Browser, Running, running
from tests.unit.desk.exchange import HandClock

LINES = {"main": "Единый номер", "legal": "Юридические лица"}
FORBIDDEN = forbidden_phrases(Path("scenarios/forbidden-phrases.yaml"))
WAV = b"RIFF"
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)
TEXT = "Сегодня нет света на улице Мира."


@dataclass
class Voice:
    """Speaks into a folder, and fails when told."""

    folder: Path
    spoken: list[str] = field(default_factory=list)
    silent: bool = False

    async def prepare(self, text: str) -> Path:
        if self.silent:
            raise Fault("The voice is not installed.")
        self.spoken.append(text)
        file = self.folder / "spoken.wav"
        file.write_bytes(WAV)
        return file


class Silent:
    """No page listens."""

    def publish(self, type: str, data: Any, audience: Any) -> None:
        """Tell nobody."""


@dataclass
class Floor:
    """The API with what stands behind it."""

    database: Database
    board: Board
    voice: Voice
    outages: Outages
    audit: Audit
    clock: HandClock
    site: Running
    leader: Browser

    async def make(self, **body: Any) -> tuple[int, Any]:
        return await self.leader.ask("POST", "/api/announcements", json={"text": TEXT, **body})

    async def told(self) -> list[Any]:
        _, told = await self.leader.ask("GET", "/api/announcements")
        return list(told["announcements"])

    async def hears(self, line: str = "main") -> list[tuple[str, str]]:
        """What a caller of a line is told, one after the other."""
        [action] = actions(self.board)
        facts = CallFacts(
            call_id="call",
            line=line,
            segment="any",
            profile="bryansk",
            caller_number="",
            started_at=self.clock.now(),
        )
        heard: list[tuple[str, str]] = []
        after = 0
        while len(heard) < 9:
            result = await action.run(facts, after=after)
            if result.outcome == "none":
                break
            data = cast(Any, result.data)
            heard.append((result.outcome, data["text"]))
            if result.outcome == "close":
                break
            after = data["id"]
        return heard

    async def audited(self) -> list[str]:
        return [entry.what for entry in (await self.audit.find(Selection(action=Action.LED)))[::-1]]


@pytest.fixture
async def floor(database: Database, pages: Path, tmp_path: Path) -> AsyncIterator[Floor]:  # noqa: F811
    clock = HandClock()
    board, voice = Board(database, clock), Voice(tmp_path)
    await board.start()
    announcer = Announcer(
        board,
        voice,
        AnnouncementsSettings(),
        clock,
        lines=LINES,
        forbidden=FORBIDDEN,
        prompts=lambda: {"goodbye": "До свидания!", "announce-many": "Сейчас звонят многие."},
    )
    audit = Audit(database, AuditSettings(), clock)
    outages = Outages(database, OutagesSettings(), clock)

    common: dict[str, Any] = {"clock": clock, "name": str.title, "audit": audit, "hub": Silent()}
    told = AnnouncementRoutes(announcer=announcer, settings=AnnouncementsSettings(), lines=LINES, **common)
    dark = OutageRoutes(outages=outages, announcer=announcer, home="Дебрянск", **common)
    routes = [*told.routes(), *dark.routes()]
    async with running(database, pages, settings=PATIENT, routes=routes) as site:
        leader = await site.signed_in("senior")
        yield Floor(database, board, voice, outages, audit, clock, site, leader)


async def test_the_next_caller_of_every_line_is_told_until_the_end_of_the_day(floor: Floor) -> None:
    status, made = await floor.make()
    assert (status, made["stage"], made["made_by"]) == (201, "now", "Senior")
    assert datetime.fromisoformat(made["until"]) == MIDNIGHT
    assert floor.voice.spoken == [TEXT]
    assert await floor.hears("main") == await floor.hears("legal") == [("tell", TEXT)]
    floor.clock.at = MIDNIGHT
    assert await floor.hears() == []
    assert [one["stage"] for one in await floor.told()] == ["over"]
    assert await floor.audited() == [f"announcement {made['id']} made: tell all lines"]


async def test_a_closed_line_is_told_first_and_the_other_line_is_open(floor: Floor) -> None:
    await floor.make()
    await floor.make(text="Закрыто.", effect="close", line="legal")
    assert await floor.hears("legal") == [("close", "Закрыто.")]
    assert await floor.hears("main") == [("tell", TEXT)]


async def test_one_press_ends_it_once(floor: Floor) -> None:
    _, made = await floor.make(effect="close")
    path = f"/api/announcements/{made['id']}"
    assert (await floor.leader.ask("DELETE", path))[0] == 204
    assert await floor.hears() == []
    [over] = await floor.told()
    assert (over["stage"], over["ended_by"]) == ("over", "Senior")
    status, told = await floor.leader.ask("DELETE", path)
    assert (status, told["error"]["code"]) == (409, "over")
    assert (await floor.audited())[-1] == f"announcement {made['id']} ended"


async def test_it_survives_a_restart_and_what_is_over_does_not_come_back(floor: Floor) -> None:
    _, first = await floor.make(text="Первое.")
    await floor.make(text="Второе.")
    await floor.leader.ask("DELETE", f"/api/announcements/{first['id']}")
    floor.board = Board(floor.database, floor.clock)
    assert await floor.hears() == []
    await floor.board.start()
    assert await floor.hears() == [("tell", "Второе.")]


async def test_what_is_to_come_waits_for_its_time(floor: Floor) -> None:
    begins = floor.clock.now() + timedelta(hours=2)
    _, made = await floor.make(begins_at=begins.isoformat(), until=(begins + timedelta(hours=1)).isoformat())
    assert made["stage"] == "coming"
    assert await floor.hears() == []
    floor.clock.at = begins
    assert await floor.hears() == [("tell", TEXT)]
    floor.clock.pass_by(3600)
    assert await floor.hears() == []


@pytest.mark.parametrize(
    ("body", "code", "field", "words"),
    [
        ({"text": "Вы обязаны передать показания."}, "forbidden", "text", "«вы обязаны» (п. 64 г)"),
        ({"text": " \n "}, "empty", "text", "Напишите"),
        ({"text": "а" * 401}, "too-long", "text", "400"),
        ({"text": "Звоните 上海."}, "unspeakable", "text", "上"),
        ({"line": "no-such"}, "no-line", "line", "Такой линии нет"),
        ({"until": "2026-11-23T08:00:00Z"}, "backwards", "until", "позже"),
        ({"until": "2027-11-23T08:00:00Z"}, "too-far", "until", "14"),
    ],
)
async def test_what_may_not_be_announced_and_why(
    floor: Floor, body: dict[str, str], code: str, field: str, words: str
) -> None:
    status, told = await floor.make(**body)
    assert (status, told["error"]["code"], told["error"]["field"]) == (422, code, field)
    assert words in told["error"]["message"]
    assert await floor.hears() == []
    assert await floor.told() == []


async def test_without_a_voice_nothing_is_in_force(floor: Floor) -> None:
    floor.voice.silent = True
    status, told = await floor.make()
    assert (status, told["error"]["code"]) == (503, "no-voice")
    assert await floor.hears() == []


async def test_what_is_not_written_is_not_in_force(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(job: object) -> None:
        raise StoreUnavailable("for the test")

    monkeypatch.setattr(floor.board._database, "write", away)
    status, _ = await floor.make()
    assert status == 503
    assert await floor.hears() == []


async def test_callers_are_not_told_too_much(floor: Floor) -> None:
    for number in range(3):
        assert (await floor.make(text=f"Объявление {number}."))[0] == 201
    status, told = await floor.make()
    assert (status, told["error"]["code"]) == (422, "too-many")


async def test_it_is_heard_before_it_is_made(floor: Floor) -> None:
    status, sound = await floor.leader.ask("POST", "/api/announcements/sound", json={"text": TEXT})
    assert (status, sound) == (200, WAV.decode())
    assert await floor.hears() == []


async def test_ready_texts_and_lines_are_offered(floor: Floor) -> None:
    _, told = await floor.leader.ask("GET", "/api/announcements")
    assert told["ready"] == [{"id": "announce-many", "text": "Сейчас звонят многие."}]
    assert [line["name"] for line in told["lines"]] == ["main", "legal"]


@pytest.mark.parametrize("path", ["/api/announcements", "/api/outages"])
async def test_operators_may_not(floor: Floor, path: str) -> None:
    operator = await floor.site.signed_in("ivanova")
    assert (await operator.ask("GET", path))[0] == 403
    assert (await operator.ask("POST", path, json={}))[0] == 403


async def test_an_outage_of_a_street_is_told_to_those_who_live_there(floor: Floor) -> None:
    body = {"street": "ул. Мира", "houses": "1-15", "reason": "обрыв провода"}
    status, made = await floor.leader.ask("POST", "/api/outages", json=body)
    assert (status, made["entered_by"], floor.voice.spoken) == (201, "Senior", ["обрыв провода"])
    there = await floor.outages.at(Address("Дебрянск", "Мира", "7", "улица"))
    assert there.now is not None
    assert there.now.reason == "обрыв провода"
    assert (await floor.outages.at(Address("Дебрянск", "Мира", "16", "улица"))).now is None
    assert datetime.fromisoformat(made["told_until"]) == MIDNIGHT
    assert (await floor.leader.ask("DELETE", f"/api/outages/{made['id']}"))[0] == 204
    assert (await floor.outages.at(Address("Дебрянск", "Мира", "7", "улица"))).now is None
    assert (await floor.leader.ask("DELETE", f"/api/outages/{made['id']}"))[0] == 409
    assert await floor.audited() == [f"outage {made['id']} entered", f"outage {made['id']} closed"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"street": "ул. Мира", "houses": "дом у реки"}, "houses"),
        ({"street": "ул. Мира", "expected_end": "2026-11-23T08:00:00Z"}, "expected_end"),
        ({"street": "ул. Мира", "reason": "вы обязаны ждать"}, "text"),
    ],
)
async def test_an_outage_that_can_not_be_entered(floor: Floor, body: dict[str, str], field: str) -> None:
    status, told = await floor.leader.ask("POST", "/api/outages", json=body)
    assert (status, told["error"]["field"]) == (422, field)
    assert await floor.outages.listed() == []
