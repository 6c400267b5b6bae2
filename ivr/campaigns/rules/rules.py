"""Whether a call may be made now, later, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, or_, select, text

from ivr.campaigns.entries import Contact
from ivr.campaigns.model import Campaign, Target
from ivr.campaigns.rules.hours import CallingHours, Days, hours_of, window_of
from ivr.campaigns.rules.limits import LOOK_BACK, Limits
from ivr.campaigns.rules.refusals import ALL, CALL, DEBT, in_force
from ivr.campaigns.rules.why import Why
from ivr.campaigns.rules.zones import known_zones
from ivr.campaigns.settings import RulesSettings
from ivr.campaigns.tables import campaign_attempts
from ivr.campaigns.verdicts import Allowed, Never, NotBefore, Verdict
from ivr.errors import Fault

ContactsOf = Callable[[Connection, str, datetime, str], Sequence[Contact]]
"""The contacts of a person since a moment, over all campaigns, and those of whoever has this number."""

Check = Callable[[Connection, Target, str, datetime], Verdict]
"""The rules for one campaign: a target, one of its numbers, and the moment."""

_LOCK_CLASS = 6_105
_LOCK_DIGITS = 9
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
        debt_kinds: Collection[str] = (),
    ) -> None:
        self._hours = CallingHours(settings.hours, days)
        self._limits = Limits(settings.limits)
        self._company = company
        self._contacts = contacts
        self._debt_kinds = frozenset(debt_kinds)

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
        refused = in_force(connection, target.person, [number], self._scopes(campaign), now)
        lasting = [refusal for refusal in refused if refusal.until is None]
        if lasting:
            of_number = all(refusal.number for refusal in lasting)
            return Never(Why.NUMBER_REFUSED if of_number else Why.REFUSED)
        zones = known_zones(target.zones)
        bounds = [(refusal.until, Why.QUIET) for refusal in refused if refusal.until is not None]
        bounds.append(self._spoken_to(connection, target.person, number, zones, now))
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
        contacts = self._contacts(connection, target.person, wished - LOOK_BACK, number)
        free_at = self._limits.free_at(contacts, zones) or wished
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
        person: str,
        number: str,
        zones: Collection[ZoneInfo],
        now: datetime,
    ) -> tuple[datetime, Why]:
        """From when what was said to the person before, or to anybody at the number, is no hindrance."""
        _lock(connection, number)
        if _is_called(connection, person, number):
            return now + _UNDER_WAY, Why.UNDER_WAY
        contacts = self._contacts(connection, person, now - LOOK_BACK, number)
        return self._limits.free_at(contacts, zones) or now, Why.LIMIT

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

    def _scopes(self, campaign: Campaign) -> set[str]:
        about_debt = {DEBT} if campaign.kind in self._debt_kinds else set()
        return {ALL, CALL, campaign.kind, *about_debt}


def _lock(connection: Connection, number: str) -> None:
    """On PostgreSQL no other dialer calls the number until the transaction ends."""
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:class, :number)")
        connection.execute(lock, {"class": _LOCK_CLASS, "number": int(number[-_LOCK_DIGITS:])})


def _is_called(connection: Connection, person: str, number: str) -> bool:
    attempts = campaign_attempts.c
    whose = or_(attempts.person == person, attempts.number == number)
    query = select(attempts.id).where(whose, attempts.ended_at.is_(None)).limit(1)
    return connection.execute(query).first() is not None
