"""All channels, put together."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import tzinfo
from typing import Self

import aiohttp

from ivr.campaigns.channels.callbacks import Callbacks, callbacks_of
from ivr.campaigns.channels.delivery import Counted, Delivery
from ivr.campaigns.channels.gateways import Gateway
from ivr.campaigns.channels.http import SmsHttpGateway, Webhook
from ivr.campaigns.channels.mail import MailGateway
from ivr.campaigns.channels.model import Channel
from ivr.campaigns.channels.outbox import Outbox
from ivr.campaigns.channels.receipts import Receipts
from ivr.campaigns.channels.rows import Permission
from ivr.campaigns.channels.settings import ChannelsSettings, GatewaySettings
from ivr.campaigns.channels.smpp.gateway import SmppGateway, TakesReply
from ivr.campaigns.channels.wording import Wording
from ivr.dialogue.ports import Clock
from ivr.store import Database


class Channels:
    """The outbox, the gateways and who delivers.

    Attributes:
        outbox: Writes messages.
        receipts: Takes what gateways tell.
        callbacks: Takes what gateways post.
    """

    def __init__(
        self,
        outbox: Outbox,
        receipts: Receipts,
        callbacks: Callbacks,
        gateways: Mapping[Channel, Gateway],
        deliveries: Mapping[Channel, Delivery],
        session: aiohttp.ClientSession | None,
    ) -> None:
        self.outbox = outbox
        self.receipts = receipts
        self.callbacks = callbacks
        self._gateways = gateways
        self._deliveries = deliveries
        self._session = session
        self._keeping: list[asyncio.Task[None]] = []
        self._delivering: list[asyncio.Task[None]] = []

    @classmethod
    def made(
        cls,
        settings: ChannelsSettings,
        database: Database,
        clock: Clock,
        *,
        wording: Wording,
        permission: Permission,
        zone: tzinfo,
        take_reply: TakesReply | None = None,
        counted: Counted = lambda channel, what: None,
    ) -> Self:
        """Make everything, in a running event loop; nothing is connected or sent before `start`.

        Args:
            settings: Which gateways there are.
            database: With the outbox.
            clock: Time.
            wording: Composes messages.
            permission: Tells whether a message may go now.
            zone: The company's, of times in receipts.
            take_reply: Is told the number and the text of what subscribers write to us by SMS.
            counted: Is told channel and what became of each part, for metrics.
        """
        by_http = (settings.sms_http, settings.push, settings.account)
        session = aiohttp.ClientSession() if any(by_http) else None
        receipts = Receipts(database, clock)
        gateways = _gateways(settings, session, clock, zone, receipts, take_reply)
        deliveries = {
            channel: Delivery(
                database,
                clock,
                channel,
                gateway,
                own,
                settings,
                permission=permission,
                counted=counted,
            )
            for channel, (gateway, own) in gateways.items()
        }
        plain = {channel: gateway for channel, (gateway, _) in gateways.items()}
        named = [(each.name, each.callback) for each in by_http if each is not None]
        return cls(
            Outbox(database, clock, wording, settings, plain),
            receipts,
            Callbacks(callbacks_of(named), receipts),
            plain,
            deliveries,
            session,
        )

    def has(self, channel: str) -> bool:
        """Whether there is a gateway for a channel."""
        return channel in self._gateways

    def start(self) -> None:
        """Connect and deliver from now on."""
        for channel, gateway in self._gateways.items():
            self._keeping.append(asyncio.create_task(gateway.run(), name=f"gateway-{channel}"))
        for channel, delivery in self._deliveries.items():
            self._delivering.append(asyncio.create_task(delivery.run(), name=f"deliver-{channel}"))

    async def close(self) -> None:
        """Begin nothing more, let what is under way end, then leave the gateways."""
        await _ended(self._delivering)
        await _ended(self._keeping)
        if self._session is not None:
            await self._session.close()


def _gateways(
    settings: ChannelsSettings,
    session: aiohttp.ClientSession | None,
    clock: Clock,
    zone: tzinfo,
    receipts: Receipts,
    take_reply: TakesReply | None,
) -> dict[Channel, tuple[Gateway, GatewaySettings]]:
    found: dict[Channel, tuple[Gateway, GatewaySettings]] = {}
    if settings.smpp is not None:
        smpp = SmppGateway(settings.smpp, clock, zone=zone, take_receipt=receipts.take, take_reply=take_reply)
        found[Channel.SMS] = smpp, settings.smpp
    if settings.mail is not None:
        found[Channel.EMAIL] = MailGateway(settings.mail), settings.mail
    if session is not None:
        found |= _by_http(settings, session, clock)
    return found


def _by_http(
    settings: ChannelsSettings, session: aiohttp.ClientSession, clock: Clock
) -> dict[Channel, tuple[Gateway, GatewaySettings]]:
    found: dict[Channel, tuple[Gateway, GatewaySettings]] = {}
    if settings.sms_http is not None:
        found[Channel.SMS] = SmsHttpGateway(settings.sms_http, session), settings.sms_http
    if settings.push is not None:
        found[Channel.PUSH] = Webhook(settings.push, session, clock, Channel.PUSH), settings.push
    if settings.account is not None:
        found[Channel.ACCOUNT] = Webhook(settings.account, session, clock, Channel.ACCOUNT), settings.account
    return found


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    tasks.clear()
