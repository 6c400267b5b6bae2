"""What the figures are, counted from the script: each call by itself, sums by plain arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from tests.truth.script import Call, Talk

IN_TIME = 20.0
SHORT = 5.0
REPEATED_WITHIN = timedelta(days=7)
READINGS = "readings.submit"


class Figure(NamedTuple):
    """A value, and how many calls (or talks) are behind it; None where there are none."""

    value: float | None
    calls: int


class Answered(NamedTuple):
    """A talk with its call."""

    call: Call
    talk: Talk


def always(talk: Talk) -> bool:
    """The history tells of each talk whose personal data were spoken of, and who helped."""
    return True


def with_wrapup(talk: Talk) -> bool:
    """Only a finished wrap-up tells so."""
    return talk.wrapup_seconds is not None


def figures(
    history: Sequence[Call],
    chosen: Iterable[Call],
    *,
    talk_counts: Callable[[Talk], bool] = always,
    noted: Callable[[Talk], bool] = always,
) -> Mapping[str, Figure]:
    """Every figure of some calls.

    Args:
        history: All calls of the company: those after the chosen ones tell which were repeated.
        chosen: Calls of the period, line, topic ...
        talk_counts: Which of their talks count for the figures of talks.
        noted: Of which talks it is told whether personal data were spoken of, and whether he was alone.
    """
    calls = list(chosen)
    incoming = [call for call in calls if not call.blocked]
    talks = [Answered(call, talk) for call in incoming for talk in call.talks if talk_counts(talk)]
    return {
        **_outcomes(calls, incoming),
        **_promises(incoming),
        **_waits(incoming),
        **_talks(talks),
        **_kinds(talks, noted),
        **_alone(incoming, noted),
        **_quality(history, incoming),
    }


def served(call: Call) -> bool:
    """The robot has done what he called for; wins over all that came after."""
    return call.robot == "served"


def answered(call: Call) -> bool:
    """A person took it, and the robot had not served him."""
    return bool(call.talks) and not served(call)


def accepted(call: Call) -> bool:
    """He has been promised a call, and the promise is open or kept."""
    untouched = not served(call) and not call.talks
    return untouched and call.promise is not None and call.promise.broken_at is None


def lost(call: Call) -> bool:
    """It ended before the robot or a person served him, and nobody will call him."""
    return not (served(call) or call.talks or accepted(call))


def _outcomes(calls: Sequence[Call], incoming: Sequence[Call]) -> dict[str, Figure]:
    gone = [call for call in incoming if lost(call)]
    at_ring = [call for call in gone if call.rang_at_end]
    in_queue = [call for call in gone if call.waits and not call.rang_at_end]
    in_robot = [call for call in gone if not call.waits and not call.rang_at_end]
    short = [call for call in (*at_ring, *in_queue) if call.waits and call.waits[0].seconds < SHORT]
    no_person = [call for call in incoming if not call.talks]
    counts = {
        "incoming": len(incoming),
        "blocked": sum(call.blocked for call in calls),
        "served": sum(map(served, incoming)),
        "answered": sum(map(answered, incoming)),
        "lost": len(gone),
        "lost-in-robot": len(in_robot),
        "lost-in-queue": len(in_queue),
        "lost-at-ring": len(at_ring),
        "short-abandons": len(short),
    }
    alone = [call for call in incoming if served(call) and not call.talks]
    return {
        **{name: Figure(count, count) for name, count in counts.items()},
        "lost-calls": share(len(no_person), len(incoming)),
        "lost-unserved": share(len(gone), len(incoming)),
        "robot-containment": share(len(alone), len(incoming)),
    }


def _promises(incoming: Sequence[Call]) -> dict[str, Figure]:
    given = [call.promise for call in incoming if call.promise]
    kept = sum(promise.kept_at is not None for promise in given)
    broken = sum(promise.broken_at is not None for promise in given)
    counts = {"callbacks-promised": len(given), "callbacks-kept": kept, "callbacks-broken": broken}
    return {name: Figure(count, count) for name, count in counts.items()}


def _waits(incoming: Sequence[Call]) -> dict[str, Figure]:
    waited = [call for call in incoming if call.waits]
    firsts = [call.waits[0].seconds for call in waited]
    longest = [max(wait.seconds for wait in call.waits) for call in waited]
    speeds = [call.waits[0].seconds for call in waited if answered_from_queue(call)]
    given_up = [call.waits[0].seconds for call in waited if lost(call)]
    fast = sum(wait <= IN_TIME for wait in speeds)
    fast_gone = sum(wait <= IN_TIME for wait in given_up)
    return {
        "wait-average": mean(firsts),
        "wait-maximum": Figure(max(longest, default=None), len(longest)),
        "answer-speed": mean(speeds),
        "service-level": share(fast, len(speeds)),
        "service-level-offered": share(fast + fast_gone, len(speeds) + len(given_up)),
    }


def answered_from_queue(call: Call) -> bool:
    """A person answered the first wait, whatever the robot had done before."""
    return bool(call.waits) and call.waits[0].answered


def _talks(talks: Sequence[Answered]) -> dict[str, Figure]:
    every = [each.talk for each in talks]
    return {
        "talk-average": mean([talk.conversation - talk.held for talk in every]),
        "hold-average": mean([talk.held for talk in every]),
        "wrap-up-average": mean([talk.wrapup_seconds for talk in every if talk.wrapup_seconds is not None]),
        "handling-average": mean([talk.conversation + (talk.wrapup_seconds or 0.0) for talk in every]),
        "answer-average": mean([talk.conversation for talk in every]),
        "client-search-average": mean(
            [talk.identified_after for talk in every if talk.identified_after is not None]
        ),
    }


def _kinds(talks: Sequence[Answered], noted: Callable[[Talk], bool]) -> dict[str, Figure]:
    by_kind: dict[str, list[float]] = {"readings": [], "general": [], "personal": [], "corporate": []}
    for each in talks:
        by_kind[kind_of(each, noted)].append(each.talk.conversation)
    corporate = by_kind["corporate"]
    longest = Figure(max(corporate, default=None), len(corporate))
    return {
        "answer-average-readings": mean(by_kind["readings"]),
        "answer-average-general": mean(by_kind["general"]),
        "answer-average-personal": mean(by_kind["personal"]),
        "corporate-talk-maximum": longest,
        "corporate-talk-recommended": longest,
    }


def kind_of(each: Answered, noted: Callable[[Talk], bool]) -> str:
    """What kind of call the talk is held against; who looks a client up needs what is personal to him."""
    if each.call.segment == "corporate":
        return "corporate"
    if each.call.last_topic == READINGS:
        return "readings"
    looked_up = each.talk.identified_after is not None
    return "personal" if (each.talk.personal if noted(each.talk) else looked_up) else "general"


def _alone(incoming: Sequence[Call], noted: Callable[[Talk], bool]) -> dict[str, Figure]:
    """The standard speaks of requests: a call counts once, answered alone if each of its talks was."""
    told = [[talk for talk in call.talks if noted(talk)] for call in incoming]
    known = [talks for talks in told if talks]
    talked = [call for call in incoming if call.talks]
    handed_on = [sum(talk.ended_by == "transferred" for talk in call.talks) for call in talked]
    return {
        "answered-alone": share(sum(all(talk.alone for talk in talks) for talks in known), len(known)),
        "transfers": Figure(sum(handed_on), sum(handed_on)),
        "transferred-share": share(sum(count > 0 for count in handed_on), len(talked)),
    }


def _quality(history: Sequence[Call], incoming: Sequence[Call]) -> dict[str, Figure]:
    settled_somehow = [call for call in incoming if served(call) or call.talks]
    known = [call for call in settled_somehow if call.last_topic and call.known_as]
    settled = sum(not was_repeated(call, history) for call in known)
    scores = [call.score for call in incoming if call.score is not None]
    unexplained = sum(call.recording == "no" for call in incoming)
    return {
        "first-contact": share(settled, len(known)),
        "csat": mean(scores),
        "csat-positive": share(sum(score >= 4 for score in scores), len(scores)),
        "recording-coverage": share(len(incoming) - unexplained, len(incoming)),
        "recordings-unexplained": Figure(unexplained, unexplained),
    }


def was_repeated(call: Call, history: Sequence[Call]) -> bool:
    """Whether the same client called again on the same topic soon after."""
    return any(
        bool(other.known_as & call.known_as)
        and other.last_topic == call.last_topic
        and not other.blocked
        and timedelta(0) < other.came_at - call.came_at <= REPEATED_WITHIN
        for other in history
    )


def share(part: float, whole: int) -> Figure:
    """A fraction of one."""
    return Figure(part / whole if whole else None, whole)


def mean(values: Sequence[float]) -> Figure:
    """The plain mean."""
    return Figure(sum(values) / len(values) if values else None, len(values))
