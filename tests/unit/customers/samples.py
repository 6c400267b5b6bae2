"""An account for tests, and a billing system in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from ivr.customers.addresses import address_key, house_prefix
from ivr.customers.billing import Answer, BillingUnavailable
from ivr.customers.model import Account, AccountKind, Address, Meter, Segment, Zone
from ivr.customers.names import begins
from ivr.dialogue.ports import CallFacts

MOSCOW = ZoneInfo("Europe/Moscow")


def zone(code: str = "single", *, last: int | None = 11_950, usual: int | None = 200) -> Zone:
    return Zone(code=code, title="", last_value=last, last_date=date(2026, 10, 24), usual_monthly=usual)


def account(number: str = "320145678", *, phones: tuple[str, ...] = ("+74832000001",)) -> Account:
    return Account(
        id=number[-3:],
        number=number,
        kind=AccountKind.PERSON,
        segment=Segment.PRIVATE,
        name="Берестова Анна Юрьевна",
        address=Address("Дебрянск", "Пушкина", "1", "улица", "19"),
        phones=phones,
        balance=Decimal("-738.58"),
        balance_as_of=date(2026, 10, 24),
        meters=(Meter(id=f"m{number[-3:]}", serial="04512873", digits=5, zones=(zone(),)),),
    )


@dataclass
class BillingInMemory:
    """Implements `Billing`."""

    accounts: tuple[Account, ...]
    as_of: datetime | None = None
    stale: bool = False
    down: bool = False
    questions: list[str] = field(default_factory=list)

    async def by_number(self, number: str) -> Answer:
        return self._answer("number", lambda each: each.number == number)

    async def by_phone(self, phone: str) -> Answer:
        return self._answer("phone", lambda each: phone in each.phones)

    async def by_address(self, address: Address) -> Answer:
        whole = house_prefix(address)
        wanted = address_key(address)
        if address.flat:
            return self._answer("address", lambda each: address_key(each.address) == wanted)
        return self._answer("address", lambda each: house_prefix(each.address) == whole)

    async def by_name(self, name: str, most: int) -> Answer:
        return self._answer("name", lambda each: begins(name, each.name))

    async def streets(self, most: int) -> tuple[str, ...]:
        self.questions.append("streets")
        if self.down:
            raise BillingUnavailable("Billing does not answer.")
        return tuple(dict.fromkeys(each.address.street for each in self.accounts))[:most]

    async def by_id(self, account_id: str) -> Answer:
        return self._answer("id", lambda each: each.id == account_id)

    def _answer(self, question: str, wanted: Callable[[Account], bool]) -> Answer:
        self.questions.append(question)
        return Answer(tuple(filter(wanted, self.accounts)), self.as_of, self.stale)


@dataclass
class ClockByHand:
    """Implements `Clock`; `sleep` moves it on."""

    moment: datetime = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
    seconds: float = 1_000.0

    def now(self) -> datetime:
        return self.moment.astimezone(MOSCOW)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.pass_by(seconds)

    def pass_by(self, seconds: float) -> None:
        self.seconds += seconds
        self.moment = datetime.fromtimestamp(self.moment.timestamp() + seconds, tz=UTC)


def facts(call_id: str = "c1", caller: str = "+74832000001", profile: str = "bryansk") -> CallFacts:
    return CallFacts(
        call_id=call_id,
        line="clients",
        segment="private",
        profile=profile,
        caller_number=caller,
        started_at=datetime(2026, 11, 24, 10, 0, tzinfo=MOSCOW),
    )
