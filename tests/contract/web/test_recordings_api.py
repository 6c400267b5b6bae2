"""Conversations through the API: found, heard by ranges, held, taken away; what goes wrong is told."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import zipfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import structlog
from sqlalchemy import Connection, insert, select, update

from ivr.access.audit import Recorded, Selection
from ivr.archive import chain, index
from ivr.archive.chain import What
from ivr.archive.listening import Listening
from ivr.archive.settings import ArchiveSettings, SoundFormat
from ivr.archive.storage import LocalStorage, StorageAway
from ivr.archive.tables import archive_log, recordings
from ivr.archive.vault import Vault
from ivr.calls.tables import call_deeds, calls
from ivr.store import Database
from ivr.web.api.once import OnceAudited
from ivr.web.api.recordings import NOT_HEARD, RecordingRoutes
from tests.contract.archive.conftest import NOW, Place, Seen
from tests.contract.archive.conftest import TestClock as HandClock
from tests.contract.archive.test_archive import running as taking
from tests.contract.web.site import PATIENT, Browser, Running, running
from tests.real.tones import whistle

NUMBER = "+74832000001"
BROKEN = r"payload|Connection|reset"


def all_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


class Flaky(LocalStorage):
    """A storage that can be away."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.away = False
        self.read_before_away = 0

    def read(self, path: str, start: int, length: int) -> bytes:
        if self.away and self.read_before_away <= 0:
            raise StorageAway("gone")
        self.read_before_away -= 1
        return super().read(path, start, length)


@dataclass
class Room:
    site: Running
    place: Place
    storage: Flaky

    async def recorded(
        self, *, seconds: float = 1.0, form: SoundFormat = SoundFormat.WAV, **about: Any
    ) -> str:
        """A call with its recording in the archive; its id."""
        self.place.settings = self.place.settings.model_copy(update={"format": form})
        call_id = await self.place.call()
        if about:
            await self.change(update(calls).where(calls.c.call_id == call_id).values(**about))
        left, right = (whistle(hertz, seconds).tobytes() for hertz in (440, 880))
        async with taking(self.place) as archive:
            archive.take_over(call_id, "", self.place.record_apart(call_id, left, right))
            self.place.clock.seconds += 10
            await archive.idle()
        return call_id

    async def change(self, statement: Any, rows: Any = None) -> None:
        def work(connection: Connection) -> None:
            connection.execute(statement, rows) if rows else connection.execute(statement)

        await self.place.database.write(work)

    async def content(self, recording_id: str) -> bytes:
        recording = await self.place.database.read(partial(index.one, recording_id=recording_id))
        assert recording is not None
        return self.place.content(recording)

    async def logged(self, what: What) -> list[tuple[str, str, str]]:
        wanted = select(archive_log.c.recording_id, archive_log.c.who, archive_log.c.why)
        job = wanted.where(archive_log.c.what == what.value).order_by(archive_log.c.seq)
        return await self.place.database.read(
            lambda connection: [(row[0], row[1], row[2]) for row in connection.execute(job)]
        )

    async def audited(self) -> list[Recorded]:
        found = await self.site.access.audit.find(Selection(login="senior"))
        return [each for each in found if each.action in ("viewed", "changed")][::-1]


@pytest.fixture
async def room(database: Database, pages: Path, tmp_path: Path) -> AsyncIterator[Room]:
    settings = ArchiveSettings(
        folder=tmp_path / "recordings",
        keys=tmp_path / "keys",
        format=SoundFormat.WAV,
        settle_seconds=0,
        export_files=2,
    )
    Vault(settings).ready(used=False)
    (tmp_path / "spool").mkdir()
    storage = Flaky(settings.folder)
    place = Place(database, tmp_path / "spool", settings, HandClock(), Seen(), storage=storage)

    async def names() -> Mapping[str, Mapping[str, str]]:
        return {"lines": {"main": "Единая линия"}, "topics": {}, "agents": {"anna": "Анна"}, "queues": {}}

    vault = Vault(settings, storage)
    async with running(database, pages, settings=PATIENT) as bare:
        audit = bare.access.audit
    routes = RecordingRoutes(
        database=database,
        listening=Listening(database, vault, place.clock),
        vault=vault,
        settings=settings,
        audit=audit,
        views=OnceAudited(audit, place.clock),
        clock=place.clock,
        names=names,
    ).routes()
    async with running(database, pages, settings=PATIENT, routes=routes) as run:
        yield Room(run, place, storage)


@pytest.fixture
async def senior(room: Room) -> Browser:
    return await room.site.signed_in("senior")


async def heard(browser: Browser, recording: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
    sent = browser.headers | {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"{browser.url}/api/recordings/{recording}/sound"
    async with browser.http.get(url, headers=sent) as answer:
        return answer.status, answer.headers, await answer.read()


# --- finding ---


async def test_conversations_are_found_and_the_search_is_audited(room: Room, senior: Browser) -> None:
    mine = await room.recorded(caller_number=NUMBER, agent="anna", line="main", topic="bill")
    await room.recorded(caller_number="+74832000002")
    for query in (f"number={quote(NUMBER)}", "number=8 (4832) 00-00-01", "number=000001", "agent=anna"):
        status, told = await senior.ask("GET", f"/api/recordings?{query}&line=main")
        assert (status, [each["call_id"] for each in told["recordings"]]) == (200, [mine]), query
    [one] = told["recordings"]
    assert (one["number"], one["agent"], one["topic"], one["channels"]) == (NUMBER, "anna", "bill", 2)
    seen = [(each.what, each.subject) for each in await room.audited()]
    assert seen == [
        ("recordings:number,line", NUMBER),
        ("recordings:number,line", NUMBER),
        ("recordings:number,line", "000001"),
        ("recordings:agent,line", ""),
    ]


async def test_pages_follow_one_another_without_gaps(room: Room, senior: Browser) -> None:
    made = {await room.recorded() for _ in range(3)}
    seen: list[str] = []
    query = ""
    while True:
        told = (await senior.ask("GET", f"/api/recordings?limit=1{query}"))[1]
        seen += [each["id"] for each in told["recordings"]]
        if told["next"] is None:
            break
        query = f"&before={told['next']}"
    assert len(seen) == 3
    assert set(seen) == made


@pytest.mark.parametrize(
    "query",
    [
        "number=12",
        "before=nonsense",
        "from=yesterday",
        "limit=0",
        "odd=1",
        "from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z",
    ],
)
async def test_a_search_that_makes_no_sense_is_refused_in_words(senior: Browser, query: str) -> None:
    status, told = await senior.ask("GET", f"/api/recordings?{query}")
    assert status == 422
    assert told["error"]["message"]


async def test_who_has_no_right_hears_nothing(room: Room) -> None:
    call_id = await room.recorded()
    operator = await room.site.signed_in("ivanova")
    for path in ("", "/words", f"/{call_id}/sound", f"/{call_id}/outline"):
        assert (await operator.ask("GET", f"/api/recordings{path}"))[0] == 403
    assert (await operator.ask("POST", "/api/recordings/export", json={}))[0] == 403
    assert await room.logged(What.LISTENED) == []


async def test_why_there_is_none(room: Room, senior: Browser) -> None:
    call_id = await room.place.call()
    told = (await senior.ask("GET", f"/api/calls/{call_id}/recordings"))[1]
    assert (told["recordings"], told["absences"], told["purged_at"]) == ([], [], None)
    async with taking(room.place) as archive:
        await archive.note_absence(call_id, "", "empty")
    told = (await senior.ask("GET", f"/api/calls/{call_id}/recordings"))[1]
    [why] = told["absences"]
    assert why["message"] == "Запись пуста: в разговоре не было звука."
    status, told = await senior.ask("GET", "/api/calls/nothing/recordings")
    assert (status, told["error"]["code"]) == (404, "no-such-call")


# --- hearing ---


async def test_ranges_are_those_of_the_content_and_both_logs_tell_of_it_once(
    room: Room, senior: Browser
) -> None:
    call_id = await room.recorded(seconds=20, caller_number=NUMBER)
    whole = await room.content(call_id)
    assert len(whole) > 5 * 64 * 1024
    status, headers, content = await heard(senior, call_id)
    assert (status, headers["Content-Type"], content == whole) == (200, "audio/wav", True)
    tag = f'"{hashlib.sha256(whole).hexdigest()}"'
    assert (headers["ETag"], headers["Accept-Ranges"], headers["Cache-Control"]) == (
        tag,
        "bytes",
        "no-store",
    )
    size = len(whole)
    for asked, start, end in [
        ("bytes=0-0", 0, 1),
        ("bytes=65530-65545", 65530, 65546),
        ("bytes=100000-", 100000, size),
        ("bytes=-7", size - 7, size),
        (f"bytes=5-{size * 2}", 5, size),
        (f"bytes=-{size * 2}", 0, size),
    ]:
        status, headers, content = await heard(senior, call_id, Range=asked)
        assert (status, headers["Content-Range"]) == (206, f"bytes {start}-{end - 1}/{size}"), asked
        assert content == whole[start:end], asked
    assert await room.logged(What.LISTENED) == [(call_id, "senior", "")]
    seen = [(each.what, each.call_id, each.subject) for each in await room.audited()]
    assert seen == [(f"recording {call_id}", call_id, NUMBER)]


async def test_ranges_asked_for_at_once_are_one_listening(room: Room, senior: Browser) -> None:
    call_id = await room.recorded(caller_number=NUMBER)
    answers = await asyncio.gather(*(heard(senior, call_id, Range=f"bytes={n}-") for n in range(6)))
    assert [status for status, _, _ in answers] == [206] * 6
    assert len(await room.logged(What.LISTENED)) == 1
    assert len(await room.audited()) == 1


async def test_ranges_that_are_none(room: Room, senior: Browser) -> None:
    call_id = await room.recorded()
    whole = await room.content(call_id)
    for asked in (f"bytes={len(whole)}-", "bytes=-0"):
        status, headers, content = await heard(senior, call_id, Range=asked)
        assert (status, headers["Content-Range"], content) == (416, f"bytes */{len(whole)}", b"")
    for asked in ("bytes=0-1,5-6", "bytes=9-3", "bytes=-", "words=1-2", f"bytes={'9' * 40}-"):
        status, _, content = await heard(senior, call_id, Range=asked)
        assert (status, content == whole) == (200, True), asked


async def test_a_range_of_another_content_is_answered_with_the_whole(room: Room, senior: Browser) -> None:
    call_id = await room.recorded()
    tag = (await heard(senior, call_id))[1]["ETag"]
    assert (await heard(senior, call_id, Range="bytes=0-9", If_Range=tag))[0] == 206
    assert (await heard(senior, call_id, Range="bytes=0-9", If_Range='"other"'))[0] == 200


@pytest.mark.parametrize(
    ("form", "kind"), [(SoundFormat.OPUS, "audio/ogg; codecs=opus"), (SoundFormat.MP3, "audio/mpeg")]
)
async def test_compressed_sound_and_its_outline(
    room: Room, senior: Browser, form: SoundFormat, kind: str
) -> None:
    call_id = await room.recorded(seconds=4, form=form)
    _, headers, content = await heard(senior, call_id)
    assert (headers["Content-Type"], content) == (kind, await room.content(call_id))
    began = NOW - timedelta(seconds=4)
    paused = [("recording-paused", 1), ("recording-resumed", 2), ("recording-paused", 3)]
    rows = [
        {"key": f"{at}", "call_id": call_id, "kind": kind, "at": began + timedelta(seconds=at), "data": {}}
        for kind, at in paused
    ]
    await room.change(insert(call_deeds), rows)
    status, told = await senior.ask("GET", f"/api/recordings/{call_id}/outline")
    assert (status, round(told["seconds"], 1), len(told["sides"])) == (200, 4.0, 2)
    assert all(0.05 < max(side) <= 1 for side in told["sides"])
    assert told["quiet"] == [[1, 2], [3, 4]]


async def test_what_cannot_be_heard_is_said_in_words(room: Room, senior: Browser) -> None:
    changed, missing, locked = [await room.recorded() for _ in range(3)]
    folder = room.place.settings.folder / "2026/11/24"
    file = folder / f"{changed}.sealed"
    file.chmod(0o640)
    content = bytearray(file.read_bytes())
    content[200] ^= 1
    file.write_bytes(content)
    (folder / f"{missing}.sealed").unlink()
    await room.change(update(recordings).where(recordings.c.id == locked).values(key_id="k0099"))
    for recording, reason in (
        (changed, "changed"),
        (missing, "missing"),
        (locked, "locked"),
        ("nothing", "unknown"),
    ):
        status, _, body = await heard(senior, recording)
        error = json.loads(body)["error"]
        assert (status, error["message"]) == NOT_HEARD[reason], reason
        assert error["code"] == f"not-heard-{reason}"
    room.storage.away = True
    status, _, body = await heard(senior, changed)
    assert (status, json.loads(body)["error"]["message"]) == NOT_HEARD["storage"]
    assert await room.logged(What.LISTENED) == []
    assert await room.audited() == []


async def test_sound_that_breaks_in_the_middle_is_cut_not_ended(room: Room, senior: Browser) -> None:
    call_id = await room.recorded(seconds=30)
    room.storage.away, room.storage.read_before_away = True, 4
    url = f"{senior.url}/api/recordings/{call_id}/sound"
    with structlog.testing.capture_logs() as logs:
        async with senior.http.get(url, headers=senior.headers) as answer:
            assert answer.status == 200
            with pytest.raises(Exception, match=BROKEN):
                await answer.read()
    assert [each["event"] for each in logs] == ["api.broken-off"]


# --- holding ---


async def test_a_recording_is_held_and_let_go_with_reasons(room: Room, senior: Browser) -> None:
    call_id = await room.recorded()
    place = f"/api/recordings/{call_id}"
    assert (await senior.ask("POST", f"{place}/release", json={"reason": "x"}))[0] == 409
    assert (await senior.ask("POST", f"{place}/hold", json={"reason": "  "}))[0] == 422
    status, told = await senior.ask("POST", f"{place}/hold", json={"reason": "Запрос суда"})
    assert (status, told["legal_hold"], told["hold_reason"], told["held_by"]) == (
        200,
        True,
        "Запрос суда",
        "senior",
    )
    held = (await senior.ask("GET", "/api/recordings?held=true"))[1]["recordings"]
    assert [each["id"] for each in held] == [call_id]
    assert not (await senior.ask("POST", f"{place}/release", json={"reason": "Дело закрыто"}))[1][
        "legal_hold"
    ]
    assert await room.logged(What.HELD) == [(call_id, "senior", "Запрос суда")]
    assert await room.logged(What.RELEASED) == [(call_id, "senior", "Дело закрыто")]
    changed = [each.what for each in await room.audited() if each.action == "changed"]
    assert changed == [f"hold {call_id}", f"release {call_id}"]


# --- taking away ---


async def taken(browser: Browser, body: Any) -> tuple[int, bytes]:
    url = f"{browser.url}/api/recordings/export"
    async with browser.http.post(url, headers=browser.headers, json=body) as answer:
        return answer.status, await answer.read()


async def test_a_zip_holds_what_was_said_and_leaves_nothing_behind(
    room: Room, senior: Browser, tmp_path: Path
) -> None:
    ids = [await room.recorded(seconds=12, caller_number=NUMBER) for _ in range(2)]
    before = all_files(tmp_path)
    status, content = await taken(senior, {"sought": {"number": NUMBER}, "reason": "Запрос прокуратуры"})
    assert status == 200
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.testzip() is None
        manifest = json.loads(packed.read("manifest.json"))
        for each in manifest["recordings"]:
            assert packed.read(each["file"]) == await room.content(each["id"])
            assert hashlib.sha256(packed.read(each["file"])).hexdigest() == each["sha256"]
    assert {each["id"] for each in manifest["recordings"]} == set(ids)
    assert manifest["exported"]["who"] == "senior"
    assert "wrapped_key" not in json.dumps(manifest)
    assert all_files(tmp_path) == before
    noted = await room.logged(What.EXPORTED)
    assert sorted(noted) == sorted((one, "senior", "Запрос прокуратуры") for one in ids)
    seen = {(each.what, each.subject) for each in await room.audited()}
    assert seen == {("export:number", NUMBER), *((f"export {one}", "") for one in ids)}
    assert (await room.place.database.read(chain.check)).broken == []


async def test_an_export_that_cannot_be_is_refused_before_anything_leaves(
    room: Room, senior: Browser
) -> None:
    ids = [await room.recorded() for _ in range(3)]
    for body, code in [
        ({"ids": ids, "reason": "x"}, "too-many"),
        ({"sought": {}, "reason": "x"}, "too-many"),
        ({"ids": [ids[0], "gone"], "reason": "x"}, "gone"),
        ({"sought": {"agent": "nobody"}, "reason": "x"}, "nothing"),
        ({"ids": ids[:1], "reason": " "}, "invalid"),
        ({"reason": "x"}, "invalid"),
        ({"ids": ids[:1], "sought": {}, "reason": "x"}, "invalid"),
    ]:
        status, told = await taken(senior, body)
        assert json.loads(told)["error"]["code"] == code, body
        assert status >= 400
    room.storage.away = True
    status, told = await taken(senior, {"ids": ids[:1], "reason": "x"})
    assert status == 503
    assert ids[0] in json.loads(told)["error"]["message"]
    assert await room.logged(What.EXPORTED) == []


async def test_an_export_that_breaks_is_no_zip(room: Room, senior: Browser) -> None:
    ids = [await room.recorded(seconds=20) for _ in range(2)]
    room.storage.away, room.storage.read_before_away = True, 6
    with structlog.testing.capture_logs() as logs, pytest.raises(Exception, match=BROKEN):
        await taken(senior, {"ids": ids, "reason": "x"})
    assert [each["event"] for each in logs] == ["api.broken-off"]
    assert len(await room.logged(What.EXPORTED)) == 2


async def test_logs_tell_nobodys_number(room: Room, senior: Browser) -> None:
    with structlog.testing.capture_logs() as logs:
        call_id = await room.recorded(caller_number=NUMBER)
        await senior.ask("GET", f"/api/recordings?number={quote(NUMBER)}&account=320100")
        await heard(senior, call_id)
        await taken(senior, {"sought": {"number": NUMBER}, "reason": "Иванов просил"})
    told = json.dumps(logs, default=str, ensure_ascii=False)
    assert NUMBER not in told
    assert "320100" not in told
    assert "Иванов" not in told
