"""What of the book is ours: taken up at the start, and put right when the two disagree."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import partial

import structlog
from sqlalchemy import Connection, select

from ivr.campaigns.book import CampaignBook
from ivr.campaigns.dialling.calls import Call, Calls, Stage
from ivr.campaigns.dialling.ear import Ear
from ivr.campaigns.dialling.writing import Writing
from ivr.campaigns.model import Attempt, AttemptState, Disposition
from ivr.campaigns.tables import campaign_targets
from ivr.dialogue.ports import Clock
from ivr.store import Database

log = structlog.get_logger(__name__)

_STAGES = {
    AttemptState.WRITTEN: Stage.ORDERED,
    AttemptState.DIALLED: Stage.ORDERED,
    AttemptState.ANSWERED: Stage.ANSWERED,
}


class Stock:
    """Compares the book with the calls that are known here."""

    def __init__(
        self,
        *,
        book: CampaignBook,
        database: Database,
        calls: Calls,
        ear: Ear,
        writing: Writing,
        clock: Clock,
        dialer: str,
        held: Callable[[], Collection[int]],
    ) -> None:
        """Args: held, targets that are claimed and of which no call is known: operators read them."""
        self._book = book
        self._database = database
        self._calls = calls
        self._ear = ear
        self._writing = writing
        self._clock = clock
        self._dialer = dialer
        self._held = held
        self._gone_since: dict[str, float] = {}

    async def take_up(self, answer_seconds: float) -> None:
        """Before anything is dialled in this life: what an earlier one has left. Raises StoreUnavailable.

        Attempts under way go on when the exchange shows them; nobody knows yet. Claims without an attempt are
        given back: nobody was called for them.

        Args:
            answer_seconds: After so long every call has been answered, or has ended.
        """
        await self._book.give_back_lost(self._dialer)
        for attempt in await self._book.open_attempts(self._dialer):
            await self._restore(attempt, answer_seconds)
        self._settle(await self._book.undecided(self._dialer))
        log.info("campaigns.taken-up", calls=len(self._calls))

    async def compare(self) -> None:
        """Now and then, and after the database was away. Raises StoreUnavailable.

        A write that failed may have been done all the same: an attempt that is not known here was written in
        this life, but nobody has dialled it, and nobody will.
        """
        for attempt in await self._book.open_attempts(self._dialer):
            if not self._known(attempt):
                await self._not_dialled(attempt)
        self._settle(await self._book.undecided(self._dialer))
        await self._return_claims()

    async def inherit(self, after_seconds: float) -> None:
        """See to what dialers have left that are gone. Raises StoreUnavailable.

        Targets that nobody was called for wait on at once. Calls under way are given up only when their
        dialer has been away for long: it may come back and know them, and a moved clock is no absence.
        """
        await self._book.give_back_lost()
        now, gone = self._clock.monotonic(), set(await self._book.gone()) - {self._dialer}
        self._gone_since = {dialer: self._gone_since.get(dialer, now) for dialer in gone}
        for dialer, since in self._gone_since.items():
            if now - since >= after_seconds:
                await self._give_up(dialer)

    async def _give_up(self, dialer: str) -> None:
        for attempt in await self._book.open_attempts(dialer):
            await self._book.ended(attempt.attempt_id, Disposition.LOST, 0, self._clock.now())
        self._settle(await self._book.undecided(dialer))

    async def _restore(self, attempt: Attempt, answer_seconds: float) -> None:
        target = await self._book.target(attempt.target_id)
        campaign = await self._book.campaign(attempt.campaign_id)
        if target is None or campaign is None:
            return
        age = max(0.0, (self._clock.now() - attempt.written_at).total_seconds())
        now = self._clock.monotonic()
        self._calls.add(
            Call(
                campaign,
                target,
                now - age,
                attempt=attempt,
                trunk=attempt.trunk,
                stage=_STAGES[attempt.state],
                in_doubt=True,
                ends_by=now + answer_seconds,
            )
        )

    def _known(self, attempt: Attempt) -> bool:
        return (
            self._calls.of_target(attempt.target_id) is not None
            or self._calls.of_attempt(attempt.attempt_id) is not None
            or self._writing.pending(attempt.attempt_id)
        )

    async def _not_dialled(self, attempt: Attempt) -> None:
        log.warning("campaigns.never-dialled", attempt=attempt.attempt_id)
        await self._book.ended(attempt.attempt_id, Disposition.NOT_DIALLED, 0, self._clock.now())

    def _settle(self, attempts: Iterable[Attempt]) -> None:
        for attempt in attempts:
            if not self._known(attempt):
                self._ear.settle(attempt)

    async def _return_claims(self) -> None:
        ours = await self._database.read(partial(_claimed, self._dialer))
        held = self._held()
        for target_id in ours:
            if self._calls.of_target(target_id) is None and target_id not in held:
                key = f"target:{target_id}"
                if not self._writing.pending(key):
                    self._writing.put(key, partial(self._book.give_back, [target_id], self._dialer))


def _claimed(dialer: str, connection: Connection) -> list[int]:
    """Targets that it has claimed and written no attempt for."""
    targets = campaign_targets.c
    mine = (targets.dialer == dialer) & targets.attempt_id.is_(None)
    return list(connection.execute(select(targets.id).where(mine)).scalars())
