"""What a standard obliges a notice to state, and by which channels."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.campaigns.lint.subject import Subject
from ivr.campaigns.lint.walk import Walk
from ivr.campaigns.needed import NeededField
from ivr.dialogue.problems import Problem, Severity
from ivr.dialogue.schema.states import End
from ivr.kpi.profiles import Channel

MISSING = "missing-field"
UNSAID = "unsaid-field"
CHANNEL = "wrong-channel"
SENT = frozenset({"sms", "email", "push", "account"})
"""Channels by which campaigns send messages."""

TOLD = "told"
"""Outcome that is reached where the message was heard to its end."""


def check(subject: Subject) -> Iterator[Problem]:
    """Fields that the standards want and the kind, its talk or its message to a machine has not; channels."""
    yield from _missing(subject)
    yield from _channels(subject)
    for walk in subject.walks:
        if walk is subject.talk or not subject.kind.personal:
            yield from _unsaid(subject, walk)


def obligatory(subject: Subject) -> dict[str, tuple[NeededField, str]]:
    """Fact → field that has to be said, with the clause for it."""
    wanted = {each.name: each.clause for each in subject.kind.needs if each.clause}
    for profile, notice in subject.notices:
        for name in notice.states:
            wanted.setdefault(name.value, f"{profile} {notice.source.clause}")
    known = subject.kind.fields
    return {
        f"{known[name].of}.{name}": (known[name], clause) for name, clause in wanted.items() if name in known
    }


def _missing(subject: Subject) -> Iterator[Problem]:
    for profile, notice in subject.notices:
        for name in notice.states:
            if name.value not in subject.kind.fields:
                message = (
                    f"{profile} (clause {notice.source.clause}) wants '{name}' stated in such a notice: add "
                    "it to the 'fields' of the kind and to its text"
                )
                yield subject.problem(("fields",), MISSING, message)


def _unsaid(subject: Subject, walk: Walk) -> Iterator[Problem]:
    wanted = obligatory(subject)
    flow = walk.flows.get(walk.start)
    if flow is None:
        return
    for name, facts in walk.known[flow.id].items():
        if name not in flow.states or not _is_told(subject, walk, name):
            continue
        for fact, (_, clause) in wanted.items():
            if fact not in facts:
                message = (
                    f"the message counts as told here, and on some way to here '{fact}' was not said, which "
                    f"the standard wants ({clause}): say it before"
                )
                yield flow.problem(name, (), UNSAID, message)


def _is_told(subject: Subject, walk: Walk, name: str) -> bool:
    """Whether the message was said when a talk comes to that state."""
    state = walk.flows[walk.start].states[name]
    return state.reached == TOLD if walk is subject.talk else isinstance(state, End)


def _channels(subject: Subject) -> Iterator[Problem]:
    """A call alone is no notice where the standard lists the ways and a call is none of them."""
    own = {rule.channel for rule in subject.kind.messages if rule.moment != "asked"}
    for profile, notice in subject.notices:
        listed = {channel.value for channel in notice.channels}
        if listed and Channel.TELEPHONE.value not in listed and not own & listed:
            ways = ", ".join(sorted(listed))
            can = listed & SENT
            remedy = "add to 'messages' one by such a channel" if can else "see that it goes out besides"
            message = (
                f"a call alone is no such notice for {profile} (clause {notice.source.clause}), which lists "
                f"{ways}: {remedy}"
            )
            severity = Severity.ERROR if can else Severity.WARNING
            yield subject.problem(("messages",), CHANNEL, message, severity)
