"""The adapter and bare panoramisk under one face, so that the same test can be run on both."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from panoramisk import Manager
from pydantic import SecretStr

from ivr.asterisk.ami import AmiLink, AmiLogin, AmiSettings
from tests.contract.ami.fake_manager import SECRET

Handler = Callable[[Any], object]
"""Called with an event whose headers are read by `event[name]`."""


class Subject(Protocol):
    """A client of the manager interface."""

    def on(self, event: str, handler: Handler) -> None: ...
    async def connect(self, port: int) -> None: ...
    def send(self, action: str, **fields: str) -> Awaitable[object]: ...
    def send_list(self, action: str) -> Awaitable[object]: ...
    async def close(self) -> None: ...


class Bare:
    """panoramisk as it comes, with the shortest delays that it can be given."""

    def __init__(self) -> None:
        self._manager = Manager(username="ivr", secret=SECRET)
        self._manager.ping_delay = self._manager.ping_interval = self._manager.reconnect_timeout = 0.05
        self._handlers: list[tuple[str, Handler]] = []

    def on(self, event: str, handler: Handler) -> None:
        self._manager.register_event(event, lambda manager, message: handler(message))

    async def connect(self, port: int) -> None:
        self._manager.config["port"] = port
        self._manager.loop = asyncio.get_running_loop()
        await self._manager.connect()
        await asyncio.sleep(0)
        await self._manager.authenticated_future

    def send(self, action: str, **fields: str) -> Awaitable[object]:
        sent: Awaitable[object] = self._manager.send_action({"Action": action, **fields})
        return sent

    def send_list(self, action: str) -> Awaitable[object]:
        sent: Awaitable[object] = self._manager.send_action({"Action": action}, as_list=True)
        return sent

    async def close(self) -> None:
        self._manager.connect = lambda: None  # a reconnect that is due cannot be cancelled otherwise
        self._manager.connection_lost = lambda exc: None
        self._manager.close()


class Healed:
    """The adapter."""

    def __init__(self) -> None:
        self._handlers: list[tuple[str, Handler]] = []
        self._link: AmiLink | None = None

    def on(self, event: str, handler: Handler) -> None:
        def call(message: Any) -> None:
            handler(message)

        self._handlers.append((event, call))

    async def connect(self, port: int) -> None:
        login = AmiLogin(user="ivr", secret=SecretStr(SECRET))
        self._link = AmiLink(
            AmiSettings(
                port=port,
                events=login,
                actions=login,
                ping_interval_seconds=0.05,
                pong_limit_seconds=0.1,
                reconnect_first_seconds=0.05,
            )
        )
        for event, handler in self._handlers:
            self._link.on(event, handler)  # type: ignore[arg-type]
        await self._link.start()
        await self._link.ready(5)

    def send(self, action: str, **fields: str) -> Awaitable[object]:
        assert self._link is not None
        return self._link.actions.action(action, **fields)

    def send_list(self, action: str) -> Awaitable[object]:
        assert self._link is not None
        return self._link.actions.list_action(action)

    async def close(self) -> None:
        if self._link is not None:
            await self._link.stop()
