"""Campaign, rules, outbox, gateway, receipts and proof together, on the real book."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from ivr.archive.chain import Entry, What, append
from ivr.archive.tables import recordings
from ivr.campaigns.book import CampaignBook, contacts
from ivr.campaigns.channels import history, permission, rows
from ivr.campaigns.channels.delivery import Delivery
from ivr.campaigns.channels.model import Channel, Message, MessageState, PartState, Receipt
from ivr.campaigns.channels.opening import Channels
from ivr.campaigns.channels.outbox import Outbox
from ivr.campaigns.channels.permission import CampaignPermission
from ivr.campaigns.channels.proof import Proofs, checksum
from ivr.campaigns.channels.receipts import Receipts
from ivr.campaigns.channels.replies import Replies
from ivr.campaigns.channels.settings import ChannelsSettings, GatewaySettings, Price
from ivr.campaigns.channels.wording import Wording
from ivr.campaigns.entries import ContactKind, Whom
from ivr.campaigns.kinds import Kinds
from ivr.campaigns.model import Attempt, Campaign, CampaignState, Disposition, Target
from ivr.campaigns.report.evidence import Wanted, evidence
from ivr.campaigns.rules.refusals import Refusals
from ivr.campaigns.rules.rules import Rules
from ivr.campaigns.rules.scopes import Ruled
from ivr.campaigns.settings import Limit, LimitSettings, RulesSettings
from ivr.errors import Fault
from ivr.requests.workdays import Own, WorkCalendar
from ivr.store import Database
from tests.contract.campaigns import samples
from tests.contract.campaigns.channels.office import RestlessClock, Scripted

MOSCOW = ZoneInfo("Europe/Moscow")
ROOT = Path(__file__).parents[4]
KINDS = Kinds.load(Path(__file__).with_name("scenarios"))
CALENDAR = WorkCalendar.load(ROOT / "metrics" / "calendars" / "ru.yaml", Own())
TEXT = "Долг {target.amount|amount}, счёт {target.account|text}"
RULES = [
    {"channel": channel, "moment": moment, "text": TEXT}
    for channel in ("sms", "account")
    for moment in ("before", "after", "asked")
]


def _ruled(kind: str) -> Ruled:
    return Ruled(debt=kind == "debt")


class Company:
    """One engine of a company that sends."""

    def __init__(self, database: Database, clock: RestlessClock, limits: LimitSettings | None = None) -> None:
        self.database = database
        self.clock = clock
        self.book = CampaignBook(database, clock)
        self.refusals = Refusals(database, clock)
        self.settings = ChannelsSettings(price=Price(per_part="3.50"))
        own = RulesSettings(limits=limits or LimitSettings())
        self.rules = Rules(own, CALENDAR, MOSCOW, permission.contacts, _ruled)
        self.permission = CampaignPermission(
            self.rules,
            own.limits,
            _ruled,
            ruled=self.settings.ruled,
            valid_hours=self.settings.valid_hours,
        )
        self.gateway = Scripted()
        self.receipts = Receipts(database, clock)
        wording = Wording(lambda: KINDS, profile="bryansk", zone=MOSCOW)
        gateways = {Channel.SMS: self.gateway, Channel.ACCOUNT: self.gateway}
        self.outbox = Outbox(database, clock, wording, self.settings, gateways)

    async def campaign(self, people: int = 1, **more: Any) -> tuple[Campaign, list[Target]]:
        campaign = await samples.run(
            self.book,
            [samples.person(number) for number in range(1, people + 1)],
            overrides={"messages": RULES},
            **more,
        )
        return campaign, list((await self.book.targets(campaign.campaign_id)).items)

    async def deliver(self, channel: Channel = Channel.SMS) -> int:
        own = GatewaySettings(name="centre", per_second=1000)
        delivery = Delivery(
            self.database,
            self.clock,
            channel,
            self.gateway,
            own,
            self.settings,
            permission=self.permission,
        )
        begun = await delivery.work()
        await delivery.settled()
        return begun

    async def messages(self, campaign: Campaign) -> list[Message]:
        return await self.database.read(partial(rows.listed, campaign_id=campaign.campaign_id))

    def at(self, hour: int, day: int = 24) -> None:
        """Move the clock to an hour in Moscow."""
        self.clock.moment = datetime(2026, 11, day, hour, tzinfo=MOSCOW)


@pytest.fixture
def clock() -> RestlessClock:
    return RestlessClock()


@pytest.fixture
def company(database: Database, clock: RestlessClock) -> Company:
    return Company(database, clock)


async def test_a_message_is_composed_priced_and_written_once(company: Company) -> None:
    campaign, (target,) = await company.campaign()
    first = await company.outbox.send(campaign, target, "sms", "after")
    company.clock.pass_by(60)
    assert await company.outbox.send(campaign, target, "sms", "after") == first
    (message,) = await company.messages(campaign)
    assert message.text == "Долг 1\u00a0200,50\u00a0руб., счёт 000000001"
    assert (message.address, message.price) == ("+79000000001", company.settings.price.per_part)


async def test_what_cannot_go_is_written_with_its_reason(company: Company) -> None:
    campaign, (target,) = await company.campaign()
    await company.outbox.send(campaign, target, "email", "after")
    (message,) = await company.messages(campaign)
    assert (message.state, message.why) == (MessageState.FAILED, "no-gateway")
    with pytest.raises(Fault):
        await company.outbox.send(campaign, target, "telegraph", "after")


async def test_quiet_hours_hold_for_sms_and_not_for_the_personal_account(company: Company) -> None:
    campaign, (target,) = await company.campaign()
    company.at(23)
    for channel in ("sms", "account"):
        await company.outbox.send(campaign, target, channel, "after")
    assert await company.deliver() == 0
    assert await company.deliver(Channel.ACCOUNT) == 1
    company.at(7, day=25)
    assert await company.deliver() == 0
    company.at(8, day=25)
    assert await company.deliver() == 1


async def test_what_was_asked_for_is_sent_at_once(company: Company) -> None:
    campaign, (target,) = await company.campaign()
    company.at(23)
    await company.outbox.send(campaign, target, "sms", "asked")
    await company.book.set_state(campaign.campaign_id, CampaignState.STOPPED, "", "anna")
    assert await company.deliver() == 1


async def test_a_centre_is_not_to_deliver_into_the_night(company: Company) -> None:
    campaign, (target,) = await company.campaign()
    company.at(20)
    await company.outbox.send(campaign, target, "sms", "after")
    (message,) = await company.messages(campaign)
    now = company.clock.now()
    last = await company.database.read(lambda c: company.permission.until(c, message, now))
    assert last is not None
    assert now + timedelta(hours=1) < last <= now + timedelta(hours=2)


async def test_a_refusal_withdraws_what_waits(company: Company) -> None:
    campaign, (target,) = await company.campaign()
    await company.outbox.send(campaign, target, "sms", "after")
    await company.refusals.refuse(person=target.person, source="call", scope="sms", by="anna")
    assert await company.deliver() == 0
    (message,) = await company.messages(campaign)
    assert (message.state, message.why) == (MessageState.WITHDRAWN, "refused")


async def test_a_strangers_number_gets_no_message_where_there_is_another_one(company: Company) -> None:
    campaign, (target,) = await company.campaign()
    both = replace(target, numbers=("+79031112233", *target.numbers))
    await company.refusals.wrong_number(target.person, both.numbers[0], by="flow")
    await company.outbox.send(campaign, both, "sms", "after")
    (message,) = await company.messages(campaign)
    assert message.address == target.numbers[0]


async def test_who_answers_stop_gets_no_sms_any_more(company: Company) -> None:
    campaign, (target,) = await company.campaign()
    await company.outbox.send(campaign, target, "sms", "after")
    replies = Replies(company.refusals, {"стоп"})
    await replies.take(target.numbers[0], "Стою в очереди")
    await replies.take("+79990000000", "стоп")
    assert await company.deliver() == 1
    await company.outbox.send(campaign, target, "sms", "before")
    await replies.take(target.numbers[0], " СТОП! ")
    assert await company.deliver() == 0
    assert (await company.messages(campaign))[-1].why == "refused"


async def test_a_paused_campaign_sends_later_a_stopped_one_never(company: Company) -> None:
    campaign, (target,) = await company.campaign()
    await company.outbox.send(campaign, target, "sms", "after")
    await company.book.set_state(campaign.campaign_id, CampaignState.PAUSED, "", "anna")
    assert await company.deliver() == 0
    await company.book.set_state(campaign.campaign_id, CampaignState.RUNNING, "", "anna")
    company.clock.pass_by(60)
    assert await company.deliver() == 1
    await company.outbox.send(campaign, target, "sms", "before")
    await company.book.set_state(campaign.campaign_id, CampaignState.STOPPED, "", "anna")
    assert await company.deliver() == 0
    assert (await company.messages(campaign))[-1].why == "stopped"


async def test_messages_of_all_campaigns_count_towards_the_limit(
    database: Database, clock: RestlessClock
) -> None:
    few = LimitSettings(messages=Limit(day=2, week=4, month=16))
    company = Company(database, clock, few)
    for name in ("one", "two", "three"):
        campaign, (target,) = await company.campaign(name=name)
        await company.outbox.send(campaign, target, "sms", "after")
    assert await company.deliver() == 2
    company.clock.pass_by(23 * 3600)
    assert await company.deliver() == 0
    company.clock.pass_by(3600 + 60)
    assert await company.deliver() == 1
    reached = await database.read(
        partial(permission.contacts, whom=Whom(frozenset({target.person})), since=clock.now() - timedelta(2))
    )
    assert [each.kind for each in reached] == [ContactKind.VOICE_MESSAGE] * 3


async def talked(company: Company, campaign: Campaign) -> Attempt:
    """An attempt that a person has answered, with its recording in the archive."""
    book, clock = company.book, company.clock
    (target,) = await book.claim([campaign.campaign_id], clock.now(), 1, "one")
    attempt = await book.write_attempt(target, target.numbers[0], "trunk", "one", samples.yes)
    assert isinstance(attempt, Attempt)
    await book.dialled(attempt.attempt_id)
    await book.answered(attempt.attempt_id, clock.now())
    clock.pass_by(42)
    await book.result(attempt.attempt_id, "told", {})
    await book.ended(attempt.attempt_id, Disposition.PERSON, 16, clock.now())
    now = clock.now()
    row = {
        "id": attempt.attempt_id,
        "call_id": attempt.attempt_id,
        "part": "",
        "path": "x",
        "bytes": 1,
        "seconds": 41.0,
        "sha256": "a" * 64,
        "started_at": now,
        "taken_at": now,
        "expires_at": now,
        "legal_hold": False,
        "repaired": False,
    }
    await company.database.write(lambda c: c.execute(insert(recordings).values(**row)) and None)
    entry = Entry(What.TAKEN, attempt.attempt_id, sha256="a" * 64)
    await company.database.write(partial(append, entries=[entry], now=now))
    return attempt


async def test_the_proof_tells_the_call_its_recording_and_the_message_with_its_receipt(
    company: Company,
) -> None:
    campaign, (target,) = await company.campaign()
    attempt = await talked(company, campaign)
    await company.outbox.send(campaign, target, "sms", "after")
    await company.deliver()
    at = company.clock.now()
    await company.receipts.take(Receipt("centre", "g1", PartState.DELIVERED, at))
    proofs = Proofs(
        company.database,
        company.clock,
        zone=MOSCOW,
        company="ООО «Энергосбыт»",
        outcome_title=lambda outcome: {"told": "сообщение прослушано"}[outcome],
        heard=lambda outcome: outcome == "told",
    )
    page = (await proofs.of_person(target.person, "Иванова А. П.")).decode()
    assert page.startswith("<!doctype html>")
    assert "Уведомление получено: в телефонном разговоре" in page
    for told in (
        "ООО «Энергосбыт»",
        "сообщение прослушано",
        attempt.attempt_id,
        "a" * 64,
        "журнал архива № 1",
        "Долг 1\u00a0200,50\u00a0руб.",
        "номер у оператора связи g1",
        f"{at.astimezone(MOSCOW):%d.%m.%Y %H:%M:%S}",
        "доставлено",
        "Звонков: 1, сообщений: 1",
    ):
        assert told in page, told
    wanted = Wanted(campaign_id=campaign.campaign_id)
    (shown,) = await company.database.read(partial(evidence, wanted=wanted))
    assert shown.recorded
    found = await company.database.read(partial(history.of_person, person=target.person))
    assert checksum(found) in page
    await company.receipts.take(Receipt("centre", "g1", PartState.ACCEPTED, at))
    again = await company.database.read(partial(history.of_person, person=target.person))
    assert checksum(again) != checksum(found)


async def test_who_answered_and_did_not_hear_the_message_was_not_notified(company: Company) -> None:
    campaign, (target,) = await company.campaign()
    await talked(company, campaign)
    proofs = Proofs(
        company.database,
        company.clock,
        zone=MOSCOW,
        company="К",
        outcome_title=lambda outcome: outcome,
        heard=lambda outcome: False,
    )
    page = (await proofs.of_person(target.person, "anna")).decode()
    assert "Подтверждения, что уведомление получено, нет." in page


async def test_the_proof_of_a_campaign_has_everybody_and_what_was_said_is_escaped(company: Company) -> None:
    campaign, targets = await company.campaign(3)
    own = {"messages": [{"channel": "sms", "moment": "after", "text": "<script>{target.account|text}"}]}
    await company.outbox.send(
        Campaign(**{**as_fields(campaign), "overrides": own}), targets[0], "sms", "after"
    )
    proofs = Proofs(
        company.database,
        company.clock,
        zone=MOSCOW,
        company="К",
        outcome_title=lambda outcome: outcome,
        heard=lambda outcome: True,
    )
    pieces = [piece async for piece in proofs.of_campaign(campaign.campaign_id, campaign.title, "anna")]
    page = b"".join(pieces).decode()
    assert page.count("<section>") == 3
    assert all(target.account in page for target in targets)
    assert "<script>" not in page
    assert "&lt;script&gt;000000001" in page
    assert page.count("Потребителю не звонили и ничего не отправляли.") == 2


def as_fields(campaign: Campaign) -> dict[str, Any]:
    return {name: getattr(campaign, name) for name in Campaign.__slots__}


async def test_all_channels_open_and_close(database: Database, clock: RestlessClock) -> None:
    company = Company(database, clock)
    told = {"url": "http://127.0.0.1:1/", "secret": "x" * 16}
    settings = ChannelsSettings.model_validate(
        {
            "smpp": {"name": "centre", "host": "127.0.0.1", "port": 1, "system_id": "a", "sender": "E"},
            "mail": {"host": "127.0.0.1", "port": 1, "sender": "a@example.ru"},
            "push": {"name": "push", **told},
            "account": {"name": "cabinet", **told, "callback": {"secret": "s"}},
        }
    )
    channels = Channels.made(
        settings,
        database,
        clock,
        wording=Wording(lambda: KINDS, profile="bryansk", zone=MOSCOW),
        permission=company.permission,
        zone=MOSCOW,
    )
    campaign, (target,) = await company.campaign()
    await channels.outbox.send(campaign, target, "sms", "after")
    channels.start()
    await clock.sleep(0)
    await channels.close()
    (message,) = await company.messages(campaign)
    assert (message.state, message.tries) == (MessageState.WAITING, 0)
    assert channels.callbacks.knows("cabinet", "s")
    assert not channels.callbacks.knows("push", "")
    assert contacts is not permission.contacts
