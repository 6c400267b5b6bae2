"""What is shown of an account before the caller is identified for it."""

from __future__ import annotations

from ivr.customers.model import Account, AccountKind, Address
from ivr.desk.card import CardAccount

MASK = "••••"
"""Stands for the digits of a number that are not shown."""

_TAIL = 4


def masked_name(name: str) -> str:
    """The initials: «И. П. С.»; of a company its form and first letter."""
    return " ".join(f"{word[:1].upper()}." for word in name.replace("«", " ").split() if word[:1].isalpha())


def full_address(address: Address) -> str:
    """As on the bill: settlement, street, house, flat."""
    parts = [address.settlement, street(address), f"д. {address.house}" if address.house else ""]
    parts.append(f"кв. {address.flat}" if address.flat else "")
    return ", ".join(part for part in parts if part)


def street(address: Address) -> str:
    """The street with its type."""
    return f"{address.street_type} {address.street}".strip()


def partial_address(address: Address) -> str:
    """Settlement and street, without house and flat."""
    return ", ".join(part for part in (address.settlement, street(address)) if part)


def shown_account(account: Account) -> CardAccount:
    """An account of whom the caller is identified for it; without its meters."""
    return CardAccount(
        id=account.id,
        number=account.number,
        address=full_address(account.address),
        holder=account.name,
        balance=account.balance,
        balance_at=account.balance_as_of,
        masked=False,
    )


def masked_account(account: Account) -> CardAccount:
    """The end of the number, initials, the street: enough to ask for, too little to tell."""
    company = account.kind is AccountKind.COMPANY
    return CardAccount(
        id=account.id,
        number=f"{MASK} {account.number[-_TAIL:]}",
        address=partial_address(account.address),
        holder=account.name if company else masked_name(account.name),
    )
