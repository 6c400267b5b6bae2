"""Taking readings: checked, written once, and noted for hand-over, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from ivr.customers.model import Account, Meter, Zone
from ivr.dialogue.ports import Clock
from ivr.readings.outbox import Channel, cancel_waiting, put
from ivr.readings.rules import Check, Previous, Verdict, Window, check, window_at
from ivr.readings.settings import ReadingsSettings
from ivr.readings.tables import readings
from ivr.store import Database

_RACES = 5
_REFUSED = frozenset({Verdict.BELOW_LAST, Verdict.TOO_LONG})

_by_key = select(readings).where(readings.c.idempotency_key == bindparam("key"))
_before = (
    select(readings.c.value, readings.c.captured_at)
    .where(
        readings.c.meter_id == bindparam("meter"),
        readings.c.zone == bindparam("zone"),
        readings.c.period < bindparam("period"),
        readings.c.superseded_at.is_(None),
    )
    .order_by(readings.c.period.desc())
    .limit(1)
)
_supersede = (
    update(readings)
    .where(
        readings.c.meter_id == bindparam("of_meter"),
        readings.c.zone == bindparam("of_zone"),
        readings.c.period == bindparam("of_period"),
        readings.c.superseded_at.is_(None),
    )
    .values(superseded_at=bindparam("at"))
    .returning(readings.c.id)
)
_insert = insert(readings).returning(readings.c.id)


class Decision(StrEnum):
    """What became of a reading."""

    ACCEPTED = "accepted"
    LATE = "late"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The answer to a reading.

    Attributes:
        decision: Late readings are kept for the period that comes.
        reason: Why it was refused: `window`, `below_last` or `too_long`; else empty.
        period: First day of the month that it counts for.
        captured_at: The moment that counts: when the caller confirmed it.
        mark: What is doubtful about it (`too_high`, `rollover`, `doubtful`), or None.
        repeated: Whether this very reading had been taken before; nothing was written.
    """

    decision: Decision
    reason: str = ""
    period: date | None = None
    captured_at: datetime | None = None
    mark: str | None = None
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A reading that a caller has confirmed.

    Attributes:
        account: Whose it is.
        meter: One of the account's.
        zone: One of the meter's.
        value: Whole kWh.
        captured_at: The moment of the confirmation, aware.
        profile: Id of the standard, for the window.
        doubtful: Whether the caller was asked again because of the value.
        source: Way it came, such as `ivr`.
        call_id: Of the call, if it came by one.
        key: Idempotency key of the sender; without it, call, meter, zone, period and value are the key.
    """

    account: Account
    meter: Meter
    zone: Zone
    value: int
    captured_at: datetime
    profile: str
    doubtful: bool = False
    source: str = "ivr"
    call_id: str | None = None
    key: str | None = None


class Readings:
    """Checks and takes readings. All days are of the company's calendar, which the clock's zone tells."""

    def __init__(self, database: Database, settings: ReadingsSettings, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._channels = tuple(
            channel
            for channel, used in ((Channel.CSV, settings.csv), (Channel.HTTP, settings.hook is not None))
            if used
        )
        self.settings = settings

    def window(self, profile: str) -> Window:
        """The window of a profile, now."""
        return window_at(self._clock.now(), self.settings.window_of(profile))

    async def previous(self, meter: Meter, zone: Zone, profile: str) -> Previous | None:
        """The reading that a new one is compared with: billing's last, or a later one of ours.

        Raises:
            StoreUnavailable: The database cannot be read.
        """
        now = self._clock.now()
        period = self._period(now, profile)
        return await self._database.read(partial(_previous, meter, zone, period, _zone_of(now)))

    async def latest(self, meter: Meter, zone: Zone) -> Previous | None:
        """The newest reading that is known: billing's last or one of ours, of whatever period.

        Raises:
            StoreUnavailable: The database cannot be read.
        """
        calendar = _zone_of(self._clock.now())
        return await self._database.read(partial(_previous, meter, zone, date.max, calendar))

    async def check(
        self, meter: Meter, zone: Zone, value: int, profile: str
    ) -> tuple[Check, Previous | None]:
        """Look at a reading before it is confirmed.

        Raises:
            StoreUnavailable: The database cannot be read.
        """
        previous = await self.previous(meter, zone, profile)
        return self._check(meter, zone, value, previous, self._clock.now().date()), previous

    async def accept(self, submission: Submission) -> Acceptance:
        """Take a reading; it is durable when this returns. A repeated one is answered as the first time.

        A reading of the same period corrects the one before, which stays in the history.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        now = self._clock.now()
        captured_at = submission.captured_at.astimezone(now.tzinfo)
        window = window_at(captured_at, self.settings.window_of(submission.profile))
        if window.period is None:
            return Acceptance(Decision.REFUSED, "window")
        job = partial(self._take, submission, captured_at, window, window.period, now)
        for _ in range(_RACES):
            try:
                return await self._database.write(job)
            except IntegrityError:  # another process has taken the same reading meanwhile
                continue
        return await self._database.write(job)

    def _period(self, moment: datetime, profile: str) -> date:
        """The period that a reading given now would count for."""
        return window_at(moment, self.settings.window_of(profile)).period or moment.date().replace(day=1)

    def _check(self, meter: Meter, zone: Zone, value: int, previous: Previous | None, today: date) -> Check:
        return check(value, meter.digits, previous, zone.usual_monthly, today, self.settings.plausibility)

    def _take(
        self,
        submission: Submission,
        captured_at: datetime,
        window: Window,
        period: date,
        now: datetime,
        connection: Connection,
    ) -> Acceptance:
        key, known = _find(connection, submission, period)
        if known is not None:
            return _acceptance(known._mapping, now, repeated=True)
        previous = _previous(submission.meter, submission.zone, period, _zone_of(now), connection)
        looked_at = self._check(
            submission.meter, submission.zone, submission.value, previous, captured_at.date()
        )
        if looked_at.verdict in _REFUSED:
            return Acceptance(Decision.REFUSED, looked_at.verdict)
        values = {
            **_identity(submission, period, key),
            "value": submission.value,
            "consumption": looked_at.consumption,
            "late": not window.is_open,
            "mark": _mark(looked_at.verdict, doubtful=submission.doubtful),
            "captured_at": captured_at,
        }
        self._write(connection, values, now)
        return _acceptance(values, now, repeated=False)

    def _write(self, connection: Connection, values: Mapping[str, Any], now: datetime) -> None:
        of = {"of_meter": values["meter_id"], "of_zone": values["zone"], "of_period": values["period"]}
        corrected = connection.execute(_supersede, {**of, "at": now}).scalars().all()
        cancel_waiting(connection, corrected)
        reading_id = connection.execute(_insert, values).scalar_one()
        put(connection, reading_id, self._channels, now)


def _zone_of(now: datetime) -> tzinfo:
    if now.tzinfo is None:
        raise ValueError("the clock has to tell its time zone")
    return now.tzinfo


def _previous(
    meter: Meter, zone: Zone, period: date, calendar: tzinfo, connection: Connection
) -> Previous | None:
    of_billing = None if zone.last_value is None else Previous(value=zone.last_value, day=zone.last_date)
    row = connection.execute(_before, {"meter": meter.id, "zone": zone.code, "period": period}).first()
    if row is None:
        return of_billing
    ours = Previous(value=row.value, day=row.captured_at.astimezone(calendar).date())
    if of_billing is None or of_billing.day is None or ours.day is None:
        return ours
    return ours if ours.day > of_billing.day else of_billing


def _find(connection: Connection, submission: Submission, period: date) -> tuple[str, Row[Any] | None]:
    """The key to write with, and the row that has it already.

    Within one call a caller may correct a value and then come back to it: the same key then stands for a
    superseded row, and a numbered one takes its place.
    """
    if submission.key is not None:
        return submission.key, connection.execute(_by_key, {"key": submission.key}).first()
    parts = (submission.call_id, submission.meter.id, submission.zone.code, period, submission.value)
    first = key = "|".join(map(str, parts))
    number = 1
    while True:
        row = connection.execute(_by_key, {"key": key}).first()
        if row is None or row.superseded_at is None:
            return key, row
        number += 1
        key = f"{first}|{number}"


def _identity(submission: Submission, period: date, key: str) -> dict[str, Any]:
    return {
        "idempotency_key": key,
        "account_id": submission.account.id,
        "account_number": submission.account.number,
        "meter_id": submission.meter.id,
        "meter_serial": submission.meter.serial,
        "zone": submission.zone.code,
        "period": period,
        "source": submission.source,
        "call_id": submission.call_id,
    }


def _mark(verdict: Verdict, *, doubtful: bool) -> str | None:
    if verdict is not Verdict.PLAUSIBLE:
        return verdict.value
    return "doubtful" if doubtful else None


def _acceptance(values: Mapping[Any, Any], now: datetime, *, repeated: bool) -> Acceptance:
    return Acceptance(
        decision=Decision.LATE if values["late"] else Decision.ACCEPTED,
        period=values["period"],
        captured_at=values["captured_at"].astimezone(now.tzinfo),
        mark=values["mark"],
        repeated=repeated,
    )
