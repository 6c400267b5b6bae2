"""A fake manager, settings for it, and the check that nothing is left over."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from pydantic import SecretStr

from ivr.asterisk.ami import AmiLink, AmiLogin, AmiObserver, AmiSettings, LinkState, Unobserved
from ivr.asterisk.ami.session import Sleep
from tests.contract.ami.fake_manager import SECRET, FakeManager
from tests.contract.ami.waiting import eventually

MakeLink = Callable[..., Awaitable[AmiLink]]


def _open_sockets() -> int:
    loop: Any = asyncio.get_running_loop()
    return len(loop._selector.get_map())


@pytest.fixture(autouse=True)
async def nothing_left() -> AsyncIterator[None]:
    """After a test neither a task nor an open transport is left."""
    sockets, tasks = _open_sockets(), asyncio.all_tasks()
    yield
    await eventually(lambda: _open_sockets() == sockets)
    left = asyncio.all_tasks() - tasks - {asyncio.current_task()}
    assert not left


@pytest.fixture
async def manager(nothing_left: None) -> AsyncIterator[FakeManager]:
    fake = FakeManager()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
def settings(manager: FakeManager) -> AmiSettings:
    return AmiSettings(
        port=manager.port,
        events=AmiLogin(user="ivr-events", secret=SecretStr(SECRET)),
        actions=AmiLogin(user="ivr-actions", secret=SecretStr(SECRET)),
        ping_interval_seconds=30,
        reconnect_first_seconds=0.02,
        reconnect_most_seconds=0.1,
    )


@pytest.fixture
async def make_link(settings: AmiSettings) -> AsyncIterator[MakeLink]:
    """Makes a link with settings changed, starts it and waits until it is up; stops it after the test."""
    links: list[AmiLink] = []

    async def make(
        *,
        prepare: Callable[[AmiLink], object] = bool,
        ready: bool = True,
        observer: AmiObserver | None = None,
        sleep: Sleep = asyncio.sleep,
        **changes: Any,
    ) -> AmiLink:
        changed = settings.model_copy(update=changes)
        link = AmiLink(changed, observer=observer, sleep=sleep, rng=random.Random(1))
        links.append(link)
        prepare(link)
        await link.start()
        if ready:
            await link.ready(5)
        return link

    yield make
    for link in links:
        await link.stop()


class Tally(Unobserved):
    """Notes what an observer is told."""

    def __init__(self) -> None:
        self.states: list[tuple[str, LinkState]] = []
        self.received: Counter[str] = Counter()
        self.handled: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.reconnects: Counter[str] = Counter()
        self.pongs: Counter[str] = Counter()
        self.dropped = 0

    def state_changed(self, session: str, state: LinkState) -> None:
        self.states.append((session, state))

    def reconnected(self, session: str) -> None:
        self.reconnects[session] += 1

    def pong(self, session: str, seconds: float) -> None:
        assert seconds >= 0
        self.pongs[session] += 1

    def event_received(self, event: str) -> None:
        self.received[event] += 1

    def event_handled(self, event: str, lag_seconds: float) -> None:
        assert lag_seconds >= 0
        self.handled[event] += 1

    def handler_failed(self, event: str) -> None:
        self.failed[event] += 1

    def events_dropped(self, events: int) -> None:
        self.dropped += events


@pytest.fixture
def tally() -> Tally:
    return Tally()
