"""The manager interface as the rest of the engine sees it."""

import asyncio
import random
from collections.abc import Collection, Mapping

from ivr.asterisk.ami.actions import ActionSession
from ivr.asterisk.ami.events import EventHandler, EventSession, SnapshotHandler
from ivr.asterisk.ami.observer import AmiObserver, LinkState, Unobserved
from ivr.asterisk.ami.session import Sleep
from ivr.asterisk.ami.settings import AmiSettings
from ivr.asterisk.ami.snapshot import Channel, Snapshot, read_channels, read_snapshot
from ivr.asterisk.ami.wire import Field
from ivr.errors import Fault

_BADNESS = list(LinkState)


class AmiLink:
    """Two manager sessions, one for events and one for actions, so that neither holds up the other.

    Every method that acts raises `ActionRefused`, `LinkLost` or `TimeoutError`, and `ValueError` on a
    value with a line end; nothing is ever sent twice.

    Args:
        settings: Address, users and limits.
        observer: Told of what metrics count.
        sleep: Waits between attempts to connect.
        rng: Jitter of these waits.

    Attributes:
        events: The session that hears.
        actions: The session that acts; `action` and `list_action` send any.
    """

    def __init__(
        self,
        settings: AmiSettings,
        *,
        observer: AmiObserver | None = None,
        sleep: Sleep = asyncio.sleep,
        rng: random.Random | None = None,
    ) -> None:
        observer = observer or Unobserved()
        rng = rng or random.Random()  # noqa: S311  # jitter, no secret
        self._settings = settings
        self.events = EventSession(settings, observer=observer, sleep=sleep, rng=rng)
        self.actions = ActionSession(settings, observer=observer, sleep=sleep, rng=rng)

    @property
    def state(self) -> LinkState:
        """The worse of both sessions."""
        return max(self.events.state, self.actions.state, key=_BADNESS.index)

    @property
    def fault(self) -> Fault | None:
        """Why Asterisk refuses one of the sessions, or None."""
        return self.events.fault or self.actions.fault

    async def start(self) -> None:
        """Begin to connect; does not wait for Asterisk, which may come later."""
        self.events.start()
        self.actions.start()

    async def stop(self) -> None:
        """Close both sessions; what is unanswered fails with `LinkLost`."""
        await self.events.stop()
        await self.actions.stop()

    async def ready(self, limit_seconds: float) -> None:
        """Wait until both sessions are up and the first snapshot has been read.

        Raises:
            Fault: Asterisk refuses a session, or does not answer within the limit; says how to mend it.
        """
        try:
            async with asyncio.timeout(limit_seconds):
                await self.events.ready()
                await self.actions.ready()
        except TimeoutError:
            raise Fault(
                what="Asterisk's manager interface does not answer.",
                where=f"{self._settings.host}:{self._settings.port}",
                fix="Start Asterisk, or correct the address in the settings.",
            ) from None

    def on(
        self, event_name: str, handler: EventHandler, only: Mapping[str, Collection[str]] | None = None
    ) -> None:
        """Subscribe to a type of event; see `EventSession.on`."""
        self.events.on(event_name, handler, only)

    def on_resync(self, handler: SnapshotHandler) -> None:
        """Have a handler called with a snapshot after each login and whenever events were missed."""
        self.events.on_resync(handler)

    async def snapshot(self) -> Snapshot:
        """Read all channels and queues now."""
        return await read_snapshot(self.actions.list_action, self._settings.snapshot_variables)

    async def channels(self) -> tuple[Channel, ...]:
        """Read all channels now."""
        return await read_channels(self.actions.list_action, self._settings.snapshot_variables)

    async def mute_recording(self, channel: str, on: bool) -> None:
        """Keep what the caller says out of the channel's MixMonitor recordings, or let it in again."""
        await self.actions.action("MixMonitorMute", Channel=channel, Direction="read", State=str(int(on)))

    async def press(self, channel: str, key: str) -> None:
        """Press a key in the place of who is at the other end of a channel."""
        await self.actions.action("PlayDTMF", Channel=channel, Digit=key, Receive="true")

    async def hangup(self, channel: str) -> None:
        """Hang up a channel."""
        await self.actions.action("Hangup", Channel=channel)

    async def originate(self, channel_id: str, **fields: Field) -> None:
        """Have Asterisk dial.

        The event `OriginateResponse` has the same id as `ActionID`, also when there never was a channel.

        Returns when Asterisk has accepted the order; what came of it is told by events with this id.
        After `LinkLost` or `TimeoutError` it may be dialling all the same: look for the channel by its id.

        Args:
            channel_id: Our own unique id for the new channel.
            fields: Its other headers: `Channel`, `Context`, `Exten`, `Timeout` (milliseconds), `Variable`, …
        """
        await self.actions.action(
            "Originate", **{**fields, "ActionID": channel_id, "ChannelId": channel_id, "Async": "true"}
        )
