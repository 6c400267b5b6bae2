"""Attempts: written before anything is dialled, then only forward."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from ivr.campaigns.book import CampaignBook, Contact, ContactKind, NotClaimed, contacts
from ivr.campaigns.entries import Whom
from ivr.campaigns.model import Attempt, AttemptState, Disposition, Target, TargetState
from ivr.campaigns.tables import campaign_attempts
from ivr.campaigns.verdicts import Allowed, Never, NotBefore, Verdict
from ivr.store import Database, StoreSettings
from tests.contract.campaigns.samples import ClockByHand, attempted, claimed, person, run, yes

D = Disposition


@pytest.fixture
async def target(book: CampaignBook, clock: ClockByHand) -> Target:
    return await claimed(book, clock, await run(book, [person(1)]))


async def state(book: CampaignBook, target: Target) -> tuple[TargetState, int, str]:
    found = await book.target(target.target_id)
    assert found is not None
    return found.state, found.tries, found.outcome


async def test_an_attempt_goes_its_way(book: CampaignBook, clock: ClockByHand, target: Target) -> None:
    written = await attempted(book, target)
    assert (written.state, written.written_at, written.person) == (
        AttemptState.WRITTEN,
        clock.now(),
        target.person,
    )
    assert await book.open_attempts() == [written]
    start = clock.now()
    clock.pass_by(1)
    assert await book.dialled(written.attempt_id)
    clock.pass_by(8)
    assert await book.answered(written.attempt_id, clock.now())
    facts = await book.facts(written.attempt_id)
    assert facts is not None
    assert (facts[0].name, facts[1].target_id) == ("debts", target.target_id)
    assert facts[2].state is AttemptState.ANSWERED
    assert await book.result(written.attempt_id, "promised", {"date": "2026-12-01"})
    clock.pass_by(60)
    assert await book.ended(written.attempt_id, D.PERSON, 16, clock.now())
    (ended,) = await book.attempts_of(target.target_id)
    assert ended == await book.attempt(written.attempt_id)
    moments = (ended.dialled_at, ended.answered_at, ended.ended_at)
    assert moments == tuple(start + timedelta(seconds=after) for after in (1, 9, 69))
    assert (ended.state, ended.disposition, ended.cause) == (AttemptState.ENDED, D.PERSON, 16)
    assert (ended.outcome, ended.result) == ("promised", {"date": "2026-12-01"})
    assert await book.facts(written.attempt_id) is None
    assert await book.open_attempts() == []
    assert await book.undecided("one") == [ended]
    assert await book.over(target.target_id, TargetState.DONE, "promised")
    assert await book.undecided() == []
    assert await state(book, target) == (TargetState.DONE, 1, "promised")


async def test_what_is_told_twice_or_late_counts_once(
    book: CampaignBook, clock: ClockByHand, target: Target
) -> None:
    attempt_id = (await attempted(book, target)).attempt_id
    answered = clock.now()
    assert await book.answered(attempt_id, answered)
    assert not await book.dialled(attempt_id)
    clock.pass_by(5)
    assert not await book.answered(attempt_id, clock.now())
    ended = clock.now()
    assert await book.ended(attempt_id, D.PERSON, 16, ended)
    clock.pass_by(5)
    assert not await book.ended(attempt_id, D.LOST, 0, clock.now())
    assert not await book.answered(attempt_id, clock.now())
    assert not await book.dialled(attempt_id)
    found = await book.attempt(attempt_id)
    assert found is not None
    assert (found.answered_at, found.ended_at, found.disposition) == (answered, ended, D.PERSON)
    assert await book.result(attempt_id, "heard", {}), "a talk may tell its result after its end"
    assert not await book.ended("unknown", D.BUSY, 17, clock.now())
    assert not await book.result("unknown", "heard", {})


@pytest.mark.parametrize("said", [NotBefore(ClockByHand().now(), "hours"), Never("refused")])
async def test_what_the_rules_forbid_is_not_written(
    book: CampaignBook, target: Target, said: Verdict
) -> None:
    asked: list[tuple[Target, str]] = []

    def no(connection: Connection, target: Target, number: str, now: datetime) -> Verdict:
        asked.append((target, number))
        return said

    assert await book.write_attempt(target, "+79000000001", "trunk", "one", no) == said
    assert asked == [(target, "+79000000001")]
    assert await book.attempts_of(target.target_id) == []
    assert await state(book, target) == (TargetState.CALLING, 0, "")
    await attempted(book, target)


async def test_only_who_has_claimed_writes_and_once(book: CampaignBook, target: Target) -> None:
    with pytest.raises(NotClaimed):
        await attempted(book, target, "two")
    tries = await asyncio.gather(*(attempted(book, target) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(each, Attempt) for each in tries) == 1
    assert sum(isinstance(each, NotClaimed) for each in tries) == 3
    assert len(await book.open_attempts()) == 1


async def test_the_database_itself_keeps_two_open_attempts_apart(
    book: CampaignBook, database: Database, target: Target
) -> None:
    written = await attempted(book, target)

    def another(connection: Connection) -> None:
        columns = [each for each in campaign_attempts.c if each.name not in ("id", "attempt_id")]
        row = connection.execute(campaign_attempts.select()).one()._mapping
        told = {each.name: row[each] for each in columns}
        connection.execute(campaign_attempts.insert().values({**told, "attempt_id": "another"}))

    with pytest.raises(IntegrityError):
        await database.write(another)
    assert await book.open_attempts() == [written]


async def test_a_target_does_not_move_on_while_an_attempt_is_under_way(
    book: CampaignBook, clock: ClockByHand, target: Target
) -> None:
    attempt_id = (await attempted(book, target)).attempt_id
    assert not await book.again(target.target_id, clock.now())
    assert not await book.over(target.target_id, TargetState.DONE, "x")
    assert await book.give_back([target.target_id], "one") == 0
    await book.ended(attempt_id, D.BUSY, 17, clock.now())
    assert await book.again(target.target_id, clock.now(), after=attempt_id)
    assert await state(book, target) == (TargetState.WAITING, 1, "")


async def test_a_decision_that_comes_late_changes_nothing(
    book: CampaignBook, clock: ClockByHand, target: Target
) -> None:
    attempt_id = (await attempted(book, target)).attempt_id
    await book.ended(attempt_id, D.BUSY, 17, clock.now())
    assert await book.again(target.target_id, clock.now(), after=attempt_id)
    taken = await book.claim_one(target.target_id, clock.now(), "two")
    assert taken is not None
    assert not await book.again(target.target_id, clock.now(), after=attempt_id)
    await attempted(book, taken, "two")
    assert not await book.again(target.target_id, clock.now(), after=attempt_id)


async def test_a_target_ends_once(book: CampaignBook, clock: ClockByHand, target: Target) -> None:
    assert await book.over(target.target_id, TargetState.REFUSED, "refused")
    assert not await book.over(target.target_id, TargetState.DONE, "done")
    assert not await book.again(target.target_id, clock.now())
    assert await state(book, target) == (TargetState.REFUSED, 0, "refused")
    with pytest.raises(ValueError, match="waiting"):
        await book.over(target.target_id, TargetState.WAITING, "")


async def test_what_was_not_dialled_is_no_try(book: CampaignBook, clock: ClockByHand, target: Target) -> None:
    attempt_id = (await attempted(book, target)).attempt_id
    assert await state(book, target) == (TargetState.CALLING, 1, "")
    for _ in range(2):
        await book.ended(attempt_id, D.NOT_DIALLED, 0, clock.now())
    assert await state(book, target) == (TargetState.CALLING, 0, "")


async def test_an_outcome_of_any_length_is_kept(book: CampaignBook, target: Target) -> None:
    attempt_id = (await attempted(book, target)).attempt_id
    assert await book.result(attempt_id, "x" * 500, {"слова": ["да", 1, None]})
    found = await book.attempt(attempt_id)
    assert found is not None
    assert (found.outcome, found.result) == ("x" * 200, {"слова": ["да", 1, None]})


async def test_contacts_are_counted_over_all_campaigns(
    book: CampaignBook, database: Database, clock: ClockByHand
) -> None:
    ends = [
        D.PERSON,
        D.ABANDONED,
        D.MESSAGE_LEFT,
        D.LOST,
        None,
        D.BUSY,
        D.MACHINE,
        D.NO_ANSWER,
        D.NOT_DIALLED,
    ]
    start, ids = clock.now(), []
    for number, end in enumerate(ends):
        campaign = await run(book, [person(1), person(2)], f"c{number}")
        ids.append(campaign.campaign_id)
        target = await claimed(book, clock, campaign)
        attempt = await attempted(book, target)
        if end is not None:
            await book.ended(attempt.attempt_id, end, 0, clock.now())
        clock.pass_by(60)
    kinds = ["talk", "talk", "voice-message", "undecided", "undecided"]
    every = [
        Contact(start + timedelta(minutes=number), ContactKind(kind), ids[number])
        for number, kind in enumerate(kinds)
    ]
    key = person(1).person
    he, she = Whom(frozenset({key})), Whom(frozenset({person(2).person}))
    assert await database.read(lambda connection: contacts(connection, he, start)) == every
    later = start + timedelta(minutes=2)
    assert await database.read(lambda connection: contacts(connection, he, later)) == every[2:]
    assert await database.read(lambda connection: contacts(connection, she, start)) == []


def once(connection: Connection, target: Target, number: str, now: datetime) -> Verdict:
    he = Whom(frozenset({target.person}))
    return Never("limit") if contacts(connection, he, now - timedelta(days=1)) else Allowed()


async def test_two_dialers_never_exceed_a_limit_together(
    database: Database, settings: StoreSettings, clock: ClockByHand
) -> None:
    other = await Database.open(settings)
    books = {"one": CampaignBook(database, clock), "two": CampaignBook(other, clock)}
    people = [person(number) for number in range(40)]
    held = {}
    for name, book in books.items():
        campaign = await run(book, people, name)
        held[name] = await book.claim([campaign.campaign_id], clock.now(), 40, name)
    written = await asyncio.gather(
        *(
            books[name].write_attempt(each, each.numbers[0], "trunk", name, once)
            for pair in zip(held["one"], held["two"], strict=True)
            for name, each in zip(books, pair, strict=True)
        )
    )
    made = [each.person for each in written if isinstance(each, Attempt)]
    await other.close()
    assert len(made) == len(set(made)) == 40


async def test_attempts_are_paged_and_told_apart(book: CampaignBook, clock: ClockByHand) -> None:
    campaign = await run(book, [person(number) for number in range(7)])
    made = []
    for number in range(7):
        target = await claimed(book, clock, campaign)
        attempt = await attempted(book, target)
        made.append(attempt.attempt_id)
        await book.ended(attempt.attempt_id, D.BUSY if number % 2 else D.PERSON, 0, clock.now())
    first = await book.attempts(campaign.campaign_id, limit=5)
    assert first.next is not None
    rest = await book.attempts(campaign.campaign_id, after=first.next, limit=5)
    assert [each.attempt_id for each in (*first.items, *rest.items)] == made
    assert rest.next is None
    busy = await book.attempts(campaign.campaign_id, disposition=D.BUSY)
    assert [each.attempt_id for each in busy.items] == made[1::2]


async def test_a_persons_attempts_are_told_over_all_campaigns(book: CampaignBook, clock: ClockByHand) -> None:
    made = []
    for name in ("a", "b"):
        target = await claimed(book, clock, await run(book, [person(1)], name))
        made.append((await attempted(book, target)).attempt_id)
        clock.pass_by(60)
    told = await book.attempts_of_person(person(1).person)
    assert [each.attempt_id for each in told] == made[::-1]
    assert len(await book.attempts_of_person(person(1).person, limit=1)) == 1


async def test_an_attempt_whose_writing_failed_is_not_there(
    book: CampaignBook, clock: ClockByHand, target: Target
) -> None:
    def breaks(connection: Connection, target: Target, number: str, now: datetime) -> Verdict:
        raise LookupError

    with pytest.raises(LookupError):
        await book.write_attempt(target, target.numbers[0], "trunk", "one", breaks)
    assert await book.open_attempts() == []
    assert isinstance(await book.write_attempt(target, target.numbers[0], "trunk", "one", yes), Attempt)
