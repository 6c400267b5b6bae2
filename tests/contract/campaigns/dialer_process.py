"""A dialer as a process of its own: `python -m tests.contract.campaigns.dialer_process URL NAME CAMPAIGN`.

It first settles what an earlier process of its name has left, then calls everybody who waits: for each call
it prints the person, once the attempt is put down as dialled and before anything else is written. It ends
when nobody waits.
"""

from __future__ import annotations

import asyncio
import sys

from ivr.campaigns.book import CampaignBook, NotClaimed
from ivr.campaigns.model import Attempt, AttemptState, Disposition, Target, TargetState
from ivr.store import Database, StoreSettings
from tests.contract.campaigns.samples import ClockByHand, yes


async def dial(url: str, name: str, campaign_id: int) -> None:
    """All of it."""
    database = await Database.open(StoreSettings(url=url, busy_seconds=30))
    book, clock = CampaignBook(database, ClockByHand()), ClockByHand()
    await book.give_back_lost(name)
    for attempt in await book.open_attempts(name):
        certain = attempt.state is AttemptState.WRITTEN
        end = Disposition.NOT_DIALLED if certain else Disposition.LOST
        await book.ended(attempt.attempt_id, end, 0, clock.now())
    for attempt in await book.undecided(name):
        if attempt.disposition is Disposition.NOT_DIALLED:
            await book.again(attempt.target_id, clock.now(), after=attempt.attempt_id)
        else:
            await book.over(attempt.target_id, TargetState.DONE, "called")
    while targets := await book.claim([campaign_id], clock.now(), 4, name):
        await asyncio.gather(*(call(book, clock, name, target) for target in targets))
    await database.close()


async def call(book: CampaignBook, clock: ClockByHand, name: str, target: Target) -> None:
    """Call one person."""
    try:
        attempt = await book.write_attempt(target, target.numbers[0], "trunk", name, yes)
    except NotClaimed:
        return
    assert isinstance(attempt, Attempt)
    if not await book.dialled(attempt.attempt_id):
        return
    sys.stdout.write(f"{target.person}\n")
    sys.stdout.flush()
    await book.ended(attempt.attempt_id, Disposition.PERSON, 16, clock.now())
    await book.over(target.target_id, TargetState.DONE, "called")


if __name__ == "__main__":
    asyncio.run(dial(sys.argv[1], sys.argv[2], int(sys.argv[3])))
