"""Taking a reading by hand, with the robot's own rules: looked at, explained, confirmed, taken once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from pydantic import BaseModel, Field

from ivr.access.audit import Action
from ivr.access.model import Right
from ivr.calls.deeds import DeedKind
from ivr.calls.ledger import Ledger
from ivr.customers.billing import Billing
from ivr.customers.model import Account, Meter, Zone
from ivr.desk.cards import Cards
from ivr.dialogue.ports import Clock
from ivr.readings.rules import Check, Previous, Verdict
from ivr.readings.service import Acceptance, Decision, Readings, Submission
from ivr.web.api.audited import entry_of
from ivr.web.api.cards import AuditTrail, Viewing, from_billing
from ivr.web.api.route import Asked, Refused, Route

NOT_IDENTIFIED = "Сначала подтвердите личность клиента: имя и лицевой счёт или адрес."
NO_METER = "У этого лицевого счёта нет такого счётчика. Обновите карточку."
WINDOW = "Показания сейчас не принимаются: их передают с {first} по {last} число."
EXPLAINED: Final = {
    Verdict.TOO_LONG: "{zone}у этого счётчика только {digits} цифр.",
    Verdict.BELOW_LAST: "{zone}{value} меньше прежнего показания {last}{on}. Попросите проверить цифры.",
    Verdict.TOO_HIGH: "{zone}расход {consumption} кВт·ч заметно больше обычного. Переспросите показание.",
    Verdict.ROLLOVER: "{zone}счётчик прошёл через ноль, расход {consumption} кВт·ч. Переспросите показание.",
}
TAKEN = "Показания приняты за {month}."
TAKEN_LATE = "Показания приняты вне срока и будут учтены за {month}."
MONTHS: Final = (
    "январь",
    "февраль",
    "март",
    "апрель",
    "май",
    "июнь",
    "июль",
    "август",
    "сентябрь",
    "октябрь",
    "ноябрь",
    "декабрь",
)

_REFUSED = frozenset({Verdict.TOO_LONG, Verdict.BELOW_LAST})


class ZoneReading(BaseModel):
    """The reading of one tariff zone, whole kWh."""

    zone: str = Field(min_length=1, max_length=16)
    value: int = Field(ge=0, le=99_999_999, repr=False)


class ReadingGiven(BaseModel):
    """The readings of a meter.

    Attributes:
        confirmed: Whether the client has confirmed what had looked wrong.
        key: Made by the page; the same one is taken once.
    """

    call_id: str = Field(max_length=64)
    account: str = Field(max_length=32, repr=False)
    meter: str = Field(max_length=64)
    readings: list[ZoneReading] = Field(min_length=1, max_length=3)
    confirmed: bool = False
    key: str = Field(min_length=8, max_length=64)


class ReadingTaken(BaseModel):
    """What became of it; `period` is the first day of the month that it counts for."""

    message: str
    period: date
    late: bool
    repeated: bool


@dataclass(frozen=True, slots=True)
class _Looked:
    """A reading that was looked at."""

    zone: Zone
    value: int
    check: Check
    previous: Previous | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRoutes:
    """Takes readings."""

    readings: Readings
    billing: Billing
    cards: Cards
    viewing: Viewing
    ledger: Ledger
    audit: AuditTrail
    clock: Clock

    def routes(self) -> list[Route]:
        """The one that there is."""
        return [
            Route(
                method="POST",
                path="/readings",
                title="Take the readings of a meter",
                right=Right.WORK,
                run=self.take,
                body=ReadingGiven,
                answer=ReadingTaken,
            )
        ]

    async def take(self, asked: Asked) -> ReadingTaken:
        """`POST /readings`: durable when it returns."""
        given: ReadingGiven = asked.body
        story = await self.viewing.story(given.call_id, asked)
        if given.account not in await self.cards.identified_accounts(given.call_id):
            raise Refused(403, "not-identified", NOT_IDENTIFIED)
        account, meter = await self._meter(given)
        profile = story.profile or ""
        looked = await self._look(meter, given.readings, profile)
        self._judge(meter, looked, profile, confirmed=given.confirmed)
        accepted = [
            await self.readings.accept(self._submission(given, account, meter, each, profile))
            for each in looked
        ]
        taken = self._taken(accepted, profile)
        await self._note(asked, account)
        return taken

    async def _meter(self, given: ReadingGiven) -> tuple[Account, Meter]:
        answer = await from_billing(self.billing.by_number(given.account))
        account = answer.accounts[0] if answer.accounts else None
        meter = account.meter(given.meter) if account else None
        if account is None or meter is None:
            raise Refused(422, "no-meter", NO_METER, "meter")
        return account, meter

    async def _look(self, meter: Meter, readings: Sequence[ZoneReading], profile: str) -> list[_Looked]:
        looked = []
        for reading in readings:
            zone = meter.zone(reading.zone)
            if zone is None:
                raise Refused(422, "no-meter", NO_METER, "readings")
            check, previous = await self.readings.check(meter, zone, reading.value, profile)
            looked.append(_Looked(zone, reading.value, check, previous))
        return looked

    def _judge(self, meter: Meter, looked: list[_Looked], profile: str, *, confirmed: bool) -> None:
        """Let pass what is plausible, or confirmed.

        Raises:
            Refused: Readings are not taken now; one can't be true; or one has to be confirmed.
        """
        window = self.readings.window(profile)
        if window.period is None:
            message = WINDOW.format(first=window.from_day, last=window.to_day)
            raise Refused(409, "window", message)
        for each in looked:
            if each.check.verdict in _REFUSED:
                raise Refused(422, each.check.verdict.value.replace("_", "-"), _why(meter, each), "readings")
        doubtful = [each for each in looked if each.check.verdict is not Verdict.PLAUSIBLE]
        if doubtful and not confirmed:
            raise Refused(409, "confirm", " ".join(_why(meter, each) for each in doubtful), "readings")

    def _submission(
        self, given: ReadingGiven, account: Account, meter: Meter, looked: _Looked, profile: str
    ) -> Submission:
        return Submission(
            account=account,
            meter=meter,
            zone=looked.zone,
            value=looked.value,
            captured_at=self.clock.now(),
            profile=profile,
            doubtful=given.confirmed and looked.check.verdict is not Verdict.PLAUSIBLE,
            source="operator",
            call_id=given.call_id,
            key=f"operator|{given.call_id}|{given.key}|{looked.zone.code}",
        )

    def _taken(self, accepted: list[Acceptance], profile: str) -> ReadingTaken:
        last = accepted[-1]
        if last.period is None:  # refused between the look and the taking
            window = self.readings.window(profile)
            message = WINDOW.format(first=window.from_day, last=window.to_day)
            raise Refused(409, "window", message)
        late = last.decision is Decision.LATE
        message = (TAKEN_LATE if late else TAKEN).format(month=MONTHS[last.period.month - 1])
        return ReadingTaken(
            message=message, period=last.period, late=late, repeated=all(each.repeated for each in accepted)
        )

    async def _note(self, asked: Asked, account: Account) -> None:
        call_id = asked.body.call_id
        self.ledger.note_deed(call_id, DeedKind.READING_TAKEN, asked.user.login)
        self.cards.changed(call_id)
        await self.audit.record(
            entry_of(asked, action=Action.CHANGED, subject=account.number, call_id=call_id, what="readings")
        )


def _why(meter: Meter, looked: _Looked) -> str:
    """What is wrong with a reading, for the operator."""
    previous = looked.previous
    text = EXPLAINED[looked.check.verdict].format(
        zone=f"{looked.zone.title}: " if looked.zone.title else "",
        value=looked.value,
        digits=meter.digits,
        last=previous.value if previous else "",
        on=f" от {previous.day:%d.%m.%Y}" if previous and previous.day else "",
        consumption=looked.check.consumption,
    )
    return text[:1].upper() + text[1:]
