"""What the standard says of a single talk, for the operator's quiet timer."""

from __future__ import annotations

from ivr.desk.card import Norm
from ivr.kpi.profiles import Profile, Segment

READINGS = "readings.submit"
"""Topic of a call in which readings are taken."""

_TALKS = {
    "readings": ("answer-average-readings", "answer-average"),
    "general": ("answer-average-general", "answer-average"),
    "personal": ("answer-average-personal", "answer-average"),
    "corporate": ("corporate-talk-recommended", "answer-average-personal", "answer-average"),
}


def norm_of(profile: Profile | None, kind: str) -> Norm:
    """The figures of a profile for a kind of call; the first target that it has counts."""
    if profile is None:
        return Norm(kind=kind)
    late = profile.call_back
    return Norm(
        kind=kind,
        seconds=_first(profile, _TALKS[kind]),
        search_seconds=_first(profile, ("client-search-average",)),
        preparation_seconds=late.when_answer_takes_seconds if late else None,
        wrap_up_seconds=_first(profile, ("wrap-up-average",)),
    )


def kind_of(topic: str | None, personal: bool, segment: str | None) -> str:
    """The kind of a call: by its topic, whether personal data are spoken of, and whose line it is."""
    if segment == Segment.CORPORATE:
        return "corporate"
    if topic == READINGS:
        return "readings"
    return "personal" if personal else "general"


def _first(profile: Profile, names: tuple[str, ...]) -> int | None:
    targets = (profile.target(name) for name in names)
    return next(
        (int(each.at_most) for each in targets if each is not None and each.at_most is not None), None
    )
