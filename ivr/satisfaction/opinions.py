"""The KPIs that surveys and control calls tell; jobs for `Database.read`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from ivr.kpi.definitions import Value
from ivr.kpi.sums import Selection
from ivr.satisfaction import control
from ivr.satisfaction.formulas import Figure
from ivr.satisfaction.results import Wanted, replies, summary


class SurveyOpinions:
    """An `Opinions` of the KPIs."""

    def figures(self, connection: Connection, selection: Selection, now: datetime) -> Mapping[str, Value]:
        """By the names of `metrics/definitions.yaml`."""
        wanted = wanted_of(selection)
        told, called = summary(replies(connection, wanted)), control.figures(connection, wanted, now)
        found = {
            "survey-csat": told.csat,
            "survey-csi": told.csi,
            "survey-nps": told.nps,
            "control-in-time": called.in_time,
            "control-reached": called.reached,
            "control-satisfied": called.satisfied,
        }
        return {name: _value(figure) for name, figure in found.items()}


def wanted_of(selection: Selection) -> Wanted:
    """The answers of a selection of calls: of its period, standards and segment."""
    return Wanted(
        since=selection.period.since,
        until=selection.period.until,
        profiles=selection.profiles,
        segment=selection.segment,
    )


def _value(figure: Figure) -> Value:
    return Value(figure.value, figure.answers)
