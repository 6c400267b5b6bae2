"""Looking for a client's account, within a call or by right; what is found is masked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, Field

from ivr.access.audit import Action, Entry
from ivr.access.model import Right
from ivr.customers.addresses import split_street
from ivr.customers.billing import Answer, Billing
from ivr.customers.model import Account
from ivr.customers.names import is_enough
from ivr.desk.identifying import address_of
from ivr.desk.masking import masked_account
from ivr.web.api.audited import entry_of
from ivr.web.api.cards import AuditTrail, Viewing, from_billing
from ivr.web.api.route import Asked, Refused, Route

ONLY_IN_CALL = "Искать клиентов можно только во время разговора."
NOT_UNDERSTOOD = (
    "Введите номер счёта, телефон, фамилию (от трёх букв) или адрес: улица, дом, квартира через запятую."
)

_PHONE = re.compile(r"^(?:\+7|8)(\d{10})$")
_NAME = re.compile(r"^[^\d,]+$")
_NUMBER = re.compile(r"^\d{4,20}$")


class AccountQuestion(BaseModel):
    """What is looked for: number of an account, telephone, name, or address."""

    q: str = Field(min_length=3, max_length=200, repr=False)
    call_id: str | None = Field(default=None, max_length=64)


class AccountFound(BaseModel):
    """An account in part; the number is whole only for who has given it."""

    number: str
    address: str
    holder: str


class AccountsFound(BaseModel):
    """In billing's order; `more` when there are more of that name than are told."""

    accounts: list[AccountFound]
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRoutes:
    """The search.

    Attributes:
        home_settlement: That of an address for which none is named.
        most_names: No more accounts are told to who looks for a name.
    """

    billing: Billing
    viewing: Viewing
    audit: AuditTrail
    home_settlement: str
    most_names: int

    def routes(self) -> list[Route]:
        """The one that there is."""
        return [
            Route(
                method="GET",
                path="/accounts",
                title="Look for an account by number, telephone, name or address",
                right=Right.WORK,
                run=self.search,
                query=AccountQuestion,
                answer=AccountsFound,
            )
        ]

    async def search(self, asked: Asked) -> AccountsFound:
        """`GET /accounts`."""
        wanted: AccountQuestion = asked.query
        if wanted.call_id is not None:
            await self.viewing.story(wanted.call_id, asked)
        elif not asked.user.may(Right.CARDS):
            raise Refused(403, "only-in-call", ONLY_IN_CALL)
        found, more = await self._find(wanted.q)
        await self.audit.record(*(_seen(asked, account) for account in found))
        return AccountsFound(accounts=[_found(account, wanted.q) for account in found], more=more)

    async def _find(self, text: str) -> tuple[Sequence[Account], bool]:
        """Accounts, and whether there are more."""
        if not _is_name(text):
            return (await self._find_one(text)).accounts, False
        answer = await from_billing(self.billing.by_name(text, self.most_names + 1))
        return answer.accounts[: self.most_names], len(answer.accounts) > self.most_names

    async def _find_one(self, text: str) -> Answer:
        plain = re.sub(r"[\s()-]", "", text)
        if phone := _PHONE.match(plain):
            return await from_billing(self.billing.by_phone(f"+7{phone[1]}"))
        if _NUMBER.match(plain):
            return await from_billing(self.billing.by_number(plain))
        address = address_of(text, self.home_settlement)
        if address is None:
            raise Refused(422, "not-understood", NOT_UNDERSTOOD, "q")
        return await from_billing(self.billing.by_address(address))


def _seen(asked: Asked, account: Account) -> Entry:
    call_id = asked.query.call_id or ""
    return entry_of(asked, Action.VIEWED, "search", subject=account.number, call_id=call_id)


def _is_name(text: str) -> bool:
    """Whether it is enough of a name, and not a street."""
    return bool(_NAME.match(text)) and is_enough(text) and not split_street(text)[0]


def _found(account: Account, asked_for: str) -> AccountFound:
    masked = masked_account(account)
    given = "".join(asked_for.split()) == account.number
    return AccountFound(
        number=account.number if given else masked.number, address=masked.address, holder=masked.holder
    )
