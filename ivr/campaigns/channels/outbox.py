"""Writes messages into the outbox: `ivr.campaigns.ports.Sender`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from uuid import uuid4

import phonenumbers
import structlog
from phonenumbers import PhoneNumberType
from sqlalchemy import Connection

from ivr.campaigns.channels import rows
from ivr.campaigns.channels.gateways import Gateway
from ivr.campaigns.channels.model import Channel
from ivr.campaigns.channels.rows import NewMessage
from ivr.campaigns.channels.settings import ChannelsSettings
from ivr.campaigns.channels.smpp.text import split
from ivr.campaigns.channels.wording import Composed, Wording
from ivr.campaigns.model import Campaign, Target
from ivr.campaigns.rules.refusals import in_force
from ivr.campaigns.rules.scopes import ALL
from ivr.dialogue.ports import Clock
from ivr.errors import Fault
from ivr.store import Database

log = structlog.get_logger(__name__)

_TAKES_SMS = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


class Outbox:
    """Writes each message once; what can't go is written, too, so that it is known why it did not."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        wording: Wording,
        settings: ChannelsSettings,
        gateways: Mapping[Channel, Gateway],
    ) -> None:
        self._database = database
        self._clock = clock
        self._wording = wording
        self._settings = settings
        self._gateways = gateways

    async def send(self, campaign: Campaign, target: Target, channel: str, moment: str) -> datetime:
        """Write a message: once for target, channel and moment, however often asked; tells when first.

        Raises:
            Fault: There is no such channel.
            StoreUnavailable: Nothing was written.
        """
        if channel not in set(Channel):
            known = ", ".join(Channel)
            raise Fault(f"There is no channel {channel!r}.", f"campaign {campaign.name}", f"Take {known}.")
        now = self._clock.now()
        his = await self._database.read(partial(_reachable, target=target, channel=channel, now=now))
        new = self._new(campaign, his, Channel(channel), moment)
        written, at = await self._database.write(partial(_written, new, now))
        if written:
            log.info("message.written", channel=channel, moment=moment, why=new.why)
        return at

    def _new(self, campaign: Campaign, target: Target, channel: Channel, moment: str) -> NewMessage:
        address, why = address_of(target, channel), ""
        composed = Composed("", "")
        try:
            composed = self._wording.compose(campaign, target, channel, moment)
        except Fault as fault:
            log.warning("message.no_text", kind=campaign.kind, channel=channel.value, what=fault.what)
            why = "no-text"
        parts = len(split(composed.text)) if channel is Channel.SMS else 1
        if channel not in self._gateways:
            why = "no-gateway"
        elif not address:
            why = "no-address"
        elif parts > self._settings.parts_at_most:
            why = "too-long"
        return NewMessage(
            campaign_id=campaign.campaign_id,
            target_id=target.target_id,
            person=target.person,
            channel=channel,
            moment=moment,
            address=address,
            subject=composed.subject or campaign.title,
            text=composed.text,
            key=uuid4().hex,
            parts=self._handed_over(channel, composed.text),
            price=self._price(channel, parts),
            why=why,
        )

    def _handed_over(self, channel: Channel, text: str) -> int:
        gateway = self._gateways.get(channel)
        return 1 if gateway is None else gateway.parts(text)

    def _price(self, channel: Channel, parts: int) -> Decimal:
        return self._settings.price.per_part * parts if channel is Channel.SMS else Decimal(0)


def address_of(target: Target, channel: Channel) -> str:
    """Where a person is reached, or nothing: landlines take no SMS."""
    if channel is Channel.SMS:
        return next((number for number in target.numbers if takes_sms(number)), "")
    if channel is Channel.EMAIL:
        return str(target.fields.get("email") or "")
    return target.account


def takes_sms(number: str) -> bool:
    """Whether a number (E.164) is a mobile one, by the numbering plan."""
    try:
        return phonenumbers.number_type(phonenumbers.parse(number)) in _TAKES_SMS
    except phonenumbers.NumberParseException:
        return False


def _reachable(connection: Connection, target: Target, channel: str, now: datetime) -> Target:
    """The target without numbers that were refused, as those of strangers are; with all if all were."""
    refused = in_force(connection, [target.person], target.numbers, {ALL, channel}, now)
    gone = {each.number for each in refused}
    left = tuple(number for number in target.numbers if number not in gone)
    return replace(target, numbers=left or target.numbers)


def _written(new: NewMessage, now: datetime, connection: Connection) -> tuple[bool, datetime]:
    written = rows.write(connection, new, now)
    return written, now if written else rows.written_at(connection, new)
