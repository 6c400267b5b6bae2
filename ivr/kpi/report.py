"""The report: every KPI of a selection of calls with target, value, verdict and the calls behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ivr.kpi.breakdown import By
from ivr.kpi.definitions import NO_DATA, Definition, Definitions, Sums, Value
from ivr.kpi.named import Elsewhere
from ivr.kpi.periods import Period
from ivr.kpi.profiles import Profile
from ivr.kpi.settings import CompanyTarget
from ivr.kpi.slices import slices
from ivr.kpi.sums import Selection, grouped, total
from ivr.kpi.verdicts import Aim, Verdict, aim_of, verdict


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure.

    Attributes:
        calls: How many calls (talks, operators, requests) stand behind it.
    """

    definition: Definition
    value: Value
    aim: Aim | None
    verdict: Verdict

    def document(self) -> dict[str, Any]:
        """For programs; the first eight keys are promised."""
        aim = self.aim
        return {
            "id": self.definition.id,
            "title": self.definition.title,
            "unit": self.definition.unit.value,
            "value": self.value.value,
            "target": aim.value if aim else None,
            "verdict": self.verdict.value,
            "calls": self.value.calls,
            "clause": (aim.clause or None) if aim else None,
            "bound": aim.bound.value if aim else None,
            "target_source": aim.set_by.value if aim else None,
            "recommended": aim.recommended if aim else False,
            "better": self.definition.better.value,
            "explanation": self.definition.explanation,
        }


@dataclass(frozen=True, slots=True)
class Group:
    """The KPIs of one key of a breakdown."""

    key: str
    kpis: tuple[Kpi, ...]

    def figures(self) -> dict[str, Kpi]:
        """They by their ids."""
        return {kpi.definition.id: kpi for kpi in self.kpis}

    def document(self) -> dict[str, Any]:
        """For programs."""
        return {"key": self.key, "kpis": [_short(kpi) for kpi in self.kpis]}


@dataclass(frozen=True, slots=True)
class Slice:
    """A KPI of a part of the period."""

    period: Period
    kpi: Kpi


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report.

    Attributes:
        by: What it is broken down by, or None.
        empty: Whether no call came in the period.
    """

    profile: Profile
    selection: Selection
    made_at: datetime
    kpis: tuple[Kpi, ...]
    by: By | None = None
    groups: tuple[Group, ...] = field(default=())
    empty: bool = False

    def document(self) -> dict[str, Any]:
        """For programs."""
        period = self.selection.period
        told: dict[str, Any] = {
            "standard": self.profile.id,
            "period": {
                "from": period.first.isoformat(),
                "to": period.last.isoformat(),
                "time_zone": str(period.zone),
            },
            "kpis": [kpi.document() for kpi in self.kpis],
            "company": self.profile.company,
            "standard_title": self.profile.title,
            "lines_of": list(self.selection.profiles) if self.selection.profiles is not None else None,
            "made_at": self.made_at.isoformat(),
            "empty": self.empty,
        }
        if self.by is not None:
            told["by"] = self.by.value
            told["groups"] = [group.document() for group in self.groups]
        return told


def _short(kpi: Kpi) -> dict[str, Any]:
    return {
        "id": kpi.definition.id,
        "value": kpi.value.value,
        "verdict": kpi.verdict.value,
        "calls": kpi.value.calls,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Makes reports.

    Attributes:
        targets: The company's own, by id of the KPI.
        elsewhere: Where figures come from that are not sums over calls.
    """

    definitions: Definitions
    targets: Mapping[str, CompanyTarget]
    elsewhere: Elsewhere

    def make(
        self,
        connection: Connection,
        profile: Profile,
        selection: Selection,
        now: datetime,
        by: By | None = None,
    ) -> Report:
        """Make one; a job for `Database.read`."""
        sums = total(connection, selection)
        named = self.elsewhere.figures(connection, selection, profile, now)
        return Report(
            profile=profile,
            selection=selection,
            made_at=now,
            kpis=self.kpis(profile, sums, named),
            by=by,
            groups=self.groups(connection, profile, selection, by) if by is not None else (),
            empty=not (sums.get("incoming") or sums.get("blocked") or sums.get("called_out")),
        )

    def groups(
        self, connection: Connection, profile: Profile, selection: Selection, by: By
    ) -> tuple[Group, ...]:
        """The KPIs broken down, but for those that are counted elsewhere; a job for `Database.read`."""
        found = grouped(connection, selection, by)
        return tuple(Group(key, self._counted(profile, each)) for key, each in found.items())

    def over_time(
        self,
        connection: Connection,
        profile: Profile,
        selection: Selection,
        now: datetime,
        definition: Definition,
    ) -> tuple[Slice, ...]:
        """A KPI that is counted elsewhere, by days, weeks or months; a job for `Database.read`."""
        period = selection.period
        found = []
        for part in slices(period, now.astimezone(period.zone).date()):
            named = self.elsewhere.figures(connection, selection.over(part), profile, now)
            found.append(Slice(part, self._kpi(definition, profile, None, named)))
        return tuple(found)

    def kpis(self, profile: Profile, sums: Sums, named: Mapping[str, Value]) -> tuple[Kpi, ...]:
        """The KPIs of sums and of what is counted elsewhere."""
        counted = any(sums.values())
        return tuple(
            self._kpi(each, profile, sums if counted else None, named) for each in self.definitions.kpis
        )

    def _counted(self, profile: Profile, sums: Sums) -> tuple[Kpi, ...]:
        return tuple(
            self._kpi(each, profile, sums, {}) for each in self.definitions.kpis if each.formula.named is None
        )

    def _kpi(
        self, definition: Definition, profile: Profile, sums: Sums | None, named: Mapping[str, Value]
    ) -> Kpi:
        if definition.formula.named is not None:
            value = named.get(definition.formula.named, NO_DATA)
        else:
            value = NO_DATA if sums is None else definition.value(sums)
        aim = aim_of(definition, profile, self.targets)
        return Kpi(definition, value, aim, verdict(value, aim))
