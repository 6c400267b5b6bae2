"""Lost callers: derived from the ledger's stories, one row a person, until he is talked with.

Every verdict may come twice, late, or after a restart: a call counts once, by its id.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection, select

from ivr.calls.rows import story_of
from ivr.calls.story import CallKind, Disposition, Story
from ivr.calls.tables import calls
from ivr.desk import lost_rows
from ivr.desk.attempts import Attempt, AttemptOutcome, Attempts, Matter, MatterKind, NotPlaced
from ivr.desk.conflicts import Conflict, NotThere
from ivr.desk.lost_rows import PENDING, LostCall, LostCaller, LostEnd, LostKind, LostStage, LostStatus
from ivr.desk.news import News
from ivr.desk.settings_work import LostSettings
from ivr.dialogue.ports import Clock
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)
_REMEMBERED = 5_000
_RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class FoundAgain:
    """Somebody talked with this number, or the robot served it."""

    phone: str
    at: datetime
    end: LostEnd


Verdict = LostCall | FoundAgain


def judge(story: Story, short: timedelta) -> Verdict | None:
    """What a story says of its caller; None when it says nothing (yet). Pure.

    A caller who was given back to a queue after a talk and gave up there is lost, though he was answered.
    """
    disposition, phone = story.disposition, story.caller_number or ""
    if disposition is Disposition.LOST or _gave_up_after_a_talk(story):
        return _lost(story, phone, short)
    told_by_robot = story.kind is CallKind.CAMPAIGN and disposition is Disposition.SERVED
    if told_by_robot or disposition not in {Disposition.ANSWERED, Disposition.SERVED} or not phone:
        return None
    at = story.agent_answered_at or story.ended_at
    if at is None:
        return None
    called_in = story.kind is CallKind.INBOUND
    return FoundAgain(phone, at, LostEnd.GOT_THROUGH if called_in else LostEnd.CALLED_BACK)


def _gave_up_after_a_talk(story: Story) -> bool:
    talked, left = story.agent_answered_at, story.abandoned_at
    return bool(story.ended_at and talked and left and talked < left)


def _lost(story: Story, phone: str, short: timedelta) -> LostCall:
    end = story.abandoned_at or story.ended_at or story.came_at
    waited = end - story.queued_at if story.queued_at else timedelta()
    return LostCall(
        call_id=story.call_id,
        phone=phone,
        came_at=story.came_at,
        at=story.ended_at or end,
        stage=LostStage.QUEUE if story.queued_at else LostStage.ROBOT,
        line=story.line or "",
        queue=story.queue or "",
        waited_seconds=max(0, int(waited.total_seconds())),
        short=end - story.came_at < short,
    )


class LostCallers:
    """The worklist.

    Attributes:
        news: Tells of every row that is new or changed.
    """

    def __init__(
        self,
        database: Database,
        settings: LostSettings,
        clock: Clock,
        attempts: Attempts,
        default_profile: str,
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._attempts = attempts
        self._default_profile = default_profile
        self._short = timedelta(seconds=settings.short_seconds)
        self._verdicts: asyncio.Queue[Verdict] = asyncio.Queue()
        self._judged: OrderedDict[str, Verdict] = OrderedDict()
        self._writing: asyncio.Task[None] | None = None
        self._telling: set[asyncio.Task[None]] = set()
        self.news: News[LostCaller] = News()

    async def start(self) -> None:
        """Go through the calls that ended while nobody watched, then follow the ledger.

        Raises:
            StoreUnavailable: They cannot be read.
        """
        self._attempts.handle(MatterKind.LOST, _settle, self._attempted)
        since = self._clock.now() - timedelta(hours=self._settings.catch_up_hours)
        for story in await self._database.read(partial(_ended_since, since)):
            self.story_changed(story)
        self._writing = asyncio.create_task(self._write(), name="lost-callers")

    async def close(self) -> None:
        """Follow it no longer; what was not written is found at the next start."""
        tasks = [*self._telling, *([self._writing] if self._writing else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def story_changed(self, story: Story) -> None:
        """The ledger tells of a call; nothing waits."""
        verdict = judge(story, self._short)
        if verdict is None or self._judged.get(story.call_id) == verdict:
            return
        self._judged[story.call_id] = verdict
        while len(self._judged) > _REMEMBERED:
            self._judged.popitem(last=False)
        self._verdicts.put_nowait(verdict)

    async def settled(self) -> None:
        """Wait until everything told so far is written."""
        await self._verdicts.join()

    async def listed(self, statuses: Sequence[LostStatus], limit: int) -> list[LostCaller]:
        """Lost callers that stand so, the last ones first.

        Raises:
            StoreUnavailable: They cannot be read.
        """
        now = self._clock.now()
        since = now - timedelta(days=self._settings.show_days)
        return await self._database.read(
            lambda connection: lost_rows.listed(connection, statuses, since, limit, now)
        )

    async def counted(self, since: datetime) -> dict[LostKind, int]:
        """How many calls were lost since then, short ones and withheld numbers apart.

        Raises:
            StoreUnavailable: They cannot be read.
        """
        return await self._database.read(partial(lost_rows.counted, since=since))

    async def take(self, id: int, login: str) -> LostCaller:
        """Claim a lost caller.

        Raises:
            NotThere: There is none of this id.
            Conflict: Somebody else has (`taken`), or he is lost no longer (`closed`).
            StoreUnavailable: Nothing was written.
        """
        now = self._clock.now()
        return await self._change(id, lambda connection: lost_rows.take(connection, id, login, now))

    async def give_back(self, id: int) -> LostCaller:
        """Let others see to him. Raises as `take`."""
        return await self._change(id, partial(lost_rows.give_back, id=id))

    async def close_by_hand(self, id: int, login: str, note: str) -> LostCaller:
        """Take him off the list, with a reason. Raises as `take`."""
        now = self._clock.now()
        return await self._change(
            id, lambda connection: lost_rows.close(connection, id, now, LostEnd.BY_HAND, login, note)
        )

    async def call(self, id: int, login: str) -> Attempt:
        """Claim him and call him back: ring this operator, then the client.

        Raises:
            NotThere: There is none of this id.
            Conflict: Somebody else is at it (`taken`), or the operator can't be rung (`not-ready`).
            StoreUnavailable: Nothing was written or ordered.
        """
        now = self._clock.now()
        caller = await self.find(id)
        claim = partial(lost_rows.take, id=id, login=login, now=now)
        matter = Matter(MatterKind.LOST, id)
        try:
            attempt = await self._attempts.place(
                matter, login, caller.phone, self._default_profile, claim, by_hand=True
            )
        except NotPlaced as error:
            raise Conflict(error.why) from error
        self.news.tell(await self.find(id))
        return attempt

    async def find(self, id: int) -> LostCaller:
        """A lost caller by his id.

        Raises:
            NotThere: There is none.
            StoreUnavailable: He cannot be read.
        """
        now = self._clock.now()
        found = await self._database.read(partial(lost_rows.one, id=id, now=now))
        if found is None:
            raise NotThere
        return found

    async def _change(self, id: int, job: Callable[[Connection], bool]) -> LostCaller:
        changed = await self._database.write(job)
        caller = await self.find(id)
        if not changed:
            raise Conflict("taken" if caller.status in PENDING else "closed")
        self.news.tell(caller)
        return caller

    async def _write(self) -> None:
        while True:
            verdict = await self._verdicts.get()
            while not await self._written(verdict):
                await self._clock.sleep(_RETRY_SECONDS)
            self._verdicts.task_done()

    async def _written(self, verdict: Verdict) -> bool:
        try:
            changed = await self._database.write(partial(_apply, verdict))
            if changed is not None:
                self.news.tell(await self.find(changed))
        except StoreUnavailable:
            log.warning("lost.wait_for_store")
            return False
        return True

    def _attempted(self, attempt: Attempt) -> None:
        task = asyncio.create_task(self._tell(attempt.matter.id), name="lost-attempted")
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell(self, id: int) -> None:
        self.news.tell(await self.find(id))


def _apply(verdict: Verdict, connection: Connection) -> int | None:
    """Draw the consequences; the id of the row that changed, or None."""
    pending = lost_rows.pending_of(connection, verdict.phone)
    if isinstance(verdict, FoundAgain):
        found = lost_rows.find_again(connection, verdict.phone, verdict.at, verdict.end)
        return pending if found else None
    if not lost_rows.lose(connection, verdict):
        return None
    return lost_rows.pending_of(connection, verdict.phone)


def _settle(connection: Connection, attempt: Attempt, now: datetime) -> None:
    """Whoever was reached is lost no longer; else others may try."""
    if attempt.outcome is AttemptOutcome.ANSWERED:
        lost_rows.close(connection, attempt.matter.id, now, LostEnd.CALLED_BACK, attempt.agent)
    else:
        lost_rows.give_back(connection, attempt.matter.id)


def _ended_since(since: datetime, connection: Connection) -> list[Story]:
    query = select(calls).where(calls.c.ended_at >= since).order_by(calls.c.ended_at)
    return [story_of(dict(row)) for row in connection.execute(query).mappings()]
