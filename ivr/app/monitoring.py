"""What watches over the work, wired: the network's quality, alarms, gauges."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack

from ivr.app import probes
from ivr.app.gauges import Work, WorkGauges, figures_of_today
from ivr.app.kpi import Reporting
from ivr.app.people import People
from ivr.archive.upkeep import Room
from ivr.asterisk.ami import AmiLink
from ivr.asterisk.media import MediaWatch
from ivr.asterisk.trunks import TrunkWatch
from ivr.calls.lines import Lines
from ivr.dialogue.ports import Clock
from ivr.kpi.alarm_book import AlarmBook, Probe
from ivr.kpi.definitions import Definition
from ivr.kpi.live import LiveCounters
from ivr.kpi.metrics import Metrics
from ivr.kpi.network import LegMedia, NetworkBook
from ivr.kpi.verdicts import Aim
from ivr.settings import Settings
from ivr.store import Database


class Monitoring:
    """Alarms and gauges of one engine.

    Attributes:
        alarms: What supervisors are alarmed of.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        clock: Clock,
        *,
        reporting: Reporting,
        link: AmiLink,
        people: People,
        counters: LiveCounters,
        metrics: Metrics,
        room: Callable[[], Room],
    ) -> None:
        """Subscribe to what is to be known; `start` begins to look.

        Args:
            settings: All of them.
            database: Open and current.
            clock: In the company's time zone.
            reporting: Knows KPIs and standards.
            link: To Asterisk, not started.
            people: Tell who waits and who serves.
            counters: Today's.
            metrics: Get the gauges.
            room: Tells how much room the archive has.
        """
        self._settings = settings
        self._database = database
        self._clock = clock
        self._link = link
        self._people = people
        self._counters = counters
        self._metrics = metrics
        self._open = AsyncExitStack()
        self._network = NetworkBook(database, clock, settings.kpi.network_keep_days)
        MediaWatch(link, Lines(settings.lines), self._leg_ended, clock)
        asked = [trunk.name for trunk in settings.asterisk.trunks if trunk.outbound_order is not None]
        self._trunks = TrunkWatch(link, asked)
        self._whose = reporting.profiles_of
        kept = [reporting.profile(name) for name in sorted(reporting.kept or {settings.company.profile})]
        self._figures = figures_of_today(reporting.reporter.definitions, kept, settings.kpi.targets)
        self.alarms = AlarmBook(database, settings.kpi.alarms, clock)
        for name, probe in self._probes(room).items():
            self.alarms.watch(name, probe)
        self._open_gauges()

    async def start(self) -> None:
        """Begin to look.

        Raises:
            StoreUnavailable: The alarms of before can't be read.
        """
        self._network.start()
        self._open.push_async_callback(self._network.close)
        await self.alarms.start()
        self._open.push_async_callback(self.alarms.close)

    async def close(self) -> None:
        """Look no more."""
        await self._open.aclose()

    def _leg_ended(self, leg: LegMedia) -> None:
        self._network.note(leg)
        self._metrics.leg_measured(leg.link, leg.packets, leg.lost, leg.delay_seconds)

    def _probes(self, room: Callable[[], Room]) -> Mapping[str, Probe]:
        settings, clock, limits = self._settings, self._clock, self._settings.kpi.alarms
        hearing = settings.asterisk.hearing
        return {
            "queues": probes.queues(
                list(settings.asterisk.queues_of_asterisk),
                self._people.floor.board.callers.of,
                lambda place: float(self._people.longest_wait(place.call_id)),
                limits,
                clock,
            ),
            "targets": probes.targets(self._counters, self._aims(), limits, clock, self._whose),
            "trunks": probes.trunks(lambda: self._trunks.answers),
            "asterisk": probes.asterisk(lambda: self._link.state),
            "disks": probes.disks(settings.data_folder, room, limits),
            "recogniser": probes.recogniser(str(hearing.host), hearing.port),
            "database": probes.database(self._database, limits),
            "recording": probes.recording(
                settings.recordings_spool, lambda: self._counters.now().talking, limits, clock
            ),
        }

    def _aims(self) -> Mapping[str, list[tuple[Definition, Aim]]]:
        found: dict[str, list[tuple[Definition, Aim]]] = {}
        for each in self._figures:
            if each.aim is not None and not each.aim.recommended:
                found.setdefault(each.standard, []).append((each.definition, each.aim))
        return found

    def _open_gauges(self) -> None:
        work = Work(
            counters=self._counters,
            queues=self._people.floor.queues,
            agents=self._people.floor.agents,
            alarms=lambda: self.alarms.open,
            trunks=lambda: self._trunks.answers,
            figures=self._figures,
            profiles_of=self._whose,
            clock=self._clock,
        )
        self._metrics.registry.register(WorkGauges(work))
        statistics, data = self._database.statistics, self._settings.data_folder
        watch = self._metrics.watch
        watch("database_waiting_writes", "Writes that wait.", lambda: statistics.waiting)
        watch("database_refused_writes", "Writes it could not take.", lambda: statistics.unavailable)
        watch("data_free_bytes", "Room left for the engine's data.", lambda: shutil.disk_usage(data).free)
