"""A message centre that is reached by SMPP: keeps the connection, hands over parts, takes receipts."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, tzinfo
from typing import NoReturn
from zoneinfo import ZoneInfo

import structlog

from ivr.campaigns.channels.gateways import Letter, NotSent, Unsure
from ivr.campaigns.channels.model import Receipt
from ivr.campaigns.channels.settings import Long, SmppSettings
from ivr.campaigns.channels.smpp import text, told
from ivr.campaigns.channels.smpp.pdu import Address, ShortMessage, Status, Tag
from ivr.campaigns.channels.smpp.session import Cut, Refused, Session
from ivr.dialogue.ports import Clock
from ivr.store import StoreUnavailable

log = structlog.get_logger(__name__)

_HAS_HEADER = 0x40  # esm_class: UDHI
_FINAL_RECEIPT = 0x01  # registered_delivery: of success and of failure
_LATER = frozenset({Status.QUEUE_FULL, Status.THROTTLED})
_AGAIN = frozenset({Status.SYSTEM_ERROR, Status.TEMPORARY_HERE, Status.TEMPORARY_THERE})
_SLOWER_SECONDS = 5.0

TakesReceipt = Callable[[Receipt], Awaitable[None]]
TakesReply = Callable[[str, str], Awaitable[None]]
"""Number (E.164) and text of what somebody has written to us."""


class SmppGateway:
    """Hands over SMS by SMPP; SMPP knows no repeats, so what was cut off in between stays unknown."""

    def __init__(
        self,
        settings: SmppSettings,
        clock: Clock,
        *,
        zone: tzinfo,
        take_receipt: TakesReceipt,
        take_reply: TakesReply | None = None,
    ) -> None:
        """Put it together; `run` connects.

        Args:
            settings: Of the message centre.
            clock: Time.
            zone: Of times in receipts, where the settings name none.
            take_receipt: Called with each; the centre hears yes when it returns.
            take_reply: Called with what subscribers write.
        """
        self._settings = settings
        self._clock = clock
        self._zone = ZoneInfo(settings.zone) if settings.zone else zone
        self._take_receipt = take_receipt
        self._take_reply = take_reply
        self._session: Session | None = None
        self._sender = Address.of_sender(settings.sender)

    @property
    def is_up(self) -> bool:
        """Whether the centre is there."""
        return self._session is not None and self._session.is_open

    def parts(self, whole: str) -> int:
        """As many as SMS, but one where the centre takes texts apart."""
        return 1 if self._settings.long is Long.PAYLOAD else len(text.split(whole))

    async def hand_over(self, letter: Letter, part: int) -> str:
        """Submit a part. Raises NotSent, Unsure."""
        session = self._session
        if session is None or not session.is_open:
            raise NotSent("no connection", pause=self._settings.reconnect_seconds)
        try:
            given = await session.submit(self._message(letter, part))
        except Refused as refusal:
            raise _not_sent(refusal.status) from refusal
        except Cut as cut:
            raise Unsure(f"smpp: {cut}") from cut
        return told.answered(given, self._settings.ids)

    async def run(self) -> NoReturn:
        """Keep a connection until cancelled; then say goodbye."""
        pause = self._settings.reconnect_seconds
        while True:
            if await self._serve():
                pause = self._settings.reconnect_seconds
            await self._clock.sleep(pause)
            pause = min(2 * pause, self._settings.reconnect_at_most_seconds)

    async def _serve(self) -> bool:
        """One connection to its end; tells whether it was bound."""
        settings = self._settings
        try:
            session = await Session.open(
                settings.host,
                settings.port,
                self._told,
                tls=settings.tls,
                answer_seconds=settings.timeout_seconds,
                enquire_seconds=settings.enquire_seconds,
            )
        except Cut as cut:
            log.warning("smpp.not_connected", gateway=settings.name, why=str(cut))
            return False
        reading = asyncio.create_task(session.run(), name="smpp-read")
        try:
            return await self._bound(session, reading)
        finally:
            self._session = None
            await session.close()
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _bound(self, session: Session, reading: asyncio.Task[None]) -> bool:
        settings = self._settings
        try:
            await session.bind(settings.system_id, settings.password.get_secret_value(), settings.system_type)
        except (Refused, Cut) as failure:
            log.error("smpp.not_bound", gateway=settings.name, why=str(failure))
            return False
        self._session = session
        log.info("smpp.bound", gateway=settings.name)
        await asyncio.wait([reading])
        log.warning("smpp.cut", gateway=settings.name, why=str(reading.exception()))
        return True

    async def _told(self, message: ShortMessage) -> Status:
        """Take what the centre delivers; it is told to come again while it can't be kept."""
        try:
            if not told.is_receipt(message):
                await self._replied(message)
                return Status.OK
            found = told.receipt(message, self._settings.name, self._settings.ids, self._zone)
            if found is None:
                log.warning("smpp.receipt_unread", gateway=self._settings.name)
            else:
                await self._take_receipt(found)
        except StoreUnavailable:
            return Status.TEMPORARY_HERE
        return Status.OK

    async def _replied(self, message: ShortMessage) -> None:
        if self._take_reply is None:
            return
        written = message.content.decode(
            "utf-16-be" if message.data_coding == text.UCS2 else "latin-1", "replace"
        )
        await self._take_reply(f"+{message.source.digits.removeprefix('+')}", written)

    def _message(self, letter: Letter, part: int) -> ShortMessage:
        content, esm_class, optional = self._content(letter, part)
        return ShortMessage(
            self._sender,
            Address.of_number(letter.address),
            content,
            esm_class,
            _FINAL_RECEIPT if self._settings.receipts else 0,
            text.UCS2,
            _relative(letter.valid_until, self._clock.now()),
            optional,
        )

    def _content(self, letter: Letter, part: int) -> tuple[bytes, int, dict[int, bytes]]:
        if letter.parts == 1:
            whole = text.encoded(letter.text)
            alone = len(whole) <= 2 * text.ALONE
            return (whole, 0, {}) if alone else (b"", 0, {Tag.MESSAGE_PAYLOAD: whole})
        parts, total = text.split(letter.text), letter.parts
        content = text.encoded(parts[part - 1])
        if self._settings.long is not Long.SAR:
            header = text.user_data_header(letter.reference, total, part)
            return header + content, _HAS_HEADER, {}
        joined = {
            Tag.SAR_REFERENCE: struct.pack(">H", letter.reference % 65_536),
            Tag.SAR_TOTAL: bytes((total,)),
            Tag.SAR_NUMBER: bytes((part,)),
        }
        return content, 0, {int(tag): value for tag, value in joined.items()}


def _not_sent(status: int) -> NotSent:
    code = f"smpp 0x{status:02x}"
    if status in _LATER:
        return NotSent("the gateway wants it slower", pause=_SLOWER_SECONDS, code=code)
    return NotSent("the gateway refuses it", final=status not in _AGAIN, code=code)


def _relative(until: datetime | None, now: datetime) -> str:
    """7.1.1.2: a span of days, hours, minutes and seconds; a minute at least."""
    if until is None:
        return ""
    left = max(until - now, timedelta(minutes=1))
    hours, seconds = divmod(left.seconds, 3600)
    return f"0000{min(left.days, 99):02d}{hours:02d}{seconds // 60:02d}{seconds % 60:02d}000R"
