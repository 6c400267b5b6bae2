"""Surveys and control calls, wired."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from ivr.access.audit import Audit
from ivr.dialogue.ports import Clock
from ivr.kpi.profiles import Profile
from ivr.requests.cases import Cases
from ivr.requests.workdays import Own, WorkCalendar
from ivr.satisfaction.asking import AskedByOperators
from ivr.satisfaction.control import ControlResults
from ivr.satisfaction.questionnaires import load_questionnaires
from ivr.satisfaction.service import Satisfaction
from ivr.settings import Settings
from ivr.store import Database, StoreUnavailable
from ivr.web.api import control_calls
from ivr.web.api.leading import Leading
from ivr.web.api.route import Route
from ivr.web.api.satisfaction import SatisfactionRoutes

log = structlog.get_logger(__name__)


def satisfaction_room(
    settings: Settings, database: Database, clock: Clock, profiles: Mapping[str, Profile]
) -> Satisfaction:
    """The room, with its questionnaires read.

    Raises:
        Fault: A questionnaire is wrong.
    """
    return Satisfaction(
        database,
        settings.satisfaction,
        clock,
        questionnaires=load_questionnaires(settings.satisfaction.folder, profiles),
        profiles=profiles,
        kept={settings.company.profile, *(line.profile for line in settings.lines)},
        chance=random.SystemRandom(),
    )


@dataclass(frozen=True, slots=True)
class Opinions:
    """What the engine needs of the room."""

    routes: list[Route]
    room: Satisfaction
    control: ControlResults

    async def catch_up(self) -> None:
        """Register complaints that follow from control calls and are missing after a crash."""
        try:
            await self.control.catch_up()
        except StoreUnavailable:
            log.warning("satisfaction.wait_for_store")  # at the next start


def open_satisfaction(
    settings: Settings,
    database: Database,
    clock: Clock,
    *,
    profiles: Mapping[str, Profile],
    cases: Cases,
    audit: Audit,
) -> Opinions:
    """The room with its calls of the API.

    Raises:
        Fault: A questionnaire is wrong, or the calendar can't be read.
    """
    own = settings.requests.calendar
    control = ControlResults(database, settings.satisfaction, clock, cases)
    room = satisfaction_room(settings, database, clock, profiles)
    routes = SatisfactionRoutes(
        room=room,
        by_operators=AskedByOperators(database, clock, settings.company.zone),
        database=database,
        settings=settings.satisfaction,
        calendar=WorkCalendar.load(own.file, Own(own.days_off, own.working_days)),
        leading=Leading(audit),
        clock=clock,
    )
    return Opinions([*routes.routes(), *control_calls.routes(control)], room, control)
