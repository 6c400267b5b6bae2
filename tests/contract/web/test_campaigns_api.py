"""Campaigns through the API: made, filled, checked, started, watched, told of; refusals and previews."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest
from aiohttp import ClientWebSocketResponse
from openpyxl import load_workbook
from sqlalchemy import update

from ivr.access.audit import Selection
from ivr.app.campaign_office import CampaignOffice, campaign_office
from ivr.app.campaign_pages import campaign_pages
from ivr.app.campaigns import CampaignRoom
from ivr.app.people import queue_titles
from ivr.campaigns.book import CampaignBook
from ivr.campaigns.dialling.preview import Previews
from ivr.campaigns.model import Attempt, Disposition, TargetState
from ivr.campaigns.settings import CallerId, CampaignsSettings, TrunkSettings
from ivr.campaigns.tables import campaigns
from ivr.customers.importing import import_file
from ivr.customers.settings import CustomersSettings
from ivr.settings import Settings
from ivr.store import Database, StoreUnavailable
from ivr.web.api.route import Asked, Refused
from ivr.web.hub import Hub
from tests.contract.campaigns.exchange import Choosers
from tests.contract.campaigns.samples import yes
from tests.contract.web.site import PATIENT, Browser, Running, StillClock, running

CAMPAIGNS = CampaignsSettings(
    caller_ids={"main": CallerId(number="+74942000001", label="Энергосбыт")},
    trunks={"main": TrunkSettings(lines=10)},
)
SHEET = """Лицевой счёт;Телефон;Имя и отчество;Сумма долга, руб.
320145678;+7 910 123-45-67;Анна Ивановна;1 234,50
320145686;8 (910) 123-45-68;Пётр Петрович;900
320145694;12;Ольга Сергеевна;10
320145678;+7 910 123-45-67;Анна Ивановна;1 234,50
"""
ACCOUNTS = """number;kind;segment;name;settlement;street;house;flat;phones;balance;balance_as_of;debt_since
320145678;person;private;Берестова Анна Юрьевна;Дебрянск;Пушкина;1;19;+79161234567;-738,58;;11.03.2025
320145686;person;private;Зимин Пётр Ильич;Дебрянск;Пушкина;2;;+79161234568;-50;;
"""
FILE = {"Content-Type": "application/octet-stream"}
DEBT = {
    "kind": "debt",
    "title": "Долги за октябрь",
    "first_day": "2026-11-24",
    "last_day": "2026-11-30",
    "caller_id": "main",
    "fields": {"pay_by": "2026-11-30"},
}


class Hubs:
    """The hub of the site that is started later."""

    def __init__(self) -> None:
        self.hub: Hub | None = None

    def publish(self, type: str, data: Any, audience: Any) -> None:
        if self.hub is not None:
            self.hub.publish(type, data, audience)


@dataclass
class House:
    site: Running
    office: CampaignOffice
    clock: StillClock
    wakes: list[str]

    @property
    def book(self) -> CampaignBook:
        return self.office.service.book

    async def attempt(self, campaign_id: int) -> Attempt:
        """The next target, with an attempt that was dialled."""
        (target,) = await self.book.claim([campaign_id], self.clock.now(), 1, "one")
        made = await self.book.write_attempt(target, target.numbers[0], "main", "one", yes)
        assert isinstance(made, Attempt)
        await self.book.dialled(made.attempt_id)
        return made

    async def talk(self, campaign_id: int, outcome: str, **data: str) -> Attempt:
        """One that was answered by a person, whose talk ended so."""
        made = await self.attempt(campaign_id)
        await self.book.answered(made.attempt_id, self.clock.now())
        await self.book.result(made.attempt_id, outcome, data)
        self.clock.pass_by(30)
        await self.book.ended(made.attempt_id, Disposition.PERSON, 16, self.clock.now())
        await self.book.over(made.target_id, TargetState.DONE, outcome)
        return made


@pytest.fixture
async def house(database: Database, pages: Path) -> AsyncIterator[House]:
    async with housed(database, pages) as made:
        yield made


@asynccontextmanager
async def housed(database: Database, pages: Path, scenarios: Path | None = None) -> AsyncIterator[House]:
    """The API over the real rooms, without an engine."""
    clock, hubs, wakes = StillClock(), Hubs(), []
    queues = {"clients": {"title": "Клиенты"}}
    settings = Settings(asterisk={"queues": queues}, campaigns=CAMPAIGNS)
    if scenarios is not None:
        own = settings.scenarios.model_copy(update={"folder": scenarios})
        settings = settings.model_copy(update={"scenarios": own})
    office = campaign_office(settings, database, clock)
    async with running(database, pages, settings=PATIENT) as bare:
        audit = bare.access.audit
    service = office.service
    choosers = Choosers()
    choosers.here = {"ivanova"}
    room = SimpleNamespace(
        book=service.book,
        service=service,
        kinds=office.kinds,
        refusals=office.refusals,
        previews=Previews(
            service.book,
            clock,
            "one",
            choosers=choosers,
            read_seconds=60.0,
            wait_seconds=30.0,
            later_minutes=60.0,
        ),
        wake=lambda: wakes.append("wake"),
    )
    told = campaign_pages(
        settings,
        cast(CampaignRoom, room),
        database,
        clock,
        queues=queue_titles(settings.asterisk),
        name=lambda login: {"senior": "Семён Старший"}[login],
        audit=audit,
        hub=hubs,
        his=in_the_call,
    )
    async with running(database, pages, settings=PATIENT, routes=told.routes) as run:
        hubs.hub = run.hub
        yield House(run, office, clock, wakes)
        await told.close()


async def in_the_call(call_id: str, asked: Asked) -> None:
    """As `Viewing.story`: Ivanova was in every call."""
    if asked.user.login != "ivanova":
        raise Refused(403, "not-yours", "Это звонок другого оператора.")


@pytest.fixture
async def senior(house: House) -> Browser:
    return await house.site.signed_in("senior")


async def made(browser: Browser, **changed: Any) -> int:
    status, told = await browser.ask("POST", "/api/campaigns", json=DEBT | changed)
    assert status == 201, told
    assert told["state"] == "draft"
    return int(told["id"])


async def sent(browser: Browser, id: int, data: bytes, name: str = "debts.csv", key: str = "") -> Any:
    """What became of a file, once it is over."""
    key = key or str(uuid4())
    path = f"/api/campaigns/{id}/targets"
    status, told = await browser.ask("POST", f"{path}?key={key}&name={name}", data=data, headers=FILE)
    assert status == 202, told
    return await over(browser, id, told)


async def over(browser: Browser, id: int, told: Any) -> Any:
    async with asyncio.timeout(20):
        while told["state"] == "running":
            await asyncio.sleep(0.01)
            _, told = await browser.ask("GET", f"/api/campaigns/{id}/targets/{told['key']}")
    return told


async def started(browser: Browser, **changed: Any) -> int:
    id = await made(browser, **changed)
    await sent(browser, id, SHEET.encode())
    status, told = await browser.ask("POST", f"/api/campaigns/{id}/start")
    assert status == 200, told
    return id


async def test_a_new_campaign_is_chosen_from_kinds_with_what_their_texts_need(senior: Browser) -> None:
    status, words = await senior.ask("GET", "/api/campaigns/words")
    assert status == 200
    kinds = {each["id"]: each for each in words["kinds"]}
    fields = {each["name"]: each for each in kinds["debt"]["fields"]}
    assert (fields["amount"]["of"], fields["amount"]["type"]) == ("target", "amount")
    assert (fields["pay_by"]["of"], fields["pay_by"]["type"]) == ("campaign", "date")
    assert {each["of"] for each in kinds["planned-outage"]["fields"]} >= {"campaign"}
    assert words["queues"] == [{"id": "clients", "title": "Клиенты"}]
    assert words["caller_ids"] == [{"id": "main", "title": "+74942000001, Энергосбыт"}]
    assert words["abandoned_at_most"] == 0.03
    assert words["dispositions"].keys() == set(Disposition)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": "other"}, "kind"),
        ({"last_day": "2026-11-23"}, "last_day"),
        ({"opens": "18:00", "closes": "10:00"}, "closes"),
        ({"mode": "predictive"}, "queue"),
        ({"caller_id": "another"}, "caller_id"),
        ({"fields": {"pay_by": "завтра"}}, "fields.pay_by"),
        ({"fields": {"colour": "red"}}, "fields.colour"),
        ({"lines": 0}, "lines"),
    ],
)
async def test_a_wrong_campaign_is_refused_at_its_field(
    senior: Browser, changed: dict[str, Any], field: str
) -> None:
    status, told = await senior.ask("POST", "/api/campaigns", json=DEBT | changed)
    assert (status, told["error"]["field"]) == (422, field)
    assert (await senior.ask("GET", "/api/campaigns"))[1] == {"campaigns": []}


async def test_a_draft_is_changed_and_named_by_itself(senior: Browser) -> None:
    first, second = await made(senior), await made(senior)
    _, told = await senior.ask("GET", "/api/campaigns")
    assert [each["name"] for each in told["campaigns"]] == ["debt-2026-11-24-2", "debt-2026-11-24"]
    status, changed = await senior.ask(
        "PUT", f"/api/campaigns/{first}", json=DEBT | {"title": "Должники", "lines": 3}
    )
    assert (status, changed["title"], changed["lines"], changed["name"]) == (
        200,
        "Должники",
        3,
        "debt-2026-11-24",
    )
    status, told = await senior.ask(
        "PUT", f"/api/campaigns/{second}", json=DEBT | {"name": "debt-2026-11-24"}
    )
    assert (status, told["error"]["field"]) == (409, "name")


async def test_a_file_of_targets_is_taken_once_and_every_bad_line_is_told(senior: Browser) -> None:
    id = await made(senior)
    key = str(uuid4())
    told = await sent(senior, id, SHEET.encode("cp1251"), key=key)
    assert (told["state"], told["new"], told["repeated"], told["refused"]) == ("done", 2, 1, 1)
    (bad,) = [each for each in told["lines"] if each["line"] == 4]
    assert bad["left_out"]
    assert bad["why"]
    assert bad["fix"]
    assert "12" not in str(bad["why"])
    again = await sent(senior, id, SHEET.encode("cp1251"), key=key)
    assert again == told, "the same key is the same file"
    anew = await sent(senior, id, SHEET.encode())
    assert (anew["new"], anew["known"]) == (0, 2)
    _, now = await senior.ask("GET", f"/api/campaigns/{id}")
    assert (now["course"]["total"], now["course"]["left"]) == (2, 2)
    assert (await senior.ask("GET", f"/api/campaigns/{id}/targets/another-key"))[0] == 404
    _, all_of_them = await senior.ask("GET", f"/api/campaigns/{id}/targets")
    assert [(each["name"], each["by"], each["new"], each["lines"]) for each in all_of_them["imports"]] == [
        ("debts.csv", "Семён Старший", 0, []),
        ("debts.csv", "Семён Старший", 2, []),
    ]
    status, table = await senior.ask("GET", f"/api/campaigns/{id}/targets/{key}/lines")
    assert status == 200
    assert "4;телефон;" in table
    status, refused = await senior.ask("POST", f"/api/campaigns/{id}/targets/{key}/stop")
    assert (status, refused["error"]["code"]) == (409, "import-over")


async def test_a_file_that_can_not_be_read_says_so_in_russian(senior: Browser) -> None:
    id = await made(senior)
    told = await sent(senior, id, SHEET.encode("koi8-r"))
    assert (told["state"], told["fault"]) == ("failed", "Файл в кодировке KOI8-R: такие не читаются.")
    told = await sent(senior, id, "Телефон\n+79101234567\n".encode())
    assert told["fault"].startswith("В таблице нет столбцов: «")
    told = await sent(senior, id, b"PK\x03\x04 no zip", name="debts.xlsx")
    assert told["fault"] == "Книга XLSX повреждена."
    assert (await sent(senior, id, b""))["fault"].startswith("Файл пуст")
    await senior.ask("POST", f"/api/campaigns/{id}/stop", json={})
    assert (await sent(senior, id, SHEET.encode()))["fault"].startswith("Кампания остановлена")


async def test_targets_come_as_a_list_too(senior: Browser) -> None:
    id = await made(senior)
    row = {"account": "320145678", "phone": "+79101234567", "name": "Анна Ивановна", "amount": 1234.5}
    body = {"key": str(uuid4()), "rows": [row]}
    status, told = await senior.ask("POST", f"/api/campaigns/{id}/rows", json=body)
    assert status == 202
    assert (await over(senior, id, told))["new"] == 1


async def test_a_start_waits_for_what_the_check_finds(house: House, senior: Browser) -> None:
    id = await made(senior, fields={})
    status, told = await senior.ask("POST", f"/api/campaigns/{id}/check")
    assert (status, told["ready"]) == (200, False)
    assert {each["where"] for each in told["findings"]} >= {"targets", "fields.pay_by"}
    status, told = await senior.ask("POST", f"/api/campaigns/{id}/start")
    assert (status, told["error"]["code"]) == (409, "not-ready")
    await sent(senior, id, SHEET.encode())
    await senior.ask("PUT", f"/api/campaigns/{id}", json=DEBT)
    _, told = await senior.ask("POST", f"/api/campaigns/{id}/check")
    assert told["ready"], told
    assert told["opens_at"] == "2026-11-24T07:00:00Z"
    assert (await senior.ask("POST", f"/api/campaigns/{id}/start"))[1]["state"] == "running"


async def test_who_did_what_with_it_stays(house: House, senior: Browser) -> None:
    id = await started(senior)
    path = f"/api/campaigns/{id}"
    why = {"why": "Обед"}
    assert (await senior.ask("POST", f"{path}/pause", json=why))[1]["why"] == "Обед"
    assert (await senior.ask("POST", f"{path}/start"))[1]["state"] == "running"
    assert (await senior.ask("POST", f"{path}/stop", json={}))[1]["state"] == "stopped"
    assert (await senior.ask("POST", f"{path}/start"))[0] == 409
    _, now = await senior.ask("GET", path)
    states = [(each["state"], each["by"], each["why"]) for each in now["history"]]
    assert states == [
        ("draft", "Семён Старший", ""),
        ("running", "Семён Старший", ""),
        ("paused", "Семён Старший", "Обед"),
        ("running", "Семён Старший", ""),
        ("stopped", "Семён Старший", ""),
    ]
    found = {each.what for each in await house.site.access.audit.find(Selection(login="senior"))}
    assert found >= {f"campaign {id} {what}" for what in ("made", "started", "paused", "stopped")}


@pytest.mark.parametrize(
    ("method", "path", "body", "what"),
    [
        ("POST", "", DEBT, "create"),
        ("PUT", "/{id}", DEBT, "revise"),
        ("POST", "/{id}/start", None, "set_state"),
        ("POST", "/{id}/pause", {}, "set_state"),
        ("POST", "/{id}/stop", {}, "set_state"),
    ],
)
async def test_a_database_that_is_away_is_told_as_such(
    house: House,
    senior: Browser,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    path: str,
    body: Any,
    what: str,
) -> None:
    id = await made(senior)
    await sent(senior, id, SHEET.encode())
    monkeypatch.setattr(house.book, what, _away)
    status, told = await senior.ask(method, f"/api/campaigns{path.format(id=id)}", json=body)
    assert (status, told["error"]["code"]) == (503, "store-away")


async def test_a_file_that_meets_no_database_may_be_sent_again(
    house: House, senior: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = await made(senior)
    with monkeypatch.context() as patch:
        patch.setattr(house.book, "add_targets", _away)
        told = await sent(senior, id, SHEET.encode())
    assert (told["state"], told["fault"]) == ("failed", "База данных не отвечает.")
    assert told["fix"] == "Загрузите тот же файл ещё раз, лишнего не появится."
    assert (await sent(senior, id, SHEET.encode()))["new"] == 2


async def _away(*_args: Any) -> None:
    raise StoreUnavailable("Locked.")


async def test_open_pages_are_told_of_a_change(house: House, senior: Browser) -> None:
    id = await made(senior)
    async with senior.events() as events:
        await _until(events, "hello")
        await senior.ask("PUT", f"/api/campaigns/{id}", json=DEBT)
        await _until(events, "campaigns")


async def _until(events: ClientWebSocketResponse, type: str) -> None:
    async with asyncio.timeout(10):
        while (await events.receive_json())["type"] != type:
            pass


async def test_the_course_and_the_evidence_are_those_of_the_calls(house: House, senior: Browser) -> None:
    id = await started(senior)
    talk = await house.talk(id, "promised", promised_on="2026-11-25")
    busy = await house.attempt(id)
    _, now = await senior.ask("GET", f"/api/campaigns/{id}")
    assert now["course"]["open"] == 1
    await house.book.ended(busy.attempt_id, Disposition.BUSY, 17, house.clock.now())
    house.clock.pass_by(5)
    _, now = await senior.ask("GET", f"/api/campaigns/{id}")
    course = now["course"]
    assert [course[name] for name in ("total", "tried", "answered", "reached", "left")] == [2, 2, 1, 1, 1]
    assert course["dispositions"] == {"person": 1, "busy": 1}
    assert course["outcomes"] == {"promised": 1}
    assert (course["persons"], course["abandoned"], course["per_minute"]) == (1, 0.0, 0.2)

    _, told = await senior.ask("GET", f"/api/campaigns/{id}/attempts")
    assert [each["call_id"] for each in told["attempts"]] == [busy.attempt_id, talk.attempt_id]
    first = told["attempts"][1]
    assert (first["talk_seconds"], first["outcome"], first["recorded"]) == (30.0, "promised", False)
    assert first["result"]["promised_on"] == "2026-11-25"
    assert first["gathered"] == "Обещал оплатить: 25.11.2026"
    for query in ("disposition=person", "outcome=promised", f"account={first['account']}", "number=4567"):
        _, part = await senior.ask("GET", f"/api/campaigns/{id}/attempts?{query}")
        assert [each["call_id"] for each in part["attempts"]] == [talk.attempt_id], query
    _, page = await senior.ask("GET", f"/api/campaigns/{id}/attempts?limit=1")
    _, rest = await senior.ask("GET", f"/api/campaigns/{id}/attempts?limit=1&before={page['next']}")
    assert [each["call_id"] for each in page["attempts"] + rest["attempts"]] == [
        busy.attempt_id,
        talk.attempt_id,
    ]
    assert rest["next"] is None
    seen = await house.site.access.audit.find(Selection(login="senior", subject=first["account"]))
    assert [each.what for each in seen] == [f"campaign {id}: attempts"]


async def test_the_report_has_every_attempt_as_a_workbook_and_as_csv(house: House, senior: Browser) -> None:
    id = await started(senior)
    talk = await house.talk(id, "promised", promised_on="=1+1")
    path = f"{senior.url}/api/campaigns/{id}/report"
    async with senior.http.get(f"{path}?form=csv", headers=senior.headers) as answer:
        assert answer.headers["Content-Disposition"] == 'attachment; filename="debt-2026-11-24.csv"'
        lines = (await answer.read()).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "'+79101234567" in lines[1], "no spreadsheet calculates it"
    assert lines[1].endswith(talk.attempt_id)
    async with senior.http.get(f"{path}?form=xlsx", headers=senior.headers) as answer:
        book = load_workbook(io.BytesIO(await answer.read()))
    figures = {row[0].value: row[1].value for row in book["Итоги"].iter_rows()}
    assert (figures["Всего адресатов"], figures["Ответил человек"], figures["ответил человек"]) == (2, 1, 1)
    row = [cell.value for cell in book["Попытки"][2]]
    assert row[1:3] == ["320145678", "+79101234567"]
    assert row[7] == 30
    assert row[-1] == talk.attempt_id
    assert all(cell.data_type != "f" for row in book["Попытки"].iter_rows() for cell in row)
    found = {each.what for each in await house.site.access.audit.find(Selection(login="senior"))}
    assert f"campaign {id}: report" in found


async def test_debtors_of_the_own_tables_are_taken_over(
    house: House, senior: Browser, database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text(ACCOUNTS, encoding="utf-8")
    await import_file(database, file, CustomersSettings(), lambda bad: pytest.fail(bad.reason))
    id = await made(senior)
    body = {"key": str(uuid4()), "least": "10", "months": 2}
    status, told = await senior.ask("POST", f"/api/campaigns/{id}/debts", json=body)
    assert status == 202
    done = await over(senior, id, told)
    assert (done["state"], done["new"]) == ("done", 1), done
    (target,) = (await house.book.targets(id)).items
    assert target.account == "320145678"
    assert Decimal(str(target.fields["amount"])) == Decimal("738.58")


async def test_the_proof_of_a_person_is_a_page_and_that_of_all_a_file(house: House, senior: Browser) -> None:
    id = await started(senior)
    talk = await house.talk(id, "promised")
    path = f"{senior.url}/api/campaigns/{id}/proof"
    async with senior.http.get(f"{path}?target={talk.target_id}", headers=senior.headers) as answer:
        page = await answer.text()
        assert answer.headers["Content-Disposition"].startswith("inline")
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert talk.attempt_id in page
    assert "Семён Старший" in page
    assert "320145686" not in page, "of one person alone"
    async with senior.http.get(path, headers=senior.headers) as answer:
        assert answer.headers["Content-Disposition"].startswith("attachment")
        everybody = await answer.text()
    assert "320145678" in everybody
    assert "320145686" in everybody
    assert (await senior.ask("GET", f"/api/campaigns/{id}/proof?target=999"))[0] == 404
    seen = await house.site.access.audit.find(Selection(login="senior", subject="320145678"))
    assert [each.what for each in seen] == [f"campaign {id}: proof"]


async def test_a_refusal_is_written_down_and_holds_at_once(house: House, senior: Browser) -> None:
    body = {"who": "8 910 123-45-67", "scope": "debt", "note": "письмо № 5"}
    status, told = await senior.ask("POST", "/api/campaigns/refusals", json=body)
    assert status == 201
    assert [(each["who"], each["scope"]) for each in told["refusals"]] == [("+79101234567", "debt")]
    assert told["refusals"][0]["source"].endswith("письмо № 5")
    again = (await senior.ask("POST", "/api/campaigns/refusals", json=body))[1]
    assert len(again["refusals"]) == 1
    body = {"who": "320145678", "scope": "all"}
    await senior.ask("POST", "/api/campaigns/refusals", json=body)
    _, told = await senior.ask("GET", "/api/campaigns/refusals?who=320145678")
    assert [each["who"] for each in told["refusals"]] == ["320145678"]
    scopes = {each["id"]: each["title"] for each in told["scopes"]}
    assert scopes["debt"] == "от напоминаний о долге"
    assert scopes["kind:survey"] == "только: Опрос"
    for wrong, field in (({"who": "кот в мешке"}, "who"), ({"scope": "weather"}, "scope")):
        status, told = await senior.ask("POST", "/api/campaigns/refusals", json=body | wrong)
        assert (status, told["error"]["field"]) == (422, field)


async def test_a_refusal_is_taken_back_by_who_tells_why(house: House, senior: Browser) -> None:
    _, told = await senior.ask("POST", "/api/campaigns/refusals", json={"who": "320145678", "scope": "all"})
    (written,) = told["refusals"]
    path = f"/api/campaigns/refusals/{written['id']}/lift"
    assert (await senior.ask("POST", path, json={"why": " "}))[0] == 422
    status, told = await senior.ask("POST", path, json={"why": "письмо № 18"})
    assert status == 200
    (lifted,) = told["refusals"]
    assert (lifted["lifted_by"], lifted["lifted_why"]) == ("Семён Старший", "письмо № 18")
    assert lifted["lifted_at"]
    assert (await senior.ask("POST", path, json={"why": "письмо № 18"}))[0] == 404
    assert (await senior.ask("POST", "/api/campaigns/refusals/first/lift", json={"why": "письмо"}))[0] == 404
    seen = await house.site.access.audit.find(Selection(login="senior", subject="320145678"))
    assert f"refusals: {written['id']} lifted" in {each.what for each in seen}
    anna = await house.site.signed_in("ivanova")
    assert (await anna.ask("POST", path, json={"why": "письмо № 18"}))[0] == 403


async def test_who_is_read_is_shown_when_the_kind_of_his_campaign_is_gone(
    house: House, senior: Browser, database: Database
) -> None:
    id = await started(senior, mode="preview", queue="clients")
    anna = await house.site.signed_in("ivanova")
    await anna.ask("POST", f"/api/previews/{id}/next")
    gone = update(campaigns).values(kind="gone")
    await database.write(lambda connection: connection.execute(gone).rowcount)
    status, told = await anna.ask("GET", "/api/previews")
    assert (status, told["mine"]["kind"], told["mine"]["facts"]) == (200, "gone", [])


async def test_an_operator_reads_whom_he_calls_in_campaigns_of_his_queue_alone(
    house: House, senior: Browser
) -> None:
    id = await started(senior, mode="preview", queue="clients")
    anna, vera = await house.site.signed_in("ivanova"), await house.site.signed_in("petrova")
    assert (await vera.ask("GET", "/api/previews"))[1] == {"campaigns": [], "mine": None}
    assert (await vera.ask("POST", f"/api/previews/{id}/next"))[0] == 403
    assert (await anna.ask("GET", "/api/previews"))[1]["campaigns"] == [
        {"id": str(id), "title": "Долги за октябрь"}
    ]
    status, first = await anna.ask("POST", f"/api/previews/{id}/next")
    assert (status, first["numbers"], first["stage"]) == (200, ["+79101234567"], "reading")
    assert [(each["title"], each["kind"], each["value"]) for each in first["facts"]] == [
        ("Имя и отчество", "name", "Анна Ивановна"),
        ("Сумма долга, руб.", "amount", "1234.50"),
        ("Оплатить до", "date", "2026-11-30"),
    ]
    assert (await anna.ask("POST", f"/api/previews/{id}/next"))[1] == first
    assert (await anna.ask("GET", "/api/previews"))[1]["mine"] == first
    assert (await anna.ask("POST", "/api/previews/call"))[0] == 204
    assert house.wakes == ["wake"]
    for path, body, code in (
        ("call", None, "reads-nobody"),
        ("skip", {"why": "later"}, "reads-nobody"),
        (f"{id}/next", None, "calls"),
    ):
        status, told = await anna.ask("POST", f"/api/previews/{path}", json=body)
        assert (status, told["error"]["code"]) == (409, code), path
    assert (await anna.ask("GET", "/api/previews"))[1]["mine"]["stage"] == "chosen"
    seen = await house.site.access.audit.find(Selection(login="ivanova", subject=first["account"]))
    (target, *_) = (await house.book.targets(id)).items
    assert [each.what for each in seen] == [f"campaign {id}: preview of {target.target_id}"]


async def test_an_operator_says_why_nobody_is_called(house: House, senior: Browser) -> None:
    id = await started(senior, mode="preview", queue="clients")
    anna = await house.site.signed_in("ivanova")
    for why, state in (("later", TargetState.WAITING), ("needless", TargetState.DONE)):
        _, read = await anna.ask("POST", f"/api/previews/{id}/next")
        assert (await anna.ask("POST", "/api/previews/skip", json={"why": why}))[0] == 204
        by_account = {each.account: each for each in (await house.book.targets(id)).items}
        assert by_account[read["account"]].state is state
        seen = await house.site.access.audit.find(Selection(login="ivanova", subject=read["account"]))
        assert f"campaign {id}: skipped, {why}" in {each.what for each in seen}
    assert (await anna.ask("POST", f"/api/previews/{id}/next"))[0] == 409
    assert (await anna.ask("POST", "/api/previews/skip", json={"why": "tired"}))[0] == 422


async def test_in_a_talk_the_operator_reads_what_it_is_about(house: House, senior: Browser) -> None:
    id = await started(senior, mode="progressive", queue="clients")
    anna, vera = await house.site.signed_in("ivanova"), await house.site.signed_in("petrova")
    made = await house.attempt(id)
    path = f"/api/previews/calls/{made.attempt_id}"
    status, told = await anna.ask("GET", path)
    assert (status, told["campaign"], told["numbers"]) == (200, "Долги за октябрь", [made.number])
    assert ("Сумма долга, руб.", "1234.50") in [(each["title"], each["value"]) for each in told["facts"]]
    await house.book.ended(made.attempt_id, Disposition.PERSON, 16, house.clock.now())
    assert (await anna.ask("GET", path))[1]["facts"] == told["facts"], "at wrap-up, too"
    assert (await vera.ask("GET", path))[0] == 403
    assert (await anna.ask("GET", f"/api/previews/calls/{uuid4()}"))[0] == 404


async def test_only_who_may_has_to_do_with_campaigns(house: House, senior: Browser) -> None:
    id = await made(senior)
    anna = await house.site.signed_in("ivanova")
    for method, path in (("GET", ""), ("GET", f"/{id}"), ("POST", f"/{id}/start"), ("GET", "/refusals")):
        assert (await anna.ask(method, f"/api/campaigns{path}"))[0] == 403, path
    assert (await senior.ask("GET", "/api/campaigns/999"))[0] == 404
    status, told = await senior.ask("POST", f"/api/campaigns/{id}/rehearsal", json={"number": "не номер"})
    assert (status, told["error"]["field"]) == (422, "number")
    status, told = await senior.ask("POST", f"/api/campaigns/{id}/rehearsal", json={"own": True})
    assert (status, told["error"]["code"]) == (422, "no-phone")
    assert "Место оператора" in told["error"]["message"]


async def test_without_kinds_nothing_breaks(database: Database, pages: Path, tmp_path: Path) -> None:
    async with housed(database, pages, tmp_path / "nowhere") as house:
        senior = await house.site.signed_in("senior")
        for path in ("/campaigns", "/campaigns/words", "/campaigns/refusals", "/previews"):
            assert (await senior.ask("GET", f"/api{path}"))[0] == 200, path
        status, told = await senior.ask("POST", "/api/campaigns", json=DEBT)
        assert (status, told["error"]["field"]) == (422, "kind")


async def test_a_day_that_is_over_can_not_be_called(senior: Browser) -> None:
    past = str(date(2026, 11, 23))
    id = await made(senior, first_day=past, last_day=past)
    await sent(senior, id, SHEET.encode())
    _, told = await senior.ask("POST", f"/api/campaigns/{id}/check")
    assert not told["ready"]
    assert told["opens_at"] is None
