"""Settings of counting: what the standards leave open."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ivr.kpi.alarm_settings import AlarmSettings


class CompanyTarget(BaseModel):
    """A figure that the company keeps of its own accord; exactly one bound."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_most: float | None = Field(None, ge=0, description="Not more than this, in the unit of the KPI.")
    at_least: float | None = Field(None, ge=0, description="Not less than this, in the unit of the KPI.")

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError("give either at_most or at_least")
        return self


class KpiSettings(BaseModel):
    """How calls are counted. After a change of what is marked so, run `ivr kpi rebuild`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    definitions: Path = Field(Path("metrics/definitions.yaml"), description="What the KPIs are.")
    service_level_seconds: float = Field(
        20.0, gt=0, description="Time of the service level, seconds; counted anew by `ivr kpi rebuild`."
    )
    short_abandon_seconds: float = Field(
        5.0,
        ge=0,
        description="Who leaves a queue sooner could not be answered, seconds; "
        "counted anew by `ivr kpi rebuild`.",
    )
    repeat_days: int = Field(
        7,
        ge=1,
        le=90,
        description="A call of the same client on the same topic within so many days shows that the first "
        "one did not settle it; counted anew by `ivr kpi rebuild`.",
    )
    readings_topics: tuple[str, ...] = Field(
        ("readings.submit",),
        description="Topics of calls in which readings are taken; counted anew by `ivr kpi rebuild`.",
    )
    targets: dict[str, CompanyTarget] = Field(
        default_factory=dict,
        description="Targets where the standard is silent, by id of the KPI, as {at_most: 0.05}.",
    )
    shortened_minutes: int = Field(
        0,
        ge=0,
        le=240,
        description="How much less operators answer on a working day before a public holiday, minutes.",
    )
    holidays_count: bool = Field(
        True,
        description="Whether operators answer on public holidays where the standard does not say so.",
    )
    repeat_error_days: int = Field(
        90,
        ge=1,
        description="A complaint of a client on the topic of an earlier one within so many days is a repeat.",
    )
    count_seconds: float = Field(
        1.0, gt=0, description="Pause before changed calls are counted, so that they gather, seconds."
    )
    alarms: AlarmSettings = AlarmSettings()
    batch_calls: int = Field(
        100,
        ge=1,
        description="Most calls counted in one transaction; others write between two, so not too many.",
    )
