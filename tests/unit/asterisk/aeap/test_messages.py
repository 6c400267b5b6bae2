"""Messages as Asterisk 22.10.1 sends them, and anything else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.asterisk.aeap.limits import Allowance
from ivr.asterisk.aeap.messages import (
    BadMessage,
    Get,
    Set,
    Setup,
    Taken,
    Unknown,
    parse,
    refusal,
    setup_response,
    value_response,
)

SETUP = (
    '{"request":"setup","version":"0.1.0","codecs":[{"name":"slin"}],"params":{"secret":"a0"},"id":"3cd2-"}'
)


def test_requests_of_asterisk() -> None:
    assert parse(SETUP) == Setup("3cd2-", ("slin",), {"secret": "a0"})
    assert parse('{"request":"set","params":{"call":"c-1"},"id":"6"}') == Set("6", "call", "c-1")
    assert parse('{"request":"get","params":["results"],"id":"7"}') == Get("7", "results")
    assert parse('{"response":"set","id":"results-1"}') == Taken("results-1")
    assert parse('{"request":"dance","id":"8"}') == Unknown("8", "dance")
    assert parse('{"request":"set","params":{"a":"1","b":"2"},"id":"9"}') == Unknown("9", "set")
    assert parse('{"request":"get","params":[],"id":"9"}') == Unknown("9", "get")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '"x"',
        '{"id":1,"request":"get"}',
        '{"id":"1"}',
        '{"id":"1","request":5}',
        '{"id":"1","request":"setup"}',
        '{"id":"1","request":"setup","codecs":[],"params":[1]}',
        '{"id":"1","request":"set","params":{"call":7}}',
        "[" * 100_000,
    ],
)
def test_what_is_no_message_is_refused(text: str) -> None:
    with pytest.raises(BadMessage):
        parse(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    name=st.sampled_from(["setup", "set", "get", "x"]),
    fields=st.dictionaries(st.sampled_from(["params", "codecs", "id", "response"]), json_values),
)
def test_any_json_is_a_message_or_refused(name: str, fields: dict[str, object]) -> None:
    try:
        parse(json.dumps({"request": name, "id": "1", **fields}))
    except BadMessage:
        return


def test_answers() -> None:
    request = parse(SETUP)
    assert isinstance(request, Setup)
    assert json.loads(setup_response(request)) == {
        "response": "setup",
        "id": "3cd2-",
        "codecs": [{"name": "slin"}],
    }
    answer = json.loads(value_response(Get("7", "turn"), "3:waiting"))
    assert answer == {"response": "get", "id": "7", "params": {"turn": "3:waiting"}}
    assert json.loads(refusal("set", "9", "no"))["error_msg"] == "no"


def test_an_allowance_is_saved_up_to_its_most() -> None:
    now = 0.0
    allowance = Allowance(10, 20, lambda: now)
    assert allowance.spend(20)
    assert not allowance.spend(1)
    now = 0.5
    assert allowance.spend(5)
    assert not allowance.spend(1)
    now = 1000.0
    assert allowance.spend(20)
    assert not allowance.spend(1)
