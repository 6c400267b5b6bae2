"""Taking changed calls in: counted anew from the ledger, cells changed, the outbox emptied, all at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection, delete, func, insert, select, text

from ivr.calls import pending
from ivr.calls.story import Stage, Story
from ivr.calls.tables import calls, kpi_pending
from ivr.dialogue.ports import Clock
from ivr.kpi import circumstances, repeats, rows
from ivr.kpi.attendance import Nobody, States, settle
from ivr.kpi.cells import CALLS, TALKS, Change
from ivr.kpi.counting import count
from ivr.kpi.facts import CallFact, Circumstances, CountedCall, Rules
from ivr.kpi.settings import KpiSettings
from ivr.kpi.tables import (
    kpi_agent_days,
    kpi_call_cells,
    kpi_calls,
    kpi_staffed_days,
    kpi_talk_cells,
    kpi_talks,
)
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)

_LOCK_ID = 4_839_205  # any number that only this program uses; one process counts at a time
_DERIVED = (kpi_calls, kpi_talks, kpi_call_cells, kpi_talk_cells, kpi_agent_days, kpi_staffed_days)

_DAYS_AT_ONCE = 1
"""So many days of operators are summed up in one transaction: others write between two."""

Told = Callable[[Sequence[CallFact]], None]
"""Is told on the loop of calls that have been counted, durably."""


def take(connection: Connection, limit: int, rules: Rules, repeat_days: int) -> list[CountedCall] | None:
    """Count the calls that have waited longest; a job for `Database.write`.

    Returns:
        What was counted, also earlier calls that it throws another light on; None when nothing waits.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": _LOCK_ID})
    waiting = pending.read(connection, limit)
    if not waiting.call_ids:
        return None
    counted = recount(connection, waiting.call_ids, rules, timedelta(days=repeat_days))
    pending.settle(connection, waiting.call_ids, waiting.upto)
    return counted


def recount(
    connection: Connection, call_ids: Sequence[str], rules: Rules, repeat: timedelta
) -> list[CountedCall]:
    """Count calls anew in a transaction that writes; a call that has not ended is not counted."""
    together = list(dict.fromkeys([*call_ids, *circumstances.of_the_same_promises(connection, call_ids)]))
    before = rows.read_calls(connection, together)
    talked = rows.read_talks(connection, together)
    known = circumstances.read(connection, together)
    after = [each for one in known if (each := _counted(*one, rules)) is not None]
    rows.write(connection, together, after)
    of_calls, of_talks = Change(CALLS, rules.zone), Change(TALKS, rules.zone)
    of_calls.replace(before, [each.call for each in after])
    of_talks.replace(talked, [talk for each in after for talk in each.talks])
    flips = _flips(connection, together, [*before, *(each.call for each in after)], repeat)
    of_calls.replace([flip.before for flip in flips], [flip.after for flip in flips])
    of_calls.write(connection)
    of_talks.write(connection)
    return _as_counted(after, flips)


def _counted(story: Story, known: Circumstances, rules: Rules) -> CountedCall | None:
    """A call that can't be counted must not keep all others from it."""
    try:
        return count(story, known, rules)
    except Exception:
        log.exception("kpi.call_not_counted", call_id=story.call_id)
        return None


def _flips(
    connection: Connection, call_ids: Sequence[str], facts: Iterable[CallFact], repeat: timedelta
) -> list[repeats.Flip]:
    came = [fact.came_at for fact in facts]
    if not came:
        return []
    found = repeats.flips(connection, call_ids, repeat, (min(came), max(came)))
    repeats.write(connection, found)
    return found


def _as_counted(after: Sequence[CountedCall], flips: Sequence[repeats.Flip]) -> list[CountedCall]:
    otherwise = {flip.after.call_id: flip.after for flip in flips}
    mine = [CountedCall(otherwise.pop(each.call.call_id, each.call), each.talks) for each in after]
    return mine + [CountedCall(call) for call in otherwise.values()]


def all_anew(connection: Connection) -> int:
    """Throw away all that was counted and put every call that has ended into the outbox; returns how many."""
    for table in _DERIVED:
        connection.execute(delete(table))
    connection.execute(delete(kpi_pending))
    ended = select(calls.c.call_id).where(calls.c.stage == Stage.ENDED).order_by(calls.c.came_at)
    connection.execute(insert(kpi_pending).from_select(["call_id"], ended))
    return connection.execute(select(func.count()).select_from(kpi_pending)).scalar_one()


class Intake:
    """Counts what has changed, again and again; its task never ends before `close`."""

    def __init__(
        self,
        database: Database,
        settings: KpiSettings,
        clock: Clock,
        rules: Rules,
        *,
        states: States | None = None,
        told: Sequence[Told] = (),
    ) -> None:
        """Args: `states` tell what operators did; `told` hear what has been counted."""
        self._database = database
        self._settings = settings
        self._clock = clock
        self._rules = rules
        self._states = states or Nobody()
        self._told = tuple(told)
        self._settled: date | None = None
        self._all_counted_at = clock.monotonic()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to count."""
        self._task = asyncio.create_task(self._run(), name="kpi-intake")

    async def close(self) -> None:
        """Count no more; what waits is counted after the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def behind_seconds(self) -> float:
        """How long ago nothing waited to be counted."""
        return self._clock.monotonic() - self._all_counted_at

    async def work_off(self, progress: Callable[[int], None] = lambda calls: None) -> int:
        """Count until nothing waits; returns how many calls.

        Args:
            progress: Is told how many have been counted.

        Raises:
            StoreUnavailable: The database can't be written now.
        """
        done = 0
        job = partial(
            take,
            limit=self._settings.batch_calls,
            rules=self._rules,
            repeat_days=self._settings.repeat_days,
        )
        while (counted := await self._database.write(job)) is not None:
            done += len(counted)
            for told in self._told:
                told([each.call for each in counted])
            progress(done)
        await self._settle_days()
        self._all_counted_at = self._clock.monotonic()
        return done

    async def _settle_days(self) -> None:
        """Sum operators' days up that are over, once a day."""
        now = self._clock.now()
        today = self._rules.day(now)
        if self._settled != today:
            job = partial(settle, zone=self._rules.zone, now=now, states=self._states, most=_DAYS_AT_ONCE)
            while await self._database.write(job) == _DAYS_AT_ONCE:
                pass
            self._settled = today

    async def _run(self) -> None:
        while True:
            try:
                await self.work_off()
            except StoreUnavailable:
                log.warning("kpi.waits_for_store")
            except Exception:
                log.exception("kpi.intake_failed")
            await self._clock.sleep(self._settings.count_seconds)


def rules_of(settings: KpiSettings, now: datetime) -> Rules:
    """How calls are counted, by the settings; `now` is in the company's time zone."""
    if now.tzinfo is None:
        raise ValueError("the moment needs a time zone")
    return Rules(
        zone=now.tzinfo,
        service_level_seconds=settings.service_level_seconds,
        short_abandon_seconds=settings.short_abandon_seconds,
        readings_topics=frozenset(settings.readings_topics),
    )
