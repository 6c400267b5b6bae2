"""Transcripts, marks and evaluations through the API: who may, what is told, what is put down."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from ivr.access.tables import audit
from ivr.archive.index import Recording, add, one
from ivr.archive.tables import recordings
from ivr.calls.legs import LegRole
from ivr.calls.story import Story
from ivr.knowledge.words import Dictionary
from ivr.quality import rows
from ivr.quality.evaluations import Judgement, save
from ivr.quality.form import load_form
from ivr.quality.model import Mark, MarkKind, Side, Utterance
from ivr.quality.rows import Job
from ivr.quality.settings import EvaluationSettings
from ivr.quality.tables import transcripts
from ivr.quality.texts import Texts
from ivr.store import Database
from ivr.web.api.once import OnceAudited
from ivr.web.api.quality import QualityRoutes
from tests.contract.kpi.conftest import put
from tests.contract.web.site import PATIENT, Browser, Running, StillClock, running
from tests.unit.kpi.stories import Tale

ROOT = Path(__file__).parents[3]
FORM = load_form(ROOT / "metrics" / "evaluation.yaml")
DAY = datetime(2026, 11, 10, 7, 0, tzinfo=UTC)
PERIOD = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}
WELL: dict[str, int | None] = {each.id: each.most for each in FORM.criteria}
SAID = (
    Utterance(Side.PERSON, 500, 2500, "слушаю вас", 0.9, "ivanova"),
    Utterance(Side.CLIENT, 3000, 6000, "хочу передать показания", 0.8, "ivanova"),
)
MARKS = (
    Mark(MarkKind.GREETING, 0, "ivanova", "Нет приветствия", "п. 103", "слушаю вас"),
    Mark(MarkKind.FORBIDDEN, 500, "ivanova", "«слушаю вас»", "п. 116 б", "слушаю вас"),
)


def recording(call_id: str, at: datetime) -> Recording:
    return Recording(
        id=call_id,
        call_id=call_id,
        part="",
        path=f"{call_id}.opus",
        bytes=10,
        seconds=60.0,
        sha256="0" * 64,
        started_at=at,
        taken_at=at,
        expires_at=at + timedelta(days=60),
        channels=2,
    )


def talk(call_id: str, number: int, agent: str = "ivanova", seconds: float = 60) -> Story:
    tale = Tale(call_id, DAY + timedelta(hours=number)).answered(5, agent, LegRole.QUEUE)
    return tale.leg_ended(5 + seconds, agent=agent).ended(5 + seconds)


@dataclass
class Desk:
    site: Running
    database: Database

    async def senior(self) -> Browser:
        return await self.site.signed_in("senior")

    async def audited(self) -> list[tuple[str, str, str]]:
        def job(connection: Connection) -> list[tuple[str, str, str]]:
            chosen = select(audit.c.login, audit.c.action, audit.c.what).order_by(audit.c.id)
            return [(row.login, row.action, row.what) for row in connection.execute(chosen)]

        return [each for each in await self.database.read(job) if each[1] in ("viewed", "changed")]


def transcribed(connection: Connection, call_id: str, words: Texts) -> None:
    found = one(connection, call_id)
    assert found is not None
    rows.enlist(connection, [found], timedelta())
    transcript_id = connection.execute(
        select(transcripts.c.id).where(transcripts.c.recording_id == call_id)
    ).scalar_one()
    rows.finish(
        connection,
        Job(transcript_id, found, 0),
        SAID,
        MARKS,
        stems=words.stems(each.text for each in SAID),
        now=DAY,
        work_seconds=1.0,
    )


@pytest.fixture(params=[False])
async def desk(database: Database, pages: Path, request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    stories = [talk(f"c{number}", number) for number in range(8)]
    stories += [talk("short", 9, seconds=10), talk("other", 10, agent="petrova")]
    await put(database, *stories)
    kept = [recording(story.call_id, story.came_at) for story in stories if story.call_id != "c7"]

    def job(connection: Connection) -> None:
        add(connection, kept, [])
        transcribed(connection, "c0", Texts(Dictionary()))

    await database.write(job)
    clock = StillClock()
    async with running(database, pages, settings=PATIENT, routes=()) as probe:
        trail = probe.access.audit
        users = probe.access.users.all
    quality = QualityRoutes(
        database=database,
        form=FORM,
        settings=EvaluationSettings(shown_to_operators=request.param, sample=3),
        profile="bryansk",
        users=users,
        audit=trail,
        views=OnceAudited(trail, clock),
        clock=clock,
        transcribing=True,
    )
    async with running(database, pages, settings=PATIENT, routes=quality.routes()) as run:
        yield Desk(run, database)


async def test_what_was_said_is_told_with_its_marks_and_put_down_once(desk: Desk) -> None:
    senior = await desk.senior()
    for _ in range(2):
        status, told = await senior.ask("GET", "/api/recordings/c0/transcript")
    assert status == 200
    assert (told["state"], told["reason"]) == ("done", "")
    assert [(each["side"], each["begin_ms"], each["text"]) for each in told["utterances"]] == [
        ("person", 500, "слушаю вас"),
        ("client", 3000, "хочу передать показания"),
    ]
    assert [each["kind"] for each in told["marks"]] == ["greeting", "forbidden"]
    assert await desk.audited() == [("senior", "viewed", "transcript c0")]


async def test_a_recording_that_nobody_has_transcribed(desk: Desk) -> None:
    senior = await desk.senior()
    status, told = await senior.ask("GET", "/api/recordings/c1/transcript")
    assert (status, told["state"], told["utterances"]) == (200, "none", [])
    status, told = await senior.ask("GET", "/api/recordings/nothing/transcript")
    assert (status, told["error"]["code"]) == (404, "no-recording")


async def test_nothing_is_told_of_a_recording_whose_deletion_has_begun(desk: Desk) -> None:
    await desk.database.write(
        lambda connection: connection.execute(update(recordings).values(purge_begun_at=DAY))
    )
    senior = await desk.senior()
    assert (await senior.ask("GET", "/api/recordings/c0/transcript"))[0] == 404
    assert await desk.audited() == []


async def test_operators_read_nothing_of_it(desk: Desk) -> None:
    operator = await desk.site.signed_in("ivanova")
    for path in (
        "recordings/c0/transcript",
        "quality/marks",
        "quality/words",
        "quality/calls/c0",
        "quality/evaluations",
        f"quality/operators?from={PERIOD['from']}&to={PERIOD['to']}",
    ):
        assert (await operator.ask("GET", f"/api/{path}"))[0] == 403, path


async def test_marks_are_resolved_with_a_note_and_counted(desk: Desk) -> None:
    senior = await desk.senior()
    status, told = await senior.ask("GET", "/api/quality/marks?verdict=open")
    assert (status, told["more"]) == (200, False)
    assert told["counts"] == {"open": 2, "confirmed": 0, "false": 0}
    first = told["marks"][0]
    body = {"verdict": "false", "note": " послышалось "}
    status, done = await senior.ask("POST", f"/api/quality/marks/{first['id']}", json=body)
    assert (status, done["verdict"], done["note"]) == (200, "false", "послышалось")
    assert done["resolved_by"] == "senior"
    left = (await senior.ask("GET", "/api/quality/marks?verdict=open"))[1]
    assert len(left["marks"]) == 1
    assert left["counts"] == {"open": 1, "confirmed": 0, "false": 1}
    status, back = await senior.ask("POST", f"/api/quality/marks/{first['id']}", json={"verdict": "open"})
    assert (status, back["resolved_by"], back["note"]) == (200, None, "")
    assert ("senior", "changed", f"quality mark {first['id']} false") in await desk.audited()


@pytest.mark.parametrize("id", ["999", "x", "99999999999999999999", "-1"])
async def test_a_mark_that_there_is_not(desk: Desk, id: str) -> None:
    senior = await desk.senior()
    status, _ = await senior.ask("POST", f"/api/quality/marks/{id}", json={"verdict": "confirmed"})
    assert status == 404


async def test_marks_come_by_pages(desk: Desk) -> None:
    senior = await desk.senior()
    first = (await senior.ask("GET", "/api/quality/marks?limit=1"))[1]
    assert first["more"] is True
    last = first["marks"][0]
    query = {"limit": "1", "before_at": last["talk_at"], "before_id": str(last["id"])}
    second = (await senior.ask("GET", "/api/quality/marks", params=query))[1]
    assert second["more"] is False
    assert second["marks"][0]["id"] != last["id"]
    of_kind = (await senior.ask("GET", "/api/quality/marks?kind=greeting&agent=ivanova"))[1]
    assert [each["kind"] for each in of_kind["marks"]] == ["greeting"]


async def test_a_talk_is_evaluated_and_changed_with_its_history(desk: Desk) -> None:
    senior = await desk.senior()
    status, told = await senior.ask("GET", "/api/quality/calls/c0")
    assert (status, [each["agent"] for each in told["talks"]]) == (200, ["ivanova"])
    assert (told["talks"][0]["seconds"], told["evaluations"]) == (60, [])
    place = "/api/quality/evaluations/c0/ivanova"
    status, first = await senior.ask("PUT", place, json={"scores": WELL, "comment": "Отлично"})
    assert (status, first["score"], first["comment"]) == (200, 100.0, "Отлично")
    worse = WELL | {"greeting": 0, "farewell": None}
    status, second = await senior.ask("PUT", place, json={"scores": worse, "comment": ""})
    assert (status, second["id"]) == (200, first["id"])
    assert second["score"] == pytest.approx(100 * 12 / 13, abs=0.01)
    told = (await senior.ask("GET", "/api/quality/calls/c0"))[1]
    assert [each["score"] for each in told["evaluations"]] == [second["score"]]
    history = (await senior.ask("GET", f"/api/quality/evaluations/{first['id']}/history"))[1]
    assert [each["score"] for each in history["wordings"]] == [100.0, second["score"]]
    assert ("senior", "changed", f"evaluation {first['id']}") in await desk.audited()


@pytest.mark.parametrize(
    ("scores", "code", "field"),
    [
        (WELL | {"greeting": 9}, "wrong-points", "scores.greeting"),
        ({"greeting": 1}, "wrong-points", "scores.manner"),
        (WELL | {"other": 1}, "wrong-points", "scores.other"),
        (dict.fromkeys(WELL), "nothing-judged", "scores"),
    ],
)
async def test_points_that_can_not_be_so_are_refused_in_words(
    desk: Desk, scores: dict[str, int | None], code: str, field: str
) -> None:
    senior = await desk.senior()
    status, told = await senior.ask("PUT", "/api/quality/evaluations/c0/ivanova", json={"scores": scores})
    assert (status, told["error"]["code"], told["error"]["field"]) == (422, code, field)


async def test_who_did_not_talk_in_the_call_is_not_evaluated(desk: Desk) -> None:
    senior = await desk.senior()
    for place in ("c0/petrova", "nothing/ivanova"):
        path = f"/api/quality/evaluations/{place}"
        status, told = await senior.ask("PUT", path, json={"scores": WELL})
        assert (status, told["error"]["code"]) == (404, "no-such-talk")
    status, told = await senior.ask("PUT", "/api/quality/evaluations/c0/senior", json={"scores": WELL})
    assert (status, told["error"]["code"]) == (403, "not-oneself")


async def test_averages_by_operator_with_their_marks(desk: Desk) -> None:
    senior = await desk.senior()
    await senior.ask("PUT", "/api/quality/evaluations/c0/ivanova", json={"scores": WELL})
    none = WELL | {"identification": 0}
    await senior.ask("PUT", "/api/quality/evaluations/c1/ivanova", json={"scores": none})
    status, told = await senior.ask("GET", "/api/quality/operators", params=PERIOD)
    [anna] = told["operators"]
    assert (status, anna["agent"], anna["name"]) == (200, "ivanova", "Анна Иванова")
    assert (anna["evaluations"], anna["score"]) == (2, 50.0)
    assert anna["criteria"]["identification"] == 0.5
    assert anna["marks"] == {"open": 2, "confirmed": 0, "false": 0}
    later = {"from": "2026-12-01T00:00:00Z", "to": "2026-12-31T00:00:00Z"}
    assert (await senior.ask("GET", "/api/quality/operators", params=later))[1]["operators"] == []


async def test_a_sample_is_the_same_whoever_asks_and_tells_what_was_evaluated(desk: Desk) -> None:
    senior = await desk.senior()
    query = PERIOD | {"agent": "ivanova"}
    first = (await senior.ask("GET", "/api/quality/sample", params=query))[1]["talks"]
    assert len(first) == 3
    drawn = {each["call_id"] for each in first}
    assert drawn <= {f"c{number}" for number in range(7)}, "short ones and those without a recording are out"
    chosen = first[0]["call_id"]
    await senior.ask("PUT", f"/api/quality/evaluations/{chosen}/ivanova", json={"scores": WELL})
    again = (await senior.ask("GET", "/api/quality/sample", params=query))[1]["talks"]
    assert {each["call_id"] for each in again} == drawn
    assert [each["call_id"] for each in again if each["evaluated"]] == [chosen]
    assert again[-1]["call_id"] == chosen, "those that wait come first"
    every = (await senior.ask("GET", "/api/quality/sample", params=query | {"count": "50"}))[1]["talks"]
    assert len(every) == 7


async def test_the_form_and_how_far_transcripts_are(desk: Desk) -> None:
    status, told = await (await desk.senior()).ask("GET", "/api/quality/words")
    assert status == 200
    greeting = told["criteria"][0]
    assert (greeting["id"], greeting["clause"], len(greeting["levels"])) == ("greeting", "п. 103", 3)
    assert told["agents"]["ivanova"] == "Анна Иванова"
    assert (told["transcribing"], told["done"], told["waiting"]) == (True, 1, 0)


async def own(desk: Desk) -> tuple[int, Any]:
    judged = Judgement(form=1, scores=WELL, score=100.0, comment="Отлично")
    for call_id, agent in (("c0", "ivanova"), ("other", "petrova")):
        await desk.database.write(
            partial(save, call_id=call_id, agent=agent, supervisor="senior", judgement=judged, now=DAY)
        )
    operator = await desk.site.signed_in("ivanova")
    return await operator.ask("GET", "/api/quality/own?agent=petrova")


async def test_operators_see_their_evaluations_only_where_it_is_set(desk: Desk) -> None:
    status, told = await own(desk)
    assert (status, told["error"]["code"]) == (403, "not-shown")


@pytest.mark.parametrize("desk", [True], indirect=True)
async def test_operators_see_only_their_own_evaluations(desk: Desk) -> None:
    status, told = await own(desk)
    assert status == 200
    assert [each["agent"] for each in told["evaluations"]] == ["ivanova"]


async def test_evaluations_are_listed(desk: Desk) -> None:
    senior = await desk.senior()
    for number in range(3):
        await senior.ask("PUT", f"/api/quality/evaluations/c{number}/ivanova", json={"scores": WELL})
    told = (await senior.ask("GET", "/api/quality/evaluations?limit=2&agent=ivanova"))[1]
    assert ([each["call_id"] for each in told["evaluations"]], told["more"]) == (["c2", "c1"], True)
    rest = (await senior.ask("GET", "/api/quality/evaluations?limit=2&offset=2"))[1]
    assert ([each["call_id"] for each in rest["evaluations"]], rest["more"]) == (["c0"], False)
    assert (await senior.ask("GET", "/api/quality/evaluations?supervisor=petrova"))[1]["evaluations"] == []
