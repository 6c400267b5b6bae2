"""Counting a call: from its story and what else is known of it to measures. Pure.

Definitions: `docs/kpi.md`. A measure that does not hold is left out, so that a fact is short.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ivr.calls.durations import Wait, transfers, waits
from ivr.calls.legs import LegEnd
from ivr.calls.story import CallKind, Disposition, Origin, Stage, Story
from ivr.kpi.facts import (
    CallFact,
    Circumstances,
    CountedCall,
    Promised,
    Recorded,
    Rules,
    half_hour,
    microseconds,
    topic_of,
)
from ivr.kpi.measures import Counted
from ivr.kpi.talks import count_talks

_HIGH_SCORE = 4
_RECORDED = {
    Recorded.YES: "recorded",
    Recorded.EXCUSED: "recording_excused",
    Recorded.NO: "recording_unexplained",
}
_PROMISED = {Promised.KEPT: "callback_kept", Promised.BROKEN: "callback_broken"}


_NO_LONGER_RANG = frozenset({LegEnd.NO_ANSWER, LegEnd.DECLINED, LegEnd.BUSY, LegEnd.FAILED})
_AT_ONCE = timedelta(seconds=1)


def count(story: Story, known: Circumstances, rules: Rules) -> CountedCall | None:
    """Count a call with its talks; None while it goes on."""
    if story.stage is not Stage.ENDED:
        return None
    call = count_call(story, known, rules)
    return CountedCall(call, tuple(count_talks(story, known, rules, call)))


def count_call(story: Story, known: Circumstances, rules: Rules) -> CallFact:
    """Count a call alone; of one that goes on, what has happened so far."""
    return CallFact(
        call_id=story.call_id,
        kind=story.kind,
        came_at=story.came_at,
        half_hour=half_hour(story.came_at),
        day=rules.day(story.came_at),
        profile=story.profile or "",
        line=story.line or "",
        segment=story.segment or "",
        topic=topic_of(story, known.wrapups),
        queue=story.queue or "",
        agent=story.agent or "",
        counted=measures(story, known, rules),
    )


def measures(story: Story, known: Circumstances, rules: Rules) -> Counted:
    """The measures of a call that are not 0."""
    if story.kind is not CallKind.INBOUND:
        return _true(called_out=True, reached=_talked(story))
    if story.blocked:
        return _true(blocked=True)
    told: Counted = {"incoming": 1}
    told |= _fate(story, known)
    of_caller = _waits(story, "lost" in told)
    first = of_caller[0] if of_caller else None
    told |= _where_lost(story, first, told, rules)
    told |= _waiting(of_caller, told, rules)
    told |= _handing_on(story, known, len(of_caller))
    told |= _robot(story, told)
    told |= _settled(story, known, told)
    told |= _afterwards(story, known)
    return told


def _true(**flags: bool) -> Counted:
    return {name: 1 for name, flag in flags.items() if flag}


def _talked(story: Story) -> bool:
    return story.agent_answered_at is not None or bool(story.agent)


def _fate(story: Story, known: Circumstances) -> Counted:
    """What became of the call: exactly one of the first five, once it has ended."""
    fate, talked = story.disposition, _talked(story)
    hoped = known.promised in (Promised.OWED, Promised.KEPT)
    told = _true(
        served=fate is Disposition.SERVED,
        answered=fate is Disposition.ANSWERED,
        lost=fate is Disposition.LOST and not hoped,
        callback_accepted=fate is Disposition.LOST and hoped,
        lost_track=fate is Disposition.LOST_TRACK,
        talked=talked,
        lost_literal=not talked and story.ended_at is not None,
        callback_promised=known.promised is not None,
    )
    return told | ({_PROMISED[known.promised]: 1} if known.promised in _PROMISED else {})


def _where_lost(story: Story, first: Wait | None, told: Counted, rules: Rules) -> Counted:
    if "lost" not in told:
        return {}
    at_ring = _rings_at_the_end(story)
    waited = first.seconds if first else None
    return _true(
        lost_at_ring=at_ring,
        lost_in_queue=not at_ring and first is not None,
        lost_in_robot=not at_ring and first is None,
        short_abandon=waited is not None and waited < rules.short_abandon_seconds,
    )


def _rings_at_the_end(story: Story) -> bool:
    end = story.ended_at
    return end is not None and any(
        leg.person
        and leg.rang_at is not None
        and leg.answered_at is None
        and leg.end not in _NO_LONGER_RANG
        and (leg.ended_at is None or leg.ended_at >= end - _AT_ONCE)
        for leg in story.legs.values()
    )


def _waits(story: Story, lost: bool) -> list[Wait]:
    """The waits; the last one ends where he left the queue, unless he hung up while he waited on.

    Between two slices of waiting a caller hears the robot and still waits (`ivr.calls.durations`).
    """
    of_caller = waits(story)
    left = story.abandoned_at
    waits_on = lost and story.origin is not Origin.IMPORTED
    if of_caller and left is not None and not of_caller[-1].answered and not waits_on:
        of_caller[-1] = replace(of_caller[-1], until=left)
    return of_caller


def _waiting(of_caller: list[Wait], told: Counted, rules: Rules) -> Counted:
    ended = [microseconds(wait.until - wait.since) for wait in of_caller if wait.until is not None]
    if not ended or of_caller[0].until is None:
        return {}
    answered, lost = of_caller[0].answered, "lost" in told
    in_time = ended[0] <= round(rules.service_level_seconds * 1_000_000)
    flags = _true(
        waited=True,
        queue_answered=answered,
        answered_in_sl=answered and in_time,
        abandoned=lost,
        abandoned_in_sl=lost and in_time,
    )
    return flags | {"wait_us": ended[0], "longest_wait_us": max(ended), "answer_us": ended[0] * answered}


def _handing_on(story: Story, known: Circumstances, waited: int) -> Counted:
    handed = transfers(story) if known.transfers is None else known.transfers
    return {"transfers": handed, "transferred": int(handed > 0), "requeued": max(0, waited - 1)}


def _robot(story: Story, told: Counted) -> Counted:
    took = story.ending is not None or story.handed_at is not None
    return _true(robot_took=took, contained=took and "served" in told and "talked" not in told)


def _settled(story: Story, known: Circumstances, told: Counted) -> Counted:
    """Whether a later call of the client would show that this one settled nothing."""
    client = bool(story.caller_number) or any(each.how.identifies for each in known.identifications)
    settled = "served" in told or "answered" in told
    base = settled and client and bool(topic_of(story, known.wrapups))
    return _true(repeat_base=base, first_contact=base)


def _afterwards(story: Story, known: Circumstances) -> Counted:
    told: Counted = {}
    if known.wrapups and known.alone_known and _talked(story):
        told |= {"summed_up": 1, "alone": int(all(each.alone for each in known.wrapups))}
    if known.score is not None:
        told |= {"surveyed": 1, "score": known.score, "score_high": int(known.score >= _HIGH_SCORE)}
    picked_up = story.answered_at is not None or _talked(story)
    if picked_up and known.recorded is not Recorded.UNKNOWN:
        told |= {"conversation": 1, _RECORDED[known.recorded]: 1}
    return told
