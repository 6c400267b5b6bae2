"""Settings of campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from enum import StrEnum
from functools import partial
from typing import Annotated, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ivr.campaigns.channels.settings import ChannelsSettings
from ivr.campaigns.dialling.settings import DiallingSettings
from ivr.campaigns.model import Disposition


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PacingSettings(_Settings):
    """How campaigns with operators dial ahead."""

    abandoned_at_most: float = Field(
        default=0.03,
        gt=0,
        le=0.2,
        description="Share of abandoned calls never exceeded: persons who answered and were not connected "
        "in time, over persons who answered",
    )
    connect_within: float = Field(
        default=2.0, gt=0, le=10, description="Seconds from the end of a person's greeting to the operator"
    )
    window: int = Field(
        default=1000,
        ge=100,
        description="Persons reached one after another for whom the share holds, whichever one begins with",
    )
    aim: float = Field(
        default=0.9,
        gt=0,
        le=1,
        description="What part of the allowed abandoned calls pacing aims at; the rest is reserve",
    )
    reserve_calls: int = Field(
        default=1, ge=0, description="Abandoned calls that the bound would still allow and pacing keeps back"
    )
    reserve_risk: float = Field(
        default=0.0001,
        gt=0,
        lt=1,
        description="Probability, at each decision, that calls under way exceed the allowed abandoned ones",
    )
    confidence: float = Field(
        default=1.0,
        ge=0,
        description="Standard deviations by which the answer rate is taken higher than measured",
    )
    ring_at_most: int = Field(
        default=45, ge=5, le=120, description="Seconds after which every call has answered or is given up"
    )
    talk: float = Field(default=120.0, gt=0, description="Mean talk in seconds, until talks are measured")
    wrap_up: float = Field(
        default=20.0, gt=0, description="Mean wrap-up in seconds, until wrap-ups are measured"
    )


class Hours(_Settings):
    """Hours of a day."""

    opens: time = Field(description="From, local time.")
    closes: time = Field(description="Until, local time; this moment is already closed.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("hours end after they begin")
        return self

    def within(self, other: Hours) -> bool:
        """Whether all of these hours are among the other ones."""
        return other.opens <= self.opens and self.closes <= other.closes


LAWFUL_WORKING_DAY = Hours(opens=time(8), closes=time(22))
"""230-ФЗ, art. 7: no calls on working days from 22 to 8, in the debtor's local time."""

LAWFUL_DAY_OFF = Hours(opens=time(9), closes=time(20))
"""The same article: none on weekends and public holidays from 20 to 9."""


def _lawful(given: Hours | None, law: Hours) -> Hours | None:
    if given is not None and not given.within(law):
        raise ValueError(f"has to be within {law.opens:%H:%M} and {law.closes:%H:%M} (230-ФЗ, art. 7)")
    return given


class Weekday(StrEnum):
    """A day of the week."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class HoursSettings(_Settings):
    """When subscribers are called, in each one's own zone; all that is set here holds at once."""

    working_days: Annotated[Hours, AfterValidator(partial(_lawful, law=LAWFUL_WORKING_DAY))] = Field(
        default=LAWFUL_WORKING_DAY, description="On working days of the calendar `requests.calendar`"
    )
    days_off: Annotated[Hours | None, AfterValidator(partial(_lawful, law=LAWFUL_DAY_OFF))] = Field(
        default=LAWFUL_DAY_OFF, description="On days off; null: no calls"
    )
    public_holidays: Annotated[Hours | None, AfterValidator(partial(_lawful, law=LAWFUL_DAY_OFF))] = Field(
        default=LAWFUL_DAY_OFF, description="On public holidays; null: no calls"
    )
    weekdays: Mapping[Weekday, Hours | None] = Field(
        default={}, description="Narrower hours by day of the week; null: no calls on that day"
    )
    dates: Mapping[date, Hours | None] = Field(
        default={}, description="Narrower hours of single dates; null: no calls on that day"
    )
    last_call_minutes: int = Field(
        default=5,
        ge=1,
        le=60,
        description="Minutes before the hours end in which no call is begun: it rings, and the talk lasts",
    )


class Limit(_Settings):
    """How often one person is reached."""

    day: int = Field(ge=0, description="In a day")
    week: int = Field(ge=0, description="In a week")
    month: int = Field(ge=0, description="In a month")


class Counting(StrEnum):
    """How days, weeks and months are counted."""

    SLIDING = "sliding"
    CALENDAR = "calendar"


class LimitSettings(_Settings):
    """How often a person is reached, over all campaigns (230-ФЗ, art. 7)."""

    talks: Limit = Field(default=Limit(day=1, week=2, month=8), description="Talks by telephone")
    messages: Limit = Field(
        default=Limit(day=2, week=4, month=16), description="Messages, those left with a machine among them"
    )
    counting: Counting = Field(
        default=Counting.SLIDING,
        description="sliding: in no 24 hours, 7 and 31 days more, so that the limit holds in each calendar "
        "period, too; calendar: in each calendar day, week and month of the person's zone",
    )


class RulesSettings(_Settings):
    """When, how often and whom not to call."""

    hours: HoursSettings = Field(default=HoursSettings(), description="When subscribers are called")
    limits: LimitSettings = Field(default=LimitSettings(), description="How often one person is reached")
    quiet_after_payment_days: int = Field(
        default=3,
        ge=0,
        le=60,
        description="Days without calls about debt once a person has told of a payment",
    )


class CallerId(_Settings):
    """What the subscriber's telephone shows."""

    number: str = Field(pattern=r"^\+\d{8,15}$", description="E.164, one that the trunk's contract allows")
    label: str = Field(
        default="", max_length=64, description="Name of the caller where the operator transmits labels"
    )


class TrunkSettings(_Settings):
    """What a trunk's contract allows for calls out."""

    lines: int = Field(default=10, ge=0, description="Calls at once")
    calls_per_second: float = Field(default=1.0, gt=0, description="Calls begun in any second")


class RetryRule(_Settings):
    """What follows an attempt that ended so."""

    delay_minutes: int = Field(ge=0, description="Minutes until the next attempt")
    times: int = Field(ge=0, description="Most further attempts because of this end; 0: none")
    other_number: bool = Field(
        default=False, description="The person's next number, where there is one; without a delay then"
    )
    other_time: bool = Field(
        default=False, description="At another time of day: not within two hours of this one"
    )
    channel: str = Field(
        default="", description="Channel of the message when no attempt is left; empty: none"
    )


_RETRIES = {
    Disposition.ABANDONED: RetryRule(delay_minutes=1440, times=1),
    Disposition.MACHINE: RetryRule(delay_minutes=180, times=2, other_time=True),
    Disposition.FAX: RetryRule(delay_minutes=0, times=1, other_number=True),
    Disposition.ANNOUNCEMENT: RetryRule(delay_minutes=180, times=3, other_number=True, other_time=True),
    Disposition.BUSY: RetryRule(delay_minutes=15, times=3),
    Disposition.NO_ANSWER: RetryRule(delay_minutes=120, times=3, other_number=True, other_time=True),
    Disposition.REJECTED: RetryRule(delay_minutes=240, times=1),
    Disposition.CONGESTION: RetryRule(delay_minutes=10, times=5),
    Disposition.UNKNOWN_NUMBER: RetryRule(delay_minutes=0, times=1, other_number=True),
    Disposition.FAULT: RetryRule(delay_minutes=10, times=5),
    Disposition.LOST: RetryRule(delay_minutes=1440, times=1),
}


class RetrySettings(_Settings):
    """Attempts after the first, where neither the kind nor the campaign says otherwise."""

    rules: Mapping[Disposition, RetryRule] = Field(
        default=_RETRIES, description="By how the attempt ended; what is not named ends the target"
    )
    most_tries: int = Field(default=8, ge=1, description="Most attempts for one target, whatever their ends")


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"there is no time zone {name!r}: take one such as Asia/Yekaterinburg")
    return name


class ImportSettings(_Settings):
    """Targets from files, from the debts and by API."""

    most_lines: int = Field(default=1_000_000, ge=1, description="Most lines of one file")
    most_refused_told: int = Field(
        default=10_000, ge=0, description="Refused lines that the report names one by one; all are counted"
    )
    most_numbers: int = Field(default=5, ge=1, le=20, description="Most telephone numbers of one person")
    countries: frozenset[Annotated[str, Field(pattern="^[A-Z]{2}$")]] = Field(
        default=frozenset({"RU"}), description="Countries whose numbers are called, ISO 3166"
    )


class RetentionSettings(_Settings):
    """How long personal data of campaigns are kept."""

    days: int = Field(
        default=1_095,
        ge=60,
        description="Days after a campaign's last one for which it is known whom it has called, and what was "
        "said and sent: the proof of notification. Then only what was counted stays",
    )
    sweep_hours: float = Field(default=24.0, gt=0, description="How often old data are erased, hours")


class CampaignsSettings(_Settings):
    """Calls out."""

    rules: RulesSettings = Field(default=RulesSettings(), description="When, how often and whom not to call")
    zones: Mapping[str, Annotated[str, AfterValidator(_known_zone)]] = Field(
        default={},
        description="Settlement or region → its zone (IANA), where it is not the company's",
    )
    pacing: PacingSettings = Field(default=PacingSettings(), description="How calls are dialled ahead")
    retries: RetrySettings = Field(default=RetrySettings(), description="Attempts after the first")
    imports: ImportSettings = Field(default=ImportSettings(), description="Targets from files")
    channels: ChannelsSettings = Field(default=ChannelsSettings(), description="Messages beside the calls")
    caller_ids: Mapping[str, CallerId] = Field(
        default={}, description="White list of what subscribers' telephones may show, by name"
    )
    caller_id: str = Field(
        default="",
        description="Name of the one for campaigns that name none; needed where the list has several",
    )
    trunks: Mapping[str, TrunkSettings] = Field(
        default={},
        description="Trunks that campaigns may use, by their name in the exchange; none: no calls out",
    )
    ring_seconds: int = Field(default=40, ge=5, le=120, description="How long a subscriber's telephone rings")
    dialling: DiallingSettings = Field(default=DiallingSettings(), description="How the engine dials")
    retention: RetentionSettings = Field(
        default=RetentionSettings(), description="How long it is known who was called"
    )

    @model_validator(mode="after")
    def _listed(self) -> Self:
        if self.caller_id and self.caller_id not in self.caller_ids:
            raise ValueError(f"caller_id: {self.caller_id!r} is not in the white list caller_ids")
        return self
