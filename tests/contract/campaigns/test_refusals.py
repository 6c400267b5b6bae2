"""Refusals are honoured by the very next check; the rules hold where an attempt is written."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta

import pytest

from ivr.campaigns.book import CampaignBook, contacts
from ivr.campaigns.entries import Whom
from ivr.campaigns.model import Attempt, Campaign, Disposition, Target
from ivr.campaigns.rules.refusals import PAYMENT, WRONG_NUMBER, Refusals, in_force
from ivr.campaigns.rules.rules import Rules
from ivr.campaigns.rules.scopes import ALL, DEBT, Ruled, of_kind
from ivr.campaigns.rules.why import Why
from ivr.campaigns.settings import RulesSettings
from ivr.campaigns.verdicts import Allowed, Never, NotBefore, Verdict
from ivr.errors import Fault
from ivr.store import Database, StoreSettings
from tests.contract.campaigns.samples import ClockByHand, claimed, new, person, run
from tests.unit.campaigns.rules.samples import MOSCOW, RUSSIA

PERSON = person(1).person
NUMBER = person(1).numbers[0]
SECOND = "+79009990000"
NOON = datetime(2026, 11, 24, 12, tzinfo=MOSCOW)
TWO_NUMBERS = person(1, numbers=(NUMBER, SECOND))


@pytest.fixture
def clock() -> ClockByHand:
    return ClockByHand(NOON)


@pytest.fixture
def refusals(database: Database, clock: ClockByHand) -> Refusals:
    return Refusals(database, clock)


@pytest.fixture
def rules() -> Rules:
    return Rules(RulesSettings(), RUSSIA, MOSCOW, contacts, _ruled)


async def test_a_refusal_forbids_at_once(
    book: CampaignBook, database: Database, clock: ClockByHand, refusals: Refusals, rules: Rules
) -> None:
    campaign = await run(book, [TWO_NUMBERS])
    target = await claimed(book, clock, campaign)
    assert await _asked(database, rules, campaign, target, NOON) == Allowed()
    await refusals.refuse(person=PERSON, source="call", by="campaign-debt", reference="attempt-1")
    written = await book.write_attempt(target, NUMBER, "trunk", "one", rules.check(campaign))
    assert written == Never(Why.REFUSED)
    assert await book.attempts_of(target.target_id) == []


async def test_a_number_is_refused_for_whoever_is_called_there(
    book: CampaignBook, database: Database, clock: ClockByHand, refusals: Refusals, rules: Rules
) -> None:
    campaign = await run(book, [TWO_NUMBERS])
    target = await claimed(book, clock, campaign)
    await refusals.refuse(number=NUMBER, source="call", by="campaign-debt")
    assert await _asked(database, rules, campaign, target, NOON) == Never(Why.NUMBER_REFUSED)
    assert await _asked(database, rules, campaign, target, NOON, SECOND) == Allowed()


async def test_a_stranger_s_number_is_the_person_s_no_more_and_nobody_else_s_matter(
    database: Database, clock: ClockByHand, refusals: Refusals
) -> None:
    await refusals.wrong_number(PERSON, NUMBER, by="campaign-debt")
    assert await _found(database, PERSON, NUMBER) == [WRONG_NUMBER]
    assert await _found(database, PERSON, SECOND) == []
    assert await _found(database, "account:2", NUMBER) == []


async def test_a_kind_may_be_refused_alone(
    book: CampaignBook, database: Database, clock: ClockByHand, refusals: Refusals, rules: Rules
) -> None:
    survey = await run(book, [person(1)], "opinions", kind="survey")
    debts = await run(book, [person(1)])
    await refusals.refuse(person=PERSON, scope=of_kind("survey"), source="operator", by="anna")
    asked = await claimed(book, clock, survey)
    told = await claimed(book, clock, debts)
    assert await _asked(database, rules, survey, asked, NOON) == Never(Why.REFUSED)
    assert await _asked(database, rules, debts, told, NOON) == Allowed()


async def test_after_a_payment_nothing_is_said_of_debt_for_some_days(
    book: CampaignBook, database: Database, clock: ClockByHand, refusals: Refusals, rules: Rules
) -> None:
    debts = await run(book, [person(1)], kind="restriction")
    outage = await run(book, [person(1)], "outage", kind="planned-outage")
    of_debt, of_outage = await claimed(book, clock, debts), await claimed(book, clock, outage)
    await refusals.paid(PERSON, by="campaign-debt")
    quiet = NotBefore(NOON + timedelta(days=3), Why.QUIET)
    assert await _asked(database, rules, debts, of_debt, NOON) == quiet
    assert await _asked(database, rules, outage, of_outage, NOON) == Allowed()
    assert await _asked(database, rules, debts, of_debt, quiet.at) == Allowed()


async def test_the_same_twice_is_one_and_keeps_its_source_and_time(
    clock: ClockByHand, refusals: Refusals
) -> None:
    await refusals.refuse(person=PERSON, source="letter", by="anna", reference="17")
    clock.pass_by(3600)
    await refusals.refuse(person=PERSON, source="call", by="campaign-debt")
    (listed,) = await refusals.listed(Whom(frozenset({PERSON})))
    assert (listed.source, listed.by, listed.reference, listed.at) == ("letter", "anna", "17", NOON)
    assert (listed.scope, listed.until, listed.lifted_at) == (ALL, None, None)


async def test_a_quiet_time_grows_and_never_shrinks(clock: ClockByHand, refusals: Refusals) -> None:
    for days in (2, 5, 1):
        until = NOON + timedelta(days=days)
        await refusals.refuse(person=PERSON, scope=DEBT, source=PAYMENT, by="anna", until=until)
    (listed,) = await refusals.listed(Whom(frozenset({PERSON})))
    assert listed.until == NOON + timedelta(days=5)
    await refusals.refuse(person=PERSON, scope=DEBT, source="call", by="campaign-debt")
    (listed,) = await refusals.listed(Whom(frozenset({PERSON})))
    assert listed.until is None


async def test_what_is_taken_back_holds_no_more_and_stays_on_record(
    database: Database, clock: ClockByHand, refusals: Refusals
) -> None:
    await refusals.refuse(person=PERSON, number=NUMBER, source="call", by="campaign-debt")
    for listed in await refusals.listed():
        lifted = await refusals.lift(listed.id, "anna", "письмо 18")
        assert lifted is not None
        assert (lifted.id, lifted.lifted_why) == (listed.id, "письмо 18")
        assert await refusals.lift(listed.id, "anna") is None
    assert await _found(database, PERSON, NUMBER) == []
    assert [(each.lifted_by, each.lifted_at) for each in await refusals.listed()] == [("anna", NOON)] * 2


async def test_nobody_in_particular_can_t_refuse(refusals: Refusals) -> None:
    with pytest.raises(ValueError, match="person or a number"):
        await refusals.refuse(source="call", by="anna")


async def test_the_list_has_pages(refusals: Refusals) -> None:
    for each in range(5):
        await refusals.refuse(person=f"account:{each}", source="import", by="anna")
    first = await refusals.listed(most=3)
    rest = await refusals.listed(most=3, after=first[-1].id)
    assert [each.person for each in (*first, *rest)] == [f"account:{each}" for each in (4, 3, 2, 1, 0)]


async def test_talks_are_limited_over_all_campaigns(
    book: CampaignBook, database: Database, clock: ClockByHand, rules: Rules
) -> None:
    one = await run(book, [person(1)])
    other = await run(book, [person(1)], "outage", kind="planned-outage")
    target, again = await claimed(book, clock, one), await claimed(book, clock, other)
    attempt = await _write(book, rules, one, target)
    under_way = NotBefore(NOON + timedelta(minutes=5), Why.UNDER_WAY)
    assert await book.write_attempt(again, NUMBER, "trunk", "one", rules.check(other)) == under_way
    await book.ended(attempt.attempt_id, Disposition.NO_ANSWER, 19, clock.now())
    assert await _asked(database, rules, other, again, clock.now()) == Allowed()
    second = await _write(book, rules, other, again)
    await book.ended(second.attempt_id, Disposition.PERSON, 16, clock.now())
    tomorrow = NotBefore(NOON + timedelta(days=1), Why.LIMIT)
    assert await _asked(database, rules, one, target, clock.now()) == tomorrow
    assert await _asked(database, rules, one, target, tomorrow.at) == Allowed()


async def test_whoever_has_two_accounts_and_one_telephone_is_one_person(
    book: CampaignBook, database: Database, clock: ClockByHand, rules: Rules
) -> None:
    flats = [person(1), person(2, numbers=(NUMBER, SECOND))]
    campaign = await run(book, flats)
    one, other = [await claimed(book, clock, campaign) for _ in flats]
    attempt = await _write(book, rules, campaign, one)
    under_way = NotBefore(NOON + timedelta(minutes=5), Why.UNDER_WAY)
    assert await _asked(database, rules, campaign, other, NOON) == under_way
    await book.ended(attempt.attempt_id, Disposition.PERSON, 16, clock.now())
    tomorrow = NotBefore(NOON + timedelta(days=1), Why.LIMIT)
    assert await _asked(database, rules, campaign, other, NOON) == tomorrow
    assert await _asked(database, rules, campaign, other, NOON, SECOND) == tomorrow


async def test_two_dialers_at_once_call_one_telephone_once(
    book: CampaignBook, settings: StoreSettings, clock: ClockByHand, rules: Rules
) -> None:
    flats = [person(each, numbers=(f"+7900{each // 2:07d}",)) for each in range(20)]
    campaign = await run(book, flats)
    targets = await book.claim([campaign.campaign_id], clock.now(), 20, "one")
    other = await Database.open(settings)
    books = (book, CampaignBook(other, clock))
    try:
        verdicts = await asyncio.gather(
            *(
                books[place % 2].write_attempt(each, each.numbers[0], "trunk", "one", rules.check(campaign))
                for place, each in enumerate(sorted(targets, key=lambda target: target.numbers))
            )
        )
    finally:
        await other.close()
    called = [each.number for each in verdicts if isinstance(each, Attempt)]
    assert sorted(called) == sorted(set(called))
    assert len(called) == 10


async def test_what_nobody_can_tell_counts_as_a_talk(
    book: CampaignBook, database: Database, clock: ClockByHand, rules: Rules
) -> None:
    campaign = await run(book, [person(1)])
    target = await claimed(book, clock, campaign)
    attempt = await _write(book, rules, campaign, target)
    await book.ended(attempt.attempt_id, Disposition.LOST, 0, clock.now())
    verdict = await _asked(database, rules, campaign, target, clock.now())
    assert verdict == NotBefore(NOON + timedelta(days=1), Why.LIMIT)


async def test_the_campaign_s_days_and_hours(
    book: CampaignBook, database: Database, clock: ClockByHand, rules: Rules
) -> None:
    campaign = await run(book, [person(1)], opens=time(14), closes=time(15))
    target = await claimed(book, clock, campaign)
    two = NOON.replace(hour=14)
    assert await _asked(database, rules, campaign, target, NOON) == NotBefore(two, Why.HOURS)
    assert await _asked(database, rules, campaign, target, two) == Allowed()
    before = await _asked(database, rules, campaign, target, two - timedelta(days=5))
    assert before == NotBefore(two, Why.HOURS)  # its first day is the 24th
    over = datetime(2026, 11, 30, 15, tzinfo=MOSCOW)
    assert await _asked(database, rules, campaign, target, over) == Never(Why.OVER)


async def test_an_empty_window_is_told_before_the_start(book: CampaignBook, rules: Rules) -> None:
    night = await book.create(new("night", opens=time(22), closes=time(23)))
    with pytest.raises(Fault, match="no moment"):
        rules.unreachable(night, [], NOON)
    past = await book.create(new("past", first_day=date(2026, 11, 20), last_day=date(2026, 11, 23)))
    with pytest.raises(Fault, match="campaign past"):
        rules.unreachable(past, [("Europe/Moscow",)], NOON)
    early = await book.create(new("early", opens=time(8), closes=time(9)))
    everywhere: tuple[str, ...] = ("Europe/Kaliningrad", "Asia/Kamchatka")
    assert rules.unreachable(early, [everywhere, ("Europe/Moscow",)], NOON) == [everywhere]
    assert rules.first_moment(early, ("Europe/Moscow",), NOON) == datetime(2026, 11, 25, 5, tzinfo=UTC)


async def _asked(
    database: Database,
    rules: Rules,
    campaign: Campaign,
    target: Target,
    now: datetime,
    number: str = NUMBER,
) -> Verdict:
    return await database.read(lambda connection: rules.verdict(connection, campaign, target, number, now))


async def _write(book: CampaignBook, rules: Rules, campaign: Campaign, target: Target) -> Attempt:
    written = await book.write_attempt(target, NUMBER, "trunk", "one", rules.check(campaign))
    assert isinstance(written, Attempt)
    return written


async def _found(database: Database, person: str, number: str) -> list[str]:
    found = await database.read(lambda connection: in_force(connection, [person], [number], {ALL}, NOON))
    return [each.source for each in found]


def _ruled(kind: str) -> Ruled:
    return Ruled(debt=kind in {"debt", "restriction"})
