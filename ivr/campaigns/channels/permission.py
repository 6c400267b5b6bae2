"""The rules of calling, as they hold for messages."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from operator import itemgetter

from sqlalchemy import Connection, select

from ivr.campaigns import rows as book
from ivr.campaigns.attempts_book import contacts as calls_of
from ivr.campaigns.channels import rows
from ivr.campaigns.channels.model import Channel, Message, Moment
from ivr.campaigns.entries import Contact, ContactKind, Whom
from ivr.campaigns.model import Campaign, CampaignState, Target
from ivr.campaigns.rules.limits import LOOK_BACK, Limits
from ivr.campaigns.rules.people import recognised
from ivr.campaigns.rules.refusals import in_force
from ivr.campaigns.rules.rules import Rules, quiet
from ivr.campaigns.rules.scopes import RuledOf, scopes
from ivr.campaigns.rules.why import Why
from ivr.campaigns.rules.zones import known_zones
from ivr.campaigns.settings import LimitSettings
from ivr.campaigns.tables import campaign_people
from ivr.campaigns.verdicts import Allowed, Never, NotBefore, Verdict

_LOOK_AGAIN = timedelta(minutes=1)
_STEP = timedelta(minutes=15)


class CampaignPermission:
    """Hours, limits, refusals and the campaign's state; what a person has asked for is sent at once."""

    def __init__(
        self,
        rules: Rules,
        limits: LimitSettings,
        ruled_of: RuledOf,
        *,
        ruled: Collection[Channel],
        valid_hours: float,
    ) -> None:
        self._rules = rules
        self._limits = Limits(limits)
        self._ruled_of = ruled_of
        self._ruled = frozenset(ruled)
        self._valid = timedelta(hours=valid_hours)

    def verdict(self, connection: Connection, message: Message, now: datetime) -> Verdict:
        """Whether it may go now."""
        campaign = book.find(connection, message.campaign_id)
        target = book.find_target(connection, message.target_id)
        if campaign is None or target is None:
            return Never("campaign-gone")
        if message.moment == Moment.ASKED:
            return Allowed()
        if campaign.state is CampaignState.STOPPED:
            return Never("stopped")
        if campaign.state in (CampaignState.DRAFT, CampaignState.PAUSED):
            return NotBefore(now + _LOOK_AGAIN, campaign.state.value)
        return self._ruled_verdict(connection, message, campaign, target, now)

    def until(self, connection: Connection, message: Message, now: datetime) -> datetime | None:
        """The last quarter of an hour in which its hours still hold, within the time that it is valid."""
        last = now + self._valid
        campaign = book.find(connection, message.campaign_id)
        target = book.find_target(connection, message.target_id)
        if campaign is None or target is None or not self._obeys_hours(message):
            return last
        at = now
        while at + _STEP < last and self._is_open(campaign, target, at + _STEP):
            at += _STEP
        return at if at > now else now + _LOOK_AGAIN

    def _ruled_verdict(
        self, connection: Connection, message: Message, campaign: Campaign, target: Target, now: datetime
    ) -> Verdict:
        who = recognised(connection, target, message.address)
        refused = in_force(
            connection, who.keys | who.others, [message.address], self._scopes(message, campaign), now
        )
        if any(each.until is None for each in refused):
            return Never(Why.REFUSED)
        if not self._obeys_hours(message):
            return Allowed()
        if not _locked(connection, message.person):
            return NotBefore(now + _LOOK_AGAIN, Why.UNDER_WAY)
        bounds = [(until, Why.QUIET) for until in quiet(refused, who)]
        reached = contacts(connection, who.whom, now - LOOK_BACK)
        free_at = self._limits.free_at(reached, known_zones(target.zones), [ContactKind.VOICE_MESSAGE])
        bounds.append((free_at or now, Why.LIMIT))
        begin, why = max(bounds, key=itemgetter(0))
        first = self._rules.first_moment(campaign, target.zones, max(begin, now))
        if first is None:
            return Never(Why.OVER)
        if first <= now:
            return Allowed()
        return NotBefore(first, why if begin > now else Why.HOURS)

    def _obeys_hours(self, message: Message) -> bool:
        return message.channel in self._ruled and message.moment != Moment.ASKED

    def _is_open(self, campaign: Campaign, target: Target, at: datetime) -> bool:
        first = self._rules.first_moment(campaign, target.zones, at)
        return first is not None and first <= at

    def _scopes(self, message: Message, campaign: Campaign) -> set[str]:
        return scopes(campaign, message.channel.value, self._ruled_of(campaign.kind))


def _locked(connection: Connection, person: str) -> bool:
    """Whether nobody else looks at the person's limits; who does is not waited for, so that none deadlock."""
    known = select(campaign_people).where(campaign_people.c.person == person)
    return connection.execute(known.with_for_update(skip_locked=True)).first() is not None


def contacts(connection: Connection, whom: Whom, since: datetime) -> list[Contact]:
    """Calls and messages that have reached a person or may have: text messages count as voice messages do.

    230-ФЗ, art. 7, limits «текстовые, голосовые и иные сообщения» together. Of a message over several
    channels each counts.
    """
    sent = rows.handed_over(connection, whom, since)
    told = [Contact(at, ContactKind.VOICE_MESSAGE, campaign_id) for at, campaign_id in sent]
    return sorted([*calls_of(connection, whom, since), *told], key=lambda each: each.at)
