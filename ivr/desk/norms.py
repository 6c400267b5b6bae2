"""The figures of the company's standard on an operator's card: his quiet timer."""

from __future__ import annotations

from ivr.desk.card import Norm
from ivr.kpi.norms import CallKind, call_kind, norm
from ivr.kpi.profiles import Profile, Segment

READINGS = "readings.submit"
"""Topic of a call in which readings are taken."""


def norm_of(profile: Profile | None, kind: CallKind) -> Norm:
    """What the standard says of a kind of call; without a profile nothing is said."""
    if profile is None:
        return Norm(kind=kind.value)
    stated = norm(profile, kind)
    return Norm(
        kind=kind.value,
        seconds=_whole(stated.talk),
        search_seconds=_whole(stated.search),
        preparation_seconds=stated.preparation,
        wrap_up_seconds=_whole(stated.wrap_up),
    )


def kind_of(topic: str | None, personal: bool, segment: str | None) -> CallKind:
    """The kind of a call: by its topic, whether personal data are spoken of, and whose line it is."""
    return call_kind(segment or Segment.ANY, readings=topic == READINGS, personal=personal)


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds)
