"""Billing's HTTP hook for readings (docs/billing-api.md)."""

from __future__ import annotations

from typing import Self

import aiohttp

from ivr.readings.outbox import Delivery
from ivr.readings.settings import HookSettings

_TAKEN = frozenset({200, 201, 202, 204, 409})  # 409: it has this reading already
_PASSING = frozenset({408, 425, 429})  # statuses below 500 that may be gone a moment later


class NotTaken(Exception):
    """Billing did not take a reading; `final` when it never will."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.final = final


class Hook:
    """Posts one reading a request, with an idempotency key."""

    def __init__(self, settings: HookSettings, session: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._session = session

    @classmethod
    async def open(cls, settings: HookSettings) -> Self:
        """Prepare the connections; none is opened yet."""
        headers = {}
        if settings.token:
            headers["Authorization"] = f"Bearer {settings.token.get_secret_value()}"
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=settings.at_once),
            timeout=aiohttp.ClientTimeout(total=settings.attempt_seconds),
            headers=headers,
        )
        return cls(settings, session)

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def send(self, delivery: Delivery) -> None:
        """Post a reading.

        Raises:
            NotTaken: It was not taken.
        """
        headers = {"Idempotency-Key": f"reading-{delivery.reading.id}"}
        try:
            async with self._session.post(
                self._settings.url, json=_message(delivery), headers=headers, allow_redirects=False
            ) as response:
                status = response.status
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise NotTaken(type(error).__name__, final=False) from error
        if status not in _TAKEN:
            raise NotTaken(f"status {status}", final=400 <= status < 500 and status not in _PASSING)


def _message(delivery: Delivery) -> dict[str, object]:
    reading = delivery.reading
    return {
        "id": reading.id,
        "account_id": reading.account_id,
        "account_number": reading.account_number,
        "meter_id": reading.meter_id,
        "serial": reading.meter_serial,
        "zone": reading.zone,
        "period": f"{reading.period:%Y-%m}",
        "value": reading.value,
        "consumption": reading.consumption,
        "mark": reading.mark,
        "late": reading.late,
        "source": reading.source,
        "captured_at": reading.captured_at.isoformat(),
    }
