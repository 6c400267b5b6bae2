"""Two dialers on one book, with crashes between any two steps: nobody twice, nobody forgotten."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from inspect import signature
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st
from sqlalchemy import Connection, Row, select, text

from ivr.campaigns.book import CampaignBook, ContactKind, NotClaimed, contacts
from ivr.campaigns.entries import Whom
from ivr.campaigns.model import (
    Attempt,
    AttemptState,
    Campaign,
    CampaignState,
    Disposition,
    Target,
    TargetState,
)
from ivr.campaigns.selection import ENDS
from ivr.campaigns.tables import campaign_attempts
from ivr.campaigns.verdicts import Allowed, Never, NotBefore, Verdict
from ivr.store import Database, StoreSettings
from tests.contract.campaigns.samples import ClockByHand, person, run
from tests.contract.store.conftest import POSTGRES, _empty_postgres, needs_postgres
from tests.databases import with_tables

T = TypeVar("T")
DAY = timedelta(days=1)
PEOPLE = 4
EXAMPLES = 12
REACHED = (Disposition.PERSON, Disposition.MESSAGE_LEFT)
COUNTED = (None, Disposition.LOST, Disposition.PERSON, Disposition.ABANDONED)
NAMES = ("debts", "outages")
DRAWN: Mapping[str, Sequence[Any]] = {
    "name": ["one", "two"],
    "which": range(10),
    "limit": range(1, 6),
    "further": [0, 1, 2, 2],
    "end": [*REACHED, Disposition.BUSY, Disposition.ABANDONED],
    "again": [False, True],
    "late": [1, 31, 31],
    "seconds": [1, 90_000, 90_000],
    "state": [CampaignState.RUNNING, CampaignState.RUNNING, CampaignState.PAUSED],
}
"""From what the arguments of a step are drawn."""

STEPS: Mapping[str, float] = {
    "claim": 3,
    "write": 4,
    "put_down": 3,
    "dial": 3,
    "hang_up": 3,
    "end": 3,
    "look": 2,
    "decide": 3,
    "crash": 1,
    "take_over": 1.5,
    "wait": 1.5,
    "meddle": 0.5,
}
"""How likely each one is."""

NEEDS = {"write": "held", "put_down": "written", "dial": "to_dial", "end": "to_tell", "decide": "to_decide"}
"""A step and what a dialer has at hand for it."""


def once_a_day(connection: Connection, target: Target, number: str, now: datetime) -> Verdict:
    """One talk a day and one call at a time, whatever the campaign; account 0 has refused."""
    if target.person == person(0).person:
        return Never("refused")
    of = campaign_attempts.c
    under_way = select(of.id).where(of.person == target.person, of.ended_at.is_(None))
    if connection.execute(under_way).first():
        return NotBefore(now + timedelta(minutes=5), "called")
    whom = Whom(frozenset({target.person}))
    found = [each.at for each in contacts(connection, whom, now - DAY) if _counts(each.kind)]
    return NotBefore(max(found) + DAY + timedelta(seconds=1), "limit") if found else Allowed()


def _counts(kind: ContactKind) -> bool:
    return kind is not ContactKind.VOICE_MESSAGE


@dataclass
class Dialer:
    """What one process knows; a crash takes it all."""

    book: CampaignBook
    held: list[Target] = field(default_factory=list)
    written: list[Attempt] = field(default_factory=list)
    to_dial: list[str] = field(default_factory=list)
    to_tell: list[tuple[str, Disposition]] = field(default_factory=list)
    to_decide: list[Attempt] = field(default_factory=list)

    def forget(self) -> None:
        """As after a crash."""
        for each in (self.held, self.written, self.to_dial, self.to_tell, self.to_decide):
            each.clear()


@dataclass
class Exchange:
    """What really rings: it outlives the dialers."""

    dialled: Counter[str] = field(default_factory=Counter)
    ringing: set[str] = field(default_factory=set)
    ends: dict[str, Disposition] = field(default_factory=dict)


class Dialers:
    """Any interleaving of what two dialers do, one step at a time."""

    def __init__(self, url: str, seed: int) -> None:
        self.url = url
        self.chance = Random(seed)
        self.runner = asyncio.Runner()
        self.folder = TemporaryDirectory()
        self.clock = ClockByHand()
        self.exchange = Exchange()
        self.run(self._open())

    def run(self, wanted: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(wanted)

    async def _open(self) -> None:
        url = self.url or f"sqlite:///{Path(self.folder.name) / 'ivr.db'}"
        store = StoreSettings(url=url, busy_seconds=5)
        self.databases = [await with_tables(store), await Database.open(store)]
        if self.url:
            await self.databases[0].write(_empty)
        self.book = CampaignBook(self.databases[0], self.clock)
        self.dialers = {
            name: Dialer(CampaignBook(database, self.clock))
            for name, database in zip(("one", "two"), self.databases, strict=True)
        }
        people = [person(number) for number in range(PEOPLE)]
        self.campaigns = [await run(self.book, people, name, last_day=date(2036, 1, 1)) for name in NAMES]

    @property
    def ids(self) -> list[int]:
        return [each.campaign_id for each in self.campaigns]

    def _one(self, what: str, which: int) -> tuple[str, Dialer, Any]:
        """One of the things that the dialers have at hand; it is taken from him."""
        pool = [
            (name, dialer, each) for name, dialer in self.dialers.items() for each in getattr(dialer, what)
        ]
        name, dialer, found = pool[which % len(pool)]
        getattr(dialer, what).remove(found)
        return name, dialer, found

    def play(self, steps: int) -> None:
        """Steps by chance, of those that there is something to do for; what holds is looked at after each."""
        try:
            for _ in range(steps):
                ready = [each for each in STEPS if self._is_ready(each)]
                step = self.chance.choices(ready, [STEPS[each] for each in ready])[0]
                getattr(self, step)(*self._drawn(step))
                self.run(self._what_holds())
            self.run(self._heal())
        finally:
            self.close()

    def _is_ready(self, step: str) -> bool:
        if step == "hang_up":
            return bool(self.exchange.ringing)
        return step not in NEEDS or any(getattr(each, NEEDS[step]) for each in self.dialers.values())

    def _drawn(self, step: str) -> list[Any]:
        return [self.chance.choice(DRAWN[each]) for each in signature(getattr(self, step)).parameters]

    # --- the steps of a dialer ---

    def claim(self, name: str, limit: int) -> None:
        dialer = self.dialers[name]
        found = self.run(dialer.book.claim(self.ids, self.clock.now(), limit, name))
        assert len(found) <= limit
        dialer.held += found

    def write(self, which: int, further: int) -> None:
        """One attempt, and so many steps further; the others may come later, or never."""
        name, dialer, target = self._one("held", which)
        self.run(self._write(dialer, name, target))
        if further >= 1 and dialer.written:
            self.put_down(0)
        if further >= 2 and dialer.to_dial:
            self.dial(0)

    async def _write(self, dialer: Dialer, name: str, target: Target) -> None:
        try:
            written = await dialer.book.write_attempt(target, target.numbers[0], "trunk", name, once_a_day)
        except NotClaimed:
            await dialer.book.give_back([target.target_id], name)
            return
        match written:
            case Attempt():
                dialer.written.append(written)
            case NotBefore(at):
                await dialer.book.again(target.target_id, at)
            case Never(why):
                await dialer.book.over(target.target_id, TargetState.REFUSED, why)

    def put_down(self, which: int) -> None:
        _, dialer, attempt = self._one("written", which)
        if self.run(dialer.book.dialled(attempt.attempt_id)):
            dialer.to_dial.append(attempt.attempt_id)

    def dial(self, which: int) -> None:
        _, _, attempt_id = self._one("to_dial", which)
        self.exchange.dialled[attempt_id] += 1
        self.exchange.ringing.add(attempt_id)

    def hang_up(self, which: int, name: str, end: Disposition, further: int) -> None:
        attempt_id = _any(self.exchange.ringing, which)
        self.exchange.ringing.discard(attempt_id)
        self.exchange.ends[attempt_id] = end
        self.dialers[name].to_tell.append((attempt_id, end))
        self.run(self.dialers[name].book.answered(attempt_id, self.clock.now()))
        if further >= 1:
            self.end(0, further == 2)
        if further == 2:
            self.look(name)

    def end(self, which: int, again: bool) -> None:
        _, dialer, (attempt_id, how_it_ended) = self._one("to_tell", which)
        before = self.run(self.book.attempt(attempt_id))
        news = self.run(dialer.book.ended(attempt_id, how_it_ended, 16, self.clock.now()))
        assert before is not None
        assert news == (before.state is not AttemptState.ENDED)
        if again:
            dialer.to_tell.append((attempt_id, Disposition.FAULT))

    def look(self, name: str) -> None:
        dialer = self.dialers[name]
        dialer.to_decide += self.run(dialer.book.undecided())

    def decide(self, which: int) -> None:
        _, dialer, attempt = self._one("to_decide", which)
        self.run(self._decide(dialer.book, attempt))

    async def _decide(self, book: CampaignBook, attempt: Attempt) -> None:
        if attempt.disposition in REACHED:
            await book.over(attempt.target_id, TargetState.DONE, "reached")
        else:
            later = self.clock.now() + timedelta(seconds=5)
            await book.again(attempt.target_id, later, after=attempt.attempt_id)

    # --- what goes wrong ---

    def crash(self, name: str) -> None:
        self.run(self._start_anew(name, name))

    def take_over(self, name: str, late: int) -> None:
        """From those who are gone; they may be slow, not dead."""
        book = self.dialers[name].book
        self.clock.pass_by(late)
        self.run(book.alive(name))
        for gone in self.run(book.gone()):
            if gone != name:
                self.run(self._reconcile(book, gone))
        self.run(book.give_back_lost())
        self.claim(name, 5)

    async def _start_anew(self, name: str, whose: str) -> None:
        dialer = self.dialers[name]
        dialer.forget()
        await dialer.book.give_back_lost(name)
        await self._reconcile(dialer.book, whose)

    async def _reconcile(self, book: CampaignBook, whose: str) -> None:
        for attempt in await book.open_attempts(whose):
            if attempt.attempt_id not in self.exchange.ringing:
                certain = attempt.state is AttemptState.WRITTEN
                lost = Disposition.NOT_DIALLED if certain else Disposition.LOST
                end = self.exchange.ends.get(attempt.attempt_id, lost)
                await book.ended(attempt.attempt_id, end, 0, self.clock.now())

    def wait(self, seconds: int) -> None:
        """No call rings for a day, and no order is given a day late; of an end nobody may be told."""
        self.clock.pass_by(seconds)
        if seconds > DAY.total_seconds():
            self.exchange.ends |= dict.fromkeys(self.exchange.ringing, Disposition.BUSY)
            self.exchange.ringing.clear()
            for dialer in self.dialers.values():
                dialer.to_dial.clear()

    def meddle(self, name: str, which: int, state: CampaignState) -> None:
        """What supervisors and clocks do meanwhile."""
        self.run(self.dialers[name].book.alive(name))
        self.run(self._turn(self.campaigns[which % 2], state))
        people = [person(number) for number in range(PEOPLE)]
        assert self.run(self.book.add_targets(self.ids[which % 2], people)).new == 0
        assert self.run(self.book.sweep()).expired == 0

    async def _turn(self, campaign: Campaign, state: CampaignState) -> None:
        now = await self.book.campaign(campaign.campaign_id)
        if now is not None and not (now.state is CampaignState.DONE and state is CampaignState.PAUSED):
            await self.book.set_state(campaign.campaign_id, state, "", "anna")

    # --- what holds ---

    async def _what_holds(self) -> None:
        assert set(self.exchange.dialled.values()) <= {1}, "an attempt was dialled twice"
        made = await self.databases[0].read(_made)
        being_called = {each.target_id for each in made if each.state != AttemptState.ENDED}
        states = [await self.book.target(each) for each in being_called]
        assert {each.state for each in states if each is not None} <= {TargetState.CALLING}
        for number in range(PEOPLE):
            mine = [each for each in made if each.person == person(number).person]
            assert sum(each.attempt_id in self.exchange.ringing for each in mine) <= 1, "two calls at once"
            moments = [each.written_at for each in mine if each.disposition in COUNTED]
            assert all(later - earlier > DAY for earlier, later in pairwise(moments)), "the limit is exceeded"
            assert number or not mine, "who has refused was called"
        for attempt_id, end in self.exchange.ends.items():
            said = next(each.disposition for each in made if each.attempt_id == attempt_id)
            assert said in (None, end, Disposition.LOST), "an end was told anew"

    def close(self) -> None:
        """Close what was opened."""
        for database in self.databases:
            self.run(database.close())
        self.runner.close()
        self.folder.cleanup()

    async def _heal(self) -> None:
        """Both dialers work again without faults: then every target comes to its end."""
        for campaign in self.campaigns:
            await self._turn(campaign, CampaignState.RUNNING)
        for name in self.dialers:
            await self._start_anew(name, name)
        for _ in range(12):
            self.clock.pass_by(DAY.total_seconds() + 2)
            for name, dialer in self.dialers.items():
                await self._work_off(name, dialer)
            ends = [each for one in self.ids for each in (await self.book.targets(one)).items]
            if {each.state for each in ends} <= ENDS:
                break
        else:
            pytest.fail("a target is forgotten")
        assert len(ends) == PEOPLE * len(self.ids)
        assert await self.book.open_attempts() == await self.book.undecided() == []

    async def _work_off(self, name: str, dialer: Dialer) -> None:
        for attempt_id in sorted(self.exchange.ringing):
            self.exchange.ringing.discard(attempt_id)
            await dialer.book.ended(attempt_id, Disposition.BUSY, 17, self.clock.now())
        for attempt in await dialer.book.undecided():
            await self._decide(dialer.book, attempt)
        for target in await dialer.book.claim(self.ids, self.clock.now(), 99, name):
            await self._write(dialer, name, target)
        for attempt in dialer.written:
            assert await dialer.book.dialled(attempt.attempt_id)
            assert attempt.attempt_id not in self.exchange.dialled
            await dialer.book.ended(attempt.attempt_id, Disposition.PERSON, 16, self.clock.now())
        dialer.forget()
        for attempt in await dialer.book.undecided():
            await self._decide(dialer.book, attempt)


def _any(found: Counter[str] | set[str], which: int) -> str:
    return sorted(found)[which % len(found)]


def _made(connection: Connection) -> list[Row[Any]]:
    return list(connection.execute(campaign_attempts.select().order_by(campaign_attempts.c.id)))


def _empty(connection: Connection) -> None:
    connection.execute(text("TRUNCATE campaigns, campaign_people, campaign_dialers RESTART IDENTITY CASCADE"))


@pytest.mark.parametrize("driver", ["sqlite", pytest.param("postgresql", marks=needs_postgres)])
def test_two_dialers_in_any_interleaving(driver: str) -> None:
    url = POSTGRES if driver == "postgresql" else ""
    if url:
        asyncio.run(_empty_postgres())

    @how(max_examples=EXAMPLES)
    @given(seed=st.integers(0, 2**32))
    def plays(seed: int) -> None:
        Dialers(url, seed).play(80)

    plays()
