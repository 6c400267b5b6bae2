"""Counting talks: each time that a person talked with the caller, from the legs of a story. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ivr.calls.legs import Leg, LegEnd, LegRole
from ivr.calls.story import CallKind, Story
from ivr.calls.wrapups import WrapUp
from ivr.kpi.facts import CallFact, Circumstances, Rules, TalkFact, microseconds
from ivr.kpi.measures import Counted
from ivr.kpi.norms import CallKind as TalkKind
from ivr.kpi.norms import call_kind

_NO_LEG = "call"
"""Stands for the leg of a talk of which no leg is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """When a person was connected with the caller; `last` is his last talk of the call."""

    leg_id: str
    agent: str
    queue: str
    since: datetime
    until: datetime
    held: timedelta
    handed_on: bool
    last: bool = True


def talks_of(story: Story) -> list[Talk]:
    """The talks of a call that has ended, in order."""
    if story.legs:
        found = [talk for leg in story.answered_legs() if (talk := _of_leg(leg, story)) is not None]
    else:
        found = list(_without_legs(story))
    found.sort(key=lambda talk: (talk.since, talk.leg_id))
    last = {talk.agent: talk.leg_id for talk in found}
    return [replace(talk, last=last[talk.agent] == talk.leg_id) for talk in found]


def _of_leg(leg: Leg, story: Story) -> Talk | None:
    since, until = _begins(leg, story), leg.ended_at or story.ended_at or story.lost_track_at
    if since is None or until is None:
        return None
    outgoing = story.kind.by_operator
    return Talk(
        leg_id=leg.leg_id,
        agent=(story.agent or "") if outgoing else leg.agent or leg.device,
        queue=leg.queue or "",
        since=since,
        until=max(since, until),
        held=leg.held(until),
        handed_on=leg.end is LegEnd.TRANSFERRED,
    )


def _begins(leg: Leg, story: Story) -> datetime | None:
    """When the person came together with the caller; whoever is only asked for advice never does."""
    if leg.role is not LegRole.CONSULT or leg.answered_at is None:
        return leg.answered_at
    handed = [
        other.ended_at
        for other in story.legs.values()
        if other.end is LegEnd.TRANSFERRED and other.ended_at and other.ended_at >= leg.answered_at
    ]
    begins = min(handed, default=None)
    return None if begins is None or (leg.ended_at and leg.ended_at <= begins) else begins


def _without_legs(story: Story) -> Iterator[Talk]:
    until = story.agent_ended_at or story.ended_at or story.lost_track_at
    if story.agent_answered_at is not None and until is not None:
        yield Talk(
            leg_id=_NO_LEG,
            agent=story.agent or "",
            queue=story.queue or "",
            since=story.agent_answered_at,
            until=max(story.agent_answered_at, until),
            held=timedelta(),
            handed_on=False,
        )


def count_talks(story: Story, known: Circumstances, rules: Rules, call: CallFact) -> Iterator[TalkFact]:
    """Count the talks of a call that has ended; they belong to the day of the call."""
    for talk in talks_of(story):
        summed_up = next((each for each in known.wrapups if each.agent == talk.agent), None)
        topic = (summed_up.topic if summed_up else None) or call.topic
        kind = call_kind(
            call.segment,
            readings=topic in rules.readings_topics,
            personal=_is_personal(talk, known, summed_up),
        )
        counted = _measures(talk, kind, known, summed_up if talk.last else None)
        if story.kind is not CallKind.INBOUND:
            counted = {"out_talks": 1, "out_talk_us": counted["conversation_us"]}
        yield TalkFact(
            call_id=call.call_id,
            leg_id=talk.leg_id,
            kind=kind,
            profile=call.profile,
            line=call.line,
            segment=call.segment,
            topic=topic,
            queue=talk.queue or call.queue,
            agent=talk.agent,
            answered_at=talk.since,
            half_hour=call.half_hour,
            day=call.day,
            counted=counted,
        )


def _is_personal(talk: Talk, known: Circumstances, summed_up: WrapUp | None) -> bool:
    """Whether personal data were spoken of: as the person noted, or because he identified the client."""
    if summed_up is not None:
        return summed_up.personal
    return any(each.how.identifies and each.agent == talk.agent for each in known.identifications)


def _measures(talk: Talk, kind: TalkKind, known: Circumstances, summed_up: WrapUp | None) -> Counted:
    together, held = microseconds(talk.until - talk.since), microseconds(talk.held)
    counted: Counted = {
        "talks": 1,
        "talk_us": max(0, together - held),
        "hold_us": held,
        "held": int(held > 0),
        "conversation_us": together,
        "handling_us": together,
        "longest_us": together,
        kind.value: 1,
        f"{kind.value}_us": together,
        "handed_on": int(talk.handed_on),
    }
    if kind is TalkKind.CORPORATE:
        counted["corporate_longest_us"] = together
    counted |= _search(talk, known)
    if summed_up is not None:
        counted |= _summed_up(summed_up, together)
    return counted


def _search(talk: Talk, known: Circumstances) -> Counted:
    """How long the person took to find out whom he talks to."""
    found = [
        each.at
        for each in known.identifications
        if each.how.identifies and each.agent == talk.agent and talk.since <= each.at <= talk.until
    ]
    return {"searched": 1, "search_us": microseconds(min(found) - talk.since)} if found else {}


def _summed_up(summed_up: WrapUp, together: int) -> Counted:
    if summed_up.began_at is None or summed_up.saved_at is None:
        return {}
    after = microseconds(summed_up.saved_at - summed_up.began_at)
    return {"wrapped": 1, "wrapup_us": after, "handling_us": together + after}
