"""The loop and its parts, built on what it needs of others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ivr.campaigns.book import CampaignBook
from ivr.campaigns.dialling.calls import Calls
from ivr.campaigns.dialling.ear import Ear
from ivr.campaigns.dialling.loop import Dialling
from ivr.campaigns.dialling.metrics import CampaignMetrics
from ivr.campaigns.dialling.overseers import Overseers
from ivr.campaigns.dialling.placing import ChecksOf, Placing, Trunks
from ivr.campaigns.dialling.preview import Previews
from ivr.campaigns.dialling.settling import Settling
from ivr.campaigns.dialling.stock import Stock
from ivr.campaigns.dialling.talks import CampaignTalks
from ivr.campaigns.dialling.writing import Writing
from ivr.campaigns.pacing import TrunkLimit
from ivr.campaigns.plans import Plans
from ivr.campaigns.ports import CallLog, Choosers, Debts, Dialler, Operators, Sender
from ivr.campaigns.settings import CampaignsSettings
from ivr.dialogue.ports import Clock
from ivr.store import Database


@dataclass(frozen=True, slots=True)
class Needs:
    """What dialling needs of others.

    Attributes:
        checks: The rules for a campaign.
        linked: Whether the exchange takes orders and is being watched.
    """

    checks: ChecksOf
    plans: Plans
    dialler: Dialler
    debts: Debts
    operators: Operators
    sender: Sender
    log_of_calls: CallLog
    linked: Callable[[], bool]
    choosers: Choosers


class Outgoing:
    """Everything that dials.

    Attributes:
        dialling: The loop; to be started and closed.
        talks: For the flows' calls.
        previews: For operators who read before they call.
        ear: Is told by the exchange.
    """

    def __init__(
        self,
        settings: CampaignsSettings,
        *,
        dialer: str,
        book: CampaignBook,
        database: Database,
        clock: Clock,
        needs: Needs,
        metrics: CampaignMetrics,
    ) -> None:
        """Build it, and let the dialler tell it from now on."""
        own, overseers = settings.dialling, Overseers()
        self.previews = Previews(
            book,
            clock,
            dialer,
            choosers=needs.choosers,
            read_seconds=own.preview_seconds,
            wait_seconds=own.preview_wait_seconds,
            later_minutes=own.preview_later_minutes,
        )
        calls = Calls(self.previews.over)
        writing = Writing(clock, own.retry_seconds)
        limits = {
            name: TrunkLimit(each.lines, each.calls_per_second) for name, each in settings.trunks.items()
        }
        trunks = Trunks(limits, calls, clock)
        settling = Settling(
            book,
            needs.plans,
            needs.sender,
            clock,
            lambda campaign_id: self.dialling.target_ended(campaign_id),
        )
        self.talks = CampaignTalks(book, calls, writing, clock, own.result_seconds)
        self.ear = Ear(
            calls=calls,
            book=book,
            writing=writing,
            settling=settling,
            talks=self.talks,
            dialler=needs.dialler,
            log_of_calls=needs.log_of_calls,
            overseers=overseers,
            metrics=metrics,
            clock=clock,
        )
        placing = Placing(
            book=book,
            database=database,
            checks=needs.checks,
            plans=needs.plans,
            dialler=needs.dialler,
            debts=needs.debts,
            trunks=trunks,
            calls=calls,
            ear=self.ear,
            settling=settling,
            writing=writing,
            overseers=overseers,
            metrics=metrics,
            clock=clock,
            settings=own,
            dialer=dialer,
            runs=lambda campaign_id: self.dialling.runs(campaign_id),
        )
        self.dialling = Dialling(
            book=book,
            database=database,
            calls=calls,
            ear=self.ear,
            stock=Stock(
                book=book,
                database=database,
                calls=calls,
                ear=self.ear,
                writing=writing,
                clock=clock,
                dialer=dialer,
                held=lambda: self.previews.held,
            ),
            previews=self.previews,
            talks=self.talks,
            overseers=overseers,
            writing=writing,
            trunks=trunks,
            placing=placing,
            dialler=needs.dialler,
            operators=needs.operators,
            linked=needs.linked,
            metrics=metrics,
            clock=clock,
            settings=own,
            pacing=settings.pacing,
            dialer=dialer,
        )
        needs.dialler.watch(self.ear)
