"""The face of the room: requests, visits and call-backs, built from the settings."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.dialogue.ports import Clock
from ivr.requests.appointments import Appointments
from ivr.requests.callbacks import Callbacks
from ivr.requests.cases import Cases, ControlCalls
from ivr.requests.coming import ComingVisits
from ivr.requests.home_visits import HomeVisits
from ivr.requests.register import Register
from ivr.requests.search import Lists
from ivr.requests.settings import RequestsSettings
from ivr.requests.slots import Offices
from ivr.requests.terms import HomeVisitRule, RequestRules
from ivr.requests.titles import Titles
from ivr.requests.workdays import Own, WorkCalendar
from ivr.requests.worktime import AtWork
from ivr.store import Database


class Requests:
    """What clients have asked for.

    Attributes:
        register: What callers are told of requests, and what files bring.
        cases: Requests as people work on them.
        lists: Requests by what they are and when they are due.
        appointments: Visits to an office.
        home_visits: Visits to a client's home.
        coming_visits: Visits of both kinds that a client has before him.
        callbacks: Promises to call.
        calendar: Working days.
        titles: How kinds and states are called.
    """

    def __init__(
        self,
        database: Database,
        settings: RequestsSettings,
        clock: Clock,
        offices: Offices,
        at_work: AtWork,
        *,
        rules: Mapping[str, RequestRules] | None = None,
        visit_rules: Mapping[str, HomeVisitRule] | None = None,
        control_calls: ControlCalls | None = None,
    ) -> None:
        """Build the parts.

        Args:
            database: Its tables are up to date.
            settings: Of the room.
            clock: Its zone is the company's.
            offices: When offices receive.
            at_work: When people can call back.
            rules: What each standard says of requests, by profile.
            visit_rules: What each standard says of home visits, by profile.
            control_calls: Where calls about closed complaints are planned.

        Raises:
            Fault: The file of titles or of the calendar cannot be read.
        """
        own = settings.calendar
        self.titles = Titles.load(settings.titles)
        self.calendar = WorkCalendar.load(own.file, Own(own.days_off, own.working_days))
        self.register = Register(database, settings, clock)
        self.cases = Cases(
            database,
            settings.terms,
            clock,
            self.calendar,
            rules=rules or {},
            by_law=RequestRules(terms=settings.terms.default, grounds=self.titles.grounds),
            control_calls=control_calls,
        )
        self.lists = Lists(database, clock, self.calendar, settings.terms.remind_working_days)
        self.appointments = Appointments(database, settings.appointments, clock, offices)
        self.home_visits = HomeVisits(
            database, settings.home_visits, clock, self.calendar, rules=visit_rules or {}
        )
        self.coming_visits = ComingVisits(database, clock)
        self.callbacks = Callbacks(database, settings.callbacks, clock, at_work)
