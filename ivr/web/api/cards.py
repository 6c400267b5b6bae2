"""The card of a call: seen, identified by, accounts put to it. Every view of personal data is put down."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, Field

from ivr.access.audit import Action, Entry
from ivr.access.model import Right, User
from ivr.calls.deeds import DeedKind
from ivr.calls.identifications import How
from ivr.calls.ledger import Ledger
from ivr.calls.story import Story
from ivr.customers.billing import Billing, BillingUnavailable
from ivr.customers.model import Account
from ivr.desk.card import Card
from ivr.desk.cards import Cards, NoSuchCall, NotYours
from ivr.desk.identifying import address_of, is_named
from ivr.desk.masking import MASK, masked_account
from ivr.web.api.audited import entry_of
from ivr.web.api.card_models import CardTold
from ivr.web.api.route import Asked, Handler, Refused, Route

T = TypeVar("T")

NO_CALL = "Такого звонка нет. Проверьте номер звонка."
NOT_YOURS = "Это звонок другого оператора: его карточка Вам не открыта."
BILLING_AWAY = "Биллинг сейчас не отвечает. Повторите через минуту."
NEED_ONE = "Укажите лицевой счёт или адрес, который назвал клиент."
NO_ACCOUNT = "Такого лицевого счёта нет. Переспросите номер."
NO_ADDRESS = "Адрес не разобран. Напишите улицу, дом и квартиру через запятую."
NOT_AT_ADDRESS = "По этому адресу счёта нет. Переспросите адрес."
SEVERAL_THERE = "По этому адресу несколько счетов. Уточните квартиру или лицевой счёт."
OTHER_NAME = "Имя не совпадает с договором. Переспросите фамилию, имя и отчество владельца счёта."


class AuditTrail(Protocol):
    """Writes down who looked at what (`ivr.access.audit.Audit`)."""

    async def record(self, *entries: Entry) -> None:
        """Return once they are durable."""


class CallerNamed(BaseModel):
    """What the caller says of himself: his name, and the account or the address."""

    name: str = Field(min_length=2, max_length=200, repr=False)
    account: str | None = Field(default=None, max_length=40, repr=False)
    address: str | None = Field(default=None, max_length=300, repr=False)


class AccountPut(BaseModel):
    """An account that belongs to the call, though nobody is identified for it."""

    account: str = Field(min_length=1, max_length=40, repr=False)


class Viewing:
    """Shows cards, each view of personal data put down before it is shown."""

    def __init__(self, cards: Cards, audit: AuditTrail) -> None:
        self._cards = cards
        self._audit = audit

    async def card(self, call_id: str, asked: Asked) -> CardTold:
        """The card for who asks.

        Raises:
            Refused: There is no such call, or it is another's.
            StoreUnavailable: The view can't be put down, so nothing is shown.
        """
        await self.story(call_id, asked)
        card = await self._cards.open(call_id, asked.user)
        await self._audit.record(*views(card, asked.user.login, asked.session_id))
        return CardTold.model_validate(card)

    async def story(self, call_id: str, asked: Asked) -> Story:
        """A call that who asks may see.

        Raises:
            Refused: There is no such call, or it is another's.
        """
        try:
            return await self._cards.story(call_id, asked.user)
        except NotYours:
            await self._denied(call_id, asked)
            raise Refused(403, "not-yours", NOT_YOURS) from None
        except NoSuchCall:
            raise Refused(404, "no-such-call", NO_CALL) from None

    async def _denied(self, call_id: str, asked: Asked) -> None:
        await self._audit.record(entry_of(asked, action=Action.DENIED, call_id=call_id, what="card"))


def views(card: Card, login: str, session_id: str = "") -> Iterable[Entry]:
    """What is put down of a card that is shown: one entry for each account in full."""
    return [
        Entry(
            login=login,
            action=Action.VIEWED,
            subject=number,
            call_id=card.call_id,
            what="card",
            session_id=session_id,
        )
        for number in card.disclosed
    ]


async def from_billing(answer: Awaitable[T]) -> T:
    """Billing's answer.

    Raises:
        Refused: It does not answer.
    """
    try:
        return await answer
    except BillingUnavailable as fault:
        raise Refused(503, "billing-away", BILLING_AWAY) from fault


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRoutes:
    """The calls of the API on cards.

    Attributes:
        home_settlement: Settlement of an address for which none is named.
    """

    cards: Cards
    viewing: Viewing
    billing: Billing
    ledger: Ledger
    home_settlement: str

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            _route("GET", "/cards/{call_id}", "Show the card of a call", self.show),
            _route("POST", "/cards/{call_id}/identify", "Identify the caller", self.identify, CallerNamed),
            _route("POST", "/cards/{call_id}/account", "Put an account to the call", self.attach, AccountPut),
        ]

    async def show(self, asked: Asked) -> CardTold:
        """`GET /cards/{call_id}`."""
        card = await self.viewing.card(asked.path["call_id"], asked)
        self._note(card.call_id, DeedKind.CARD_OPENED, asked.user)
        return card

    async def identify(self, asked: Asked) -> CardTold:
        """`POST /cards/{call_id}/identify`: name, and account or address, have to be the holder's."""
        call_id, named = asked.path["call_id"], asked.body
        await self.viewing.story(call_id, asked)
        try:
            account = await self._named_account(named)
            if not is_named(named.name, account):
                raise Refused(422, "other-name", OTHER_NAME, "name")
        except Refused as refused:
            self._note(call_id, DeedKind.IDENTIFICATION_FAILED, asked.user, reason=refused.code)
            raise
        by_number = named.account and MASK not in named.account
        how = How.NAME_AND_ACCOUNT if by_number else How.NAME_AND_ADDRESS
        await self.cards.add(call_id, account.number, how, asked.user.login)
        self._note(call_id, DeedKind.IDENTIFIED, asked.user, how=how.value)
        return await self.viewing.card(call_id, asked)

    async def attach(self, asked: Asked) -> CardTold:
        """`POST /cards/{call_id}/account`: the card shows it, masked until the caller is identified."""
        call_id = asked.path["call_id"]
        await self.viewing.story(call_id, asked)
        account = await self._by_number(asked.body.account)
        await self.cards.add(call_id, account.number, How.ATTACHED, asked.user.login)
        self._note(call_id, DeedKind.ACCOUNT_ATTACHED, asked.user)
        return await self.viewing.card(call_id, asked)

    async def _named_account(self, named: CallerNamed) -> Account:
        if named.account and MASK not in named.account:
            return await self._by_number(named.account)
        if named.address:
            return await self._at_address(named.address, named.account or "")
        raise Refused(422, "need-one", NEED_ONE, "account")

    async def _by_number(self, text: str) -> Account:
        answer = await from_billing(self.billing.by_number("".join(text.split())))
        if not answer.accounts:
            raise Refused(422, "no-account", NO_ACCOUNT, "account")
        return answer.accounts[0]

    async def _at_address(self, text: str, masked: str) -> Account:
        """The account at an address; of several the one whose masked number was chosen."""
        address = address_of(text, self.home_settlement)
        if address is None:
            raise Refused(422, "no-address", NO_ADDRESS, "address")
        answer = await from_billing(self.billing.by_address(address))
        if not answer.accounts:
            raise Refused(422, "not-at-address", NOT_AT_ADDRESS, "address")
        chosen = [one for one in answer.accounts if masked_account(one).number == masked] or answer.accounts
        if len(chosen) > 1:
            raise Refused(422, "several-there", SEVERAL_THERE, "address")
        return chosen[0]

    def _note(self, call_id: str, kind: DeedKind, user: User, **data: Any) -> None:
        self.ledger.note_deed(call_id, kind, user.login, data=data)


def _route(method: str, path: str, title: str, run: Handler, body: type[BaseModel] | None = None) -> Route:
    return Route(method=method, path=path, title=title, right=Right.WORK, run=run, body=body, answer=CardTold)
