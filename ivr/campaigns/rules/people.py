"""Who is called: one person under all the keys by which he can be recognised. Jobs for the database.

A person is a key of `Target.person`, an account or a number. Billing's data tell which accounts and numbers
belong together, and so does a list that names an account with its numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, exists, func, literal, select, union_all

from ivr.campaigns.entries import Whom
from ivr.campaigns.model import Target
from ivr.campaigns.rules.tables import refusals
from ivr.customers.tables import accounts, phones

OFFICE = 10
"""A telephone of more accounts than these is an office's, and is no mark of a person."""

_ACCOUNT, _NUMBER = "account:", "number:"


@dataclass(frozen=True, slots=True)
class Recognised:
    """Whom a call or message to a number may reach.

    Attributes:
        keys: Of the person himself.
        others: Of those whose number it is, too; who of them answers, nobody can tell.
        numbers: E.164, at which he and they may be reached.
    """

    keys: frozenset[str]
    others: frozenset[str]
    numbers: frozenset[str]

    @property
    def whom(self) -> Whom:
        """Whose calls and messages count for the limits."""
        return Whom(self.keys | self.others, self.numbers)


def recognised(connection: Connection, target: Target, number: str) -> Recognised:
    """Who is meant by a target, and who may answer at the number.

    Args:
        connection: Of the transaction that the answer is needed in.
        target: Of any campaign.
        number: E.164, or another address of the target, which then marks nobody else.
    """
    links = connection.execute(_LINKS, {"number": number, "account": target.account}).all()
    holders = {account for account, phone in links if phone == number}
    own = {target.account} if target.account else holders
    his = {phone for account, phone in links if account in own} | _personal(connection, target, number)
    theirs = {phone for account, phone in links if account not in own}
    keys = {target.person, *_keys(_ACCOUNT, own), *_keys(_NUMBER, his)}
    others = {*_keys(_ACCOUNT, holders - own), *_keys(_NUMBER, theirs)} - keys
    return Recognised(frozenset(keys), frozenset(others), frozenset(his | theirs))


def known_as(connection: Connection, *, account: str = "", number: str = "") -> Whom:
    """All keys and numbers of an account, or of who has a number (E.164)."""
    links = connection.execute(_LINKS, {"number": number, "account": account}).all()
    holders = {account} if account else {each for each, phone in links if phone == number}
    numbers = {phone for each, phone in links if each in holders} | ({number} if number else set())
    return Whom(frozenset(_keys(_ACCOUNT, holders) | _keys(_NUMBER, numbers)), frozenset(numbers))


def _keys(of: str, names: set[str]) -> set[str]:
    return {f"{of}{name}" for name in names}


def _personal(connection: Connection, target: Target, number: str) -> set[str]:
    """The number, and those others of the target that are no office's."""
    others = set(target.numbers) - {number}
    if others:
        crowded = select(phones.c.number).where(phones.c.number.in_(others)).group_by(phones.c.number)
        others -= set(connection.execute(crowded.having(func.count() > OFFICE)).scalars())
    return {number, *others}


_other = phones.alias()
_holders = select(phones.c.account_id).where(phones.c.number == bindparam("number")).limit(OFFICE + 1)
_meant = union_all(
    select(_holders.subquery().c.account_id),
    select(accounts.c.id).where(accounts.c.number == bindparam("account")),
)
_accounts_of_it = select(func.count()).where(_other.c.number == phones.c.number).scalar_subquery()
_is_a_stranger_s = exists().where(
    refusals.c.person == literal(_ACCOUNT) + accounts.c.number,
    refusals.c.number == phones.c.number,
    refusals.c.lifted_at.is_(None),
)
_LINKS = (
    select(accounts.c.number, phones.c.number)
    .join(phones, phones.c.account_id == accounts.c.id)
    .where(accounts.c.id.in_(_meant), _accounts_of_it <= OFFICE, ~_is_a_stranger_s)
)
"""Accounts that have the number, and the account itself, each with its telephones; without strangers'."""
