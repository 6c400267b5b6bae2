from pathlib import Path

import pytest

from ivr.dialogue.expressions.shapes import LIST, NUMBER, RECORD, TEXT
from ivr.dialogue.ports import Action, Kind, Result, Shape
from ivr.dialogue.variables import World, shapes_of_variables
from tests.unit.dialogue.support import codes, loaded, problems


async def nothing() -> Result:
    raise NotImplementedError


METER = Shape(Kind.RECORD, {"digits": NUMBER, "zones": Shape(Kind.LIST, item=TEXT)})
ACCOUNT = Shape(Kind.RECORD, {"street": TEXT, "debt": NUMBER, "meters": Shape(Kind.LIST, item=METER)})
ACTIONS = {
    action.name: action
    for action in [
        Action(
            name="customers.find",
            inputs={"number": TEXT},
            outcomes={"found": ACCOUNT, "unknown": None},
            run=nothing,
        ),
        Action(name="readings.take", inputs={"meter": RECORD}, outcomes={"taken": None}, run=nothing),
    ]
}
FIND = "a: {do: customers.find, with: {number: x}, save: account, on: {found: b, unknown: end, error: end}}"


def check(folder: Path, *states: str) -> list[str]:
    body = "\n  ".join([FIND, *states, "end: {end: x}"])
    return [f"{each.code}: {each.message}" for each in problems(folder, ACTIONS, main=f"states:\n  {body}\n")]


@pytest.mark.parametrize(
    "state",
    [
        "b: {say: '{account.street} {account.debt|amount}', then: end}",
        "b: {when: [{if: =account.debt > 0 and count(account.meters) == 1, then: end}], else: end}",
        "b: {for_each: {m: =account.meters, z: =m.zones}, start: c, then: end}\n"
        "  c: {do: readings.take, with: {meter: =m}, on: {taken: next, error: end}}",
        "b: {set: {n: =account.debt}, then: c}\n  c: {say: '{n|number}', then: end}",
        "b: {choose: {prompt: Да, from: {m: =account.meters}, each: '{m.digits|number} {key|digits}'},\n"
        "    then: c}\n"
        "  c: {ask: {prompt: Да, expect: {kind: reading, meter: =m}}, save: v, then: d}\n"
        "  d: {say: '{v|kwh}', then: end}",
        "b: {queue: {name: x, carry: [account]}}",
        "b: {say: '{call.line}', then: end}",
    ],
)
def test_flows_that_fit(tmp_path: Path, state: str) -> None:
    assert check(tmp_path, state) == []


@pytest.mark.parametrize(
    ("state", "problem"),
    [
        (
            "b: {say: '{acount.street}', then: end}",
            "unknown-variable: nothing sets a variable 'acount' (did you",
        ),
        ("b: {say: '{account.stret}', then: end}", "unknown-field: the record has no field 'stret' (did you"),
        ("b: {say: '{account.street.x}', then: end}", "unknown-field: a text has no field 'x'"),
        ("b: {say: '{account.debt}', then: end}", "type: a number needs a filter: '{value|number}'"),
        ("b: {say: '{account.debt|date}', then: end}", "type: the filter 'date' does not speak a number"),
        (
            "b: {say: '{account.debt|nummer}', then: end}",
            "unknown-filter: there is no filter 'nummer' (did you",
        ),
        ("b: {when: [{if: =account.debt, then: end}], else: end}", "type: a condition is true or false"),
        (
            "b: {when: [{if: =account.debt == 'x', then: end}], else: end}",
            "type: a number is never compared with",
        ),
        ("b: {when: [{if: =account.street > 'x', then: end}], else: end}", "type: '>' compares numbers"),
        ("b: {when: [{if: =1 in account.debt, then: end}], else: end}", "type: 'in' looks into a list"),
        ("b: {when: [{if: =not account.debt, then: end}], else: end}", "type: 'not' takes a bool"),
        ("b: {when: [{if: =count(account) == 1, then: end}], else: end}", "type: count() takes a list"),
        ("b: {when: [{if: =open(office), then: end}], else: end}", "unknown-calendar: there is no calendar"),
        ("b: {for_each: {m: =account}, start: end, then: end}", "type: a list was expected, not a record"),
        (
            "b: {choose: {prompt: Да, from: {m: =account.debt}, each: Да}, then: end}",
            "type: a list was expected",
        ),
        (
            "b: {ask: {prompt: Да, expect: {kind: reading, meter: =account}}, then: end}",
            "type: a meter is a record",
        ),
        ("b: {do: customers.fnd, on: {}}", "unknown-action: there is no action 'customers.fnd' (did you"),
        ("b: {do: customers.find, on: {}}", "missing-argument: customers.find takes 'number'"),
        (
            "b: {do: customers.find, with: {number: 1}, on: {}}",
            "type: customers.find takes a text as 'number'",
        ),
        (
            "b: {do: customers.find, with: {number: x, numer: x}, on: {}}",
            "unknown-argument: customers.find takes no",
        ),
        (
            "b: {do: customers.find, with: {number: x}, on: {fund: end}}",
            "unknown-outcome: customers.find has no",
        ),
        ("b: {queue: {name: x, carry: [acount]}}", "unknown-variable: nothing sets a variable 'acount'"),
        ("b: {say: '{result.x}', then: end}", "unknown-variable: nothing sets a variable 'result'"),
    ],
)
def test_flows_that_do_not_fit(tmp_path: Path, state: str, problem: str) -> None:
    (found,) = check(tmp_path, state)
    assert found.startswith(problem)


def test_the_place_is_that_of_the_word(tmp_path: Path) -> None:
    (problem,) = problems(
        tmp_path, main="states:\n  a: {when: [{if: =1 == 1 and x, then: b}], else: b}\n  b: {end: c}\n"
    )
    assert (problem.line, problem.column) == (6, 31)


def test_result_is_what_the_outcome_returns(tmp_path: Path) -> None:
    states = (
        "b: {do: customers.find, with: {number: x}, on: {found: {say: '{result.street}', then: end},"
        " unknown: {set: {y: =result.street}, then: end}, error: end}}"
    )
    assert check(tmp_path, states) == []
    wrong = states.replace("{say: '{result.street}'", "{say: '{result.stret}'")
    assert codes(problems(tmp_path, ACTIONS, main=f"states:\n  {FIND}\n  {wrong}\n  end: {{end: x}}")) == [
        "unknown-field"
    ]


def test_a_variable_of_two_kinds_is_not_judged(tmp_path: Path) -> None:
    flow = loaded(
        tmp_path,
        main="states: {a: {set: {x: 1}, then: b}, b: {set: {x: да, y: =x, l: null}, then: c}, c: {end: d}}",
    ).flows["main"]
    shapes = shapes_of_variables(flow, World({}))
    assert shapes["x"] is None
    assert shapes["y"] is None
    assert LIST.kind is Kind.LIST
