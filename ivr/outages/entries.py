"""An outage as it is entered: by a command, a line of a file, an object of JSON."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ivr.customers.sheets import Deadline, Moment
from ivr.outages.coverage import Houses
from ivr.outages.model import OutageKind
from ivr.outages.settings import OutagesSettings

_LONG, _MIDDLE, _SHORT = 300, 200, 100


def _houses(text: str) -> str:
    Houses.parse(text)
    return text.strip()


Name = Annotated[str, Field(max_length=_SHORT)]
HouseList = Annotated[str, Field(max_length=4_000), AfterValidator(_houses)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class PlaceEntry(_Entry):
    """A settlement, a street of it, or houses of the street."""

    settlement: Annotated[Name, Field(min_length=1)] = Field(description="town or village")
    street: Name = Field(default="", description="such as «ул. Пушкина»; empty for the whole settlement")
    houses: HouseList = Field(
        default="", description="such as «1-15, 2к1, 20-40 чётные»; empty for the whole street"
    )

    @model_validator(mode="after")
    def _houses_stand_in_a_street(self) -> Self:
        if self.houses and not self.street:
            raise ValueError("houses need a street")
        return self


class OutageFacts(_Entry):
    """What is known of an outage, but for its places."""

    kind: OutageKind = Field(description="planned or emergency")
    reason: Annotated[str, Field(max_length=_LONG)] = Field(
        default="", description="as it is told to callers"
    )
    works: Annotated[str, Field(max_length=_LONG)] = Field(default="", description="kind of works")
    organisation: Annotated[str, Field(max_length=_MIDDLE)] = Field(default="", description="who does them")
    responsible: Annotated[str, Field(max_length=_MIDDLE)] = Field(
        default="", description="position and name of the person in charge"
    )
    phone: Annotated[str, Field(max_length=32)] = Field(default="", description="for questions")
    begins_at: Moment = Field(description="YYYY-MM-DDTHH:MM or DD.MM.YYYY HH:MM")
    expected_end: Deadline | None = Field(default=None, description="when there will be electricity again")
    expires_at: Deadline | None = Field(default=None, description="after it the outage is told no more")
    closed_at: Moment | None = Field(default=None, description="when it was over")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.expected_end is not None and self.expected_end <= self.begins_at:
            raise ValueError("expected_end is not after begins_at")
        if self.expires_at is not None and self.expires_at < (self.expected_end or self.begins_at):
            raise ValueError("expires_at is before the end")
        return self


class OutageEntry(OutageFacts):
    """An outage with its places; `id` is that of the source, which makes a repeat harmless."""

    id: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(
        default=None, description="of the source"
    )
    places: tuple[PlaceEntry, ...] = Field(min_length=1, max_length=1_000, description="what is covered")

    def columns(self, settings: OutagesSettings) -> dict[str, object]:
        """Values of the table's columns, but for those that tell who entered it, when and whence."""
        facts = {name: getattr(self, name) for name in OutageFacts.model_fields}
        return {
            **facts,
            "kind": self.kind.value,
            "external_id": self.id,
            "expires_at": self._expiry(settings),
        }

    def _expiry(self, settings: OutagesSettings) -> object:
        if self.expires_at is not None:
            return self.expires_at
        if self.expected_end is not None:
            return self.expected_end + timedelta(hours=settings.overdue_hours)
        return self.begins_at + timedelta(hours=settings.open_end_hours)


class OutageRow(OutageFacts):
    """A line of a CSV file: one place of an outage; lines of one `id` are one outage."""

    id: Annotated[str, Field(min_length=1, max_length=64)] = Field(
        description="of the outage; several lines of one id are several places"
    )
    settlement: Annotated[Name, Field(min_length=1)] = Field(description="town or village")
    street: Name = Field(default="", description="such as «ул. Пушкина»; empty for the whole settlement")
    houses: HouseList = Field(
        default="", description="such as «1-15, 2к1, 20-40 чётные»; empty for the whole street"
    )

    @model_validator(mode="after")
    def _place_is_whole(self) -> Self:
        self.place()
        return self

    def place(self) -> PlaceEntry:
        """The place of this line."""
        return PlaceEntry(settlement=self.settlement, street=self.street, houses=self.houses)

    def facts(self) -> dict[str, object]:
        """What all lines of one outage say alike."""
        return {name: getattr(self, name) for name in ("id", *OutageFacts.model_fields)}
