"""Profiles: what each company's standard of service states, with the clause it stands in.

A profile is one YAML file (`metrics/standards/<id>.yaml`). A figure that is absent is one on which the
standard is silent: the company's settings decide, and nothing is attributed to the standard.
"""

from ivr.kpi.profiles.duties import Channel, Complaints, Cycle, Notice, NoticeField, NoticeKind, Survey
from ivr.kpi.profiles.hours import Opening, Silence, opening
from ivr.kpi.profiles.loading import examine, load_profile, load_profiles, request_rules, visit_rules
from ivr.kpi.profiles.parts import (
    Day,
    Greeting,
    Measure,
    OperatorHours,
    Salutation,
    Segment,
    Source,
    Target,
    Unit,
)
from ivr.kpi.profiles.profile import Profile

__all__ = [
    "Channel",
    "Complaints",
    "Cycle",
    "Day",
    "Greeting",
    "Measure",
    "Notice",
    "NoticeField",
    "NoticeKind",
    "Opening",
    "OperatorHours",
    "Profile",
    "Salutation",
    "Segment",
    "Silence",
    "Source",
    "Survey",
    "Target",
    "Unit",
    "examine",
    "load_profile",
    "load_profiles",
    "opening",
    "request_rules",
    "visit_rules",
]
