"""The rules together, over any history of calls, refusals and clocks, for whoever has several keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, insert

from ivr.campaigns.attempts_book import contacts
from ivr.campaigns.model import AttemptState, Campaign, Disposition, Target
from ivr.campaigns.rules.rules import Rules
from ivr.campaigns.rules.scopes import ALL, Ruled
from ivr.campaigns.rules.tables import refusals
from ivr.campaigns.rules.why import Why
from ivr.campaigns.rules.zones import RUSSIA as ALL_ZONES
from ivr.campaigns.settings import RulesSettings
from ivr.campaigns.tables import campaign_attempts
from ivr.campaigns.verdicts import Allowed, Never, NotBefore, Verdict
from ivr.customers.tables import accounts, phones
from ivr.store import metadata
from tests.unit.campaigns.rules.samples import MOSCOW, RUSSIA, campaign, target
from tests.unit.campaigns.rules.test_hours import lawful

DEBTS = campaign()
SURVEY = campaign(campaign_id=2, name="survey", kind="survey", opens=time(10), closes=time(19))
CAMPAIGNS = (DEBTS, SURVEY)
RULES = Rules(
    RulesSettings(), RUSSIA, MOSCOW, contacts, lambda kind: Ruled(leaves_messages=kind == DEBTS.kind)
)
TALKS = {Disposition.PERSON, Disposition.ABANDONED, Disposition.LOST}
MESSAGES = {Disposition.MESSAGE_LEFT, Disposition.LOST}
BEGIN = datetime(2026, 11, 2, 9, 17, tzinfo=UTC)
SUMMER_TIME_ENDS = datetime(2026, 10, 20, 9, 17, tzinfo=UTC)

HOME, HIS, HERS, SHOP = "+74951230001", "+79161230001", "+79161230002", "+79161230003"
FLAT, GARAGE = "320000001", "320000002"
OWNED = {FLAT: (HOME, HIS), GARAGE: (HIS, HERS)}
"""Two accounts with three telephones, one of which they share: billing's data."""

MET = {
    f"account:{FLAT}": target(person=f"account:{FLAT}", account=FLAT, numbers=(HOME, HIS)),
    f"account:{GARAGE}": target(person=f"account:{GARAGE}", account=GARAGE, numbers=(HIS, HERS)),
    f"number:{HOME}": target(person=f"number:{HOME}", numbers=(HOME,)),
    f"number:{HERS}": target(person=f"number:{HERS}", numbers=(HERS,)),
    f"number:{SHOP}": target(person=f"number:{SHOP}", numbers=(SHOP, HIS)),
}
"""Lists in which they stand by account, by number, and with a number that only the list knows."""

REACHED_AS = {
    FLAT: {f"account:{FLAT}", f"number:{HOME}"},
    GARAGE: {f"account:{GARAGE}", f"number:{HERS}"},
    SHOP: {f"number:{SHOP}"},
}
"""By whom → keys; a call at a number of his is one, too."""


@dataclass(frozen=True)
class Step:
    """After some hours a campaign calls a person at a number, at once or when the rules say."""

    hours: float
    campaign: Campaign
    called: tuple[str, str]
    end: Disposition
    patient: bool


CALLED = st.sampled_from([(key, number) for key, each in MET.items() for number in each.numbers])
ENDS = st.sampled_from(
    [Disposition.PERSON] * 3 + [Disposition.MESSAGE_LEFT] * 3 + [Disposition.LOST, Disposition.BUSY]
)


def steps(hours: st.SearchStrategy[float]) -> st.SearchStrategy[list[Step]]:
    step = st.builds(Step, hours, st.sampled_from(CAMPAIGNS), CALLED, ENDS, st.booleans())
    return st.lists(step, min_size=8, max_size=25)


FORWARD = steps(st.one_of(st.floats(0, 40), st.sampled_from([0.5, 1.0, 3.0, 24.0, 24.5])))
ANYWHERE = steps(st.one_of(st.floats(0, 40), st.floats(-30, 0), st.sampled_from([-24.0, -1.0, 1.0, 24.0])))
ZONES = st.sets(st.sampled_from(ALL_ZONES), min_size=1, max_size=3).map(lambda names: tuple(sorted(names)))
CHANGING = st.sampled_from([("Europe/Warsaw",), ("Europe/Warsaw", "Europe/Kaliningrad")])
"""Zones whose days may have 25 hours; settings may name any."""

ENGINE = create_engine("sqlite://")


@contextmanager
def connection_without_history() -> Iterator[Connection]:
    metadata.create_all(ENGINE, [campaign_attempts, refusals, accounts, phones])
    with ENGINE.connect() as connection:
        for account, numbers in OWNED.items():
            own(connection, account, numbers)
        yield connection
        connection.rollback()


def own(connection: Connection, account: str, numbers: Sequence[str]) -> None:
    told = dict.fromkeys(("settlement", "street_type", "street", "house", "flat", "address_key"), "")
    told |= {"number": account, "kind": "person", "segment": "private", "name": "Анна Ивановна"}
    id = connection.execute(insert(accounts).values(told).returning(accounts.c.id)).scalar_one()
    connection.execute(insert(phones), [{"account_id": id, "number": number} for number in numbers])


def met(step: Step, zones: tuple[str, ...]) -> Target:
    return target(
        **{name: getattr(MET[step.called[0]], name) for name in ("person", "account", "numbers")}, zones=zones
    )


def asked(connection: Connection, step: Step, zones: tuple[str, ...], now: datetime) -> Verdict:
    return RULES.verdict(connection, step.campaign, met(step, zones), step.called[1], now)


def call(connection: Connection, step: Step, now: datetime) -> None:
    told = {
        "attempt_id": str(uuid4()),
        "campaign_id": step.campaign.campaign_id,
        "target_id": 1,
        "person": step.called[0],
        "number": step.called[1],
        "trunk": "t",
        "dialer": "d",
        "state": AttemptState.ENDED,
        "written_at": now,
        "ended_at": now,
        "disposition": step.end,
        "cause": 16,
        "outcome": "",
        "result": {},
    }
    connection.execute(insert(campaign_attempts).values(told))


def reached(account: str, step: Step) -> bool:
    """Whether a call has reached who holds the account: by a key of his, or at a telephone of his."""
    return step.called[0] in REACHED_AS[account] or step.called[1] in OWNED.get(account, ())


def most(moments: Sequence[datetime], span: timedelta) -> int:
    """The most moments that lie within less than a span."""
    return max((sum(first <= each < first + span for each in moments) for first in moments), default=0)


def keeps_the_limits(made: Sequence[tuple[datetime, Step]], places: Sequence[ZoneInfo]) -> None:
    for account in REACHED_AS:
        for counts, day, week, month in ((is_talk, 1, 2, 8), (is_message, 2, 4, 16)):
            moments = [at for at, step in made if counts(step) and reached(account, step)]
            assert most(moments, timedelta(days=1)) <= day
            assert most(moments, timedelta(days=7)) <= week
            assert most(moments, timedelta(days=31)) <= month
            for zone in places:
                days = [each.astimezone(zone).date() for each in moments]
                assert max(map(days.count, days), default=0) <= day


def played(steps: Sequence[Step], zones: tuple[str, ...], begin: datetime) -> None:
    """Every step is asked for, and made where it is allowed: never in forbidden hours, nor over a limit."""
    made: list[tuple[datetime, Step]] = []
    places = [ZoneInfo(name) for name in zones]
    now = begin
    with connection_without_history() as connection:
        for step in steps:
            now += timedelta(hours=step.hours)
            verdict = asked(connection, step, zones, now)
            if isinstance(verdict, NotBefore):
                assert verdict.at > now
                assert lawful(verdict.at, places)
                now = verdict.at if step.patient else now
                verdict = asked(connection, step, zones, now) if step.patient else verdict
                assert step.patient == isinstance(verdict, Allowed)
            if isinstance(verdict, Allowed) and fits(step):
                assert lawful(now, places)
                assert lawful(now + timedelta(minutes=4, seconds=59), places)
                call(connection, step, now)
                made.append((now, step))
    keeps_the_limits(made, places)


def is_talk(step: Step) -> bool:
    return step.end in TALKS


def is_message(step: Step) -> bool:
    return step.end in MESSAGES and step.campaign is DEBTS


def fits(step: Step) -> bool:
    """Surveys leave no messages with machines."""
    return step.campaign is DEBTS or step.end is not Disposition.MESSAGE_LEFT


@given(FORWARD, ZONES)
def test_no_history_exceeds_a_limit_or_calls_in_forbidden_hours(
    steps: list[Step], zones: tuple[str, ...]
) -> None:
    played(steps, zones, BEGIN)


@given(ANYWHERE, ZONES)
def test_nor_does_one_in_which_the_clock_is_moved(steps: list[Step], zones: tuple[str, ...]) -> None:
    played(steps, zones, BEGIN + timedelta(days=20))


@given(FORWARD, CHANGING)
def test_nor_where_a_day_has_25_hours(steps: list[Step], zones: tuple[str, ...]) -> None:
    played(steps, zones, SUMMER_TIME_ENDS)


@given(FORWARD, ZONES, st.booleans())
def test_a_refusal_forbids_at_once_whatever_came_before(
    steps: list[Step], zones: tuple[str, ...], of_number: bool
) -> None:
    now = BEGIN
    with connection_without_history() as connection:
        for step in steps:
            now += timedelta(hours=step.hours)
            call(connection, step, now)
        last = steps[-1]
        refuse(connection, "" if of_number else last.called[0], last.called[1] if of_number else "", now)
        why = Why.NUMBER_REFUSED if of_number else Why.REFUSED
        assert asked(connection, last, zones, now) == Never(why)


@pytest.mark.parametrize("refuser", sorted(MET))
@pytest.mark.parametrize("called", [(key, number) for key, each in MET.items() for number in each.numbers])
def test_a_refusal_holds_for_whoever_can_be_recognised_and_nobody_else(
    called: tuple[str, str], refuser: str
) -> None:
    step = Step(0, DEBTS, called, Disposition.PERSON, patient=False)
    with connection_without_history() as connection:
        refuse(connection, refuser, "", BEGIN)
        verdict = asked(connection, step, ("Europe/Moscow",), BEGIN)
    assert isinstance(verdict, Never) == (refuser in {called[0]} | RECOGNISED[called])


def refuse(connection: Connection, person: str, number: str, now: datetime) -> None:
    told = {"scope": ALL, "source": "call", "reference": "", "by": "flow", "at": now, "lifted_by": ""}
    connection.execute(insert(refusals).values(**told, person=person, number=number))


RECOGNISED = {
    (key, number): {
        name
        for account, numbers in OWNED.items()
        if account == MET[key].account or number in numbers
        for name in (f"account:{account}", *(f"number:{each}" for each in numbers))
    }
    | {f"number:{each}" for each in MET[key].numbers}
    for key, target_of in MET.items()
    for number in target_of.numbers
}
"""Key and called number → under which keys a refusal holds for this call, in the words of the rule."""
