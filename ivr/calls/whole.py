"""A whole call as the database knows it: its story with legs, steps, deeds, and what people noted of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection

from ivr.calls import identifications, queries, surveys, wrapups
from ivr.calls.deeds import Deed
from ivr.calls.identifications import Identification
from ivr.calls.story import Story
from ivr.calls.surveys import Survey
from ivr.calls.wrapups import WrapUp
from ivr.dialogue.ports import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeCall:
    """A call with all that is told of it, each list in order of time."""

    story: Story
    steps: list[Step] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    identifications: list[Identification] = field(default_factory=list)
    wrapups: list[WrapUp] = field(default_factory=list)
    survey: Survey | None = None


def read(connection: Connection, call_id: str) -> WholeCall | None:
    """Everything of a call, or None; a job for `Database.read`."""
    found = queries.one(connection, call_id)
    if found is None:
        return None
    story, steps = found
    return WholeCall(
        story=story,
        steps=steps,
        deeds=queries.deeds(connection, call_id),
        identifications=identifications.of_call(connection, call_id),
        wrapups=wrapups.of_call(connection, call_id),
        survey=surveys.of_call(connection, call_id),
    )
