"""Topics exist: those of queues, those that a flow compares with and remembers."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.dialogue import contents
from ivr.dialogue.documents import Place
from ivr.dialogue.expressions.syntax import Binary, Call, Literal, Member, Name, Node, Unary
from ivr.dialogue.flow import Flow
from ivr.dialogue.lint.scope import Scope
from ivr.dialogue.problems import Problem, closest
from ivr.dialogue.schema.states import Queue
from ivr.dialogue.schema.values import Expression

UNKNOWN = "unknown-topic"
TOPIC = "topic"
COMPARED = frozenset({"==", "!="})


def check(scope: Scope, flow: Flow) -> Iterator[Problem]:
    """Topics that the knowledge base does not have; those of an expression are known only during a call."""
    if scope.topics is None:
        return
    for name, state in flow.states.items():
        if isinstance(state, Queue) and state.queue.topic is not None:
            yield from _known(scope, flow, name, ("queue", TOPIC), state.queue.topic)
        for path, expression in contents.of_kind(state, Expression):
            for topic in _named(path, expression.node):
                yield from _known(scope, flow, name, path, topic)


def _known(scope: Scope, flow: Flow, name: str, path: Place, topic: str) -> Iterator[Problem]:
    topics = scope.topics or frozenset()
    if topic not in topics:
        message = f"there is no topic {topic!r}{closest(topic, topics)}"
        yield flow.problem(name, path, UNKNOWN, message)


def _named(path: Place, node: Node) -> Iterator[str]:
    """Topics that an expression names: as the value of something called a topic, or compared with one."""
    if isinstance(node, Literal) and str(path[-1]).endswith(TOPIC) and isinstance(node.value, str):
        yield node.value
    yield from _compared(node)


def _compared(node: Node) -> Iterator[str]:
    match node:
        case Binary(operator=operator, left=left, right=right):
            for one, other in ((left, right), (right, left)):
                if operator in COMPARED and _is_topic(one) and isinstance(other, Literal):
                    yield str(other.value)
                yield from _compared(one)
        case Unary(operand=inner) | Member(record=inner):
            yield from _compared(inner)
        case Call(arguments=arguments):
            for argument in arguments:
                yield from _compared(argument)


def _is_topic(node: Node) -> bool:
    match node:
        case Member(name=name) | Name(name=name):
            return name == TOPIC
    return False
