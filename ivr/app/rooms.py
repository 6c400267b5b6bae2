"""The rooms that scenarios work with, opened from the settings over one database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn, cast

from ivr.announcements.board import Board
from ivr.calls.surveys import Surveys
from ivr.campaigns.actions import Wishes
from ivr.customers.billing import Billing
from ivr.customers.service import Customers
from ivr.desk.waiting import Waiting
from ivr.dialogue.ports import Clock
from ivr.knowledge.base import KnowledgeBase
from ivr.knowledge.misses import Misses
from ivr.kpi.profiles import Profile, request_rules, visit_rules
from ivr.outages.service import Outages
from ivr.readings.service import Readings
from ivr.readings.settings import ReadingsSettings
from ivr.requests.service import Requests
from ivr.settings import Settings
from ivr.store import Database

AtWork = Callable[[datetime], bool]
"""Whether people are at work at a moment of the company's time zone."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What scenarios need of the desk: callers who wait, and what they think of a talk."""

    waiting: Waiting
    surveys: Surveys


Furnish = Callable[[Requests, Readings], Desk]
"""Builds the desk on the rooms that it stands on."""

Wish = Callable[[Requests], Wishes]
"""Builds what persons who are called may want."""


class Nothing:
    """Stands for a back end that nobody calls, such as where actions are only looked at."""

    def __getattr__(self, name: str) -> NoReturn:
        raise RuntimeError("There is nothing behind these actions.")


def nothing_wished(_requests: Requests) -> Wishes:
    """Where nobody is called."""
    return cast(Wishes, Nothing())


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """What stands behind the actions of scenarios."""

    customers: Customers
    readings: Readings
    knowledge: KnowledgeBase
    misses: Misses
    outages: Outages
    announcements: Board
    requests: Requests
    desk: Desk
    wishes: Wishes


def open_rooms(
    settings: Settings,
    database: Database,
    clock: Clock,
    *,
    billing: Billing,
    readings: ReadingsSettings,
    knowledge: KnowledgeBase,
    at_work: AtWork,
    profiles: Mapping[str, Profile],
    furnish: Furnish,
    wish: Wish = nothing_wished,
) -> Rooms:
    """The rooms over an open, current database.

    Args:
        settings: All of them.
        database: Open.
        clock: In the company's time zone.
        billing: Where customers come from.
        readings: With each profile's window.
        knowledge: The knowledge base.
        at_work: When people can call back.
        profiles: The standards.
        furnish: Builds the desk.
        wish: Builds what stands behind `campaigns.…`.
    """
    taken = Readings(database, readings, clock)
    asked = Requests(
        database,
        settings.requests,
        clock,
        knowledge,
        at_work,
        rules=request_rules(profiles),
        visit_rules=visit_rules(profiles),
    )
    return Rooms(
        customers=Customers(billing, settings.customers),
        readings=taken,
        knowledge=knowledge,
        misses=Misses(database, knowledge.morphology, settings.knowledge.similar_percent),
        outages=Outages(database, settings.outages, clock),
        announcements=Board(database, clock),
        requests=asked,
        desk=furnish(asked, taken),
        wishes=wish(asked),
    )
