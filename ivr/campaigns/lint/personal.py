"""Nothing personal before the right person is on the line.

A talk of a kind with something personal finds the right person by `campaign-person`, which ends with
`right-person`. Only the name is said before, and only as its question.
"""

from __future__ import annotations

from collections.abc import Iterator

from ivr.campaigns.kinds import AsksFor
from ivr.campaigns.lint.subject import Subject
from ivr.campaigns.lint.walk import CONFIRMED, PERSON_FLOW, RIGHT_PERSON, TARGET, Spoken, Walk
from ivr.dialogue import contents
from ivr.dialogue.documents import Place
from ivr.dialogue.expressions.syntax import Binary, Literal, Node
from ivr.dialogue.flow import Flow
from ivr.dialogue.lint.control import ControlFlow, Edge
from ivr.dialogue.lint.facts import NO_EFFECT, Effect, holding
from ivr.dialogue.lint.reads import Read, reads
from ivr.dialogue.problems import Problem, Severity
from ivr.dialogue.schema.states import Call, Confirm, End, Set, State, When
from ivr.dialogue.schema.values import Expression
from ivr.dialogue.templates import Template

TOO_EARLY = "before-right-person"
HIDDEN = "hidden-personal"
UNVERIFIED = "unverified-person"
STRANGERS = "message-to-strangers"
NAME, TAIL, ASKS_FOR = "name", "tail", "asks_for"
VERIFIED = Effect(frozenset({"verified"}))
BY_NUMBER = frozenset({"sms"})
"""Channels that lead to a telephone number, whoever has it."""


def check(subject: Subject) -> Iterator[Problem]:
    """What is said, or put where it can't be followed, before the right person is known."""
    for walk in subject.walks:
        yield from _spoken(subject, walk)
        yield from _hidden(subject, walk)
    yield from _messages(subject)


def check_question(flow: Flow) -> Iterator[Problem]:
    """Whether `campaign-person` ends with `right-person` only after it has asked."""
    control = ControlFlow(flow)
    known = holding(control, (), lambda edge: _verified(flow, edge))
    message = (
        "the talk goes on as with the right person, and on some way to here nobody has said who he is: "
        "come here from the yes of the question with 'target.name', or from a comparison with 'target.tail'"
    )
    for name, facts in known.items():
        state = flow.states.get(name)
        at_end = isinstance(state, End) and state.end == RIGHT_PERSON and not facts
        if at_end:
            yield flow.problem(name, ("end",), UNVERIFIED, message)
        for edge in control.edges[name]:
            if edge.exit.end == RIGHT_PERSON and not _verified(flow, edge).after(facts):
                yield flow.problem(name, edge.path, UNVERIFIED, message)


def _spoken(subject: Subject, walk: Walk) -> Iterator[Problem]:
    for said in walk.spoken():
        if _is_personal(subject, said.read) and CONFIRMED not in said.facts and not _asked(said):
            message = (
                f"'target.{said.read.field}' is personal, and on some way to here the right person was not "
                f"found: come here by 'call: {PERSON_FLOW}' and its outcome '{RIGHT_PERSON}'"
            )
            if not subject.kind.personal or walk is subject.message:
                message = (
                    f"'target.{said.read.field}' is personal, and the kind {subject.kind.id!r} says this to "
                    "whoever or whatever answers: leave it out"
                )
            yield said.flow.problem(said.state, said.place, TOO_EARLY, message, said.offset)


def _asked(said: Spoken) -> bool:
    """Whether it is the question for the right person itself."""
    asks = isinstance(said.flow.states[said.state], Confirm) and said.place[:1] == ("confirm",)
    return asks and said.flow.id == PERSON_FLOW and said.read.field == NAME


def _is_personal(subject: Subject, read: Read) -> bool:
    return read.variable == TARGET and read.field in subject.personal


def _hidden(subject: Subject, walk: Walk) -> Iterator[Problem]:
    """What goes into a variable of another name is not followed, so it must not be personal."""
    for flow in walk.reached:
        for name, facts in walk.known[flow.id].items():
            if name in flow.states and CONFIRMED not in facts:
                yield from _hidden_in(subject, flow, name)


def _hidden_in(subject: Subject, flow: Flow, name: str) -> Iterator[Problem]:
    for place, node in _assigned(flow.states[name]):
        for read in reads(node):
            as_itself = read.field is None and place[-1] == TARGET
            if (
                read.variable == TARGET
                and not as_itself
                and read.field not in subject.known[TARGET] - subject.personal
            ):
                message = (
                    "what is personal is put into another variable before the right person is found: read it "
                    "from 'target' where it is said, and pass records on as '{target: =target}'"
                )
                yield flow.problem(name, place, HIDDEN, message)


def _assigned(state: State) -> Iterator[tuple[Place, Node]]:
    """Expressions whose value gets another name."""
    for way in state.ways():
        for variable, value in way.exit.set.items():
            yield (*way.path, "set", variable), value.node
    given = state.set if isinstance(state, Set) else state.arguments if isinstance(state, Call) else {}
    key = "set" if isinstance(state, Set) else "with"
    for variable, value in given.items():
        if isinstance(value, Expression):
            yield (key, variable), value.node


def _messages(subject: Subject) -> Iterator[Problem]:
    for index, rule in enumerate(subject.kind.messages):
        to_anybody = rule.moment != "asked" and not (rule.moment == "after" and rule.on)
        if rule.channel in BY_NUMBER and to_anybody and _says_personal(subject, rule.text):
            message = (
                f"the {rule.channel} goes to a number that may be a stranger's, and says something personal: "
                "send it 'after' talks with the right person ('on: [told, …]'), or leave that out"
            )
            place = ("messages", index, "text")
            yield subject.problem(place, STRANGERS, message, Severity.WARNING)


def _says_personal(subject: Subject, text: str) -> bool:
    return any(f"{TARGET}.{name}" in text for name in subject.personal)


def _verified(flow: Flow, edge: Edge) -> Effect:
    """Whether a way is taken only when somebody has said that he is the right person, or nobody need be."""
    state = flow.states.get(edge.state)
    if isinstance(state, Confirm) and edge.label == "yes" and _says_name(state):
        return VERIFIED
    if isinstance(state, When) and (_compares(state, edge) or _need_not(state, edge)):
        return VERIFIED
    return NO_EFFECT


def _says_name(state: Confirm) -> bool:
    said = (hole.node for _, text in contents.of_kind(state.confirm.prompt, Template) for hole in text.holes)
    return any((read.variable, read.field) == (TARGET, NAME) for node in said for read in reads(node))


def _compares(state: When, edge: Edge) -> bool:
    """Whether the way is that of what was given being the end of the account number."""
    if edge.path[0] != "when":
        return False
    node = state.when[int(edge.path[1])].condition.node
    fields = {(read.variable, read.field) for read in reads(node)}
    return isinstance(node, Binary) and node.operator == "==" and (TARGET, TAIL) in fields


def _need_not(state: When, edge: Edge) -> bool:
    """Whether the way is that of a kind which asks for nobody."""
    asked = {_asks_for(case.condition.node) for case in state.when}
    return edge.path == ("else",) and asked == {AsksFor.NAME, AsksFor.ACCOUNT}


def _asks_for(node: Node) -> object:
    """The value that `campaign.asks_for` is compared with."""
    if not isinstance(node, Binary) or node.operator != "==" or not isinstance(node.right, Literal):
        return None
    return node.right.value if any(read.field == ASKS_FOR for read in reads(node.left)) else None
