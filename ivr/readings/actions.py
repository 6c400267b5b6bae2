"""What scenarios may do with readings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ivr.customers.model import Account, Meter, Zone
from ivr.customers.service import Customers
from ivr.dialogue.ports import Action, CallFacts, Clock, Kind, Result, Shape, Value
from ivr.readings.rules import Verdict
from ivr.readings.service import Acceptance, Decision, Readings, Submission

Record = Mapping[str, Value]

_TEXT, _NUMBER, _BOOL = Shape(Kind.TEXT), Shape(Kind.NUMBER), Shape(Kind.BOOL)
_DATE, _TIME = Shape(Kind.DATE), Shape(Kind.TIME)
_ACCOUNT = Shape(Kind.RECORD, {"id": _TEXT})
_METER = Shape(Kind.RECORD, {"id": _TEXT, "account_id": _TEXT})
_ZONE = Shape(Kind.RECORD, {"code": _TEXT})

WINDOW = Shape(Kind.RECORD, {"from_day": _NUMBER, "to_day": _NUMBER, "period": _DATE})
"""Days of the window, and the month that a reading counts for (none when it would be refused)."""

CHECKED = Shape(Kind.RECORD, {"consumption": _NUMBER, "last": _NUMBER})
"""Consumption since the last reading and that reading, kWh; none where there is no last reading."""

TAKEN = Shape(Kind.RECORD, {"period": _DATE, "accepted_at": _TIME})
"""First day of the month that the reading counts for, and the moment of the confirmation, which counts."""

LATEST = Shape(
    Kind.LIST,
    item=Shape(
        Kind.RECORD,
        {
            "meter": _TEXT,
            "zone": _TEXT,
            "value": _NUMBER,
            "on": _DATE,
            "of_several_meters": _BOOL,
            "of_several_zones": _BOOL,
        },
    ),
)
"""The newest reading of each meter and zone, kWh; `meter` is the end of its serial number."""

REFUSED = Shape(Kind.RECORD, {"reason": _TEXT})
"""`window`, `below_last` or `too_long`."""


def actions(
    readings: Readings,
    customers: Customers,
    clock: Clock,
    taken: Callable[[Acceptance], None] = lambda acceptance: None,
) -> list[Action]:
    """The actions `readings.…`; `taken` is told each acceptance, for metrics."""
    does = _Actions(readings, customers, clock, taken)
    return [
        Action(
            name="readings.window",
            inputs={"account": _ACCOUNT},
            outcomes={"open": WINDOW, "closed": WINDOW},
            run=does.window,
        ),
        Action(
            name="readings.check",
            inputs={"meter": _METER, "zone": _ZONE, "value": _NUMBER},
            outcomes={verdict.value: CHECKED for verdict in Verdict},
            run=does.check,
            personal=True,
        ),
        Action(
            name="readings.latest",
            inputs={"account": _ACCOUNT},
            outcomes={"known": LATEST, "none": None},
            run=does.latest,
            personal=True,
        ),
        Action(
            name="readings.accept",
            inputs={"meter": _METER, "zone": _ZONE, "value": _NUMBER, "doubtful": _BOOL},
            outcomes={"accepted": TAKEN, "late": TAKEN, "refused": REFUSED},
            run=does.accept,
            personal=True,
            commits=True,
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Actions:
    readings: Readings
    customers: Customers
    clock: Clock
    taken: Callable[[Acceptance], None]

    async def window(self, facts: CallFacts, account: Record) -> Result:
        window = self.readings.window(facts.profile)
        data = {"from_day": window.from_day, "to_day": window.to_day, "period": window.period}
        return Result("open" if window.is_open else "closed", data)

    async def check(self, facts: CallFacts, meter: Record, zone: Record, value: int) -> Result:
        _, of_meter, of_zone = self._resolve(facts, meter, zone)
        checked, previous = await self.readings.check(of_meter, of_zone, int(value), facts.profile)
        last = None if previous is None else previous.value
        return Result(checked.verdict.value, {"consumption": checked.consumption, "last": last})

    async def latest(self, facts: CallFacts, account: Record) -> Result:
        of_account = self.customers.require(facts.call_id, str(account["id"])).account
        tail = self.customers.settings.tail_digits
        known: list[Record] = [
            {
                "meter": meter.serial[-tail:],
                "zone": zone.title,
                "value": newest.value,
                "on": newest.day,
                "of_several_meters": len(of_account.meters) > 1,
                "of_several_zones": len(meter.zones) > 1,
            }
            for meter in of_account.meters
            for zone in meter.zones
            if (newest := await self.readings.latest(meter, zone)) is not None and newest.day is not None
        ]
        return Result("known", known) if known else Result("none")

    async def accept(
        self, facts: CallFacts, meter: Record, zone: Record, value: int, doubtful: bool
    ) -> Result:
        confirmed_at = self.clock.now()
        account, of_meter, of_zone = self._resolve(facts, meter, zone)
        acceptance = await self.readings.accept(
            Submission(
                account=account,
                meter=of_meter,
                zone=of_zone,
                value=int(value),
                captured_at=confirmed_at,
                profile=facts.profile,
                doubtful=doubtful,
                call_id=facts.call_id,
            )
        )
        self.taken(acceptance)
        return Result(acceptance.decision.value, _data(acceptance))

    def _resolve(self, facts: CallFacts, meter: Record, zone: Record) -> tuple[Account, Meter, Zone]:
        """What the records of the scenario stand for; only for a caller who is identified for the account."""
        account = self.customers.require(facts.call_id, str(meter["account_id"])).account
        of_meter = account.meter(str(meter["id"]))
        of_zone = of_meter.zone(str(zone["code"])) if of_meter else None
        if of_meter is None or of_zone is None:
            raise LookupError("the account has no such meter or zone")
        return account, of_meter, of_zone


def _data(acceptance: Acceptance) -> Record:
    if acceptance.decision is Decision.REFUSED:
        return {"reason": acceptance.reason}
    return {"period": acceptance.period, "accepted_at": acceptance.captured_at}
