"""The port to billing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.customers.model import Account, Address
from ivr.errors import Fault


class BillingUnavailable(Fault):
    """Billing does not answer, and nothing recent enough is remembered."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Accounts that were found, in billing's order.

    Attributes:
        accounts: May be empty.
        as_of: The moment, aware, when billing said so; None when it has said so just now.
        stale: Whether that was remembered because billing can't be asked now.
    """

    accounts: tuple[Account, ...]
    as_of: datetime | None = None
    stale: bool = False


class Billing(Protocol):
    """Finds accounts. Every method raises `BillingUnavailable` or `StoreUnavailable`."""

    async def by_number(self, number: str) -> Answer:
        """The account of that number."""

    async def by_phone(self, phone: str) -> Answer:
        """Accounts that a number in E.164 belongs to."""

    async def by_address(self, address: Address) -> Answer:
        """Accounts at an address; spelling does not matter. Without a flat, all accounts of the house."""

    async def by_name(self, name: str, most: int) -> Answer:
        """Accounts whose holder's name begins so; case, ё and a company's form do not matter.

        Args:
            name: Surname, or at least its first three letters, and perhaps name and patronymic or their
                beginnings; of less nothing is found.
            most: No more are told, in the order of names.
        """

    async def streets(self, most: int) -> tuple[str, ...]:
        """Names of the streets where accounts are, without their types; none when not known."""

    async def by_id(self, account_id: str) -> Answer:
        """The account of billing's id."""
