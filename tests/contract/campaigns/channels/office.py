"""An outbox with its delivery, and gateways that are told what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection

from ivr.campaigns.channels import rows
from ivr.campaigns.channels.delivery import Delivery
from ivr.campaigns.channels.gateways import Gateway, Letter
from ivr.campaigns.channels.model import Channel, Message, MessageState, Part
from ivr.campaigns.channels.receipts import Receipts
from ivr.campaigns.channels.rows import NewMessage
from ivr.campaigns.channels.settings import ChannelsSettings, GatewaySettings
from ivr.campaigns.verdicts import Allowed, Verdict
from ivr.store import Database
from tests.contract.campaigns.samples import ClockByHand

NUMBER = "+79031234567"


class RestlessClock(ClockByHand):
    """Stands still but for our own moves; who sleeps gives others their turn."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0.01)


class Free:
    """Allows everything, unless it is told what to say."""

    def __init__(self) -> None:
        self.says: Callable[[Message, datetime], Verdict] = lambda message, now: Allowed()

    def verdict(self, connection: Connection, message: Message, now: datetime) -> Verdict:
        return self.says(message, now)

    def until(self, connection: Connection, message: Message, now: datetime) -> datetime | None:
        return None


class Scripted:
    """A gateway that does what it is told, in order, and then takes everything."""

    def __init__(self, parts: int = 1) -> None:
        self.count = parts
        self.does: list[Exception | str] = []
        self.taken: list[tuple[str, int]] = []
        self.asked = asyncio.Event()
        self.hold: asyncio.Event | None = None

    def parts(self, whole: str) -> int:
        return self.count

    async def hand_over(self, letter: Letter, part: int) -> str:
        self.asked.set()
        if self.hold is not None:
            await self.hold.wait()
        told = self.does.pop(0) if self.does else f"g{len(self.taken) + 1}"
        if isinstance(told, Exception):
            raise told
        self.taken.append((letter.text, part))
        return told

    async def run(self) -> None:
        """Nothing to keep."""


class Office:
    """One channel of one engine on a database."""

    def __init__(
        self,
        database: Database,
        clock: ClockByHand,
        gateway: Gateway,
        *,
        channel: Channel = Channel.SMS,
        **own: Any,
    ) -> None:
        self.database = database
        self.clock = clock
        self.channel = channel
        self.gateway = gateway
        self.permission = Free()
        self.settings = ChannelsSettings(first_pause_seconds=30, longest_pause_seconds=100, tries=3)
        self.own = GatewaySettings(**{"name": "centre", "per_second": 1000, **own})
        self.receipts = Receipts(database, clock)
        self.delivery = Delivery(
            database, clock, channel, gateway, self.own, self.settings, permission=self.permission
        )

    async def write(self, target_id: int = 1, text: str = "Здравствуйте", **more: Any) -> bool:
        told = {
            "campaign_id": 1,
            "target_id": target_id,
            "person": f"account:{target_id}",
            "channel": self.channel,
            "moment": "after",
            "address": NUMBER,
            "subject": "",
            "text": text,
            "key": f"{target_id:032x}",
            "parts": self.gateway.parts(text),
        }
        new = NewMessage(**{**told, **more})
        return await self.database.write(partial(rows.write, new=new, now=self.clock.now()))

    async def work(self) -> int:
        """One round, to its end."""
        begun = await self.delivery.work()
        await self.delivery.settled()
        return begun

    async def messages(self) -> list[Message]:
        return await self.database.read(partial(rows.listed, campaign_id=1))

    async def only(self) -> Message:
        (message,) = await self.messages()
        return message

    async def state(self) -> MessageState:
        return (await self.only()).state

    async def parts(self) -> list[Part]:
        message = await self.only()
        return await self.database.read(partial(rows.parts_of, message_id=message.message_id))
