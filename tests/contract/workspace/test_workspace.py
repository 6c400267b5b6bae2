"""What the page reads at load, a call told, the search for accounts, the knowledge base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel

from ivr.access.audit import Action
from ivr.access.model import User
from ivr.calls.identifications import How
from ivr.calls.legs import LegEnd, LegRole
from ivr.calls.results import load_results
from ivr.calls.wrapups import WrapUp
from ivr.desk.model import Agent, AgentState
from ivr.knowledge.base import KnowledgeBase, Surroundings
from ivr.knowledge.settings import ArticleRules, KnowledgeSettings
from ivr.store import StoreUnavailable
from ivr.web.api.accounts import AccountQuestion, AccountRoutes, AccountsFound
from ivr.web.api.calls import CallRoutes, CallsOfClient, CallTold, ClientQuestion
from ivr.web.api.knowledge import ArticlesFound, ArticleTold, KbQuestion, KnowledgeRoutes
from ivr.web.api.route import Refused
from ivr.web.api.workspace import Part, WorkspaceRoutes, WorkspaceTold
from tests.contract.workspace.conftest import ACCOUNT, ANNA, OLGA, OTHER, PHONE, SECRETS, T0, VERA, Desk, ask
from tests.unit.knowledge.support import StoppedClock, article, write

OFFICE_TOPIC = (
    "  - {id: office.hours, title: Офисы, about: часы, segment: any, personal: false, resolve: inform}\n"
)


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    hours = article("office.hours", phrases="[часы работы офиса, когда открыт офис, адрес офиса]")
    folder = write(tmp_path_factory.mktemp("base") / "kb", {"office.hours": hours})
    with (folder / "topics.yaml").open("a", encoding="utf-8") as topics:
        topics.write(OFFICE_TOPIC)
    settings = KnowledgeSettings(rules=ArticleRules(phrases=3))
    return KnowledgeBase.open(folder, settings, Surroundings(clock=StoppedClock()))


# --- the workspace -----------------------------------------------------------------------------------------


class Me(BaseModel):
    state: AgentState


async def me(user: User) -> Me:
    return Me(state=AgentState.READY)


async def away(user: User) -> Any:
    raise StoreUnavailable("Away.", "test", "")


PARTS: Mapping[str, Part] = {"me": me, "tasks": away}


async def workspace(
    desk: Desk, knowledge: KnowledgeBase, user: User = ANNA, agent: Agent | None = None
) -> WorkspaceTold:
    routes = WorkspaceRoutes(
        viewing=desk.viewing,
        ledger=desk.ledger,
        wrapups=desk.wrapups,
        knowledge=knowledge,
        agent=lambda login: agent,
        parts=PARTS,
        results=load_results(),
        pause_reasons={"lunch": "Обед"},
        profile="vladimir",
        time_zone="Asia/Yekaterinburg",
    ).routes()
    answer = await ask(routes, "GET", "/workspace", user)
    assert isinstance(answer, WorkspaceTold)
    return answer


async def test_before_any_call_there_are_the_dictionaries(desk: Desk, knowledge: KnowledgeBase) -> None:
    told = await workspace(desk, knowledge)
    assert (told.talk, told.card, told.wrap_up, told.me) == (None, None, None, {"state": "ready"})
    assert (told.tasks, told.missing) == (None, ["tasks"])
    assert {"payment.deadline", "office.hours"} <= {topic.id for topic in told.dictionaries.topics}
    assert [office.title for office in told.dictionaries.offices][:1] == ["Офис на Школьной улице"]
    assert told.dictionaries.pause_reasons[0].title == "Обед"
    assert told.dictionaries.results


async def test_a_page_that_was_loaded_again_has_talk_and_card(desk: Desk, knowledge: KnowledgeBase) -> None:
    desk.calls()
    desk.rings()
    desk.answers()
    desk.rings("vera", role=LegRole.CONSULT)
    told = await workspace(desk, knowledge)
    assert told.talk is not None
    assert told.card is not None
    assert told.consult is not None
    assert (told.talk.stage, told.talk.leg_id, told.card.call_id) == ("talking", "op.anna", "c1")
    assert (told.consult.stage, told.consult.agent) == ("ringing", "vera")
    asked = await workspace(desk, knowledge, VERA)
    assert asked.talk is not None
    assert (asked.talk.role, asked.consult) == (LegRole.CONSULT, None)


async def test_a_wrap_up_comes_back_with_its_draft_and_card(desk: Desk, knowledge: KnowledgeBase) -> None:
    desk.calls()
    desk.rings()
    desk.answers()
    desk.ends()
    await desk.ledger.durable()
    await desk.wrapups.save(WrapUp(call_id="c1", agent="anna", note="сверить"))
    agent = Agent(
        login="anna",
        name="Анна",
        extension="201",
        phone=None,
        skills=(),
        state=AgentState.WRAP_UP,
        reason=None,
        since=T0,
        call_id="c1",
    )
    told = await workspace(desk, knowledge, agent=agent)
    assert told.wrap_up is not None
    assert told.wrap_up.draft is not None
    assert told.wrap_up.card is not None
    assert (told.wrap_up.draft.note, told.wrap_up.card.call_id) == ("сверить", "c1")


# --- a call told -------------------------------------------------------------------------------------------


def call_routes(desk: Desk) -> CallRoutes:
    return CallRoutes(
        database=desk.database, ledger=desk.ledger, cards=desk.cards, viewing=desk.viewing, audit=desk.trail
    )


async def test_a_call_is_told_without_personal_data(desk: Desk) -> None:
    desk.calls(account={"id": "1", "number": "320145678"})
    desk.rings()
    desk.answers()
    desk.ledger.note_deed("c1", "transfer-asked", "anna", data={"kind": "queue"})
    desk.ends(end=LegEnd.TRANSFERRED)
    routes = call_routes(desk).routes()
    told = await ask(routes, "GET", "/calls/{call_id}", call_id="c1")
    assert isinstance(told, CallTold)
    assert (told.agent, told.transfers, told.topic) == ("anna", 1, "balance.debt")
    assert {"ring", "answer", "end", "transfer-asked"} <= {moment.what for moment in told.moments}
    text = told.model_dump_json()
    assert not [secret for secret in (*SECRETS, PHONE) if secret in text]
    with pytest.raises(Refused):
        await ask(routes, "GET", "/calls/{call_id}", VERA, call_id="c1")


async def test_calls_of_a_client_are_for_who_speaks_with_him(desk: Desk) -> None:
    desk.calls()
    desk.rings()
    routes, path = call_routes(desk).routes(), "/clients/{client}/calls"
    await desk.ledger.durable()
    within = ClientQuestion(call_id="c1")
    told = await ask(routes, "GET", path, query=within, client=PHONE)
    assert isinstance(told, CallsOfClient)
    assert [call.call_id for call in told.calls] == ["c1"]
    for user, client, query in (
        (ANNA, "320145678", within),
        (ANNA, PHONE, ClientQuestion()),
        (VERA, PHONE, within),
    ):
        with pytest.raises(Refused) as refused:
            await ask(routes, "GET", path, user, query=query, client=client)
        assert refused.value.status == 403
    await desk.cards.add("c1", "320145678", How.NAME_AND_ACCOUNT, "anna")
    told = await ask(routes, "GET", path, query=within, client="320145678")
    assert isinstance(told, CallsOfClient)
    assert [call.call_id for call in told.calls] == ["c1"]
    await ask(routes, "GET", path, OLGA, query=ClientQuestion(), client=PHONE)
    assert [entry.what for entry in desk.trail.entries if entry.login == "olga"] == ["calls"]


# --- accounts ----------------------------------------------------------------------------------------------


async def search(desk: Desk, q: str, user: User = ANNA, call_id: str | None = "c1") -> AccountsFound:
    routes = AccountRoutes(
        billing=desk.billing,
        viewing=desk.viewing,
        audit=desk.trail,
        home_settlement="Дебрянск",
        most_names=1,
    ).routes()
    answer = await ask(routes, "GET", "/accounts", user, query=AccountQuestion(q=q, call_id=call_id))
    assert isinstance(answer, AccountsFound)
    return answer


async def test_accounts_are_looked_for_within_a_call_and_masked(desk: Desk) -> None:
    desk.calls()
    desk.rings()
    by_address = await search(desk, "ул. Пушкина, 14")
    assert [one.number for one in by_address.accounts] == ["•••• 5678", "•••• 5679"]
    assert [one.number for one in (await search(desk, "8 (4832) 00-00-01")).accounts] == ["•••• 5678"]
    assert [one.number for one in (await search(desk, "320 145 678")).accounts] == ["320145678"]
    assert "Сергеева" not in by_address.model_dump_json()
    assert [entry.action for entry in desk.trail.entries] == [Action.VIEWED] * 4
    for q, user, call_id, code in (
        ("ул. Пушкина, 14", VERA, "c1", "not-yours"),
        ("ул. Пушкина, 14", ANNA, None, "only-in-call"),
        ("ул. Пушкина", ANNA, "c1", "not-understood"),
        ("Се Мария", ANNA, "c1", "not-understood"),
    ):
        with pytest.raises(Refused) as refused:
            await search(desk, q, user, call_id)
        assert refused.value.code == code
    assert len((await search(desk, "320145679", OLGA, None)).accounts) == 1


async def test_accounts_are_found_by_name_no_more_than_a_few_masked_and_audited(desk: Desk) -> None:
    desk.calls()
    desk.rings()
    desk.billing.accounts = [ACCOUNT, OTHER, replace(ACCOUNT, id="3", number="320145680", name="Сергеев П.")]
    found = await search(desk, "сергеева м")
    assert (found.accounts[0].number, found.accounts[0].holder, found.more) == (
        "•••• 5678",
        "С. М. П.",
        False,
    )
    assert [(entry.action, entry.subject, entry.what) for entry in desk.trail.entries] == [
        (Action.VIEWED, "320145678", "search")
    ]
    assert (await search(desk, "Сергеев")).more
    assert len(desk.trail.entries) == 2  # what is not told was not seen
    assert (await search(desk, "Пушкина")).accounts == []


# --- the knowledge base ------------------------------------------------------------------------------------


async def test_an_answer_is_one_search_away(knowledge: KnowledgeBase) -> None:
    routes = KnowledgeRoutes(knowledge, "vladimir").routes()
    found = await ask(routes, "GET", "/kb/search", query=KbQuestion(q="крайний срок оплаты"))
    assert isinstance(found, ArticlesFound)
    assert (found.articles[0].id, found.articles[0].short) == ("payment.deadline", "Это скажет голос.")
    whole = await ask(routes, "GET", "/kb/articles/{id}", id=found.articles[0].id)
    assert isinstance(whole, ArticleTold)
    assert (whole.full, whole.sources, whole.offices) == ("Это прочтёт оператор.", ["bryansk, п. 1"], [])
    by_topic = await ask(routes, "GET", "/kb/articles/{id}", id="office.hours")
    assert isinstance(by_topic, ArticleTold)
    assert [office.title for office in by_topic.offices][:1] == ["Офис на Школьной улице"]
    with pytest.raises(Refused) as refused:
        await ask(routes, "GET", "/kb/articles/{id}", id="../../etc")
    assert refused.value.status == 404
