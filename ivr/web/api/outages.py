"""Outages, entered from the page for a street: the next caller of that street hears of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from ivr.access.model import Right
from ivr.announcements.announcer import Announcer
from ivr.announcements.board import end_of_day
from ivr.dialogue.ports import Clock
from ivr.outages.entries import OutageEntry, PlaceEntry
from ivr.outages.model import Outage, OutageKind
from ivr.outages.service import Outages
from ivr.web.api.announcements import spoken
from ivr.web.api.cards import AuditTrail
from ivr.web.api.events import Audience, EventHub
from ivr.web.api.leading import Leading
from ivr.web.api.route import Asked, Refused, Route
from ivr.web.api.work_faults import id_of

SOURCE: Final = "page"
_OVER: Final = "Этого отключения уже нет в журнале: оно закончилось."
_HOUSES: Final = "Дома пишут так: 1-15, 2к1, 20-40 чётные. Пусто — вся улица."
_TIMES: Final = "Электричество должно вернуться позже, чем отключено, и позже нынешнего времени."


class OutageMade(BaseModel):
    """An outage of a street, or of a whole settlement."""

    model_config = ConfigDict(extra="forbid")

    settlement: str = Field(default="", max_length=100, description="Empty: the company's own.")
    street: str = Field(default="", max_length=100, description="Empty: the whole settlement.")
    houses: str = Field(default="", max_length=4_000, description="Empty: the whole street.")
    kind: OutageKind = OutageKind.EMERGENCY
    reason: str = Field(
        default="", max_length=300, description="As callers are told; empty: being clarified."
    )
    begins_at: AwareDatetime | None = Field(default=None, description="None: now.")
    expected_end: AwareDatetime | None = Field(default=None, description="None: not known.")


class PlaceTold(BaseModel):
    """What an outage covers."""

    settlement: str
    street: str
    houses: str


class OutageTold(BaseModel):
    """An outage that is told now or will be; `told_until`: callers hear of it until then at most."""

    id: int
    kind: OutageKind
    reason: str
    places: list[PlaceTold]
    begins_at: AwareDatetime
    expected_end: AwareDatetime | None
    told_until: AwareDatetime
    entered_by: str


class OutagesTold(BaseModel):
    """All that are told, or will be."""

    outages: list[OutageTold]
    home_settlement: str


class OutagesChanged(BaseModel):
    """An outage was entered or is over: read them again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageRoutes:
    """`/outages`; `home` is the settlement of streets that are given without one, `name`: login → name."""

    outages: Outages
    announcer: Announcer
    clock: Clock
    home: str
    name: Callable[[str], str]
    audit: AuditTrail
    hub: EventHub

    def routes(self) -> list[Route]:
        """All that there are."""
        of = partial(Route, right=Right.ANNOUNCE)
        return [
            of(
                method="GET",
                path="/outages",
                title="Outages of which callers are told, or will be",
                run=self.tell,
                answer=OutagesTold,
            ),
            of(
                method="POST",
                path="/outages",
                title="Enter an outage: the next caller from there is told of it",
                run=self.enter,
                body=OutageMade,
                answer=OutageTold,
                status=201,
            ),
            of(method="DELETE", path="/outages/{id}", title="Declare an outage over", run=self.close),
        ]

    async def tell(self, asked: Asked) -> OutagesTold:
        """`GET /outages`."""
        listed = await self.outages.listed()
        return OutagesTold(outages=[self._told(one) for one in listed[::-1]], home_settlement=self.home)

    async def enter(self, asked: Asked) -> OutageTold:
        """`POST /outages`."""
        made: OutageMade = asked.body
        entry = self._entry(made)
        if made.reason:
            await spoken(self.announcer, made.reason)
        written = await self.outages.enter(entry, SOURCE, asked.user.login)
        self._changed()
        await Leading(self.audit).did(asked, ("", f"outage {written.id} entered"))
        return self._told(next(one for one in await self.outages.listed() if one.id == written.id))

    async def close(self, asked: Asked) -> None:
        """`DELETE /outages/{id}`."""
        outage_id = id_of(asked)
        if not await self.outages.close(outage_id):
            raise Refused(409, "over", _OVER)
        self._changed()
        await Leading(self.audit).did(asked, ("", f"outage {outage_id} closed"))

    def _entry(self, made: OutageMade) -> OutageEntry:
        now = self.clock.now()
        begins_at = (made.begins_at or now).astimezone(now.tzinfo)
        if made.expected_end is not None and made.expected_end <= max(begins_at, now):
            raise Refused(422, "wrong-times", _TIMES, "expected_end")
        place = {"settlement": made.settlement or self.home, "street": made.street, "houses": made.houses}
        try:
            return OutageEntry(
                kind=made.kind,
                reason=made.reason,
                begins_at=begins_at,
                expected_end=made.expected_end and made.expected_end.astimezone(now.tzinfo),
                expires_at=None if made.expected_end else end_of_day(begins_at),
                places=(PlaceEntry(**place),),
            )
        except ValidationError as error:
            raise Refused(422, "wrong-houses", _HOUSES, "houses") from error

    def _changed(self) -> None:
        self.hub.publish("outages", OutagesChanged(), Audience(right=Right.ANNOUNCE))

    def _told(self, one: Outage) -> OutageTold:
        return OutageTold(
            id=one.id,
            kind=one.kind,
            reason=one.reason or self.outages.settings.reasons.get(one.kind, ""),
            places=[
                PlaceTold(settlement=place.settlement, street=place.street, houses=place.houses)
                for place in one.places
            ],
            begins_at=one.begins_at,
            expected_end=one.expected_end,
            told_until=one.expires_at,
            entered_by=self.name(one.entered_by),
        )
