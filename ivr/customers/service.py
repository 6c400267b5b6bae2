"""Customers of running calls: who was found, and how well the caller is known."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

from ivr.customers.billing import Answer, Billing
from ivr.customers.model import Account, Address, Level
from ivr.customers.numbers import is_well_formed
from ivr.customers.settings import CustomersSettings


class NotIdentified(Exception):
    """The caller is not identified for this account, so nothing personal may be told or done."""


@dataclass(frozen=True, slots=True)
class Known:
    """An account that was found during a call.

    Attributes:
        account: What billing told.
        as_of: The moment when billing told it if that is not now; see `Answer`.
        stale: Whether billing could not be asked.
    """

    account: Account
    as_of: datetime | None = None
    stale: bool = False


@dataclass(slots=True)
class _Call:
    """What is remembered of one call, by the account's id."""

    known: dict[str, Known] = field(default_factory=dict)
    recognised: set[str] = field(default_factory=set)
    identified: set[str] = field(default_factory=set)


class Customers:
    """Finds accounts for calls and keeps each caller's level until the call ends.

    An account is asked of billing once a call. The memory is bounded: the oldest call is forgotten first, and
    its caller has to be identified again.
    """

    def __init__(self, billing: Billing, settings: CustomersSettings) -> None:
        self._billing = billing
        self._calls: OrderedDict[str, _Call] = OrderedDict()
        self.settings = settings

    async def of_caller(self, call_id: str, phone: str) -> tuple[Account, ...]:
        """Accounts that the calling number belongs to; none for a withheld number.

        Raises:
            BillingUnavailable: Billing does not answer.
        """
        if not phone:
            return ()
        answer = await self._billing.by_phone(phone)
        self._note(call_id, answer).recognised.update(account.id for account in answer.accounts)
        return answer.accounts

    def is_well_formed(self, number: str) -> bool:
        """Whether it can be the number of an account."""
        return is_well_formed(number, self.settings.account_number)

    async def find(self, call_id: str, number: str) -> Account | None:
        """The account of a number, or None when there is none.

        Raises:
            BillingUnavailable: Billing does not answer.
        """
        answer = await self._billing.by_number(number)
        self._note(call_id, answer)
        return answer.accounts[0] if answer.accounts else None

    async def at_address(self, call_id: str, address: Address) -> tuple[Account, ...]:
        """Accounts at an address; without a flat, those of the whole house.

        Raises:
            BillingUnavailable: Billing does not answer.
        """
        answer = await self._billing.by_address(address)
        self._note(call_id, answer)
        return answer.accounts

    def settlement(self, named: str | None) -> str:
        """The settlement that a caller has named, or else the company's own.

        Raises:
            LookupError: None was named, and `customers.home_settlement` is not set.
        """
        settlement = (named or "").strip() or self.settings.home_settlement
        if not settlement:
            raise LookupError("no settlement was named, and customers.home_settlement is not set")
        return settlement

    async def streets(self) -> tuple[str, ...]:
        """Names of the streets where accounts are, as far as billing tells.

        Raises:
            BillingUnavailable: Billing does not answer.
        """
        return await self._billing.streets(self.settings.streets_limit)

    async def identify(self, call_id: str, account_id: str) -> Known:
        """Hold the caller for identified: he has named the account and confirmed it.

        Raises:
            LookupError: There is no such account.
            BillingUnavailable: Billing does not answer.
        """
        call = self._call(call_id)
        if account_id not in call.known:
            self._note(call_id, await self._billing.by_id(account_id))
        known = call.known.get(account_id)
        if known is None:
            raise LookupError("no account has this id")
        call.identified.add(account_id)
        return known

    def level(self, call_id: str, account_id: str) -> Level:
        """How well the caller is known for an account."""
        call = self._calls.get(call_id)
        if call is None:
            return Level.UNKNOWN
        if account_id in call.identified:
            return Level.IDENTIFIED
        return Level.RECOGNISED if account_id in call.recognised else Level.UNKNOWN

    def found(self, call_id: str, account_id: str) -> Account:
        """An account that was found during the call, whoever the caller is.

        Raises:
            LookupError: None of this id was.
        """
        call = self._calls.get(call_id)
        if call is None or account_id not in call.known:
            raise LookupError("no account of this id was found in the call")
        return call.known[account_id].account

    def identified(self, call_id: str) -> tuple[Account, ...]:
        """The accounts for which the caller is identified."""
        call = self._calls.get(call_id)
        return () if call is None else tuple(call.known[each].account for each in sorted(call.identified))

    def require(self, call_id: str, account_id: str) -> Known:
        """The account, for a caller who is identified for it.

        Raises:
            NotIdentified: He is not.
        """
        if self.level(call_id, account_id) is not Level.IDENTIFIED:
            raise NotIdentified
        return self._calls[call_id].known[account_id]

    def forget(self, call_id: str) -> None:
        """Forget the caller; to be called when a call has ended."""
        self._calls.pop(call_id, None)

    def _call(self, call_id: str) -> _Call:
        call = self._calls.setdefault(call_id, _Call())
        if len(self._calls) > self.settings.calls_limit:
            self._calls.popitem(last=False)
        return call

    def _note(self, call_id: str, answer: Answer) -> _Call:
        call = self._call(call_id)
        for account in answer.accounts:
            call.known[account.id] = Known(account, answer.as_of, answer.stale)
        return call
