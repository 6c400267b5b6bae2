"""Who serves whom, and who goes first: pure.

A queue of Asterisk is `clients`, or `clients.billing` for a group of topics of it. An operator serves the
queues that his skills name. A group whose callers wait long, or which is unattended, is served by its base
queue's operators too, and shortly before the longest wait of the standard by everybody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from ivr.desk.settings import RoutingSettings


class Width(IntEnum):
    """Who serves a queue."""

    SKILLED = 0  # who has the skill
    BASE = 1  # and who serves the base queue
    EVERYBODY = 2


def base_of(queue: str) -> str:
    """The queue that a group belongs to; a queue without groups is its own."""
    return queue.partition(".")[0]


def unattended(queues: Iterable[str], serving: Iterable[Collection[str]]) -> frozenset[str]:
    """The groups that nobody serves who has the skill.

    Args:
        queues: All of them.
        serving: The skills of each operator who takes calls now or after what he does.
    """
    attended = {skill for skills in serving for skill in skills}
    return frozenset(queue for queue in queues if base_of(queue) != queue and queue not in attended)


def next_width(width: Width, waited: float | None, overdue: bool, rules: RoutingSettings) -> Width:
    """How wide waits make a queue from now on.

    Args:
        width: As it was.
        waited: The longest wait in it, seconds; None when nobody waits.
        overdue: Whether somebody in it has nearly waited as long as the standard allows.
        rules: When a queue becomes wide, and when narrow again.
    """
    if waited is None or waited < min(rules.narrow_seconds, rules.widen_seconds):
        return Width.SKILLED
    if overdue:
        return Width.EVERYBODY
    return max(width, Width.BASE) if waited >= rules.widen_seconds else width


def queues_of(
    skills: Collection[str], queues: Collection[str], widths: Mapping[str, Width]
) -> frozenset[str]:
    """The queues that an operator serves now.

    Args:
        skills: His own; those that are no queue count for nothing.
        queues: All of them.
        widths: Of those that are not `SKILLED`.
    """
    return frozenset(
        queue
        for queue in queues
        if queue in skills or _helps(skills, queue, widths.get(queue, Width.SKILLED))
    )


def _helps(skills: Collection[str], queue: str, width: Width) -> bool:
    if width is Width.EVERYBODY:
        return bool(skills)
    return width is Width.BASE and base_of(queue) in skills


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What speaks for serving a caller before others.

    Attributes:
        returning: He was lost lately, or has an open task.
        promised: He was promised a call, and calls himself.
        accessible: He needs it easier.
        overdue: He has nearly waited as long as the standard allows.
        interrupted: He lost his operator in mid-call.
    """

    returning: bool = False
    promised: bool = False
    accessible: bool = False
    overdue: bool = False
    interrupted: bool = False


def priority_of(claims: Claims, rules: RoutingSettings) -> int:
    """Asterisk's `QUEUE_PRIO`: callers of a higher one are served before all of a lower one."""
    weights = (
        (claims.returning, rules.returning),
        (claims.promised, rules.promised),
        (claims.accessible, rules.accessible),
        (claims.overdue, rules.overdue),
        (claims.interrupted, rules.interrupted),
    )
    return max((weight for claimed, weight in weights if claimed), default=0)
