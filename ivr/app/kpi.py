"""What counts, wired: reports, and the intake that keeps their figures."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ivr.desk.attendance import AgentStates
from ivr.dialogue.ports import Clock
from ivr.errors import Fault
from ivr.kpi.definitions import load_definitions
from ivr.kpi.intake import Intake, Told, rules_of
from ivr.kpi.live import LiveCounters
from ivr.kpi.metrics import Metrics
from ivr.kpi.named import NAMES, Elsewhere
from ivr.kpi.network import MeasuredNetwork
from ivr.kpi.periods import period
from ivr.kpi.profiles import Profile, load_profile
from ivr.kpi.profiles.hours import Silence
from ivr.kpi.report import Reporter, profiles_of
from ivr.kpi.sums import Selection
from ivr.requests.workdays import Own, WorkCalendar
from ivr.settings import Settings
from ivr.store import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """Reports of one company."""

    settings: Settings
    reporter: Reporter

    def profile(self, standard: str) -> Profile:
        """The standard of an id.

        Raises:
            Fault: There is none, or it is wrong.
        """
        known = sorted(path.stem for path in self.settings.standards_folder.glob("*.yaml"))
        if standard not in known:
            raise Fault(
                f"There is no standard {standard!r}.", "--standard", f"Take one of: {', '.join(known)}."
            )
        return load_profile(self.settings.standards_folder / f"{standard}.yaml")

    def selection(
        self, standard: str, first: date, last: date, now: datetime, **narrower: str | None
    ) -> Selection:
        """The calls of a period that are held against a standard.

        Raises:
            Fault: There is no such period.
        """
        of_lines = {line.profile for line in self.settings.lines}
        return Selection(
            period=period(first, last, self.settings.company.zone, now),
            profiles=profiles_of(standard, of_lines),
            **narrower,
        )


def open_reporting(settings: Settings) -> Reporting:
    """Read definitions and calendar.

    Raises:
        Fault: One of them can't be read, or a target is set for a KPI that does not exist.
    """
    kpi, own = settings.kpi, settings.requests.calendar
    definitions = load_definitions(kpi.definitions, NAMES)
    unknown = [name for name in kpi.targets if definitions.find(name) is None]
    if unknown:
        raise Fault(f"There is no KPI {unknown[0]!r}.", "kpi.targets", f"See {kpi.definitions}.")
    elsewhere = Elsewhere(
        states=AgentStates(),
        calendar=WorkCalendar.load(own.file, Own(own.days_off, own.working_days)),
        silence=Silence(
            holidays_count=kpi.holidays_count, shortened_by=timedelta(minutes=kpi.shortened_minutes)
        ),
        network=MeasuredNetwork(),
        repeat_error_days=kpi.repeat_error_days,
    )
    return Reporting(
        settings=settings,
        reporter=Reporter(definitions=definitions, targets=kpi.targets, elsewhere=elsewhere),
    )


def intake(settings: Settings, database: Database, clock: Clock, told: Sequence[Told] = ()) -> Intake:
    """What counts changed calls; `told` hear of each."""
    rules = rules_of(settings.kpi, clock.now())
    return Intake(database, settings.kpi, clock, rules, states=AgentStates(), told=told)


async def open_counting(
    settings: Settings, database: Database, clock: Clock, metrics: Metrics, closing: AsyncExitStack
) -> LiveCounters:
    """Count calls as they end, and today's as they go on; ends with `closing`.

    Returns:
        Today's counters, to be subscribed to the ledger.

    Raises:
        StoreUnavailable: The database can't be read now.
    """
    counters = LiveCounters(rules_of(settings.kpi, clock.now()), clock)
    await counters.open(database)
    counting = intake(settings, database, clock, told=[counters.counted])
    counting.start()
    metrics.watch(
        "kpi_behind_seconds", "Since when calls wait to be counted.", lambda: counting.behind_seconds
    )
    closing.push_async_callback(counting.close)
    return counters
