"""What persons want during a talk is on disk before they are told so; once more changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ivr.campaigns.actions import Dispute, NoSuchAttempt, When, actions
from ivr.campaigns.book import CampaignBook, contacts
from ivr.campaigns.kinds import Kinds
from ivr.campaigns.model import Attempt, Campaign, Disposition, Target
from ivr.campaigns.rules.refusals import PAYMENT, WRONG_NUMBER, Refusal, Refusals
from ivr.campaigns.rules.rules import Rules
from ivr.campaigns.rules.scopes import ALL, DEBT, Ruled
from ivr.campaigns.rules.why import Why
from ivr.campaigns.settings import Limit, LimitSettings, RulesSettings
from ivr.campaigns.verdicts import Never
from ivr.campaigns.wishes import DISAGREES, BookWishes, wished_moment
from ivr.dialogue.ports import CallFacts, Result, Value
from ivr.kpi.profiles import load_profiles, request_rules
from ivr.requests.service import Requests
from ivr.requests.settings import RequestsSettings
from ivr.requests.slots import NoOffices
from ivr.store import Database
from tests.contract.campaigns.samples import ClockByHand, attempted, claimed, person, run
from tests.contract.requests.desk import at_work
from tests.unit.campaigns.rules.samples import MOSCOW, RUSSIA

ROOT = Path(__file__).parents[3]
STANDARDS = request_rules(load_profiles(ROOT / "metrics" / "standards"))
NOON = datetime(2026, 11, 24, 12, 2, tzinfo=MOSCOW)
OFTEN = LimitSettings(talks=Limit(day=9, week=9, month=9))
MOBILE, AT_HOME = "+79100000001", "+74832000001"


@dataclass
class Outbox:
    """Implements `Sender`."""

    sent: list[tuple[int, str, str]] = field(default_factory=list)

    async def send(self, campaign: Campaign, target: Target, channel: str, moment: str) -> datetime:
        self.sent.append((target.target_id, channel, moment))
        return NOON


@dataclass
class Room:
    """One talk that is under way, and all that stands behind it."""

    book: CampaignBook
    refusals: Refusals
    rules: Rules
    requests: Requests
    clock: ClockByHand
    database: Database
    outbox: Outbox
    wishes: BookWishes
    campaign: Campaign
    target: Target
    attempt: Attempt

    async def left(self) -> Mapping[str, Any]:
        kept = await self.book.attempt(self.attempt.attempt_id)
        assert kept is not None
        return kept.result

    async def refused(self) -> list[tuple[str, str, str, str, str]]:
        found = await self.refusals.listed()
        assert all(each.reference == self.attempt.attempt_id for each in found)
        return [_told(each) for each in found]


def _told(refusal: Refusal) -> tuple[str, str, str, str, str]:
    return refusal.person, refusal.number, refusal.scope, refusal.source, refusal.by


@dataclass
class Talks:
    """Implements `Talks`: those of the book, and rehearsals."""

    book: CampaignBook
    rehearsals: dict[str, tuple[Campaign, Target, Attempt]] = field(default_factory=dict)

    async def facts_of(self, attempt_id: str) -> tuple[Campaign, Target, Attempt] | None:
        return self.rehearsals.get(attempt_id) or await self.book.facts(attempt_id)

    async def result(self, attempt_id: str, outcome: str, data: Mapping[str, Any]) -> None:
        raise NotImplementedError


@pytest.fixture
def clock() -> ClockByHand:
    return ClockByHand(NOON)


@pytest.fixture
async def room(database: Database, book: CampaignBook, clock: ClockByHand) -> Room:
    campaign = await run(book, [person(1, numbers=(MOBILE, AT_HOME))])
    target = await claimed(book, clock, campaign)
    attempt = await attempted(book, target)
    requests = Requests(database, RequestsSettings(), clock, NoOffices(), at_work, rules=STANDARDS)
    refusals, outbox = Refusals(database, clock), Outbox()
    rules = Rules(RulesSettings(limits=OFTEN), RUSSIA, MOSCOW, contacts, _ruled)
    wishes = BookWishes(
        book=book,
        database=database,
        talks=Talks(book),
        kinds=Kinds.load(ROOT / "scenarios"),
        refusals=refusals,
        rules=rules,
        cases=requests.cases,
        clock=clock,
        sender=outbox,
        profile="omsk",
    )
    return Room(book, refusals, rules, requests, clock, database, outbox, wishes, campaign, target, attempt)


def rehearsed(room: Room) -> BookWishes:
    """The same for a call to a supervisor's own telephone, which the book does not know."""
    mine = replace(room.attempt, attempt_id="rehearsal")
    talks = Talks(room.book, {"rehearsal": (room.campaign, room.target, mine)})
    return replace(room.wishes, talks=talks)


async def test_who_refuses_is_called_nowhere_any_more(room: Room) -> None:
    for _ in range(2):
        await room.wishes.refuse(room.attempt.attempt_id, everywhere=True)
    assert await room.refused() == [
        ("", MOBILE, ALL, "call", "campaign"),
        (room.target.person, "", ALL, "call", "campaign"),
    ]
    await room.book.ended(room.attempt.attempt_id, Disposition.PERSON, 16, room.clock.now())
    await room.book.again(room.target.target_id, room.clock.now())
    target = await claimed(room.book, room.clock, room.campaign)
    written = await room.book.write_attempt(target, AT_HOME, "trunk", "one", room.rules.check(room.campaign))
    assert written == Never(Why.REFUSED)


async def test_somebody_elses_refusal_closes_his_number_alone(room: Room) -> None:
    await room.wishes.refuse(room.attempt.attempt_id, everywhere=False)
    assert await room.refused() == [("", MOBILE, ALL, "call", "campaign")]


async def test_a_strangers_number_is_not_the_persons_any_more(room: Room) -> None:
    await room.wishes.stranger(room.attempt.attempt_id)
    assert await room.refused() == [(room.target.person, MOBILE, ALL, WRONG_NUMBER, "campaign")]


async def test_who_says_that_he_has_paid_is_left_alone_for_a_while(room: Room) -> None:
    await room.wishes.paid(room.attempt.attempt_id)
    assert await room.refused() == [(room.target.person, "", DEBT, PAYMENT, "campaign")]
    (quiet,) = await room.refusals.listed()
    assert quiet.until is not None


async def test_the_agreed_moment_is_kept_with_the_attempt(room: Room) -> None:
    at = await room.wishes.again(room.attempt.attempt_id, When.LATER)
    assert at == datetime(2026, 11, 24, 14, 5, tzinfo=MOSCOW)
    assert await room.left() == {"again_at": "2026-11-24T11:05:00+00:00"}


async def test_what_the_rules_forbid_is_not_agreed(room: Room) -> None:
    seldom = Rules(RulesSettings(), RUSSIA, MOSCOW, contacts, _ruled)
    wishes = replace(room.wishes, rules=seldom)
    at = await wishes.again(room.attempt.attempt_id, When.LATER)
    assert at is not None
    assert at > NOON + timedelta(hours=23), "one talk a day: this one counts"
    assert at.utcoffset() == NOON.utcoffset()


async def test_nothing_is_agreed_after_the_last_day(room: Room) -> None:
    room.clock.moment = datetime(2026, 11, 30, 21, tzinfo=MOSCOW)
    assert await room.wishes.again(room.attempt.attempt_id, When.TOMORROW) is None
    assert await room.left() == {}


async def test_a_promise_and_notes_stay_together(room: Room) -> None:
    await room.wishes.note(room.attempt.attempt_id, "score", "5")
    await room.wishes.promise(room.attempt.attempt_id, date(2026, 12, 1))
    await room.wishes.note(room.attempt.attempt_id, "words", "вежливо")
    assert await room.left() == {"score": "5", "promised_on": "2026-12-01", "words": "вежливо"}


async def test_a_dispute_is_one_request_however_often_it_is_told(room: Room) -> None:
    told = [await room.wishes.dispute(room.attempt.attempt_id, "счётчик снят в мае") for _ in range(2)]
    assert told == [Dispute("2600001", date(2026, 12, 14))] * 2
    request, changes = await room.requests.cases.find("2600001")
    assert (request.phone, request.account_number) == (MOBILE, room.target.account)
    assert (request.text, request.call_id) == (DISAGREES, room.attempt.attempt_id)
    assert [each.note for each in changes] == ["", "счётчик снят в мае"]
    assert request.topic == "balance.debt"
    assert await room.left() == {"request_number": "2600001"}


async def test_a_dispute_is_there_before_its_words(room: Room) -> None:
    await room.wishes.dispute(room.attempt.attempt_id, "")
    request, changes = await room.requests.cases.find("2600001")
    assert (request.text, len(changes)) == (DISAGREES, 1)
    await room.wishes.dispute(room.attempt.attempt_id, "начислено дважды")
    _, changes = await room.requests.cases.find("2600001")
    assert [each.note for each in changes] == ["", "начислено дважды"]


async def test_a_message_goes_to_a_mobile_only(room: Room) -> None:
    assert await room.wishes.message(room.attempt.attempt_id)
    assert room.outbox.sent == [(room.target.target_id, "sms", "asked")]
    assert not await replace(room.wishes, sender=None).message(room.attempt.attempt_id)


async def test_a_message_to_a_number_that_can_not_have_one(room: Room) -> None:
    wishes = replace(
        room.wishes,
        talks=Talks(room.book, {"x": (room.campaign, room.target, replace(room.attempt, number=AT_HOME))}),
    )
    assert not await wishes.message("x")
    assert room.outbox.sent == []


async def test_nothing_of_a_rehearsal_is_kept(room: Room) -> None:
    wishes = rehearsed(room)
    await wishes.refuse("rehearsal", everywhere=True)
    await wishes.stranger("rehearsal")
    await wishes.paid("rehearsal")
    await wishes.promise("rehearsal", date(2026, 12, 1))
    assert await wishes.again("rehearsal", When.LATER) is not None
    assert await wishes.message("rehearsal")
    assert (await wishes.dispute("rehearsal", "проверка")).due_on is None
    assert await room.refusals.listed() == []
    assert room.outbox.sent == []
    assert await room.left() == {}


async def test_a_call_that_is_no_attempt(room: Room) -> None:
    with pytest.raises(NoSuchAttempt):
        await room.wishes.refuse("another", everywhere=True)


# --- the actions ---


async def done(room: Room, action_name: str, /, **arguments: Value) -> Result:
    action = next(
        each for each in actions(room.wishes, room.clock) if each.name == f"campaigns.{action_name}"
    )
    assert arguments.keys() == action.inputs.keys()
    facts = CallFacts(
        call_id=room.attempt.attempt_id,
        line="",
        segment="any",
        profile="omsk",
        caller_number=MOBILE,
        started_at=NOON,
    )
    result = await action.run(facts, **arguments)
    assert result.outcome in action.outcomes
    assert (result.data is None) == (action.outcomes[result.outcome] is None)
    return result


async def test_actions_tell_what_has_been_done(room: Room) -> None:
    assert await done(room, "again", when="later") == Result(
        "agreed",
        {
            "day": date(2026, 11, 24),
            "from_time": datetime(2026, 11, 24, 14, 5, tzinfo=MOSCOW),
            "today": True,
            "tomorrow": False,
        },
    )
    assert await done(room, "promise", day=date(2026, 11, 23), most_days=14) == Result("past")
    assert await done(room, "promise", day=date(2026, 12, 9), most_days=14) == Result(
        "too_late", {"latest": date(2026, 12, 8)}
    )
    assert "promised_on" not in await room.left()
    assert await done(room, "promise", day=date(2026, 12, 8), most_days=14) == Result("promised")
    assert await done(room, "note", name="score", value="4") == Result("noted")
    assert await done(room, "message") == Result("sent")
    assert await done(room, "dispute", said=None) == Result(
        "registered", {"number": "2600001", "due_on": date(2026, 12, 14), "has_term": True}
    )
    assert await done(room, "paid") == Result("noted")
    assert await done(room, "stranger") == Result("noted")
    assert await done(room, "refuse", everywhere=True) == Result("refused")


async def test_too_late_to_call_again(room: Room) -> None:
    room.clock.moment = datetime(2026, 11, 30, 21, tzinfo=MOSCOW)
    assert await done(room, "again", when="evening") == Result("too_late")


# --- moments ---


@pytest.mark.parametrize(
    ("when", "hour", "expected"),
    [
        (When.LATER, 10, datetime(2026, 11, 24, 12, 5, tzinfo=UTC)),
        (When.EVENING, 10, datetime(2026, 11, 24, 18, tzinfo=UTC)),
        (When.EVENING, 17, datetime(2026, 11, 25, 18, tzinfo=UTC)),
        (When.TOMORROW, 10, datetime(2026, 11, 25, 10, tzinfo=UTC)),
    ],
)
def test_the_moment_that_is_meant(when: When, hour: int, expected: datetime) -> None:
    assert wished_moment(when, datetime(2026, 11, 24, hour, 3, 20, tzinfo=UTC)) == expected


def _ruled(kind: str) -> Ruled:
    return Ruled(debt=kind == "debt")
