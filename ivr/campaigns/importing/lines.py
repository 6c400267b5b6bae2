"""From lines of text to targets. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal

from ivr.campaigns.entries import NewTarget
from ivr.campaigns.importing.accounts import KnownAccount
from ivr.campaigns.importing.headings import (
    ACCOUNT,
    AMOUNT,
    EMAIL,
    NAME,
    NUMBER,
    REGION,
    SETTLEMENT,
    ZONE,
    Columns,
)
from ivr.campaigns.importing.names import asked_for
from ivr.campaigns.importing.phones import BadNumber, e164, parts
from ivr.campaigns.importing.reasons import Complaint, Reason
from ivr.campaigns.needed import FieldKind, NeededField
from ivr.campaigns.rules.zones import Zones, zone_names
from ivr.campaigns.settings import ImportSettings
from ivr.customers.files import BadLine, Line
from ivr.customers.numbers import is_well_formed
from ivr.customers.settings import AccountNumberSettings
from ivr.dialogue.ports import Value

_LONGEST = 500
_CELL_ERROR = re.compile(
    r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|Н/Д|ССЫЛКА!|ЗНАЧ!|ДЕЛ/0!|ИМЯ\?|ЧИСЛО!|ПУСТО!)"
)
_OFFSET = re.compile(r"(МСК|MSK|UTC|GMT)?\s*([+-]\d{1,2})?(?::?00)?", re.IGNORECASE)
_MOSCOW_AHEAD = 3
_SHAPES: Mapping[FieldKind, Reason] = {
    FieldKind.NUMBER: Reason.NOT_NUMBER,
    FieldKind.AMOUNT: Reason.NOT_NUMBER,
    FieldKind.DATE: Reason.NOT_DATE,
    FieldKind.MOMENT: Reason.NOT_MOMENT,
}
_EXTRA = (NAME, AMOUNT, EMAIL)
"""Fields that are kept where a file has them, whether the kind needs them or not."""


class _Refused(Exception):
    """The line is left out."""

    def __init__(self, field: str, reason: Reason) -> None:
        super().__init__(reason.value)
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Checked:
    """A line and its target."""

    line: int
    target: NewTarget


@dataclass(slots=True)
class LineChecker:
    """Checks the lines of one file; remembers whom it has seen.

    Attributes:
        needs: What the kind needs of each target.
        settings: Countries and most numbers.
        form: How account numbers look.
        zones: Finds zones.
        company: Zone of moments that name none.
        columns: Of the file.
    """

    needs: Sequence[NeededField]
    settings: ImportSettings
    form: AccountNumberSettings
    zones: Zones
    company: tzinfo
    columns: Columns
    _seen: set[int] = field(default_factory=set)

    def account_of(self, line: Line | BadLine) -> str:
        """The account number that a line names; empty: none, or one that can be none."""
        number = "" if isinstance(line, BadLine) else self._cell(line, ACCOUNT)
        return number if number and is_well_formed(number, self.form) else ""

    def check(
        self, lines: Sequence[Line | BadLine], accounts: Mapping[str, KnownAccount]
    ) -> tuple[list[Checked], list[Complaint]]:
        """The good lines, and all that is wrong.

        Args:
            lines: A part of the file.
            accounts: By number, those of the lines that our own tables have.
        """
        good: list[Checked] = []
        complaints: list[Complaint] = []
        for line in lines:
            try:
                target = self._target(line, accounts, complaints)
            except _Refused as refused:
                heading = self.columns.heading(refused.field) if refused.field else ""
                complaints.append(Complaint(_number(line), heading, refused.reason))
            else:
                good.append(Checked(_number(line), target))
        return good, complaints

    def _target(
        self, line: Line | BadLine, accounts: Mapping[str, KnownAccount], complaints: list[Complaint]
    ) -> NewTarget:
        if isinstance(line, BadLine):
            raise _Refused(line.column, Reason.LETTERS if line.column else Reason.UNREADABLE)
        account = self._cell(line, ACCOUNT)
        if account and not is_well_formed(account, self.form):
            raise _Refused(ACCOUNT, Reason.ACCOUNT)
        known = accounts.get(account)
        numbers = self._numbers(line, complaints) or self._numbers_of(known)
        if not numbers:
            raise _Refused(NUMBER, Reason.NO_NUMBER)
        target = NewTarget(
            person=f"account:{account}" if account else f"number:{numbers[0]}",
            numbers=numbers,
            zones=self._zones(line, numbers, known),
            account=account,
            fields=self._fields(line, known),
        )
        self._once(target.person)
        return target

    def _once(self, person: str) -> None:
        key = hash(person)
        if key in self._seen:
            raise _Refused("", Reason.REPEATED)
        self._seen.add(key)

    # --- numbers --------------------------------------------------------------------------------------

    def _numbers(self, line: Line, complaints: list[Complaint]) -> tuple[str, ...]:
        """Those of the cell; a bad one among good ones is reported, and alone it costs the line."""
        good: dict[str, None] = {}
        bad: list[Reason] = []
        for part in parts(self._cell(line, NUMBER)):
            try:
                good[e164(part, self.settings.countries)] = None
            except BadNumber as error:
                bad.append(error.reason)
        if bad and not good:
            raise _Refused(NUMBER, bad[0])
        if len(good) > self.settings.most_numbers:
            bad.append(Reason.MANY_NUMBERS)
        heading = self.columns.heading(NUMBER)
        complaints.extend(Complaint(line.number, heading, reason, left_out=False) for reason in bad)
        return tuple(good)[: self.settings.most_numbers]

    def _numbers_of(self, known: KnownAccount | None) -> tuple[str, ...]:
        good: dict[str, None] = {}
        for phone in known.phones if known else ():
            try:
                good[e164(phone, self.settings.countries)] = None
            except BadNumber:
                continue
        return tuple(good)[: self.settings.most_numbers]

    # --- zones ----------------------------------------------------------------------------------------

    def _zones(self, line: Line, numbers: Sequence[str], known: KnownAccount | None) -> tuple[str, ...]:
        written = self._cell(line, ZONE)
        if written:
            return (_zone(written),)
        by_place = self.zones.of_settlement(known.settlement, own=True) if known else ()
        by_place = by_place or self.zones.of_settlement(
            self._cell(line, SETTLEMENT), self._cell(line, REGION)
        )
        return by_place or self.zones.of_numbers(numbers)

    # --- fields ---------------------------------------------------------------------------------------

    def _fields(self, line: Line, known: KnownAccount | None) -> dict[str, str]:
        told = known.fields if known else {}
        fields: dict[str, str] = {}
        for need in self.needs:
            text = self._cell(line, need.name) or told.get(need.name, "")
            value = self._value(need, text)
            if value:
                fields[need.name] = value
        for name in _EXTRA:
            text = self._cell(line, name) or told.get(name, "")
            if text and name not in fields:
                fields[name] = _short(name, asked_for(text) if name == NAME else text)
        return fields

    def _value(self, need: NeededField, text: str) -> str:
        if not text and not need.optional:
            raise _Refused(need.name, Reason.MISSING)
        try:
            value = need.value(text, self.company)
        except (ValueError, OverflowError) as error:
            raise _Refused(need.name, _SHAPES.get(need.kind, Reason.MISSING)) from error
        if need.kind is FieldKind.AMOUNT and isinstance(value, Decimal) and value < 0:
            raise _Refused(need.name, Reason.NEGATIVE)
        text = _written(value)
        return _short(need.name, asked_for(text) if need.kind is FieldKind.NAME else text)

    def _cell(self, line: Line, field: str) -> str:
        """A cell of a field; empty where there is none. Raises _Refused: it holds an error of a table."""
        column = self.columns.fields.get(field)
        text = "" if column is None else line.cells.get(column, "").strip()
        if _CELL_ERROR.fullmatch(text.upper()):
            raise _Refused(field, Reason.CELL_ERROR)
        return text


def _number(line: Line | BadLine) -> int:
    return line.line if isinstance(line, BadLine) else line.number


def _short(field: str, text: str) -> str:
    if len(text) > _LONGEST:
        raise _Refused(field, Reason.LONG)
    return text


def _written(value: Value) -> str:
    """As `NeededField.value` reads it again."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return "" if value is None else str(value)


def _zone(text: str) -> str:
    """«МСК+2», «UTC+5», «+5», or an IANA name."""
    if text in zone_names():
        return text
    found = _OFFSET.fullmatch(text.replace(" ", ""))
    if found is None or not (found[1] or found[2]):
        raise _Refused(ZONE, Reason.ZONE)
    from_moscow = (found[1] or "").upper() in {"МСК", "MSK"}
    ahead = int(found[2] or 0) + (_MOSCOW_AHEAD if from_moscow else 0)
    name = f"Etc/GMT{-ahead:+d}" if ahead else "Etc/UTC"
    if name not in zone_names():
        raise _Refused(ZONE, Reason.ZONE)
    return name
