"""Billing's port on a live HTTP API (docs/billing-api.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Self, TypeVar
from urllib.parse import quote

import aiohttp
import structlog
from pydantic import BaseModel, Field, ValidationError

from ivr.customers.billing import Answer, BillingUnavailable
from ivr.customers.cache import AnswerCache, Breaker, Question, Remembered
from ivr.customers.model import Account, Address
from ivr.customers.names import begins, is_enough, name_key
from ivr.customers.settings import BillingApiSettings
from ivr.dialogue.ports import Clock

T = TypeVar("T")
_Reader = Callable[[bytes], tuple[T, ...]]
_log = structlog.get_logger(__name__)
_MOST_BYTES = 1_000_000
_PASSING = frozenset({408, 425, 429})  # statuses below 500 that may be gone a moment later


class _Found(BaseModel):
    """Body of an answer."""

    accounts: tuple[Account, ...] = Field(max_length=200)


class _Streets(BaseModel):
    """Body of the answer about streets."""

    streets: tuple[Annotated[str, Field(min_length=1, max_length=100)], ...] = Field(max_length=50_000)


class _NoAnswer(Exception):
    """One request failed; `final` when the same request would fail again."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.final = final


class BillingApi:
    """Implements `Billing` with time limits, retries, a pause after failures and a bounded cache."""

    def __init__(self, settings: BillingApiSettings, clock: Clock, session: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._clock = clock
        self._session = session
        self._cache = AnswerCache(settings.cache_entries)
        self._breaker = Breaker(settings.failures_to_pause, settings.pause_seconds)

    @classmethod
    async def open(cls, settings: BillingApiSettings, clock: Clock) -> Self:
        """Prepare the connections; none is opened yet."""
        headers = {"Accept": "application/json"}
        if settings.token:
            headers["Authorization"] = f"Bearer {settings.token.get_secret_value()}"
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=settings.connections),
            timeout=aiohttp.ClientTimeout(total=settings.attempt_seconds),
            headers=headers,
        )
        return cls(settings, clock, session)

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def by_number(self, number: str) -> Answer:
        """See `Billing`."""
        return await self._ask("/accounts", {"number": number})

    async def by_phone(self, phone: str) -> Answer:
        """See `Billing`."""
        return await self._ask("/accounts", {"phone": phone})

    async def by_address(self, address: Address) -> Answer:
        """See `Billing`."""
        parts = {
            "settlement": address.settlement,
            "street": address.street,
            "house": address.house,
            "flat": address.flat,
        }
        return await self._ask("/accounts", parts)

    async def by_name(self, name: str, most: int) -> Answer:
        """See `Billing`; a billing system need not offer it, and what it finds is held against the name."""
        if not is_enough(name):
            return Answer(())
        found = await self._ask("/accounts", {"name": name_key(name), "limit": str(most)})
        alike = tuple(account for account in found.accounts if begins(name, account.name))
        return replace(found, accounts=alike[:most])

    async def by_id(self, account_id: str) -> Answer:
        """See `Billing`."""
        return await self._ask(f"/accounts/{quote(account_id, safe='')}", {})

    async def streets(self, most: int) -> tuple[str, ...]:
        """See `Billing`; a billing system need not offer it."""
        if not self._breaker.lets_through(self._clock.monotonic()):
            raise self._unavailable()
        try:
            names = await self._request("/streets", {}, _streets)
        except _NoAnswer as failure:
            self._failed(failure)
            raise self._unavailable() from failure
        self._breaker.succeeded()
        return tuple(dict.fromkeys(names))[:most]

    async def _ask(self, path: str, parameters: Mapping[str, str]) -> Answer:
        question: Question = (path, *parameters.keys(), *parameters.values())
        now = self._clock.monotonic()
        fresh = self._cache.get(question, now - self._settings.fresh_seconds)
        if fresh:
            return Answer(fresh.accounts, fresh.told_at)
        if self._breaker.lets_through(now):
            try:
                return self._remember(question, await self._request(path, parameters, _accounts))
            except _NoAnswer as failure:
                self._failed(failure)
        return self._stale(question)

    def _failed(self, failure: _NoAnswer) -> None:
        self._breaker.failed(self._clock.monotonic())
        _log.warning("billing.no_answer", reason=str(failure))

    def _remember(self, question: Question, accounts: tuple[Account, ...]) -> Answer:
        self._breaker.succeeded()
        if accounts:
            self._cache.put(question, Remembered(accounts, self._clock.now(), self._clock.monotonic()))
        return Answer(accounts)

    def _stale(self, question: Question) -> Answer:
        oldest = self._clock.monotonic() - self._settings.stale_seconds
        remembered = self._cache.get(question, oldest)
        if remembered:
            return Answer(remembered.accounts, remembered.told_at, stale=True)
        raise self._unavailable()

    def _unavailable(self) -> BillingUnavailable:
        return BillingUnavailable(
            "Billing does not answer.", self._settings.url, "Check that the service runs and can be reached."
        )

    async def _request(self, path: str, parameters: Mapping[str, str], reader: _Reader[T]) -> tuple[T, ...]:
        for attempts_left in reversed(range(self._settings.attempts)):
            try:
                return await self._request_once(path, parameters, reader)
            except _NoAnswer as failure:
                if failure.final or not attempts_left:
                    raise
        raise AssertionError("attempts are at least one")

    async def _request_once(
        self, path: str, parameters: Mapping[str, str], reader: _Reader[T]
    ) -> tuple[T, ...]:
        url = self._settings.url.rstrip("/") + path
        try:
            async with self._session.get(url, params=parameters, allow_redirects=False) as response:
                if response.status == 404 and ("name" in parameters or not parameters):
                    return ()
                return await _read(response, reader)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise _NoAnswer(type(error).__name__, final=False) from error


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise _NoAnswer("the answer is too long", final=True)
    return bytes(body)


async def _read(response: aiohttp.ClientResponse, reader: _Reader[T]) -> tuple[T, ...]:
    body, status = await _body(response), response.status
    if status != 200:
        raise _NoAnswer(f"status {status}", final=status < 500 and status not in _PASSING)
    try:
        return reader(body)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, each["loc"])) or "body" for each in error.errors()[:5])
        raise _NoAnswer(f"not as agreed: {places}", final=True) from error


def _accounts(body: bytes) -> tuple[Account, ...]:
    return _Found.model_validate_json(body).accounts


def _streets(body: bytes) -> tuple[str, ...]:
    return _Streets.model_validate_json(body).streets
