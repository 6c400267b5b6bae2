"""The face of the room: requests, appointments and call-backs, built from the settings."""

from __future__ import annotations

from ivr.dialogue.ports import Clock
from ivr.requests.appointments import Appointments
from ivr.requests.callbacks import Callbacks
from ivr.requests.register import Register
from ivr.requests.settings import RequestsSettings
from ivr.requests.slots import Offices
from ivr.requests.titles import Titles
from ivr.requests.worktime import AtWork
from ivr.store import Database


class Requests:
    """What clients have asked for.

    Attributes:
        register: Registered requests.
        appointments: Visits to an office.
        callbacks: Promises to call.
        titles: How kinds and states are called.
    """

    def __init__(
        self, database: Database, settings: RequestsSettings, clock: Clock, offices: Offices, at_work: AtWork
    ) -> None:
        """Build the parts.

        Args:
            database: Its tables are up to date.
            settings: Of the room.
            clock: Its zone is the company's.
            offices: When offices receive.
            at_work: When people can call back.

        Raises:
            Fault: The file of titles cannot be read.
        """
        self.register = Register(database, settings, clock)
        self.appointments = Appointments(database, settings.appointments, clock, offices)
        self.callbacks = Callbacks(database, settings.callbacks, clock, at_work)
        self.titles = Titles.load(settings.titles)
