"""Targets and verdicts: a figure held against what the standard states, or else the company. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ivr.kpi.definitions import Definition, Value
from ivr.kpi.profiles import OperatorHours, Profile
from ivr.kpi.profiles.parts import RequestTerm
from ivr.kpi.settings import CompanyTarget
from ivr.requests.terms import Bound as TermBound
from ivr.requests.terms import Stage


class Verdict(StrEnum):
    """Whether a target is kept."""

    MET = "met"
    MISSED = "missed"
    NO_DATA = "no-data"
    NO_TARGET = "no-target"


class Bound(StrEnum):
    """On which side of the target the figure has to be."""

    AT_MOST = "at_most"
    AT_LEAST = "at_least"


class SetBy(StrEnum):
    """Who has set a target."""

    STANDARD = "standard"
    COMPANY = "company"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What a figure is held against.

    Attributes:
        clause: Of the standard; empty for the company's own.
        recommended: Stated without obligation.
    """

    value: float
    bound: Bound
    set_by: SetBy
    clause: str = ""
    recommended: bool = False


def aim_of(definition: Definition, profile: Profile, company: Mapping[str, CompanyTarget]) -> Aim | None:
    """What the standard states, else what the company has set, else None."""
    return _stated(definition, profile) or _implied(definition.id, profile) or _own(definition.id, company)


def verdict(value: Value, aim: Aim | None) -> Verdict:
    """The figure held against the target; bounds themselves are kept."""
    if value.value is None:
        return Verdict.NO_DATA
    if aim is None:
        return Verdict.NO_TARGET
    kept = value.value <= aim.value if aim.bound is Bound.AT_MOST else value.value >= aim.value
    return Verdict.MET if kept else Verdict.MISSED


def _stated(definition: Definition, profile: Profile) -> Aim | None:
    target = profile.target(definition.target_id)
    if target is None:
        return None
    most = target.at_most is not None
    value = target.at_most if most else target.at_least
    return Aim(
        value=value or 0.0,
        bound=Bound.AT_MOST if most else Bound.AT_LEAST,
        set_by=SetBy.STANDARD,
        clause=target.source.clause,
        recommended=target.measure == "recommended",
    )


def _implied(id: str, profile: Profile) -> Aim | None:
    """What a standard states as hours or terms: all of them are to be kept, averages on the average."""
    if id == "operator-hours-kept" and profile.operator_hours:
        return _all_of(profile.operator_hours[0])
    if id == "requests-in-time":
        return _all_of(_term(profile, Stage.ANSWER, TermBound.LIMIT))
    if id == "requests-registered-in-time":
        return _all_of(_term(profile, Stage.REGISTRATION, TermBound.LIMIT))
    average = _term(profile, Stage.ANSWER, TermBound.AVERAGE) if id == "requests-answer-days" else None
    if average is None:
        return None
    return Aim(
        value=float(average.days),
        bound=Bound.AT_MOST,
        set_by=SetBy.STANDARD,
        clause=average.source.clause,
    )


def _all_of(rule: OperatorHours | RequestTerm | None) -> Aim | None:
    if rule is None:
        return None
    return Aim(value=1.0, bound=Bound.AT_LEAST, set_by=SetBy.STANDARD, clause=rule.source.clause)


def _term(profile: Profile, stage: Stage, bound: TermBound) -> RequestTerm | None:
    return next((t for t in profile.requests.terms if t.stage is stage and t.bound is bound), None)


def _own(id: str, company: Mapping[str, CompanyTarget]) -> Aim | None:
    own = company.get(id)
    if own is None:
        return None
    most = own.at_most is not None
    value = own.at_most if most else own.at_least
    return Aim(value=value or 0.0, bound=Bound.AT_MOST if most else Bound.AT_LEAST, set_by=SetBy.COMPANY)
