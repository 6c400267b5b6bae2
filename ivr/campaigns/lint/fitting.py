"""Whether a kind fits the flows that there are: names, outcomes, fields, results, retry rules."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.campaigns.lint.subject import Subject
from ivr.campaigns.lint.walk import CAMPAIGN, TARGET
from ivr.campaigns.retries import Retries
from ivr.campaigns.settings import RetrySettings
from ivr.dialogue import contents
from ivr.dialogue.documents import Place
from ivr.dialogue.expressions import ExpressionError
from ivr.dialogue.flow import Flow
from ivr.dialogue.lint.reads import Read, reads
from ivr.dialogue.problems import Problem, Severity, closest
from ivr.dialogue.schema.states import Ask, Do, State
from ivr.dialogue.schema.values import Expression
from ivr.dialogue.templates import FILTERS, Template, parse_template

UNKNOWN_FLOW = "unknown-flow"
TAKES = "takes"
UNKNOWN_TOPIC = "unknown-topic"
UNKNOWN_OUTCOME = "unknown-outcome"
UNKNOWN_FIELD = "unknown-field"
UNKNOWN_FILTER = "unknown-filter"
UNUSED = "unused-field"
UNKNOWN_RESULT = "unknown-variable"
RETRIES = "retries"
NO_MESSAGE = "no-message"
GIVEN = frozenset({TARGET, CAMPAIGN})


def check(subject: Subject) -> Iterator[Problem]:
    """What does not fit."""
    kind = subject.kind
    yield from _flow(subject, kind.flow, ("flow",))
    if kind.machine.flow is not None:
        yield from _flow(subject, kind.machine.flow, ("machine", "flow"))
    if subject.topics is not None and kind.topic and kind.topic not in subject.topics:
        hint = closest(kind.topic, subject.topics)
        yield subject.problem(("topic",), UNKNOWN_TOPIC, f"there is no topic {kind.topic!r}{hint}")
    yield from _retries(subject)
    yield from _results(subject)
    used = set()
    for walk in subject.walks:
        for flow in walk.reached:
            used |= {(read.variable, read.field) for _, read, _ in _reads(flow)}
            yield from _fields(subject, flow)
    for index, rule in enumerate(subject.kind.messages):
        for name, text in (("subject", rule.subject), ("text", rule.text)):
            found = list(_read_in(text))
            used |= {(read.variable, read.field) for read in found}
            yield from _written(subject, ("messages", index, name), text, found)
    yield from _unused(subject, used)


def _flow(subject: Subject, name: str, place: Place) -> Iterator[Problem]:
    flow = subject.loaded.flows.get(name)
    if flow is None:
        hint = closest(name, subject.loaded.flows)
        yield subject.problem(place, UNKNOWN_FLOW, f"there is no flow {name!r}{hint}")
        return
    if flow.file.takes.keys() != GIVEN:
        message = (
            f"{name!r} is begun by a campaign: it has to say 'takes: {{target: record, campaign: record}}'"
        )
        yield flow.document.problem(("takes",), TAKES, message)
    for outcome in flow.file.outcomes.keys() - subject.kinds.outcomes.keys():
        message = (
            f"what becomes of a target after {outcome!r} is not said: add it to 'outcomes' of "
            f"{subject.kinds.document.file}"
        )
        yield flow.document.problem(("outcomes", outcome), UNKNOWN_OUTCOME, message)


def _retries(subject: Subject) -> Iterator[Problem]:
    try:
        Retries.of(RetrySettings(), subject.kind.retries)
    except (ValueError, TypeError) as error:
        first = str(error).splitlines()[0]
        yield subject.problem(("retries",), RETRIES, f"this is no retry rule: {first}")
    for ended, rule in subject.kind.retries.items():
        channel = rule.get("channel") if isinstance(rule, dict) else None
        if channel and subject.kind.message(str(channel), "instead") is None:
            message = (
                f"{channel!r} takes the call's place here, and no message goes by it: add one to 'messages'"
            )
            yield subject.problem(("retries", ended, "channel"), NO_MESSAGE, message)


def _results(subject: Subject) -> Iterator[Problem]:
    flow = subject.loaded.flows.get(subject.kind.flow)
    if flow is None:
        return
    known = _variables(flow)
    for name in subject.kind.results:
        if name not in known:
            message = f"the flow {flow.id!r} sets no variable {name!r}{closest(name, known)}"
            yield subject.problem(("results", name), UNKNOWN_RESULT, message)


def _variables(flow: Flow) -> set[str]:
    found: set[str] = set()
    for state in flow.states.values():
        found |= {name for way in state.ways() for name in way.exit.set}
        found |= _saved(state)
    return found


def _saved(state: State) -> set[str]:
    if isinstance(state, Ask | Do) and state.save is not None:
        return {state.save}
    return set(getattr(state, "set", ()))


def _fields(subject: Subject, flow: Flow) -> Iterator[Problem]:
    for place, read, offset in _reads(flow):
        known = subject.known.get(read.variable)
        if known is not None and read.field is not None and read.field not in known:
            hint = closest(read.field, known)
            name = f"{read.variable}.{read.field}"
            message = f"the kind {subject.kind.id!r} has no field {name!r}{hint}: add it to its 'fields'"
            mark = flow.document.find(*place)
            yield Problem(flow.document.file, mark.line, mark.column + offset, UNKNOWN_FIELD, message)


def _reads(flow: Flow) -> Iterator[tuple[Place, Read, int]]:
    for place, leaf in contents.leaves(flow.file):
        if isinstance(leaf, Expression) and leaf.source.startswith("="):
            yield from ((place, read, 1 + read.offset) for read in reads(leaf.node))
        elif isinstance(leaf, Template):
            for hole in leaf.holes:
                yield from ((place, read, hole.offset + read.offset) for read in reads(hole.node))


def _read_in(text: str) -> Iterator[Read]:
    try:
        template = parse_template(text)
    except ExpressionError:
        return
    for hole in template.holes:
        yield from reads(hole.node)


def _written(subject: Subject, place: Place, text: str, found: list[Read]) -> Iterator[Problem]:
    for read in found:
        if read.field not in subject.known.get(read.variable, frozenset()):
            message = (
                f"the kind {subject.kind.id!r} has no '{read.variable}.{read.field}': add it to its 'fields'"
            )
            yield subject.problem(place, UNKNOWN_FIELD, message)
    for hole in parse_template(text).holes if found else ():
        if hole.filter is not None and hole.filter not in FILTERS:
            yield subject.problem(
                place, UNKNOWN_FILTER, f"there is no filter {hole.filter!r}{closest(hole.filter, FILTERS)}"
            )


def _unused(subject: Subject, used: set[tuple[str, str | None]]) -> Iterator[Problem]:
    for each in subject.kind.needs:
        if not each.optional and (str(each.of), each.name) not in used:
            name = f"{each.of}.{each.name}"
            message = f"neither the flow nor a message reads {name!r}: leave it out, or make it optional"
            yield subject.problem(("fields", each.name), UNUSED, message, Severity.WARNING)
