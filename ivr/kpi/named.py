"""Figures that are not sums over calls: operators' time, requests, complaints, surveys, the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from ivr.kpi import attendance, cases
from ivr.kpi.attendance import States
from ivr.kpi.definitions import NO_DATA, Value
from ivr.kpi.profiles import Profile
from ivr.kpi.profiles.hours import Silence
from ivr.kpi.sums import Selection
from ivr.requests.workdays import WorkCalendar

NAMES = (
    "occupancy",
    "operator-hours-kept",
    "requests-registered-in-time",
    "requests-in-time",
    "requests-answer-days",
    "complaints",
    "complaints-change",
    "complaints-repeated",
    "network-delay",
    "network-loss",
    "survey-csat",
    "survey-csi",
    "survey-nps",
    "control-in-time",
    "control-reached",
    "control-satisfied",
)


class Network(Protocol):
    """Tells what the telephones have reported of the network; jobs for `Database.read`."""

    def delay(self, connection: Connection, selection: Selection) -> Value:
        """The greatest delay, seconds, and of how many calls."""

    def loss(self, connection: Connection, selection: Selection) -> Value:
        """The share of packets that were lost, and of how many calls."""


class NoNetwork:
    """Nobody has measured it."""

    def delay(self, connection: Connection, selection: Selection) -> Value:
        """Nothing is known."""
        return NO_DATA

    def loss(self, connection: Connection, selection: Selection) -> Value:
        """Nothing is known."""
        return NO_DATA


class Opinions(Protocol):
    """Tells what clients have answered to surveys and control calls; a job for `Database.read`."""

    def figures(self, connection: Connection, selection: Selection, now: datetime) -> Mapping[str, Value]:
        """Figures by name; `Value.calls` are answers or calls."""


class NoOpinions:
    """Nobody has been asked."""

    def figures(self, connection: Connection, selection: Selection, now: datetime) -> Mapping[str, Value]:
        """Nothing is known."""
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Where the other figures come from.

    Attributes:
        states: What operators did, day by day.
        calendar: Public holidays and shortened days.
        silence: What the company has decided of hours where standards are silent.
        network: What was measured of it.
        repeat_error_days: See `KpiSettings`.
        opinions: What clients have answered.
    """

    states: States
    calendar: WorkCalendar
    silence: Silence
    network: Network
    repeat_error_days: int
    opinions: Opinions = field(default_factory=NoOpinions)

    def figures(
        self, connection: Connection, selection: Selection, profile: Profile, now: datetime
    ) -> Mapping[str, Value]:
        """All of them by name; of a narrower selection those that can be told of it."""
        if any((selection.topic, selection.queue)):
            return {}
        opinions = {} if selection.agent else self.opinions.figures(connection, selection, now)
        if selection.segment:
            return opinions
        days = attendance.days(connection, selection.period, now, self.states)
        found = {"occupancy": attendance.occupancy(days, selection.agent)}
        if selection.agent is not None:
            return found
        hours = attendance.Hours(profile, self.calendar, self.silence, selection.period.zone, now)
        return found | {
            "operator-hours-kept": attendance.hours_kept(days, hours),
            **cases.figures(connection, selection, now, self.repeat_error_days),
            "network-delay": self.network.delay(connection, selection),
            "network-loss": self.network.loss(connection, selection),
            **opinions,
        }
