"""A call's story as text for people; personal data only when they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Any

from ivr.calls import durations
from ivr.calls.moments import Moment, moments
from ivr.calls.rows import plain
from ivr.calls.story import Story
from ivr.calls.whole import WholeCall
from ivr.dialogue.ports import Step

HIDDEN = "•••"


def summary(stories: Iterable[Story], zone: tzinfo) -> str:
    """One line a call."""
    return "\n".join(
        f"{_instant(story.came_at, zone)}  {story.call_id}  {story.line or '?':12}  "
        f"{story.stage:9} {story.disposition:12} {story.outcome or '-'}"
        for story in stories
    )


def tell(story: Story, steps: Sequence[Step], zone: tzinfo, *, full: bool) -> str:
    """The whole story.

    Args:
        story: The call.
        steps: Its steps in order.
        zone: Time zone of the instants.
        full: Whether personal data are shown.
    """
    return tell_whole(WholeCall(story=story, steps=list(steps)), zone, full=full)


def tell_whole(call: WholeCall, zone: tzinfo, *, full: bool) -> str:
    """The whole story with all that people did in it, in order of time.

    Args:
        call: The call.
        zone: Time zone of the instants.
        full: Whether personal data are shown.
    """
    lines = [f"{name:16}{value}" for name, value in _facts(call.story, zone, full)]
    told = [
        (step.started_at, _step_line(number, step, zone, full))
        for number, step in enumerate(call.steps, start=1)
    ]
    told += [(moment.at, _moment_line(moment, zone, full)) for moment in moments(call)]
    if told:
        lines += ["", *(line for _, line in sorted(told, key=lambda one: one[0]))]
    return "\n".join(lines)


def document_whole(call: WholeCall, *, full: bool) -> dict[str, Any]:
    """The same for programs."""
    return {
        **document(call.story, call.steps, full=full),
        "moments": [_moment_document(moment, full) for moment in moments(call)],
    }


def document(story: Story, steps: Sequence[Step], *, full: bool) -> dict[str, Any]:
    """The same for programs."""
    return {
        "call_id": story.call_id,
        "kind": story.kind,
        "about": story.about_kind and {"kind": story.about_kind, "id": story.about_id},
        "parent_call_id": story.parent_call_id,
        "origin": story.origin,
        "line": story.line,
        "number_called": story.number_called,
        "caller_number": _shown(story.caller_number, full),
        "segment": story.segment,
        "profile": story.profile,
        "came_at": story.came_at,
        "answered_at": story.answered_at,
        "queued_at": story.queued_at,
        "queue": story.queue,
        "agent_answered_at": story.agent_answered_at,
        "agent": story.agent,
        "ended_at": story.ended_at,
        "stage": story.stage,
        "disposition": story.disposition,
        "ending": story.ending,
        "outcome": story.outcome,
        "ended_by": story.ended_by,
        "cause": story.cause,
        "topic": story.topic,
        "requeued": durations.requeued(story),
        "transfers": durations.transfers(story),
        "wait_seconds": durations.wait_seconds(story),
        "later_waits": [wait.seconds for wait in durations.waits(story)[1:]],
        "talk_seconds": durations.talk_seconds(story),
        "hold_seconds": durations.hold_seconds(story),
        "data": _data(story, full),
        "steps": [_step_document(step, full) for step in steps],
    }


def _facts(story: Story, zone: tzinfo, full: bool) -> list[tuple[str, str]]:
    instants = [
        ("came", story.came_at),
        ("answered", story.answered_at),
        ("queued", story.queued_at),
        ("agent answered", story.agent_answered_at),
        ("ended", story.ended_at),
        ("lost track", story.lost_track_at),
    ]
    told = [
        ("call", story.call_id),
        ("kind", story.kind),
        ("about", story.about_kind and f"{story.about_kind} {story.about_id or ''}".rstrip()),
        ("follows", story.parent_call_id),
        ("origin", story.origin),
        ("line", story.line),
        ("number called", story.number_called),
        ("caller", _shown(story.caller_number, full)),
        ("segment", story.segment),
        ("profile", story.profile),
        *((name, _instant(at, zone) if at else None) for name, at in instants),
        ("topic", story.topic),
        ("queue", story.queue),
        ("agent", story.agent),
        ("stage", story.stage),
        ("disposition", story.disposition),
        ("ending", story.ending and f"{story.ending} {story.outcome or ''}".rstrip()),
        ("ended by", story.ended_by),
        ("hang-up cause", None if story.cause is None else str(story.cause)),
        *_figures(story),
        *((f"  {name}", str(value)) for name, value in _data(story, full).items()),
    ]
    return [(name, value) for name, value in told if value]


def _figures(story: Story) -> list[tuple[str, str | None]]:
    """Durations of a call that people had to do with."""
    waited = durations.waits(story)
    seconds = [
        ("waited", ", ".join(_seconds(wait.seconds) for wait in waited) or None),
        ("talked", _seconds(durations.talk_seconds(story)) if story.agent else None),
        ("on hold", _seconds(durations.hold_seconds(story)) if story.legs else None),
    ]
    transfers = durations.transfers(story)
    return [*seconds, ("transfers", str(transfers) if transfers else None)]


def _seconds(value: float | None) -> str:
    return "…" if value is None else f"{value:.1f} s"


def _data(story: Story, full: bool) -> dict[str, Any]:
    return {name: plain(value) if full else HIDDEN for name, value in story.data.items()}


def _step_line(number: int, step: Step, zone: tzinfo, full: bool) -> str:
    heard = _heard(step, full)
    return (
        f"{number:3}  {step.started_at.astimezone(zone):%H:%M:%S}  {step.seconds:6.1f} s  "
        f"{step.flow:24} {step.state:20} {step.verb:8} {step.outcome:12} {heard or ''}"
    ).rstrip()


def _moment_line(moment: Moment, zone: tzinfo, full: bool) -> str:
    told = " ".join(f"{name}={value}" for name, value in _told(moment, full).items())
    at = moment.at.astimezone(zone)
    return f"  •  {at:%H:%M:%S}  {moment.what:22} {moment.who or '':12} {told}".rstrip()


def _moment_document(moment: Moment, full: bool) -> dict[str, Any]:
    return {"at": moment.at, "what": moment.what, "who": moment.who, **_told(moment, full)}


def _told(moment: Moment, full: bool) -> dict[str, object]:
    return {**moment.told, **{name: value if full else HIDDEN for name, value in moment.personal.items()}}


def _step_document(step: Step, full: bool) -> dict[str, Any]:
    return {
        "flow": step.flow,
        "state": step.state,
        "verb": step.verb,
        "started_at": step.started_at,
        "seconds": step.seconds,
        "outcome": step.outcome,
        "heard": _heard(step, full),
    }


def _heard(step: Step, full: bool) -> str | None:
    return step.heard if full or not step.personal else _shown(step.heard, full)


def _shown(value: str | None, full: bool) -> str | None:
    """A personal value, or only its last two characters; short ones not at all."""
    if full or not value:
        return value
    return HIDDEN + (value[-2:] if len(value) > 6 else "")


def _instant(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
