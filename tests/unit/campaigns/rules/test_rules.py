"""The rules together, over any history of calls, refusals and waiting, in any zones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, insert

from ivr.campaigns.attempts_book import contacts
from ivr.campaigns.model import AttemptState, Campaign, Disposition
from ivr.campaigns.rules.refusals import ALL
from ivr.campaigns.rules.rules import Rules
from ivr.campaigns.rules.tables import refusals
from ivr.campaigns.rules.why import Why
from ivr.campaigns.rules.zones import RUSSIA as ALL_ZONES
from ivr.campaigns.settings import RulesSettings
from ivr.campaigns.tables import campaign_attempts
from ivr.campaigns.verdicts import Allowed, Never, NotBefore, Verdict
from ivr.store import metadata
from tests.unit.campaigns.rules.samples import MOSCOW, RUSSIA, campaign, target
from tests.unit.campaigns.rules.test_hours import lawful

RULES = Rules(RulesSettings(), RUSSIA, MOSCOW, contacts)
CAMPAIGNS = (
    campaign(),
    campaign(campaign_id=2, name="survey", kind="survey", opens=time(10), closes=time(19)),
)
TALKS = {Disposition.PERSON, Disposition.ABANDONED, Disposition.LOST}
MESSAGES = {Disposition.MESSAGE_LEFT, Disposition.LOST}
BEGIN = datetime(2026, 11, 2, 9, 17, tzinfo=UTC)


@dataclass(frozen=True)
class Step:
    """After some hours a campaign calls a number, at once or when the rules say, and the call ends so."""

    hours: float
    campaign: Campaign
    number: str
    end: Disposition
    patient: bool


ENDS = st.sampled_from(
    [Disposition.PERSON] * 3 + [Disposition.MESSAGE_LEFT] * 3 + [Disposition.LOST, Disposition.BUSY]
)
STEPS = st.lists(
    st.builds(
        Step,
        st.floats(0, 40),
        st.sampled_from(CAMPAIGNS),
        st.sampled_from(target().numbers),
        ENDS,
        st.booleans(),
    ),
    min_size=1,
    max_size=25,
)
ZONES = st.sets(st.sampled_from(ALL_ZONES), min_size=1, max_size=3).map(lambda names: tuple(sorted(names)))


ENGINE = create_engine("sqlite://")


@contextmanager
def connection_without_history() -> Iterator[Connection]:
    metadata.create_all(ENGINE, [campaign_attempts, refusals])
    with ENGINE.connect() as connection:
        yield connection
        connection.rollback()


def asked(connection: Connection, step: Step, zones: tuple[str, ...], now: datetime) -> Verdict:
    return RULES.verdict(connection, step.campaign, target(zones=zones), step.number, now)


def call(connection: Connection, step: Step, now: datetime) -> None:
    told = {
        "attempt_id": str(uuid4()),
        "campaign_id": step.campaign.campaign_id,
        "target_id": 1,
        "person": target().person,
        "number": step.number,
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


def most(moments: Sequence[datetime], span: timedelta) -> int:
    """The most moments that lie within less than a span."""
    return max((sum(first <= each < first + span for each in moments) for first in moments), default=0)


@given(STEPS, ZONES)
def test_no_history_exceeds_a_limit_or_calls_in_forbidden_hours(
    steps: list[Step], zones: tuple[str, ...]
) -> None:
    made: list[tuple[datetime, Disposition]] = []
    places = [ZoneInfo(name) for name in zones]
    now = BEGIN
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
            if isinstance(verdict, Allowed):
                assert lawful(now, places)
                assert lawful(now + timedelta(minutes=4, seconds=59), places)
                call(connection, step, now)
                made.append((now, step.end))
    for kinds, day, week, month in ((TALKS, 1, 2, 8), (MESSAGES, 2, 4, 16)):
        moments = [at for at, end in made if end in kinds]
        assert most(moments, timedelta(days=1)) <= day
        assert most(moments, timedelta(days=7)) <= week
        assert most(moments, timedelta(days=31)) <= month


@given(STEPS, ZONES, st.booleans())
def test_a_refusal_forbids_at_once_whatever_came_before(
    steps: list[Step], zones: tuple[str, ...], of_number: bool
) -> None:
    now = BEGIN
    with connection_without_history() as connection:
        for step in steps:
            now += timedelta(hours=step.hours)
            call(connection, step, now)
        last = steps[-1]
        told = {"scope": ALL, "source": "call", "reference": "", "by": "flow", "at": now, "lifted_by": ""}
        told |= {"person": "" if of_number else target().person, "number": last.number if of_number else ""}
        connection.execute(insert(refusals).values(told))
        why = Why.NUMBER_REFUSED if of_number else Why.REFUSED
        assert asked(connection, last, zones, now) == Never(why)
