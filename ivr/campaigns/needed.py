"""What a kind of campaign needs to know of its targets and of the campaign, as files have it."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from ivr.dialogue.ports import Value
from ivr.dialogue.schema.values import Identifier, Part, fault


def parsed(enum: type[StrEnum]) -> BeforeValidator:
    """Reads a member of an enumeration by its value."""

    def parse(value: object) -> object:
        if isinstance(value, str) and value in set(enum):
            return enum(value)
        raise fault("value", f"one of {', '.join(enum)} is expected")

    return BeforeValidator(parse)


class Owner(StrEnum):
    """Whose a field is."""

    TARGET = "target"
    CAMPAIGN = "campaign"


class FieldKind(StrEnum):
    """What a field holds, and how it is written in a file."""

    TEXT = "text"
    NAME = "name"
    ACCOUNT = "account"
    PHONE = "phone"
    NUMBER = "number"
    AMOUNT = "amount"
    DATE = "date"
    MOMENT = "moment"
    ID = "id"  # of something of the company, never said


class NeededField(Part):
    """Something that is known of each target, or of the campaign.

    Attributes:
        of: Whose it is: `target.<name>` or `campaign.<name>` in flows and messages.
        clause: Of the standard that wants it told; empty: the text needs it.
        personal: Whether only the right person may hear it; left out: what is known of a target is.
        optional: Whether it may be missing; it is none then.
    """

    name: Identifier = ""
    of: Annotated[Owner, parsed(Owner)]
    kind: Annotated[FieldKind, parsed(FieldKind)] = FieldKind.TEXT
    title: str = Field(min_length=1)
    clause: str = ""
    personal: bool = False
    optional: bool = False

    @model_validator(mode="before")
    @classmethod
    def _cautious(cls, value: Any) -> Any:
        if isinstance(value, dict) and "personal" not in value:
            return {**value, "personal": value.get("of") == Owner.TARGET}
        return value

    def value(self, raw: object, zone: tzinfo | None = None) -> Value:
        """What flows get for what was written.

        Args:
            raw: A text as in files, or a number, a date, a moment.
            zone: Of moments that name none.

        Raises:
            ValueError: It is none of its kind; tells what is expected.
        """
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            if self.optional:
                return None
            raise ValueError("it is missing")
        return _value(self.kind, raw, zone)


def _value(kind: FieldKind, raw: object, zone: tzinfo | None) -> Value:
    match kind:
        case FieldKind.NUMBER | FieldKind.AMOUNT:
            return _number(raw)
        case FieldKind.DATE:
            return _date(raw)
        case FieldKind.MOMENT:
            return _moment(raw, zone)
    return " ".join(str(raw).split())


def _number(raw: object) -> Decimal:
    text = str(raw).replace("\u00a0", "").replace(" ", "").replace(",", ".")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("a number is expected, such as 1234,56") from None
    if isinstance(raw, bool) or not number.is_finite():
        raise ValueError("a number is expected, such as 1234,56")
    return number


def _date(raw: object) -> date:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    for pattern in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(str(raw).strip(), pattern).date()
        except ValueError:
            continue
    raise ValueError("a date is expected, such as 30.11.2026 or 2026-11-30")


def _moment(raw: object, zone: tzinfo | None) -> datetime:
    if isinstance(raw, datetime):
        return raw if raw.tzinfo is not None else raw.replace(tzinfo=zone)
    text = str(raw).strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _written_moment(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def _written_moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%d.%m.%Y %H:%M")
    except ValueError:
        raise ValueError("a moment is expected, such as 30.11.2026 09:00 or 2026-11-30T09:00") from None
