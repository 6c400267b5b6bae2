"""What clients have said of the service in talks of campaigns goes to where opinions are kept.

Each answer is on disk with its attempt before the next question. When the talk is over all of them are given
on; the attempt is marked then. What a crash has left unmarked is given on at the next start, and who takes it
takes the same attempt twice as once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection, select

from ivr.campaigns import attempts_book
from ivr.campaigns.kinds import Kinds
from ivr.campaigns.model import Attempt, Campaign, Target
from ivr.campaigns.ports import Opinion, OpinionOf, Opinions, Talks
from ivr.campaigns.tables import campaign_attempts, campaigns
from ivr.dialogue.ports import Clock
from ivr.errors import Fault
from ivr.store import Database

log = structlog.get_logger(__name__)

QUESTIONNAIRE = "questionnaire"
"""Field of a campaign: which one its answers belong to."""

GIVEN = "given_on"
"""Mark in the result of an attempt."""

_LOOK_BACK = timedelta(days=31)
_Facts = tuple[Campaign, Target, Attempt]


class OpinionTalks:
    """`Talks` whose results are given on, too."""

    def __init__(self, talks: Talks, giving: GivingOn) -> None:
        self._talks = talks
        self._giving = giving

    async def facts_of(self, attempt_id: str) -> _Facts | None:
        """As `Talks.facts_of`."""
        return await self._talks.facts_of(attempt_id)

    async def result(self, attempt_id: str, outcome: str, data: Mapping[str, Any]) -> None:
        """As `Talks.result`."""
        await self._talks.result(attempt_id, outcome, data)
        await self._giving.talk_over(attempt_id)


class GivingOn:
    """Gives on what was said, once for each attempt."""

    def __init__(self, database: Database, kinds: Callable[[], Kinds], clock: Clock) -> None:
        self._database = database
        self._kinds = kinds
        self._clock = clock
        self._takes: Opinions | None = None

    def give_to(self, takes: Opinions) -> None:
        """Give on to it from now on."""
        self._takes = takes

    async def talk_over(self, attempt_id: str) -> None:
        """Give on what was said in a talk; what can't be given now is given at the next start."""
        try:
            await self._give(attempt_id)
        except Fault as fault:  # the database is away, or the campaign's kind is gone
            log.warning("campaigns.opinion-waits", attempt=attempt_id, why=fault.what)

    async def catch_up(self) -> int:
        """Give on what a crash has left; tells how many. What can't be given on waits for the next start."""
        try:
            return await self._left()
        except Fault as fault:  # the database is away, or there are no kinds
            log.warning("campaigns.opinions-wait", why=fault.what)
            return 0

    async def _left(self) -> int:
        since = self._clock.now() - _LOOK_BACK
        asking = {kind.id for kind in self._kinds() if kind.opinion is not None}
        ids = await self._database.read(partial(_talked, kinds=asking, since=since))
        return sum([await self._give(attempt_id) for attempt_id in ids])

    async def _give(self, attempt_id: str) -> bool:
        facts = await self._database.read(partial(attempts_book.whole, attempt_id=attempt_id))
        if facts is None or self._takes is None:
            return False
        campaign, target, attempt = facts
        of = self._kinds()[campaign.kind].opinion
        if of is None or GIVEN in attempt.result:
            return False
        await self._takes.take(_opinion(of, campaign, target, attempt))
        await self._database.write(partial(_mark, attempt_id=attempt_id))
        return True


def _mark(connection: Connection, attempt_id: str) -> None:
    """Whatever else has been kept of it meanwhile stays."""
    found = attempts_book.find(connection, attempt_id)
    if found is not None:
        attempts_book.result(connection, attempt_id, found.outcome, {**found.result, GIVEN: True})


def _opinion(of: OpinionOf, campaign: Campaign, target: Target, attempt: Attempt) -> Opinion:
    return Opinion(
        of=of,
        attempt_id=attempt.attempt_id,
        client=target.account or attempt.number,
        at=attempt.answered_at or attempt.written_at,
        answers={name: str(value) for name, value in attempt.result.items()},
        questionnaire=str(campaign.fields.get(QUESTIONNAIRE) or ""),
        request_number=str(target.fields.get("request") or ""),
    )


def _talked(connection: Connection, kinds: set[str], since: datetime) -> list[str]:
    """Attempts of such kinds that have ended and are not marked."""
    made = campaign_attempts.c
    query = (
        select(made.attempt_id, made.result)
        .join(campaigns, campaigns.c.id == made.campaign_id)
        .where(campaigns.c.kind.in_(kinds), made.written_at >= since, made.ended_at.is_not(None))
        .order_by(made.id)
    )
    return [row.attempt_id for row in connection.execute(query) if row.result and GIVEN not in row.result]
