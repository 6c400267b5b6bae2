"""The switchboard and the watches over a scripted manager of Asterisk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from ivr.asterisk.ami import AmiLink, AmiSettings
from ivr.asterisk.desk import (
    SNAPSHOT_VARIABLES,
    AsteriskSwitchboard,
    CallChannels,
    DeskWatch,
    SwitchboardSettings,
)
from ivr.asterisk.watching import CallWatch
from ivr.calls.ledger import Ledger
from ivr.calls.legs import Leg, LegRole
from ivr.calls.lines import Lines
from ivr.desk.ports import Phone, PhoneKind
from tests.contract.ami.conftest import manager, nothing_left, settings
from tests.contract.ami.fake_manager import FakeManager, message
from tests.contract.ami.waiting import eventually
from tests.contract.desk_calls.told import Book, Floor

__all__ = ["manager", "nothing_left", "settings"]

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ANNA = Phone(PhoneKind.BROWSER, "201")
BORIS = Phone(PhoneKind.DESK, "202")
CALL, CALLER, LEG = "c-1", "n-1.1", "n-1.2"


@dataclass
class HandClock:
    """Time that the test moves."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - NOON).total_seconds()

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody waits here")

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Desk:
    """Everything between Asterisk and the desk."""

    manager: FakeManager
    link: AmiLink
    channels: CallChannels
    board: AsteriskSwitchboard
    watch: CallWatch
    book: Book
    floor: Floor
    clock: HandClock
    ended: list[str] = field(default_factory=list)

    async def hear(self, name: str, **headers: object) -> None:
        """Asterisk raises an event; returns when it was handled."""
        mark = Handled(self)
        self.manager.listener.send(message(name, **headers) + message("Hangup", Uniqueid=mark.id, Cause=16))
        await eventually(lambda: mark.id in self.ended)

    async def talk(self) -> Leg:
        """A caller whom the queue has connected with Anna."""
        self.watch.bind(CALLER, CALL)
        queue = {"Uniqueid": CALLER, "DestUniqueid": LEG, "Queue": "clients", "Interface": ANNA.device}
        await self.hear("AgentCalled", **queue, MemberName="anna")
        await self.hear("AgentConnect", **queue, MemberName="anna")
        leg = self.book.of(LegRole.QUEUE)
        assert leg is not None
        return leg

    async def consultation(self, order_id: str, asked: str = "n-1.4") -> None:
        """Anna's second line and Boris, who has answered it; the switchboard has ordered it."""
        told = {"UserEvent": "IvrLeg", "Uniqueid": asked, "Channel": "PJSIP/desk-202-00000004"}
        told |= {"CallId": CALL, "Role": "consult", "Order": order_id}
        await self.hear("UserEvent", **told, Step="rang")
        await self.hear("UserEvent", **told, Step="answered")

    def sent(self, action: str) -> list[dict[str, str]]:
        """The actions of a name, without what every action has."""
        found = [one for one in self.manager.received if one["Action"] == action]
        return [
            {key: value for key, value in one.items() if key not in ("Action", "ActionID")} for one in found
        ]


class Handled:
    """A channel of no interest whose end tells that all before it was handled."""

    _count = 0

    def __init__(self, desk: Desk) -> None:
        type(self)._count += 1
        self.id = f"mark-{self._count}"
        desk.channels.bind(self.id, self.id)


MakeDesk = Callable[..., Any]


@pytest.fixture
async def desk(manager: FakeManager, settings: AmiSettings, tmp_path: Path) -> AsyncIterator[Desk]:
    link = AmiLink(settings.model_copy(update={"snapshot_variables": SNAPSHOT_VARIABLES}))
    book, floor, channels, clock = Book(), Floor(), CallChannels(), HandClock()
    phones = {"anna": ANNA, "boris": BORIS}
    logins = {phone.device: login for login, phone in phones.items()}
    ended: list[str] = []
    watch = CallWatch(
        link,
        cast(Ledger, book),
        lines=Lines([]),
        records=tmp_path / "calls.csv",
        clock=clock,
        on_end=ended.append,
        channels=channels,
    )
    DeskWatch(link, channels, book, floor, agent_of=logins.get, on_gone=watch.ended, clock=clock)
    board = AsteriskSwitchboard(
        link, channels, book, phone_of=phones.get, clock=clock, settings=SwitchboardSettings()
    )
    await link.start()
    await link.ready(5)
    yield Desk(manager, link, channels, board, watch, book, floor, clock, ended)
    await link.stop()
