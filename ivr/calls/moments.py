"""What happened in a call, moment by moment, whoever told of it: legs, holds, deeds, wrap-ups, the survey."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ivr.calls.legs import Leg
from ivr.calls.story import Story
from ivr.calls.whole import WholeCall


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One thing that happened.

    Attributes:
        at: Aware.
        what: Short name, such as `ring`, `answer`, `hold`, `wrap-up`, or the kind of a deed.
        who: Login or telephone of the person, or None.
        told: More of it: ids, codes, durations.
        personal: What is personal data in it.
    """

    at: datetime
    what: str
    who: str | None = None
    told: Mapping[str, object] = field(default_factory=dict)
    personal: Mapping[str, object] = field(default_factory=dict, repr=False)


def moments(call: WholeCall) -> list[Moment]:
    """All of them in order of time."""
    return sorted(_all(call), key=lambda moment: moment.at)


def _all(call: WholeCall) -> Iterator[Moment]:
    yield from _of_queues(call.story)
    for leg in call.story.legs.values():
        yield from _of_leg(leg)
    for deed in call.deeds:
        yield Moment(at=deed.at, what=deed.kind, who=deed.agent, told=deed.data)
    for step in call.identifications:
        personal = {"account": step.account_number}
        yield Moment(
            at=step.at, what="identified", who=step.agent or None, told={"how": step.how}, personal=personal
        )
    yield from _of_wrapups(call)
    yield from _of_survey(call)


def _of_queues(story: Story) -> Iterator[Moment]:
    if story.handed_at is not None:
        yield Moment(at=story.handed_at, what="handed-over", told=_known({"topic": story.topic}))
    for mark in story.queue_marks:
        what = "queue-joined" if mark.queue else "queue-left"
        yield Moment(at=mark.at, what=what, told=_known({"queue": mark.queue or None}))


def _of_leg(leg: Leg) -> Iterator[Moment]:
    who = leg.agent or leg.device or None
    of_leg = {"leg": leg.leg_id, "role": leg.role}
    if leg.rang_at is not None:
        told = {**of_leg, "device": leg.device or None, "queue": leg.queue}
        yield Moment(at=leg.rang_at, what="ring", who=who, told=_known(told))
    if leg.answered_at is not None:
        yield Moment(at=leg.answered_at, what="answer", who=who, told=of_leg)
    for hold in leg.holds:
        yield Moment(at=hold.since, what="hold", who=who, told=of_leg)
        if hold.until is not None and hold.until != leg.ended_at:
            yield Moment(at=hold.until, what="resume", who=who, told=of_leg)
    if leg.ended_at is not None:
        yield Moment(at=leg.ended_at, what="end", who=who, told=_known({**of_leg, "end": leg.end}))


def _of_wrapups(call: WholeCall) -> Iterator[Moment]:
    for wrapup in call.wrapups:
        if wrapup.saved_at is not None:
            told = {
                "topic": wrapup.topic,
                "result": wrapup.result,
                "personal": wrapup.personal,
                "alone": wrapup.alone,
                "promised": wrapup.promised_at and wrapup.promised_at.isoformat(timespec="minutes"),
                "seconds": None if wrapup.seconds is None else round(wrapup.seconds, 1),
            }
            personal = _known({"note": wrapup.note or None})
            yield Moment(
                at=wrapup.saved_at, what="wrap-up", who=wrapup.agent, told=_known(told), personal=personal
            )


def _of_survey(call: WholeCall) -> Iterator[Moment]:
    survey = call.survey
    if survey is None:
        return
    if survey.asked_at is not None:
        yield Moment(at=survey.asked_at, what="survey-asked", who=survey.agent)
    if survey.answered_at is not None:
        personal = _known({"why": survey.why})
        yield Moment(
            at=survey.answered_at, what="survey-answered", told={"score": survey.score}, personal=personal
        )


def _known(told: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in told.items() if value is not None}
