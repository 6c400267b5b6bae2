"""Campaigns with operators from the book to the person: who goes away, what breaks off, what is kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ivr.access.model import Role, User
from ivr.bench.sipp import Endpoint
from ivr.campaigns.entries import NewCampaign, NewTarget
from ivr.campaigns.model import Attempt, CampaignState, Disposition, Mode, Target, TargetState
from tests.real.campaigns.running import Dialling, zone_of_midday
from tests.real.exchange import until
from tests.real.recorded import parts
from tests.real.sipp import Recording
from tests.real.softphone import Softphone, TelephoneCall
from tests.real.tones import RATE, seconds_of
from tests.real.workspace.conftest import DeskCompany, staffed
from tests.real.workspace.desk_worker import DeskWorker, desk_worker, page_session
from tests.real.workspace.staff import employ

pytestmark = pytest.mark.real

ANNA, BORIS, CLIENT = 500, 900, 1300
SETTINGS = {
    "trunks": {"operator": {"lines": 10, "calls_per_second": 10}},
    "caller_ids": {"main": {"number": "+74832111111", "label": "Энергосбыт"}},
    "dialling": {"sweep_seconds": 1, "missing_seconds": 5, "result_seconds": 2},
}


@pytest.fixture(scope="module")
def dials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dialling]:
    changes = [
        f"campaigns.{name}={json.dumps(value, ensure_ascii=False)}" for name, value in SETTINGS.items()
    ]
    company = DeskCompany(tmp_path_factory.mktemp("operators"), *changes)
    supervisor = User(login="irina", name="Ирина Лапина", role=Role.SUPERVISOR)
    with staffed(company):
        asyncio.run(employ(company.stack.settings, [supervisor]))
        yield Dialling(company, Endpoint("127.0.0.1", company.outside_port))


def office(dials: Dialling) -> DeskCompany:
    assert isinstance(dials.company, DeskCompany)
    return dials.company


@asynccontextmanager
async def anna_at_work(dials: Dialling) -> AsyncIterator[DeskWorker]:
    async with desk_worker(dials.company, "anna", "201", ANNA) as anna:
        await anna.ready()
        yield anna


@asynccontextmanager
async def client(dials: Dialling) -> AsyncIterator[Softphone]:
    """Whoever is called: greets for half a second, and says nothing more until he is spoken to."""
    async with office(dials).outside(CLIENT) as phone:
        phone.loses = lambda frame: frame > 25
        yield phone


async def campaign(dials: Dialling, number: str, mode: Mode, kind: str) -> int:
    """One that calls this number, running."""
    today = datetime.now(dials.company.stack.settings.company.zone).date()
    person = NewTarget(
        person=f"number:{number}",
        numbers=(number,),
        zones=(zone_of_midday(),),
        fields={"name": "Иван Петрович", "topic": "перерасчёт за октябрь"},
    )
    async with dials.book() as book:
        made = await book.create(
            NewCampaign(
                name=number,
                kind=kind,
                title="Перезвонить",
                first_day=today - timedelta(days=1),
                last_day=today + timedelta(days=3),
                by="test",
                mode=mode,
                queue="clients",
            )
        )
        await book.add_targets(made.campaign_id, [person])
        await book.set_state(made.campaign_id, CampaignState.RUNNING, "", "test")
    return made.campaign_id


async def ended(dials: Dialling, campaign_id: int) -> tuple[Attempt, Target]:
    """The one attempt, once it is decided what becomes of the target."""
    async with asyncio.timeout(30):
        while True:
            [target] = await dials.targets(campaign_id)
            attempts = await dials.attempts(campaign_id)
            if attempts and attempts[0].disposition and target.state is not TargetState.CALLING:
                [attempt] = attempts
                return attempt, target
            await asyncio.sleep(0.2)


async def hear_each_other(clients: Softphone, at_client: TelephoneCall, at_desk: TelephoneCall) -> None:
    clients.loses = lambda frame: False
    await until(lambda: at_desk.hears(CLIENT) and at_client.hears(at_desk.phone.hertz), 15)
    await at_client.until_heard(len(at_client.sound) / RATE + 1)


async def recorded(dials: Dialling, call_id: str) -> float:
    """For how long the client is heard in what is kept of the talk, seconds."""
    async with asyncio.timeout(20):
        while True:
            found = await parts(dials.company.stack.settings, call_id)
            if found and not list(dials.company.stack.settings.recordings_spool.glob(f"{call_id}*")):
                return sum(seconds_of(part.client, CLIENT) for part in found)
            await asyncio.sleep(0.3)


async def test_a_talk_outlives_the_engine_and_is_kept(dials: Dialling) -> None:
    async with anna_at_work(dials) as anna, client(dials) as clients:
        campaign_id = await campaign(dials, "+74832700001", Mode.PROGRESSIVE, "agent-callback")
        at_client = await clients.taken(30)
        at_desk, call_id = await anna.taken()
        await hear_each_other(clients, at_client, at_desk)
        about = await anna.page.done("GET", f"/previews/calls/{call_id}")
        assert about["campaign"] == "Перезвонить"
        assert [each["value"] for each in about["facts"]] == ["Иван Петрович", "перерасчёт за октябрь"]
        card = await anna.page.done("GET", f"/cards/{call_id}")
        assert "Разговор записывается" in card["greeting"]
        dials.kill_engine()
        await anna.page.until_state("talking", seconds=60)
        await hear_each_other(clients, at_client, at_desk)
        at_desk.hang_up()
        attempt, target = await ended(dials, campaign_id)
        assert (attempt.attempt_id, attempt.disposition) == (call_id, Disposition.PERSON)
        assert (target.state, target.tries, attempt.outcome) == (TargetState.DONE, 1, "connected")
        assert await recorded(dials, call_id) > 1
        assert len(clients.calls) == 1
        await anna.wrap_up(call_id)
    async with page_session(dials.company, "irina") as irina:
        assert await irina.sign_in() == 200
        [told] = (await irina.done("GET", f"/campaigns/{campaign_id}/attempts"))["attempts"]
        [heard] = (await irina.done("GET", f"/calls/{told['call_id']}/recordings"))["recordings"]
        sound = f"{irina.url}/api/recordings/{heard['id']}/sound"
        async with irina.http.get(sound, headers={"Origin": irina.url}) as answer:
            assert (answer.status, answer.content_type) == (200, "audio/ogg")


async def test_who_answers_when_the_operator_has_gone_is_told_so_and_called_another_day(
    dials: Dialling,
) -> None:
    async with anna_at_work(dials) as anna, client(dials) as clients:
        campaign_id = await campaign(dials, "+74832700002", Mode.PROGRESSIVE, "agent-callback")
        at_client = await clients.rung(30)
        await anna.pause()
        at_client.answer()
        await asyncio.wait_for(at_client.ended.wait(), 30)
        notice = Recording.load(dials.company.prompt("campaign-nobody")).seconds
        loud = sum(1 for each in at_client.sound if abs(each) > 300) / RATE
        assert loud > notice / 4
        attempt, target = await ended(dials, campaign_id)
        assert attempt.disposition is Disposition.ABANDONED
        assert (target.state, target.numbers, target.tries) == (TargetState.WAITING, (attempt.number,), 1)
        assert target.due_at > datetime.now(UTC) + timedelta(hours=1)
        assert not anna.phone.calls
        _, progress = await dials.progress(campaign_id)
        assert progress.attempts == {Disposition.ABANDONED: 1}
        async with dials.book() as book:
            await book.set_state(campaign_id, CampaignState.STOPPED, "", "test")


async def test_whom_an_operator_has_read_is_his(dials: Dialling) -> None:
    async with (
        anna_at_work(dials) as anna,
        desk_worker(dials.company, "boris", "202", BORIS) as boris,
        client(dials) as clients,
    ):
        await boris.ready()
        campaign_id = await campaign(dials, "+74832700003", Mode.PREVIEW, "preview")
        read = await next_of(anna, campaign_id)
        assert read["facts"][0]["value"] == "Иван Петрович"
        assert not clients.calls
        await anna.page.done("POST", "/previews/call")
        at_client = await clients.taken(30)
        told = await anna.page.done("GET", "/previews")
        assert told["mine"]["stage"] == "calling"
        at_desk, call_id = await anna.taken()
        assert at_desk.invite["x-ivr-campaign"] == call_id
        await hear_each_other(clients, at_client, at_desk)
        at_desk.hang_up()
        attempt, target = await ended(dials, campaign_id)
        assert (await anna.page.done("GET", "/previews"))["mine"] is None
        assert (attempt.disposition, target.state) == (Disposition.PERSON, TargetState.DONE)
        assert not boris.phone.calls
        assert await recorded(dials, call_id) > 0.5
        await anna.wrap_up(call_id)
        await boris.pause()


async def next_of(worker: DeskWorker, campaign_id: int) -> dict[str, Any]:
    """Whom he reads, once the engine has seen the campaign."""
    async with asyncio.timeout(20):
        while True:
            status, told = await worker.page.ask("POST", f"/previews/{campaign_id}/next")
            if status == 200:
                return told
            await asyncio.sleep(0.2)
