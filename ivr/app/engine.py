"""The engine: everything that takes calls, built from the settings, started and stopped in order."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from datetime import datetime
from random import Random
from typing import Any

import structlog

from ivr.app.actions import readings_rules, registered
from ivr.app.announcements import open_announcer
from ivr.app.archive import open_archive
from ivr.app.campaign_calls import campaign_continuations
from ivr.app.campaigns import CampaignRoom
from ivr.app.conducting import Conducting
from ivr.app.content import Content
from ivr.app.health import readiness
from ivr.app.knowledge import unread_knowledge
from ivr.app.kpi import open_counting, open_reporting
from ivr.app.leading import open_conversations
from ivr.app.manager import open_stuck, with_secret
from ivr.app.monitoring import Monitoring
from ivr.app.observers import AmiMetrics
from ivr.app.papers import Bookmaking, titles_of_topics
from ivr.app.people import People
from ivr.app.rooms import Rooms, open_rooms
from ivr.app.scenarios import dialogue_settings, open_scenarios
from ivr.app.site import CompanySite
from ivr.app.spoken import of_database
from ivr.app.understanding import understanding
from ivr.asterisk.agi import AgiServer
from ivr.asterisk.ami import AmiLink
from ivr.asterisk.continuations import continuations
from ivr.asterisk.keys import KeyWatch
from ivr.asterisk.telephone import TelephoneCalls
from ivr.asterisk.watching import CallWatch
from ivr.calls.ledger import Ledger
from ivr.calls.lines import Lines
from ivr.calls.review import ReviewSweep
from ivr.clock import SystemClock
from ivr.customers.api import BillingApi
from ivr.customers.billing import Billing
from ivr.customers.own import OwnTables
from ivr.dialogue.interpreter.runner import Interpreter
from ivr.errors import Fault
from ivr.kpi.lag import running_tasks, watch_loop
from ivr.kpi.metrics import Metrics
from ivr.kpi.profiles import load_profiles
from ivr.readings.handover import ReadingHandover
from ivr.readings.hook import Hook
from ivr.settings import Settings
from ivr.speech.building import open_library
from ivr.speech.recognition.clips import Clips
from ivr.store import Database, upgrade
from ivr.watchdog import beat
from ivr.web.server import WebServer

log = structlog.get_logger(__name__)

_MUTE_SECONDS = 1.0


class Engine:
    """Takes calls from `start` to `stop`."""

    def __init__(self, settings: Settings) -> None:
        """Build nothing yet: `start` does."""
        self._settings = settings
        self._clock = SystemClock(settings.company.zone)
        self._metrics = Metrics()
        self._open = AsyncExitStack()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stop_asked = asyncio.Event()

    async def run(self) -> None:
        """Take calls until SIGTERM or SIGINT, then let those that run end."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop_asked.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: None)
        try:
            await self.start()
            loop.add_signal_handler(signal.SIGHUP, self.reload)
            self._spawn(beat(self._settings.watchdog.beat_seconds), "heartbeat")
            await self._stop_asked.wait()
        finally:
            await self.stop()

    async def start(self) -> None:
        """Open everything, the door for calls last.

        Raises:
            Fault: Something is missing or wrong; what had been opened is closed again by `stop`.
        """
        settings = self._settings
        self._check_lines_have_profiles()
        self._database = await self._open_database()
        self._open_ledger()
        self._kept = open_archive(
            settings, self._database, self._clock, self._metrics, self._profiles, self._open
        )
        self._counters = await open_counting(settings, self._database, self._clock, self._metrics, self._open)
        self._ledger.subscribe(self._counters)
        self._reporting = open_reporting(settings, self._profiles)
        self._books = Bookmaking(
            reporting=self._reporting,
            database=self._database,
            clock=self._clock,
            topic_titles=lambda: titles_of_topics(self._rooms.knowledge.topics),
        )
        self._open_manager()
        self._rooms = await self._open_rooms()
        await self._rooms.announcements.start()
        actions = registered(self._rooms, self._clock, self._metrics)
        self._scenarios = open_scenarios(settings, actions)
        self._interpreter = Interpreter(
            actions=actions,
            clock=self._clock,
            understanding=understanding(settings, self._clock),
            settings=dialogue_settings(settings),
        )
        self._library = open_library(
            settings.speech, settings.prompts_folder, self._scenarios.current.texts()
        )
        self._library.pin(await self._database.read(of_database(settings, self._clock.now())))
        self._open.push_async_callback(self._library.close)
        self._content = Content(
            settings,
            scenarios=self._scenarios,
            knowledge=self._rooms.knowledge,
            library=self._library,
            metrics=self._metrics,
            step_outcomes={outcome for action in actions.values() for outcome in action.outcomes},
        )
        await self._people.start()
        self._open.push_async_callback(self._people.close)
        await self._campaigns.start()
        self._open.push_async_callback(self._campaigns.close)
        self._spawn(self._people.access.audit.run(), "audit-sweep")
        self._spawn(self._campaigns.retention.run(), "campaigns-sweep")
        self._spawn(self._people.plan_control_calls(self._rooms.requests), "control-calls")
        if settings.kpi.reports:
            self._spawn(self._books.deliver(self._metrics), "report-delivery")
        await self._monitoring.start()
        self._open.push_async_callback(self._monitoring.close)
        self._spawn(self._link.start(), "ami-start")
        self._open.push_async_callback(self._link.stop)
        self._open.push_async_callback(self._people.listening.close)
        await self._open_web()
        self._spawn(self._company.opinions.catch_up(), "control-follow-up")
        self._spawn(self._campaigns.give_on(), "campaign-opinions")
        gc.collect()
        gc.freeze()
        await self._open_agi()
        self._metrics.watch("running_tasks", "Tasks of the event loop.", running_tasks)
        self._metrics.watch("agi_calls", "Calls that the engine conducts.", lambda: self._agi.calls)
        self._metrics.watch("ledger_channels", "Callers' channels known.", lambda: self._watch.calls)
        self._metrics.watch(
            "knowledge_articles", "Articles that can be told.", lambda: len(self._rooms.knowledge.articles)
        )
        self._spawn(self._read_knowledge(), "knowledge-read")
        self._spawn(watch_loop(self._clock, self._metrics.loop_lag), "loop-lag")
        log.info("engine.started", lines=[line.name for line in settings.lines])

    async def _read_knowledge(self) -> None:
        """Read it, and let searches for garbage pass over all that has been loaded: it stays.

        A search through everything holds up all calls for about a fifth of a second.
        """
        await self._content.read(self._company.dictionaries_changed)
        gc.freeze()

    async def stop(self) -> None:
        """Close the door, let running calls end, then close everything."""
        server: AgiServer | None = getattr(self, "_agi", None)
        if server is not None:
            log.info("engine.draining", calls=server.calls)
            self._campaigns.hold()
            server.stop_accepting()
            await server.drain(self._settings.watchdog.drain_seconds)
        await self._open.aclose()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        log.info("engine.stopped")

    def reload(self) -> None:
        """Read scenarios and knowledge base again; running calls keep their scenarios."""
        self._spawn(self._content.read_again(self._company.dictionaries_changed), "knowledge-reload")
        self._content.reload_scenarios()
        self._campaigns.reload()

    # --- opening, in order -------------------------------------------------------------------------------

    def _check_lines_have_profiles(self) -> None:
        settings = self._settings
        self._profiles = load_profiles(settings.standards_folder)
        for line in settings.lines:
            if line.profile not in self._profiles:
                raise Fault(
                    f"The line {line.name} names the profile {line.profile!r}, which does not exist.",
                    "lines",
                    f"Take one of {', '.join(sorted(self._profiles))}.",
                )

    async def _open_database(self) -> Database:
        database = await Database.open(self._settings.store)
        self._open.push_async_callback(database.close)
        await upgrade(database)
        return database

    async def _open_rooms(self) -> Rooms:
        settings = self._settings
        rules = readings_rules(settings.readings, self._profiles)
        if rules.hook is not None:
            hook = await Hook.open(rules.hook)
            self._open.push_async_callback(hook.close)
            handover = ReadingHandover(
                self._database,
                rules.hook,
                self._clock,
                hook,
                random=Random(),  # noqa: S311  # spreads delays, no secret
            )
            self._spawn(handover.run(), "readings-handover")
        self._billing = await self._open_billing()
        knowledge = unread_knowledge(settings, self._clock)
        return open_rooms(
            settings,
            self._database,
            self._clock,
            billing=self._billing,
            readings=rules,
            knowledge=knowledge,
            at_work=self._people_answer,
            profiles=self._profiles,
            furnish=lambda requests, readings: self._people.furnish(
                requests, readings, self._billing, knowledge
            ),
            wish=self._campaigns.wish,
        )

    def _people_answer(self, moment: datetime) -> bool:
        return self._scenarios.current.calendars.is_open(self._settings.scenarios.people_calendar, moment)

    async def _open_billing(self) -> Billing:
        settings = self._settings.customers.billing
        if settings is None:
            return OwnTables(self._database)
        billing = await BillingApi.open(settings, self._clock)
        self._open.push_async_callback(billing.close)
        return billing

    def _open_ledger(self) -> None:
        settings = self._settings
        recognition = settings.speech.recognition
        clips = Clips(recognition.clips_folder, recognition.pending_clips) if recognition.keep_clips else None
        self._ledger = Ledger(self._database, settings.ledger, self._clock, self._metrics, clips)
        self._ledger.start()
        self._open.push_async_callback(self._ledger.close)
        sweep = ReviewSweep(self._database, recognition.clips_folder, settings.ledger.review, self._clock)
        self._spawn(sweep.run(), "review-sweep")

    def _open_manager(self) -> None:
        settings = self._settings
        self._lines = Lines(settings.lines)
        self._link = AmiLink(with_secret(settings), observer=AmiMetrics(self._metrics))
        self._watch = CallWatch(
            self._link,
            self._ledger,
            lines=self._lines,
            records=settings.asterisk.log_folder / "calls.csv",
            clock=self._clock,
            on_end=self._kept.archive.call_ended,
        )
        self._keys = KeyWatch(self._link)
        self._stuck = open_stuck(settings.asterisk, self._link, self._metrics)
        self._people = People(
            settings,
            self._database,
            self._clock,
            profiles=self._profiles,
            ledger=self._ledger,
            link=self._link,
            channels=self._watch.channels,
            at_work=self._people_answer,
        )
        self._campaigns = CampaignRoom(
            settings,
            self._database,
            self._clock,
            metrics=self._metrics,
            ledger=self._ledger,
            link=self._link,
            channels=self._watch.channels,
            people=self._people,
            billing=lambda: self._billing,
        )
        self._monitoring = Monitoring(
            settings,
            self._database,
            self._clock,
            reporting=self._reporting,
            link=self._link,
            people=self._people,
            counters=self._counters,
            metrics=self._metrics,
            room=lambda: self._kept.room,
        )

    async def _open_web(self) -> None:
        checks = readiness(
            self._settings,
            self._database,
            self._link,
            self._library,
            lambda: self._content.fault,
            archive_warning=lambda: self._kept.room.warning,
        )
        company = self._company = CompanySite(
            self._settings,
            people=self._people,
            rooms=self._rooms,
            ledger=self._ledger,
            database=self._database,
            billing=self._billing,
            clock=self._clock,
            alarm_book=self._monitoring.alarms,
            counters=self._counters,
            books=self._books,
            announcer=open_announcer(
                self._settings, self._rooms.announcements, self._library, self._scenarios, self._clock
            ),
            campaigns=self._campaigns,
            conversations=open_conversations(
                self._settings,
                self._database,
                self._clock,
                vault=self._kept.archive.vault,
                access=self._people.access,
                books=self._books,
                profiles=self._profiles,
                morphology=self._rooms.knowledge.morphology,
                calls=lambda: self._watch.calls,
                metrics=self._metrics,
                spawn=self._spawn,
            ),
        )
        self._open.push_async_callback(company.close)
        web = WebServer(
            self._settings.web, exposition=self._metrics.exposition, checks=checks, site=company.site
        )
        await web.start()
        self._open.push_async_callback(web.stop)

    async def _open_agi(self) -> None:
        settings = self._settings
        conducting = Conducting(
            settings,
            scenarios=self._scenarios,
            interpreter=self._interpreter,
            library=self._library,
            link=self._link,
            keys=self._keys,
            blocklist=self._people.work.blocklist,
            clock=self._clock,
            metrics=self._metrics,
            help_on=self._stuck.help_on,
        )
        calls = TelephoneCalls(
            lines=self._lines,
            ledger=self._ledger,
            talk=conducting.talk,
            caller=conducting.caller,
            recording=conducting.recording,
            spool=settings.recordings_spool,
            clock=self._clock,
            bind=self._watch.bind,
            forget=self._rooms.customers.forget,
            admit=conducting.admit,
            continuations=continuations(
                lines=self._lines,
                ledger=self._ledger,
                talk=conducting.talk_flow,
                caller=conducting.caller,
                clock=self._clock,
                keeper=self._people.waiting,
                after=self._people.work.after_talk,
                forget=self._rooms.customers.forget,
                press=self._link.press,
                spool=settings.recordings_spool,
            )
            | campaign_continuations(
                settings,
                conducting,
                talks=self._campaigns.talks,
                kinds=self._campaigns.kinds,
                ledger=self._ledger,
                clock=self._clock,
                forget=self._rooms.customers.forget,
            ),
        )
        observe = self._metrics.agi_turnaround
        self._agi = AgiServer(settings.agi, calls, observe=lambda _verb, seconds: observe(seconds))
        await self._agi.start()

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._note_end)
        return task

    def _note_end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        with suppress(asyncio.CancelledError):
            if task.exception() is not None:
                log.error("engine.task-failed", task=task.get_name(), exc_info=task.exception())
