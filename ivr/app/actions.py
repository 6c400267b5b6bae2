"""The actions that scenarios may call: those of all rooms, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ivr.announcements.actions import actions as announcements_actions
from ivr.app.rooms import Desk, Nothing, Rooms
from ivr.campaigns.actions import actions as campaigns_actions
from ivr.clock import SystemClock
from ivr.customers.actions import actions as customers_actions
from ivr.customers.service import Customers
from ivr.desk.actions import actions as desk_actions
from ivr.desk.work_actions import actions as work_actions
from ivr.dialogue.ports import Action, Clock
from ivr.knowledge.actions import actions as knowledge_actions
from ivr.kpi.metrics import Metrics
from ivr.kpi.profiles import Profile
from ivr.outages.actions import actions as outages_actions
from ivr.readings.actions import actions as readings_actions
from ivr.readings.service import Acceptance
from ivr.readings.settings import ReadingsSettings, WindowSettings
from ivr.requests.actions import actions as requests_actions
from ivr.settings import Settings


def registered(rooms: Rooms, clock: Clock, metrics: Metrics) -> Mapping[str, Action]:
    """All actions; readings that are taken are counted."""

    def count(acceptance: Acceptance) -> None:
        metrics.reading("repeated" if acceptance.repeated else acceptance.decision.value)

    everything = [
        *customers_actions(rooms.customers, clock),
        *readings_actions(rooms.readings, rooms.customers, clock, count),
        *knowledge_actions(rooms.knowledge, rooms.misses, clock),
        *outages_actions(rooms.outages, rooms.customers, clock),
        *announcements_actions(rooms.announcements),
        *requests_actions(rooms.requests, rooms.customers, clock),
        *desk_actions(rooms.desk.waiting),
        *work_actions(rooms.desk.surveys),
        *campaigns_actions(rooms.wishes, clock),
    ]
    return {action.name: action for action in everything}


def declared(settings: Settings) -> Mapping[str, Action]:
    """All actions for lint: names, inputs and outcomes, with nothing behind them."""
    nothing = cast(Any, Nothing())
    rooms = Rooms(
        customers=Customers(nothing, settings.customers),
        readings=nothing,
        knowledge=nothing,
        misses=nothing,
        outages=nothing,
        announcements=nothing,
        requests=nothing,
        desk=Desk(waiting=nothing, surveys=nothing),
        wishes=nothing,
    )
    return registered(rooms, SystemClock(settings.company.zone), Metrics())


def readings_rules(settings: ReadingsSettings, profiles: Mapping[str, Profile]) -> ReadingsSettings:
    """The settings of readings with each profile's window of its standard; own settings win."""
    of_standards = {
        name: WindowSettings(
            from_day=profile.reading_window.from_day,
            to_day=profile.reading_window.to_day,
            late=settings.window.late,
        )
        for name, profile in profiles.items()
        if profile.reading_window is not None
    }
    return settings.model_copy(update={"profiles": {**of_standards, **settings.profiles}})
