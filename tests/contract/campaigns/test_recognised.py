"""One person under several keys: account, number, another account with the same telephone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, insert

from ivr.campaigns import rows
from ivr.campaigns.book import CampaignBook, contacts
from ivr.campaigns.entries import NewTarget
from ivr.campaigns.model import Attempt, Campaign, Disposition, Target
from ivr.campaigns.rules.people import OFFICE
from ivr.campaigns.rules.refusals import Refusals
from ivr.campaigns.rules.rules import Rules
from ivr.campaigns.rules.why import Why
from ivr.campaigns.settings import RulesSettings
from ivr.campaigns.verdicts import Allowed, Never, NotBefore, Verdict
from ivr.customers.tables import accounts, phones
from ivr.store import Database, StoreSettings
from tests.contract.campaigns.samples import ClockByHand, claimed, run
from tests.unit.campaigns.rules.samples import MOSCOW, RUSSIA

NOON = datetime(2026, 11, 24, 12, tzinfo=MOSCOW)
TOMORROW = NotBefore(NOON + timedelta(days=1), Why.LIMIT)
HOME, HIS, HERS = "+74951230001", "+79161230001", "+79161230002"
RULES = Rules(RulesSettings(), RUSSIA, MOSCOW, contacts)


@pytest.fixture
def clock() -> ClockByHand:
    return ClockByHand(NOON)


@pytest.fixture
def refusals(database: Database, clock: ClockByHand) -> Refusals:
    return Refusals(database, clock)


def of_account(*numbers: str, account: str = "320000001") -> NewTarget:
    return NewTarget(person=f"account:{account}", numbers=numbers, zones=("Europe/Moscow",), account=account)


def of_number(*numbers: str) -> NewTarget:
    return NewTarget(person=f"number:{numbers[0]}", numbers=numbers, zones=("Europe/Moscow",))


async def customer(database: Database, account: str, *numbers: str) -> None:
    """A customer of ours, as billing tells."""
    await database.write(lambda connection: _customer(connection, account, numbers))


async def test_who_has_refused_by_account_is_not_called_from_a_list_of_numbers(
    book: CampaignBook, database: Database, clock: ClockByHand, refusals: Refusals
) -> None:
    await customer(database, "320000001", HOME, HIS)
    await refusals.refuse(person="account:320000001", source="letter", by="vera")
    assert await _asked(book, database, clock, of_number(HIS)) == Never(Why.REFUSED)


async def test_who_has_refused_by_number_is_not_called_by_account_at_another_number(
    book: CampaignBook, database: Database, clock: ClockByHand, refusals: Refusals
) -> None:
    await customer(database, "320000001", HOME, HIS)
    await refusals.refuse(person=f"number:{HIS}", number=HIS, source="call", by="campaign")
    assert await _asked(book, database, clock, of_account(HOME)) == Never(Why.REFUSED)
    assert await _asked(book, database, clock, of_number(HOME), "numbers") == Never(Why.REFUSED)


async def test_a_list_that_names_account_and_numbers_makes_known_whom_our_tables_do_not(
    book: CampaignBook, database: Database, clock: ClockByHand, refusals: Refusals
) -> None:
    await refusals.refuse(person=f"number:{HIS}", number=HIS, source="call", by="campaign")
    assert await _asked(book, database, clock, of_account(HOME, HIS)) == Never(Why.REFUSED)


async def test_a_refused_number_alone_closes_no_other_number(
    book: CampaignBook, database: Database, clock: ClockByHand, refusals: Refusals
) -> None:
    await customer(database, "320000001", HOME, HIS)
    await refusals.refuse(number=HOME, source="call", by="campaign")
    assert await _asked(book, database, clock, of_account(HIS, HOME)) == Allowed()


async def test_of_two_who_share_a_telephone_the_other_one_is_called_at_his_own(
    book: CampaignBook, database: Database, clock: ClockByHand, refusals: Refusals
) -> None:
    await customer(database, "320000001", HOME, HIS)
    await customer(database, "320000002", HOME, HERS)
    await refusals.refuse(person="account:320000001", source="letter", by="vera")
    wife = of_account(HERS, HOME, account="320000002")
    target = await claimed(book, clock, await run(book, [wife]))
    assert await _verdict(database, target, HOME) == Never(Why.NUMBER_REFUSED)
    assert await _verdict(database, target, HERS) == Allowed()


async def test_that_one_has_paid_is_no_reason_for_another_one(
    book: CampaignBook, database: Database, clock: ClockByHand, refusals: Refusals
) -> None:
    await customer(database, "320000001", HOME)
    await customer(database, "320000002", HOME)
    await refusals.refuse(
        person="account:320000001", source="payment", by="campaign", until=NOON + timedelta(days=3)
    )
    assert await _asked(book, database, clock, of_account(HOME, account="320000002")) == Allowed()
    either = await _asked(book, database, clock, of_number(HOME), "numbers")
    assert either == NotBefore(NOON + timedelta(days=3), Why.QUIET)


async def test_a_stranger_s_number_is_no_mark_of_the_person(
    book: CampaignBook, database: Database, clock: ClockByHand, refusals: Refusals
) -> None:
    await customer(database, "320000001", HOME, HIS)
    await refusals.wrong_number("account:320000001", HIS, by="campaign")
    await refusals.refuse(person="account:320000001", source="letter", by="vera")
    assert await _asked(book, database, clock, of_number(HIS)) == Allowed()


async def test_a_telephone_of_many_accounts_is_an_office_s_and_marks_nobody(
    book: CampaignBook, database: Database, clock: ClockByHand, refusals: Refusals
) -> None:
    for each in range(OFFICE + 1):
        await customer(database, f"3200000{each:02d}", HOME)
    await refusals.refuse(person="account:320000001", source="letter", by="vera")
    assert await _asked(book, database, clock, of_number(HOME)) == Allowed()


async def test_refusals_are_found_under_all_keys_of_a_person(database: Database, refusals: Refusals) -> None:
    await customer(database, "320000001", HOME, HIS)
    await refusals.refuse(person=f"number:{HIS}", number=HIS, source="call", by="campaign")
    await refusals.refuse(person="account:320000001", scope="sms", source="letter", by="vera")
    await refusals.refuse(person="account:320000002", source="letter", by="vera")
    for sought in ({"account": "320000001"}, {"number": HIS}, {"number": HOME}):
        found = await refusals.listed(await refusals.known_as(**sought))
        assert [each.id for each in found] == [3, 2, 1], sought
    assert len(await refusals.listed(await refusals.known_as(number=HERS))) == 0


async def test_limits_hold_for_one_person_under_whatever_key(
    book: CampaignBook, database: Database, clock: ClockByHand
) -> None:
    await customer(database, "320000001", HOME, HIS)
    numbers = await run(book, [of_number(HIS)], "numbers")
    by_account = await run(book, [of_account(HOME)])
    one, other = await claimed(book, clock, numbers), await claimed(book, clock, by_account)
    attempt = await book.write_attempt(one, HIS, "trunk", "one", RULES.check(numbers))
    assert isinstance(attempt, Attempt)
    under_way = await book.write_attempt(other, HOME, "trunk", "one", RULES.check(by_account))
    assert under_way == NotBefore(NOON + timedelta(minutes=5), Why.UNDER_WAY)
    await book.ended(attempt.attempt_id, Disposition.PERSON, 16, NOON)
    assert await book.write_attempt(other, HOME, "trunk", "one", RULES.check(by_account)) == TOMORROW


async def test_two_dialers_at_once_call_one_person_once_under_two_keys(
    book: CampaignBook, database: Database, settings: StoreSettings, clock: ClockByHand
) -> None:
    pairs = [(f"+7495000{each:04d}", f"+7916000{each:04d}") for each in range(10)]
    for place, pair in enumerate(pairs):
        await customer(database, f"32000{place:04d}", *pair)
    campaign = await run(
        book,
        [of_account(home, account=f"32000{place:04d}") for place, (home, _) in enumerate(pairs)]
        + [of_number(mobile) for _, mobile in pairs],
    )
    targets = await book.claim([campaign.campaign_id], clock.now(), 20, "one")
    other = await Database.open(settings)
    books = (book, CampaignBook(other, clock))
    try:
        verdicts = await asyncio.gather(
            *(
                books[bool(each.account)].write_attempt(
                    each, each.numbers[0], "trunk", "one", RULES.check(campaign)
                )
                for each in sorted(targets, key=lambda target: target.numbers[0][-4:])
            )
        )
    finally:
        await other.close()
    called = [each.number[-4:] for each in verdicts if isinstance(each, Attempt)]
    assert sorted(called) == sorted({number[-4:] for number, _ in pairs})


def _customer(connection: Connection, account: str, numbers: Sequence[str]) -> None:
    told = dict.fromkeys(("settlement", "street_type", "street", "house", "flat", "address_key"), "")
    told |= {"number": account, "kind": "person", "segment": "private", "name": "Анна Ивановна"}
    made = connection.execute(insert(accounts).values(told).returning(accounts.c.id)).scalar_one()
    connection.execute(insert(phones), [{"account_id": made, "number": each} for each in numbers])


async def _asked(
    book: CampaignBook, database: Database, clock: ClockByHand, target: NewTarget, name: str = "debts"
) -> Verdict:
    campaign: Campaign = await run(book, [target], name)
    return await _verdict(database, await claimed(book, clock, campaign), target.numbers[0])


async def _verdict(database: Database, target: Target, number: str) -> Verdict:
    return await database.read(
        lambda connection: RULES.verdict(
            connection, rows.existing(connection, target.campaign_id), target, number, NOON
        )
    )
