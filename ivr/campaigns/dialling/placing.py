"""One call: from a claimed target to the order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from ivr.campaigns import attempts_book
from ivr.campaigns.attempts_book import Check, NotClaimed
from ivr.campaigns.book import CampaignBook
from ivr.campaigns.dialling.calls import Call, Calls
from ivr.campaigns.dialling.ear import Ear
from ivr.campaigns.dialling.fates import PAID, Over
from ivr.campaigns.dialling.lines import within_lines
from ivr.campaigns.dialling.metrics import CampaignMetrics
from ivr.campaigns.dialling.overseers import Overseers
from ivr.campaigns.dialling.settings import DiallingSettings
from ivr.campaigns.dialling.settling import Settling
from ivr.campaigns.dialling.turnstile import STEP_SECONDS, Turnstile
from ivr.campaigns.dialling.writing import Writing
from ivr.campaigns.model import Attempt, Campaign, Disposition, Target, TargetState
from ivr.campaigns.pacing import TrunkGate
from ivr.campaigns.pacing.limits import TrunkLimit
from ivr.campaigns.plans import Plan, Plans
from ivr.campaigns.ports import Debts, Dialler, ExchangeAway, NotDialled
from ivr.campaigns.retries import Again, numbers_for
from ivr.campaigns.rules.why import Why
from ivr.campaigns.verdicts import Allowed, Never, NotBefore, Verdict
from ivr.dialogue.ports import Clock
from ivr.errors import Fault
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)

ChecksOf = Callable[[Campaign], Check]
"""The rules for one campaign (`ivr.campaigns.rules.rules.Rules.check`)."""

AMOUNT = "amount"
"""Field of a target: the debt in roubles."""

_NOBODY = Over(TargetState.FAILED, "no-number")
_NO_ACCOUNT = Over(TargetState.FAILED, "no-account")
_AFTER_FAULT = timedelta(minutes=10)
_NEVER: Mapping[str, Over] = {
    Why.REFUSED: Over(TargetState.REFUSED, Why.REFUSED),
    Why.NUMBER_REFUSED: Over(TargetState.REFUSED, Why.NUMBER_REFUSED),
    Why.OVER: Over(TargetState.EXPIRED, "window-over"),
}


class Trunks:
    """Lines of all trunks, shared by all campaigns."""

    def __init__(self, limits: Mapping[str, TrunkLimit], calls: Calls, clock: Clock) -> None:
        self.limits = limits
        self._gate = TrunkGate(limits)
        self._calls = calls
        self._clock = clock

    def free(self, ahead: float) -> int:
        """Calls that may be begun within so many seconds; those that wait for a line are taken off."""
        claimed = sum(1 for call in self._calls if not call.trunk)
        return max(0, self._gate.free(self._clock.monotonic() + ahead, self._calls.busy) - claimed)

    async def take(self, call: Call, go: Callable[[], bool]) -> bool:
        """Give a call a line, as soon as there is one; False: none is wanted any more."""
        while go():
            taken = self._gate.take(self._clock.monotonic(), 1, self._calls.busy)
            if taken:
                self._calls.on_trunk(call, taken[0])
                return True
            await self._clock.sleep(STEP_SECONDS)
        return False


class Placing:
    """Makes calls to targets that have been claimed; no two at once for one target."""

    def __init__(
        self,
        *,
        book: CampaignBook,
        database: Database,
        checks: ChecksOf,
        plans: Plans,
        dialler: Dialler,
        debts: Debts,
        trunks: Trunks,
        calls: Calls,
        ear: Ear,
        settling: Settling,
        writing: Writing,
        overseers: Overseers,
        metrics: CampaignMetrics,
        clock: Clock,
        settings: DiallingSettings,
        dialer: str,
        runs: Callable[[int], bool],
    ) -> None:
        """Args: runs, whether a campaign dials at this moment."""
        self._book = book
        self._database = database
        self._checks = checks
        self._plans = plans
        self._dialler = dialler
        self._debts = debts
        self._trunks = trunks
        self._calls = calls
        self._ear = ear
        self._settling = settling
        self._writing = writing
        self._overseers = overseers
        self._metrics = metrics
        self._clock = clock
        self._settings = settings
        self._dialer = dialer
        self._runs = runs
        self.turnstile = Turnstile(clock)

    async def place(self, call: Call, campaign: Campaign) -> bool:
        """Call a claimed target, or put it where it belongs.

        Returns:
            False: what stands in the book of it is not known, because the database went away.
        """
        try:
            fate = await self._call(call, campaign)
            if fate is not None:
                await self._put(campaign, call.target, fate)
        except StoreUnavailable:
            return False
        except NotClaimed:
            self._give_back(call)
        except Exception:
            log.exception("campaigns.place-failed", campaign=campaign.campaign_id)
            self._later(call)
        finally:
            if call.attempt is None:
                self._calls.drop(call)
        return True

    async def _call(self, call: Call, campaign: Campaign) -> Again | Over | None:
        """None: it was called, or given back."""
        plan = self._plan(call, campaign)
        if plan is None:
            return None
        early = await self._message_first(campaign, call.target, plan) or await self._debt(
            call, campaign, plan
        )
        if early is not None:
            return early
        target = call.target
        check = self._checks(campaign)
        found = await self._database.read(partial(_number, check, plan, target, self._clock.now()))
        if found is None:
            return _NOBODY
        number, verdict = found
        if not isinstance(verdict, Allowed):
            return _fate(verdict)
        if not await self._trunks.take(call, partial(self._runs, campaign.campaign_id)):
            self._give_back(call)
            return None
        whole = within_lines(check, campaign)
        written = await self._book.write_attempt(target, number, call.trunk, self._dialer, whole)
        if not isinstance(written, Attempt):
            return _fate(written)
        self._calls.written(call, written)
        await self._order(call, campaign, plan, written)
        return None

    def _plan(self, call: Call, campaign: Campaign) -> Plan | None:
        """None: there is none any more, and the campaign will pause itself."""
        try:
            return self._plans.of(campaign)
        except Fault as fault:
            overseer = self._overseers.of(campaign.campaign_id)
            if overseer is not None:
                overseer.guard.broken(fault.what)
            self._give_back(call)
            return None

    # --- before the call ------------------------------------------------------------------------------

    async def _message_first(self, campaign: Campaign, target: Target, plan: Plan) -> Again | None:
        """The messages that go ahead of the first call, and the time that they are given."""
        if target.tries:
            return None
        written = [
            await self._settling.send(campaign, target, channel, "before")
            for channel in plan.messages.before()
        ]
        call_at = max((each for each in written if each is not None), default=None)
        if call_at is None or call_at + plan.messages.ahead() <= self._clock.now():
            return None
        return Again(call_at + plan.messages.ahead())

    async def _debt(self, call: Call, campaign: Campaign, plan: Plan) -> Again | Over | None:
        """Who has paid is not called, who may have is called later; the others hear what they owe now."""
        if not plan.debt:
            return None
        target = call.target
        if not target.account:
            return _NO_ACCOUNT
        debt = await self._debts.debt_of(target.account)
        overseer = self._overseers.of(campaign.campaign_id)
        if overseer is not None:
            overseer.guard.billing(self._clock.monotonic(), answers=debt is not None)
        if debt is None:
            return Again(self._clock.now() + timedelta(minutes=self._settings.billing_again_minutes))
        call.target = replace(target, fields={**target.fields, AMOUNT: str(debt)})
        return Over(TargetState.DONE, PAID) if debt <= 0 else None

    # --- the call -------------------------------------------------------------------------------------

    async def _order(self, call: Call, campaign: Campaign, plan: Plan, attempt: Attempt) -> None:
        rates = {
            f"trunk:{call.trunk}": self._trunks.limits[call.trunk].per_second,
            rate_of(campaign): campaign.calls_per_second,
        }
        if not await self.turnstile.passes(rates, partial(self._runs, campaign.campaign_id)):
            self._not_dialled(call)
            return
        call.began = self._clock.monotonic()
        call.ends_by = call.began + plan.ring_seconds + self._settings.overdue_seconds
        try:
            await self._dialler.dial(replace(plan.call(campaign, attempt), operator=call.operator))
        except NotDialled as error:
            log.info("campaigns.not-dialled", reason=str(error))
            self._not_dialled(call)
        except ExchangeAway:
            call.in_doubt = True
            log.warning("campaigns.in-doubt", attempt=attempt.attempt_id)
        except Exception:  # a fault of ours is no proof that there is no call
            call.in_doubt = True
            log.exception("campaigns.in-doubt", attempt=attempt.attempt_id)
        else:
            self._metrics.ordered()
            self._writing.put(attempt.attempt_id, partial(self._book.dialled, attempt.attempt_id))

    def _not_dialled(self, call: Call) -> None:
        if call.attempt is not None and self._calls.of_attempt(call.attempt.attempt_id) is call:
            self._ear.finish(call, Disposition.NOT_DIALLED, 0, self._clock.now())

    # --- without a call -------------------------------------------------------------------------------

    async def _put(self, campaign: Campaign, target: Target, fate: Again | Over) -> None:
        if isinstance(fate, Again):
            await self._book.again(target.target_id, fate.at)
        else:
            await self._settling.end(campaign, target, fate)

    def _give_back(self, call: Call) -> None:
        ids = [call.target.target_id]
        self._writing.put(key_of(call.target), partial(self._book.give_back, ids, self._dialer))

    def _later(self, call: Call) -> None:
        """After a fault of ours the target waits a while, unless its attempt is written."""
        at = self._clock.now() + _AFTER_FAULT
        self._writing.put(key_of(call.target), partial(self._book.again, call.target.target_id, at))


def key_of(target: Target) -> str:
    """Under which a target's writes are kept in order."""
    return f"target:{target.target_id}"


def rate_of(campaign: Campaign) -> str:
    """Under which the turnstile keeps a campaign's calls per second."""
    return f"campaign:{campaign.campaign_id}"


def _number(
    check: Check, plan: Plan, target: Target, now: datetime, connection: Connection
) -> tuple[str, Verdict] | None:
    """Which number is to be called now, and what the rules say of it; None: all of them are dead."""
    made = attempts_book.of_target(connection, target.target_id) if target.tries else []
    numbers = numbers_for(plan.retries, target, made)
    return _first_allowed(check, target, numbers, now, connection) if numbers else None


def _first_allowed(
    check: Check, target: Target, numbers: list[str], now: datetime, connection: Connection
) -> tuple[str, Verdict]:
    """The first number that may be called, passing over those that are refused for themselves."""
    verdict: Verdict = Never(Why.NUMBER_REFUSED)
    for number in numbers:
        verdict = check(connection, target, number, now)
        if not (isinstance(verdict, Never) and verdict.why == Why.NUMBER_REFUSED):
            return number, verdict
    return "", verdict


def _fate(verdict: Verdict) -> Again | Over:
    if isinstance(verdict, NotBefore):
        return Again(verdict.at)
    why = verdict.why if isinstance(verdict, Never) else ""
    return _NEVER.get(why, Over(TargetState.FAILED, why))
