"""The names of streets that callers may say, asked of billing now and then."""

from __future__ import annotations

from ivr.customers.service import Customers
from ivr.dialogue.ports import Clock
from ivr.errors import Fault


class StreetList:
    """Remembers the list, so that not each call asks; while billing is down, the last one goes on serving."""

    def __init__(self, customers: Customers, clock: Clock) -> None:
        self._customers = customers
        self._clock = clock
        self._names: tuple[str, ...] = ()
        self._asked_at: float | None = None

    async def names(self) -> tuple[str, ...]:
        """The names, without the types of the streets; empty when billing does not tell.

        Raises:
            BillingUnavailable: Billing does not answer, and never has.
            StoreUnavailable: Our own tables cannot be read, and never were.
        """
        settings, now = self._customers.settings, self._clock.monotonic()
        if settings.streets_limit == 0 or (
            self._asked_at is not None and now - self._asked_at < settings.streets_fresh_seconds
        ):
            return self._names
        try:
            self._names = await self._customers.streets()
        except Fault:
            if self._asked_at is None:
                raise
        self._asked_at = now
        return self._names
