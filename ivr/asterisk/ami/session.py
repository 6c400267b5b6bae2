"""One manager session kept alive: connect, log in, watch, come back."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable

import structlog

from ivr.asterisk.ami.backoff import Backoff
from ivr.asterisk.ami.errors import ActionRefused, LinkLost, where_raised
from ivr.asterisk.ami.messages import Response
from ivr.asterisk.ami.observer import AmiObserver, LinkState
from ivr.asterisk.ami.settings import AmiLogin, AmiSettings
from ivr.asterisk.ami.wire import Field, Wire
from ivr.errors import Fault

log = structlog.get_logger(__name__)

_STOPPING = "Asterisk is shutting down"
"""Its answer to every action while it lets its calls end; events go on."""

Sleep = Callable[[float], Awaitable[None]]


class Session:
    """A manager session that logs in again whenever it was lost, until it is stopped.

    A subclass may take events, and do something after each login before the session counts as up.

    Args:
        name: `events` or `actions`, for logs and metrics.
        login: User and secret.
        event_classes: `off`, or the classes of events wanted.
        settings: Address and limits.
        observer: Told of states, reconnects and Pongs.
        sleep: Waits between attempts.
        rng: Jitter of these waits.

    Attributes:
        state: Where it stands.
        fault: Why it was refused, or None.
    """

    def __init__(
        self,
        name: str,
        login: AmiLogin,
        event_classes: str,
        settings: AmiSettings,
        *,
        observer: AmiObserver,
        sleep: Sleep,
        rng: random.Random,
    ) -> None:
        self.state = LinkState.DOWN
        self.fault: Fault | None = None
        self._name = name
        self._login = login
        self._event_classes = event_classes
        self._settings = settings
        self._observer = observer
        self._sleep = sleep
        self._backoff = Backoff(settings.reconnect_first_seconds, settings.reconnect_most_seconds, rng)
        self._wire: Wire | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._was_up = False

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._keeper = asyncio.create_task(self._keep_up(), name=f"ami-{self._name}")

    async def stop(self) -> None:
        """Close the session; what is unanswered fails with `LinkLost`."""
        if self._keeper is not None:
            await cancelled(self._keeper)
            self._keeper = None
        self._enter(LinkState.DOWN)

    async def ready(self) -> None:
        """Wait until the session is up.

        Raises:
            Fault: Asterisk refuses it; says why.
        """
        while self.state is not LinkState.UP:
            if self.fault is not None:
                raise self.fault
            await self._changed.wait()

    async def action(self, name: str, **fields: Field) -> Response:
        """Send an action, once, and wait for its reply.

        Args:
            name: Such as `Hangup`.
            fields: Its other headers.

        Raises:
            ActionRefused: Asterisk answered with an error.
            LinkLost: The session is down or went down meanwhile. The action is never sent again.
            TimeoutError: No reply within the limit of actions.
            ValueError: A field holds a line end or NUL; nothing was sent.
        """
        return await self._connected().request(name, fields, self._settings.action_timeout_seconds)

    async def list_action(self, name: str, **fields: Field) -> list[Response]:
        """Send an action that is answered by a list, and wait for its items; raises as `action`."""
        return await self._connected().request_list(name, fields, self._settings.action_timeout_seconds)

    def drop(self) -> None:
        """Close the connection, to come back on a new one."""
        if self._wire is not None:
            self._wire.close()

    def _connecting(self) -> None:
        """Hook: a new connection is about to be made."""

    def _take_event(self, name: str, text: str) -> None:
        """Hook: an event came."""

    async def _logged_in(self, wire: Wire) -> None:
        """Hook: do what must be done before the session is up; an exception closes the connection."""

    def _connected(self) -> Wire:
        if self._wire is None:
            raise LinkLost(f"The manager session for {self._name} is down.")
        return self._wire

    async def _keep_up(self) -> None:
        while True:
            self._enter(LinkState.CONNECTING)
            await self._sleep(await self._live())

    async def _live(self) -> float:
        """Connect and stay so as long as it lasts; returns the delay until the next attempt, seconds."""
        try:
            await self._serve_connection()
        except ActionRefused as refusal:
            if refusal.reason != _STOPPING:
                return self._refused(refusal)
            reason = refusal.reason
        except OSError as error:
            reason = str(error) or type(error).__name__
        except Exception as error:
            reason = type(error).__name__
            log.error("ami.failed", session=self._name, error=reason, trace=where_raised(error))
        delay = self._backoff.delay()
        self.fault = None
        self._enter(LinkState.DOWN)
        log.warning("ami.down", session=self._name, reason=reason, retry_seconds=round(delay, 2))
        return delay

    def _refused(self, refusal: ActionRefused) -> float:
        self.fault = self._explain(refusal)
        self._enter(LinkState.REFUSED)
        log.error("ami.refused", session=self._name, action=refusal.action, reason=refusal.reason)
        return self._settings.refused_retry_seconds

    async def _serve_connection(self) -> None:
        self._connecting()
        wire = await self._connect()
        try:
            await self._log_in(wire)
            await self._logged_in(wire)
            self._came_up(wire)
            await self._watch(wire)
        finally:
            self._wire = None
            wire.close()
            await wire.lost

    async def _connect(self) -> Wire:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._settings.connect_timeout_seconds):
            _, wire = await loop.create_connection(
                lambda: Wire(self._take_event), self._settings.host, self._settings.port
            )
        return wire

    async def _log_in(self, wire: Wire) -> None:
        credentials = {
            "Username": self._login.user,
            "Secret": self._login.secret.get_secret_value(),
            "Events": self._event_classes,
        }
        await wire.request("Login", credentials, self._settings.action_timeout_seconds)

    def _came_up(self, wire: Wire) -> None:
        self._wire = wire
        self.fault = None
        self._enter(LinkState.UP)
        log.info("ami.up", session=self._name)
        if self._was_up:
            self._observer.reconnected(self._name)
        self._was_up = True

    async def _watch(self, wire: Wire) -> None:
        """Ping until the connection is lost.

        Raises:
            LinkLost: It was closed, or a Pong did not come in time.
        """
        while True:
            await asyncio.wait({wire.lost}, timeout=self._settings.ping_interval_seconds)
            if wire.lost.done():
                raise LinkLost("Asterisk closed the connection.")
            await self._ping(wire)
            self._backoff.reset()

    async def _ping(self, wire: Wire) -> None:
        clock = asyncio.get_running_loop().time
        sent_at = clock()
        try:
            await wire.request("Ping", {}, self._settings.pong_limit_seconds)
        except ActionRefused:
            log.debug("ami.ping.refused", session=self._name)  # it lets its calls end, and lives
        except TimeoutError:
            raise LinkLost("Asterisk does not answer a Ping.") from None
        self._observer.pong(self._name, clock() - sent_at)

    def _explain(self, refusal: ActionRefused) -> Fault:
        at_login = refusal.action == "Login"
        return Fault(
            what=f"Asterisk refuses the manager user {self._login.user} its {refusal}.",
            where=f"{self._settings.host}:{self._settings.port}",
            fix="Let name and secret be the same in the settings and in manager.conf."
            if at_login
            else "Give the user the permission for it in manager.conf, and load the module that it needs.",
        )

    def _enter(self, state: LinkState) -> None:
        if state is self.state:
            return
        self.state = state
        self._observer.state_changed(self._name, state)
        self._changed.set()
        self._changed = asyncio.Event()


async def cancelled(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait for its end."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
