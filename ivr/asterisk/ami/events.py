"""The session that hears: events by subscription, and a snapshot whenever some may have been missed."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import structlog

from ivr.asterisk.ami.errors import LinkLost, where_raised
from ivr.asterisk.ami.messages import LINE_END, Event, HeaderLines, Response
from ivr.asterisk.ami.observer import OTHER, AmiObserver
from ivr.asterisk.ami.session import Session, Sleep, cancelled
from ivr.asterisk.ami.settings import AmiSettings
from ivr.asterisk.ami.snapshot import AskList, Snapshot, read_snapshot
from ivr.asterisk.ami.wire import Field, Wire

log = structlog.get_logger(__name__)

EventHandler = Callable[[Event], Awaitable[None] | None]
SnapshotHandler = Callable[[Snapshot], Awaitable[None] | None]

_BATCH = 100
"""Events handled before the loop may do something else: a few milliseconds."""


@dataclass(frozen=True, slots=True)
class _Subscription:
    handler: EventHandler
    needles: tuple[tuple[str, ...], ...]
    """One group for each header filtered: the lines of which one must be there."""

    def wants(self, text: str) -> bool:
        """Whether the event is among them; its lines all begin and end with line ends."""
        return not self.needles or all(any(map(text.__contains__, group)) for group in self.needles)


class _Arrival(NamedTuple):
    event: Event
    handlers: tuple[EventHandler, ...]
    at: float


class EventSession(Session):
    """Takes events off the connection at once and hands them to handlers, one after another, in order.

    A handler that raises or outlasts its limit harms nobody else. When more events wait than the limit,
    all of them are dropped and a snapshot is handed over instead, as after each login: first the snapshot,
    then the events that came while it was read. Arguments as of `Session`.
    """

    def __init__(
        self, settings: AmiSettings, *, observer: AmiObserver, sleep: Sleep, rng: random.Random
    ) -> None:
        super().__init__(
            "events",
            settings.events,
            settings.event_classes,
            settings,
            observer=observer,
            sleep=sleep,
            rng=rng,
        )
        self._subscriptions: dict[str, list[_Subscription]] = {}
        self._snapshot_handlers: list[SnapshotHandler] = []
        self._queue: deque[_Arrival | Snapshot] = deque()
        self._held: deque[_Arrival] = deque()
        self._intake: deque[Any] | None = self._held
        self._work = asyncio.Event()
        self._resync_wanted = False
        self._resync_lock = asyncio.Lock()
        self._booted: asyncio.Future[None]
        self._pump: asyncio.Task[None] | None = None

    def on(
        self, event: str, handler: EventHandler, only: Mapping[str, Collection[str]] | None = None
    ) -> None:
        """Subscribe to a type of event.

        Args:
            event: Its name, such as `Hangup`.
            handler: Called with each; when it returns an awaitable, that is waited for before the next event.
            only: For some headers the values wanted, such as `{"Variable": {"__CALL_ID"}}` (VarSet names an
                inherited variable with its underscores).
        """
        needles = tuple(
            tuple(f"{LINE_END}{header}: {value}{LINE_END}" for value in values)
            for header, values in (only or {}).items()
        )
        self._subscriptions.setdefault(event, []).append(_Subscription(handler, needles))

    def on_resync(self, handler: SnapshotHandler) -> None:
        """Have a handler called with a snapshot after each login and after events were dropped."""
        self._snapshot_handlers.append(handler)

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._pump = asyncio.create_task(self._pump_events(), name="ami-event-pump")
        super().start()

    async def stop(self) -> None:
        """Close the session; events that still wait are not handled."""
        await super().stop()
        if self._pump is not None:
            await cancelled(self._pump)
            self._pump = None

    # --- from the connection -----------------------------------------------------------------------------

    def _connecting(self) -> None:
        self._booted = asyncio.get_running_loop().create_future()
        self._held.clear()
        self._intake = self._held

    def _take_event(self, name: str, text: str) -> None:
        if name == "FullyBooted" and not self._booted.done():
            self._booted.set_result(None)
        subscriptions = self._subscriptions.get(name)
        if subscriptions is None:
            self._observer.event_received(OTHER)
            return
        self._observer.event_received(name)
        headers = HeaderLines(text)
        handlers = tuple([one.handler for one in subscriptions if one.wants(headers.text)])
        if not handlers:
            return
        if self._intake is None:
            self._observer.events_dropped(1)
            return
        self._intake.append(_Arrival(Event(name, headers), handlers, time.monotonic()))
        if len(self._queue) + len(self._held) > self._settings.queue_limit:
            self._overflow()
        self._work.set()

    def _overflow(self) -> None:
        dropped = len(self._queue) + len(self._held)
        self._queue.clear()
        self._held.clear()
        self._intake = None
        self._resync_wanted = True
        self._observer.events_dropped(dropped)
        log.error("ami.events.dropped", events=dropped)

    async def _logged_in(self, wire: Wire) -> None:
        await self._fully_booted(wire)

        async def ask(name: str, **fields: Field) -> list[Response]:
            return await wire.request_list(name, fields, self._settings.action_timeout_seconds)

        await self._resync(ask)

    async def _fully_booted(self, wire: Wire) -> None:
        """Wait for Asterisk's word; a part that is not loaded yet would refuse to be listed.

        Raises:
            LinkLost: The connection ended first, or the limit has passed.
        """
        await asyncio.wait(
            {self._booted, wire.lost},
            timeout=self._settings.boot_limit_seconds,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if not self._booted.done():
            raise LinkLost("Asterisk did not report that it is fully booted (an event of class `system`).")

    async def _resync(self, ask: AskList) -> None:
        async with self._resync_lock:
            self._resync_wanted = False
            self._intake = self._held
            snapshot = await read_snapshot(ask, self._settings.snapshot_variables)
            self._queue.append(snapshot)
            self._queue.extend(self._held)
            self._held.clear()
            self._intake = self._queue
            self._work.set()

    # --- to the handlers ---------------------------------------------------------------------------------

    async def _pump_events(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            while self._queue:
                await self._handle_batch()
                await asyncio.sleep(0)
            if self._resync_wanted:
                await self._make_up()

    async def _make_up(self) -> None:
        """Read a snapshot in place of dropped events; where that fails, the reconnect will."""
        try:
            await self._resync(self.list_action)
        except LinkLost:
            return
        except Exception as error:
            log.error("ami.resync.failed", error=type(error).__name__, trace=where_raised(error))
            self.drop()

    async def _handle_batch(self) -> None:
        for _ in range(_BATCH):
            if not self._queue:
                return
            await self._handle(self._queue.popleft())

    async def _handle(self, item: _Arrival | Snapshot) -> None:
        if isinstance(item, Snapshot):
            await self._run("resync", self._snapshot_handlers, item)
            return
        name = item.event.name
        await self._run(name, item.handlers, item.event)
        self._observer.event_handled(name, time.monotonic() - item.at)

    async def _run(
        self, name: str, handlers: Sequence[Callable[[Any], Awaitable[None] | None]], item: Any
    ) -> None:
        """Call each; most return at once, and making a coroutine for each would cost as much as they do."""
        for handler in handlers:
            try:
                outcome = handler(item)
            except Exception as error:
                self._note_failure(name, error)
            else:
                if outcome is not None:
                    await self._wait_for(name, outcome)

    async def _wait_for(self, name: str, outcome: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(self._settings.handler_limit_seconds):
                await outcome
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            self._note_failure(name, error)
        except Exception as error:
            self._note_failure(name, error)

    def _note_failure(self, name: str, error: BaseException) -> None:
        self._observer.handler_failed(name)
        log.error(
            "ami.handler.failed", event_name=name, error=type(error).__name__, trace=where_raised(error)
        )
