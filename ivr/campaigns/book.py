"""The book of campaigns: who is to be reached, who calls whom now, and what came of each attempt.

Each method is one transaction, durable on return; all may raise StoreUnavailable, and then nothing was
written, as far as anybody knows: an attempt whose writing failed so may still stand among `open_attempts`.
Several processes may use one book at once (PostgreSQL).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from ivr.campaigns import attempts_book, rows, selection
from ivr.campaigns.attempts_book import Check, NotClaimed, Order, contacts
from ivr.campaigns.entries import (
    Added,
    Contact,
    ContactKind,
    HistoryLine,
    NewCampaign,
    NewTarget,
    Page,
    Progress,
    Swept,
)
from ivr.campaigns.faults import NameTaken
from ivr.campaigns.model import Attempt, Campaign, CampaignState, Disposition, Target, TargetState
from ivr.campaigns.verdicts import Verdict
from ivr.dialogue.ports import Clock
from ivr.store import Database

__all__ = [
    "Added",
    "CampaignBook",
    "Check",
    "Contact",
    "ContactKind",
    "HistoryLine",
    "NewCampaign",
    "NewTarget",
    "NotClaimed",
    "Page",
    "Progress",
    "Swept",
    "contacts",
]
T = TypeVar("T")
_AT_ONCE = 1_000
"""Targets written, or ended by a sweep, in one transaction: other writes get in between."""


class CampaignBook:
    """Keeps campaigns, targets and attempts. Moments given are aware; those told are in UTC."""

    def __init__(self, database: Database, clock: Clock, lease: timedelta = timedelta(seconds=30)) -> None:
        """`lease`: a dialer not heard of for so long is gone."""
        self._database = database
        self._clock = clock
        self._lease = lease

    async def create(self, new: NewCampaign) -> Campaign:
        """Write a draft down. Raises NameTaken."""
        try:
            return await self._write(rows.create, new, self._clock.now())
        except IntegrityError as error:
            raise NameTaken(new.name) from error

    async def revise(self, campaign_id: int, new: NewCampaign) -> Campaign:
        """Change a draft, or a campaign that is paused. Raises NoCampaign, NameTaken, NotNow."""
        try:
            return await self._write(rows.revise, campaign_id, new, self._clock.now())
        except IntegrityError as error:
            raise NameTaken(new.name) from error

    async def campaign(self, campaign_id: int) -> Campaign | None:
        """A campaign by its number."""
        return await self._read(rows.find, campaign_id)

    async def by_name(self, name: str) -> Campaign | None:
        """A campaign by its name."""
        return await self._read(rows.find_by_name, name)

    async def campaigns(self) -> list[Campaign]:
        """All campaigns, the newest first."""
        return await self._read(rows.every)

    async def set_state(self, campaign_id: int, state: CampaignState, why: str, by: str) -> Campaign:
        """Take a step and note it; once it returns, no attempt is written for a campaign that does not run.

        A step that is taken already changes nothing. `by` is a login, empty for the engine itself.

        Raises:
            NoCampaign: There is none.
            NotNow: The step is impossible (`rows.STEPS`).
        """
        line = HistoryLine(self._clock.now(), by, state, why)
        return await self._write(rows.set_state, campaign_id, line)

    async def history(self, campaign_id: int) -> list[HistoryLine]:
        """All steps of a campaign, the first one first."""
        return await self._read(rows.history, campaign_id)

    # --- targets ---

    async def add_targets(self, campaign_id: int, new: Sequence[NewTarget]) -> Added:
        """Write those down whom the campaign does not have yet; a repeat changes nothing.

        A large list is several transactions: after a failure the same list may be handed in again.

        Raises:
            NoCampaign: There is none.
            NotNow: It is stopped.
            ZoneInfoNotFoundError: A zone has no such name.
        """
        added = Added(0, 0)
        for start in range(0, len(new), _AT_ONCE):
            part = new[start : start + _AT_ONCE]
            done = await self._write(rows.add_targets, campaign_id, part, self._clock.now())
            added = Added(added.new + done.new, added.known + done.known)
        return added

    async def progress(self, campaign_id: int) -> Progress:
        """How far a campaign is."""
        return await self._read(rows.progress, campaign_id)

    async def target(self, target_id: int) -> Target | None:
        """A target by its number."""
        return await self._read(rows.find_target, target_id)

    async def targets(
        self, campaign_id: int, *, after: int = 0, limit: int = 100, state: TargetState | None = None
    ) -> Page[Target]:
        """A part of a campaign's targets, in the order in which they were added."""
        return await self._read(rows.targets, campaign_id, after, limit, state)

    # --- dialling ---

    async def claim(
        self, campaign_ids: Collection[int], now: datetime, limit: int, dialer: str
    ) -> list[Target]:
        """Take the next targets that are due: WAITING becomes CALLING, each for one dialer only.

        Campaigns that do not run are left out. The campaign whose window ends first comes first, in it
        whoever's day ends first (the easternmost), then who has been due for longest.
        """
        return await self._write(selection.claim, list(campaign_ids), now, limit, dialer)

    async def claim_one(self, target_id: int, now: datetime, dialer: str) -> Target | None:
        """Take this target (preview); None when it does not wait, is not due or its campaign does not run."""
        return await self._write(selection.claim_one, target_id, now, dialer)

    async def alive(self, dialer: str) -> None:
        """Renew a dialer's lease, as each claim does too."""
        await self._write(selection.alive, dialer, self._clock.now())

    async def give_back(self, target_ids: Collection[int], dialer: str) -> int:
        """Let claimed targets wait on for which no attempt was written; how many these were."""
        return await self._write(selection.give_back, list(target_ids), dialer)

    async def gone(self) -> list[str]:
        """Dialers whose lease is over. Their attempts are found by `open_attempts` and `undecided`."""
        return await self._read(selection.gone, self._clock.now() - self._lease)

    async def give_back_lost(self, own: str | None = None) -> int:
        """Let wait on what dialers that are gone had claimed without writing an attempt; how many these were.

        Args:
            own: A dialer that has just been started and has therefore no claims: its old ones, too.
        """
        before = self._clock.now() - self._lease
        return await self._write(_give_back_lost, before, own)

    async def write_attempt(
        self, target: Target, number: str, trunk: str, dialer: str, check: Check
    ) -> Attempt | Verdict:
        """Write an attempt, which may be dialled once this has returned, by who has called this alone.

        `check` is asked in the same transaction under a lock of the person. A verdict that is not Allowed
        is returned; then nothing was written, and the target is still claimed.

        Raises:
            NotClaimed: The target is not this dialer's any more, an attempt was written in this claim
                already, or the campaign does not run; `give_back` is right then, and needs no answer.
        """
        order = Order(
            attempt_id=str(uuid4()),
            campaign_id=target.campaign_id,
            target_id=target.target_id,
            person=target.person,
            number=number,
            trunk=trunk,
            dialer=dialer,
        )
        return await self._write(attempts_book.write, order, check, self._clock.now())

    async def dialled(self, attempt_id: str) -> bool:
        """The call is ordered; whether that is news.

        Put down before the order it is a last gate: False means that another dialer has taken this one for
        gone and ended its attempt, which must then not be dialled.
        """
        return await self._write(attempts_book.dialled, attempt_id, self._clock.now())

    async def answered(self, attempt_id: str, at: datetime) -> bool:
        """Somebody or something has answered; whether that is news. After the end it changes nothing."""
        return await self._write(attempts_book.answered, attempt_id, at)

    async def ended(self, attempt_id: str, disposition: Disposition, cause: int, at: datetime) -> bool:
        """The attempt is over; whether that is news. A second end changes nothing.

        The target stays CALLING until `again` or `over`; until then it is among `undecided`.
        """
        return await self._write(attempts_book.ended, attempt_id, disposition, cause, at)

    async def result(self, attempt_id: str, outcome: str, data: Mapping[str, Any]) -> bool:
        """Keep what a talk has left, also after its end; False: there is no such attempt."""
        return await self._write(attempts_book.result, attempt_id, outcome, data)

    async def again(self, target_id: int, due_at: datetime, *, after: str | None = None) -> bool:
        """CALLING becomes WAITING until `due_at`; False, and nothing changed, while an attempt is under way.

        Args:
            target_id: Of the target.
            due_at: Aware.
            after: Attempt that this follows; False also when the target has moved on since.
        """
        return await self._write(selection.again, target_id, due_at, after)

    async def over(self, target_id: int, state: TargetState, outcome: str) -> bool:
        """End a target that waits or is CALLING.

        False, and nothing changed, while an attempt is under way and when it has ended already.
        Raises ValueError for a state that is no end.
        """
        return await self._write(selection.over, target_id, state, outcome)

    async def sweep(self) -> Swept:
        """End what can't be reached any more, and campaigns that have nothing left to do; often.

        Targets that wait in a campaign whose last day is past, or that is stopped, become EXPIRED. A campaign
        becomes DONE when its targets have all ended, or its last day is past and none is CALLING.
        """
        expired: list[int] = []
        done: list[int] = []
        while True:
            swept = await self._write(selection.sweep, self._clock.now(), _AT_ONCE)
            expired.append(swept.expired)
            done.extend(swept.done)
            if swept.expired < _AT_ONCE:
                return Swept(sum(expired), tuple(done))

    # --- attempts ---

    async def attempt(self, attempt_id: str) -> Attempt | None:
        """An attempt by its id."""
        return await self._read(attempts_book.find, attempt_id)

    async def facts(self, attempt_id: str) -> tuple[Campaign, Target, Attempt] | None:
        """An attempt under way and what it is made for; None: there is none such."""
        return await self._read(attempts_book.facts, attempt_id)

    async def to_settle(self, attempt_id: str) -> tuple[Campaign, Target, list[Attempt]] | None:
        """What decides what becomes of the target of an attempt that has ended.

        Returns:
            Campaign, target, and all attempts at it, the first one first; None: nothing is to be decided, for
            the attempt has not ended, another one has followed, or somebody has said it already.
        """
        return await self._read(attempts_book.to_settle, attempt_id)

    async def open_attempts(self, dialer: str | None = None) -> list[Attempt]:
        """Attempts that have not ended, of one dialer or all, the first one first."""
        return await self._read(attempts_book.under_way, dialer)

    async def undecided(self, dialer: str | None = None) -> list[Attempt]:
        """Attempts that ended, of targets of which nobody has said yet what becomes of them."""
        return await self._read(attempts_book.undecided, dialer)

    async def attempts_of(self, target_id: int) -> list[Attempt]:
        """All attempts at a target, the first one first."""
        return await self._read(attempts_book.of_target, target_id)

    async def attempts_of_person(self, person: str, *, limit: int = 100) -> list[Attempt]:
        """The latest attempts at a person over all campaigns, the latest first."""
        return await self._read(attempts_book.of_person, person, limit)

    async def attempts(
        self, campaign_id: int, *, after: int = 0, limit: int = 100, disposition: Disposition | None = None
    ) -> Page[Attempt]:
        """A part of a campaign's attempts, in the order in which they were written."""
        return await self._read(attempts_book.page, campaign_id, after, limit, disposition)

    async def _read(self, job: Callable[..., T], *told: Any) -> T:
        return await self._database.read(partial(_run, job, told))

    async def _write(self, job: Callable[..., T], *told: Any) -> T:
        return await self._database.write(partial(_run, job, told))


def _run(job: Callable[..., T], told: tuple[Any, ...], connection: Connection) -> T:
    return job(connection, *told)


def _give_back_lost(connection: Connection, before: datetime, own: str | None) -> int:
    dialers = selection.gone(connection, before)
    return selection.give_back_all(connection, [*dialers, *([own] if own else [])])
