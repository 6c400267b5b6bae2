"""Whether a call may be made now, later, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from ivr.campaigns.attempts_book import is_called
from ivr.campaigns.entries import Contact, ContactKind, Whom
from ivr.campaigns.model import Campaign, Target
from ivr.campaigns.rules.hours import CallingHours, Days, hours_of, window_of
from ivr.campaigns.rules.limits import BOTH, LOOK_BACK, Limits
from ivr.campaigns.rules.people import Recognised, recognised
from ivr.campaigns.rules.refusals import Refusal, in_force
from ivr.campaigns.rules.scopes import CALL, Ruled, RuledOf, scopes
from ivr.campaigns.rules.why import Why
from ivr.campaigns.rules.zones import known_zones
from ivr.campaigns.settings import RulesSettings
from ivr.campaigns.verdicts import Allowed, Never, NotBefore, Verdict
from ivr.errors import Fault

ContactsOf = Callable[[Connection, Whom, datetime], Sequence[Contact]]
"""The contacts of a person since a moment, over all campaigns."""

Check = Callable[[Connection, Target, str, datetime], Verdict]
"""The rules for one campaign: a target, one of its numbers, and the moment."""

_LOCK_CLASS = 6_105
_LOCK_DIGITS = 9
_LOCK = text("SELECT pg_advisory_xact_lock(:class, :number)")
_UNDER_WAY = timedelta(minutes=5)
"""After so long it is looked again whether another call to the person has ended."""


class Rules:
    """Hours, limits and refusals together, asked in the transaction that writes the attempt."""

    def __init__(
        self,
        settings: RulesSettings,
        days: Days,
        company: ZoneInfo,
        contacts: ContactsOf,
        ruled: RuledOf = lambda _: Ruled(),
    ) -> None:
        self._hours = CallingHours(settings.hours, days)
        self._limits = Limits(settings.limits)
        self._company = company
        self._contacts = contacts
        self._ruled = ruled

    def check(self, campaign: Campaign) -> Check:
        """The rules for one campaign, as `CampaignBook.write_attempt` takes them."""
        return lambda connection, target, number, now: self.verdict(connection, campaign, target, number, now)

    def verdict(
        self, connection: Connection, campaign: Campaign, target: Target, number: str, now: datetime
    ) -> Verdict:
        """Whether this number may be called now.

        Args:
            connection: Of the transaction in which the attempt is written, with the person locked.
            campaign: Whose call it is.
            target: Whom it is for.
            number: E.164, one of the target's.
            now: Aware.

        Returns:
            `why` is one of `Why`. The moment of a `NotBefore` is itself allowed by the hours.
        """
        now = now.astimezone(UTC)
        who, ruled = recognised(connection, target, number), self._ruled(campaign.kind)
        refused = in_force(connection, who.keys | who.others, [number], scopes(campaign, CALL, ruled), now)
        lasting = [each for each in refused if each.until is None]
        if lasting:
            all_of_him = any(each.person in who.keys and not each.number for each in lasting)
            return Never(Why.REFUSED if all_of_him else Why.NUMBER_REFUSED)
        zones = known_zones(target.zones)
        bounds = [(until, Why.QUIET) for until in quiet(refused, who)]
        bounds.append(self._spoken_to(connection, who, ruled, zones, now))
        return self._from(campaign, zones, now, *max(bounds, key=itemgetter(0)))

    def after_talk(
        self, connection: Connection, campaign: Campaign, target: Target, number: str, wished: datetime
    ) -> datetime | None:
        """When somebody who is being talked with may be called again; UTC.

        This talk counts for the limits; refusals don't, as he wants to be called.

        Args:
            connection: Of any transaction.
            campaign: Whose call it is.
            target: Whom it is for.
            number: E.164.
            wished: Not before; aware.

        Returns:
            None: not within the campaign's days.
        """
        wished, zones = wished.astimezone(UTC), known_zones(target.zones)
        whom, ruled = recognised(connection, target, number).whom, self._ruled(campaign.kind)
        free_at = self._free_at(connection, whom, ruled, zones, wished)
        return self._first(campaign, zones, max(free_at, wished))

    def first_moment(self, campaign: Campaign, zones: Collection[str], now: datetime) -> datetime | None:
        """When somebody in all these zones may first be called, by hours alone; UTC.

        Args:
            campaign: Its days and hours count, too.
            zones: IANA names; none, or an unknown one: all of Russia's.
            now: Aware.

        Returns:
            None: not within the campaign's days.
        """
        return self._first(campaign, known_zones(zones), now.astimezone(UTC))

    def unreachable(
        self, campaign: Campaign, zones: Iterable[Collection[str]], now: datetime
    ) -> list[Collection[str]]:
        """Which of these sets of zones have no moment left in which all of them may be called.

        Args:
            campaign: Whose days and hours count.
            zones: The sets that its targets have, each one once; none: the company's zone.
            now: Aware.

        Raises:
            Fault: None of them has: the campaign can't call anybody.
        """
        sets = list(zones) or [(self._company.key,)]
        closed = [each for each in sets if self.first_moment(campaign, each, now) is None]
        if len(closed) == len(sets):
            raise Fault(
                "There is no moment in which anybody may be called.",
                f"campaign {campaign.name}",
                "Widen its days or hours: the hours of campaigns.rules.hours hold in every zone where the "
                "subscriber may be, and no call begins in their last minutes (last_call_minutes).",
            )
        return closed

    def _spoken_to(
        self,
        connection: Connection,
        who: Recognised,
        ruled: Ruled,
        zones: Collection[ZoneInfo],
        now: datetime,
    ) -> tuple[datetime, Why]:
        """From when what was said to the person before, or to anybody at his numbers, is no hindrance."""
        lock(connection, who.numbers)
        if is_called(connection, who.whom):
            return now + _UNDER_WAY, Why.UNDER_WAY
        return self._free_at(connection, who.whom, ruled, zones, now), Why.LIMIT

    def _free_at(
        self, connection: Connection, whom: Whom, ruled: Ruled, zones: Collection[ZoneInfo], now: datetime
    ) -> datetime:
        wanted = BOTH if ruled.leaves_messages else (ContactKind.TALK,)
        contacts = self._contacts(connection, whom, now - LOOK_BACK)
        return self._limits.free_at(contacts, zones, wanted) or now

    def _from(
        self, campaign: Campaign, zones: Collection[ZoneInfo], now: datetime, begin: datetime, why: Why
    ) -> Verdict:
        first = self._first(campaign, zones, max(begin, now))
        if first is None:
            return Never(Why.OVER)
        if first == now:
            return Allowed()
        return NotBefore(first, why if begin > now else Why.HOURS)

    def _first(self, campaign: Campaign, zones: Collection[ZoneInfo], begin: datetime) -> datetime | None:
        opens, closes = window_of(campaign, self._company)
        return self._hours.first(zones, max(begin, opens), closes, hours_of(campaign))


def quiet(refused: Iterable[Refusal], who: Recognised) -> Iterator[datetime]:
    """Until when nothing is said to him for a time; that another one at his number has paid is no matter."""
    return (each.until for each in refused if each.until is not None and each.person not in who.others)


def lock(connection: Connection, numbers: Collection[str]) -> None:
    """On PostgreSQL no other dialer calls one of the numbers until the transaction ends."""
    if connection.dialect.name == "postgresql":
        for number in sorted(int(each[-_LOCK_DIGITS:]) for each in numbers):
            connection.execute(_LOCK, {"class": _LOCK_CLASS, "number": number})
