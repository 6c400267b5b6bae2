from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.dialogue.expressions import (
    EvaluationError,
    ExpressionError,
    Node,
    calendars,
    compiled,
    names,
    parse,
    unparse,
)
from ivr.dialogue.expressions.functions import ARITY, OF_CALENDARS
from ivr.dialogue.expressions.syntax import BINDING, COMPARISON, Binary, Call, Literal, Member, Name, Unary
from ivr.dialogue.ports import Value
from tests.unit.dialogue.support import NOON


@dataclass
class Around:
    variables: Mapping[str, Value] = field(default_factory=dict)

    def now(self) -> datetime:
        return NOON

    def is_open(self, calendar: str) -> bool:
        return calendar == "office"

    def opens(self, calendar: str) -> datetime | None:
        return NOON if calendar == "office" else None


def value(source: str, **variables: Value) -> Value:
    return compiled(parse(source))(Around(variables))


ACCOUNT: Value = {"debt": Decimal("120.50"), "meters": [{"digits": 5}, {"digits": 6}], "in": 1}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 2 - 3", 5),
        ("7 / 2", Decimal("3.5")),
        ("0.1 + 0.2 == 0.3", True),
        ("-2 * -3", 6),
        ("not false and true", True),
        ("not (false and true)", True),
        ("true or missing", True),
        ("false and missing", False),
        ("1 < 2 and 2 >= 2", True),
        ("a.debt > 100", True),
        ("a.in", 1),
        ("count(a.meters) == 2", True),
        ("first(a.meters).digits", 5),
        ("last(a.meters).digits", 6),
        ("min(3, 1, 2)", 1),
        ("max(list)", 9),
        ("2 in list", True),
        ('"2" in list', False),
        ("true == 1", False),
        ('"да" != "нет"', True),
        ("empty(null) and empty(nothing)", True),
        ("empty(0)", False),
        ("open(office)", True),
        ("open(shop)", False),
        ("day(today())", 24),
        ("hour(now()) < 13", True),
        ("days_between(start, today())", 23),
        (r'"\"\\"', '"\\'),
        ("null == null", True),
    ],
)
def test_values(source: str, expected: Value) -> None:
    assert value(source, a=ACCOUNT, list=[2, 9], nothing="", start=date(2026, 11, 1)) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("missing", "has no value yet"),
        ("a.street", "no field 'street'"),
        ("a.debt.x", "a number has no field"),
        ("1 / 0", "division by zero"),
        ('1 + "x"', "takes numbers, not a text"),
        ("true + 1", "takes numbers"),
        ("1 and true", "true or false, not a number"),
        ('"a" < "b"', "does not compare"),
        ("today() < now()", "does not compare"),
        ("1 in 2", "looks into a list"),
        ("count(null)", "takes a list, not null"),
        ("first(empty_list)", "empty list"),
        ("min(empty_list)", "takes numbers"),
        ("hour(today())", "takes a time"),
        ("big * big", "too large"),
    ],
)
def test_faults_say_what_does_not_fit(source: str, message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        value(source, a=ACCOUNT, empty_list=[], big=10**20)


def test_faults_never_hold_values() -> None:
    with pytest.raises(EvaluationError) as fault:
        value("name + 1", name="Иванов")
    assert "Иванов" not in str(fault.value)


@pytest.mark.parametrize(
    ("source", "offset", "message"),
    [
        ("", 0, "a value was expected"),
        ("1 +", 3, "the end of the expression"),
        ("a = b", 2, "compare with '=='"),
        ("a < b < c", 6, "do not chain"),
        ("cuont(a)", 0, "did you mean 'count'"),
        ("count()", 0, "takes 1 argument, not 0"),
        ("min(1,)", 6, "a value was expected"),
        ("open(1)", 0, "name of a calendar"),
        ("a.", 2, "field's name"),
        ("a b", 2, "end of the expression was expected"),
        ('"abc', 0, "has no end"),
        ("a ; b", 2, "has no meaning"),
        ("__import__('os')", 0, "no function"),
        ("(" * 60 + "1", 40, "too deeply"),
        ("1" * 501, 0, "longer than"),
    ],
)
def test_refusals_say_where(source: str, offset: int, message: str) -> None:
    with pytest.raises(ExpressionError, match=message) as fault:
        parse(source)
    assert fault.value.offset == offset


def test_names_and_calendars() -> None:
    node = parse("a.b > c and open(office) and not empty(first(d).e)")
    assert [name.name for name in names(node)] == ["a", "c", "d"]
    assert [name.name for name in calendars(node)] == ["office"]


IDENTIFIERS = st.sampled_from(["a", "value", "open_", "x1"])
LITERALS = st.one_of(
    st.integers(0, 10**12),
    st.decimals(0, 10**6, places=2).map(lambda number: number if number else Decimal("0.00")),
    st.booleans(),
    st.none(),
    st.text(max_size=8),
).map(lambda constant: Literal(constant, 0))


def larger(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    functions = st.sampled_from(sorted(ARITY.keys() - OF_CALENDARS))

    def call(function: str) -> st.SearchStrategy[Node]:
        fewest, most = ARITY[function]
        return st.lists(inner, min_size=fewest, max_size=most).map(
            lambda given: Call(function, tuple(given), 0)
        )

    return st.one_of(
        st.builds(Member, inner, IDENTIFIERS, st.just(0)),
        st.builds(Unary, st.sampled_from(["not", "-"]), inner, st.just(0)),
        st.builds(Binary, st.sampled_from(sorted(BINDING)), inner, inner, st.just(0)),
        functions.flatmap(call),
    )


TREES: st.SearchStrategy[Node] = st.recursive(
    st.one_of(LITERALS, st.builds(Name, IDENTIFIERS, st.just(0))), larger, max_leaves=6
)


@given(TREES)
def test_the_text_of_a_tree_parses_into_the_tree(tree: Node) -> None:
    assert without_offsets(parse(unparse(tree))) == tree


def without_offsets(node: Node) -> Node:
    match node:
        case Member(record=record, name=name):
            return Member(without_offsets(record), name, 0)
        case Unary(operator=operator, operand=operand):
            return Unary(operator, without_offsets(operand), 0)
        case Binary(operator=operator, left=left, right=right):
            return Binary(operator, without_offsets(left), without_offsets(right), 0)
        case Call(function=function, arguments=arguments):
            return Call(function, tuple(without_offsets(each) for each in arguments), 0)
        case Literal(value=constant):
            return Literal(constant, 0)
        case Name(name=name):
            return Name(name, 0)


@given(st.text(max_size=60) | st.text("ab.()+-*/<>=! 'and or not in\"1", max_size=60))
def test_any_text_is_read_or_refused(source: str) -> None:
    node: Node | None = None
    with suppress(ExpressionError):
        node = parse(source)
    if node is not None:
        assert without_offsets(parse(unparse(node))) == without_offsets(node)


@given(TREES, st.dictionaries(IDENTIFIERS, st.integers() | st.text() | st.lists(st.integers()) | st.none()))
def test_evaluation_gives_a_value_or_an_evaluation_error(tree: Node, variables: dict[str, Value]) -> None:
    with suppress(EvaluationError):
        compiled(tree)(Around(variables))


def test_comparisons_bind_alike() -> None:
    assert {BINDING[sign] for sign in ("==", "!=", "<", "<=", ">", ">=", "in")} == {COMPARISON}
