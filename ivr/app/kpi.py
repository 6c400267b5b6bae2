"""What counts, wired: reports, and the intake that keeps their figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from ivr.kpi.profiles import Profile
from ivr.kpi.profiles.hours import Silence
from ivr.kpi.report import Reporter
from ivr.kpi.sums import Selection
from ivr.requests.workdays import Own, WorkCalendar
from ivr.satisfaction.opinions import SurveyOpinions
from ivr.settings import Settings
from ivr.store import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """Reports of one company.

    Attributes:
        profiles: The standards, by id.
    """

    settings: Settings
    reporter: Reporter
    profiles: Mapping[str, Profile]

    def profile(self, standard: str) -> Profile:
        """The standard of an id.

        Raises:
            Fault: There is none.
        """
        found = self.profiles.get(standard)
        if found is None:
            known = ", ".join(sorted(self.profiles))
            raise Fault(f"There is no standard {standard!r}.", "--standard", f"Take one of: {known}.")
        return found

    @property
    def kept(self) -> set[str]:
        """Ids of the standards that the company's lines keep."""
        return {line.profile for line in self.settings.lines}

    def profiles_of(self, standard: str) -> tuple[str, ...] | None:
        """Whose calls a report on a standard counts.

        Where a company keeps several standards, those of the lines that keep this one; else all (None).
        """
        return (standard,) if standard in self.kept and len(self.kept) > 1 else None

    def selection(
        self, standard: str, first: date, last: date, now: datetime, **narrower: str | None
    ) -> Selection:
        """The calls of a period that are held against a standard.

        Raises:
            Fault: There is no such period.
        """
        return Selection(
            period=period(first, last, self.settings.company.zone, now),
            profiles=self.profiles_of(standard),
            **narrower,
        )


def open_reporting(settings: Settings, profiles: Mapping[str, Profile]) -> Reporting:
    """Read definitions and calendar.

    Args:
        settings: All of them.
        profiles: The standards, by id.

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
        opinions=SurveyOpinions(),
    )
    return Reporting(
        settings=settings,
        reporter=Reporter(definitions=definitions, targets=kpi.targets, elsewhere=elsewhere),
        profiles=profiles,
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
