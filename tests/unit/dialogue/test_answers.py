from datetime import date
from decimal import Decimal

import pytest
from pydantic import TypeAdapter

from ivr.dialogue.expressions import EvaluationError
from ivr.dialogue.interpreter.answers import answer_of
from ivr.dialogue.interpreter.misfits import NoMatch
from ivr.dialogue.interpreter.names import OneOf
from ivr.dialogue.ports import Value
from ivr.dialogue.schema import turns
from ivr.dialogue.settings import DialogueSettings
from tests.unit.dialogue.test_expressions import Around

EXPECTED: TypeAdapter[turns.Expected] = TypeAdapter(turns.Expected)
METER: Value = {"digits": 5}


def value(expect: object, keys: str, meter: Value = METER) -> Value:
    answer = answer_of(EXPECTED.validate_python(expect), DialogueSettings())
    return answer.value(keys, Around({"meter": meter}))


def most_keys(expect: object) -> int:
    answer = answer_of(EXPECTED.validate_python(expect), DialogueSettings())
    return answer.most_keys(Around({"meter": METER}))


def claims(expect: object, key: str) -> bool:
    return answer_of(EXPECTED.validate_python(expect), DialogueSettings()).claims(key)


READING = {"kind": "reading", "meter": "=meter"}
CHOICE = {"kind": "choice", "options": {"1": "показания", "2": {"words": ["долг", "баланс"], "value": 7}}}


@pytest.mark.parametrize(
    ("expect", "keys", "expected"),
    [
        ("digits", "007", "007"),
        ({"kind": "digits", "length": 4}, "0123", "0123"),
        ("account_number", "320145678", "320145678"),
        ("number", "0012", 12),
        ({"kind": "number", "least": 1, "most": 31}, "31", 31),
        ("amount", "121", Decimal("121.00")),
        ("amount", "121*5", Decimal("121.50")),
        ("amount", "121*05", Decimal("121.05")),
        ("date", "2411", date(2026, 11, 24)),
        ("date", "0101", date(2027, 1, 1)),
        ("date", "311225", date(2025, 12, 31)),
        ("date", "29022024", date(2024, 2, 29)),
        (READING, "12345", 12345),
        (READING, "00", 0),
        ("yes_no", "1", True),
        ("yes_no", "2", False),
        (CHOICE, "1", "показания"),
        (CHOICE, "2", 7),
    ],
)
def test_answers(expect: object, keys: str, expected: Value) -> None:
    found = value(expect, keys)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("expect", "keys"),
    [
        ("digits", ""),
        ("digits", "1*2"),
        ({"kind": "digits", "length": 4}, "123"),
        ("account_number", "123"),
        ({"kind": "account_number", "length": 9}, "1234567890"),
        ({"kind": "number", "most": 31}, "32"),
        ("number", "*"),
        ("amount", "1*"),
        ("amount", "*50"),
        ("amount", "1*005"),
        ({"kind": "amount", "most": 100}, "100*01"),
        ("date", "3102"),
        ("date", "24"),
        ("date", "32122026"),
        (READING, "123456"),
        (READING, ""),
        ("yes_no", "3"),
        (CHOICE, "3"),
    ],
)
def test_keys_that_are_no_answer(expect: object, keys: str) -> None:
    with pytest.raises(NoMatch):
        value(expect, keys)


@pytest.mark.parametrize(
    ("expect", "most"),
    [
        ("yes_no", 1),
        (CHOICE, 1),
        (READING, 5),
        ("account_number", 12),
        ({"kind": "digits", "length": 4}, 4),
        ({"kind": "number", "most": 31}, 2),
        ("date", 8),
        ({"kind": "amount", "most": 5000}, 7),
    ],
)
def test_an_answer_is_complete_after_its_longest_form(expect: object, most: int) -> None:
    assert most_keys(expect) == most


@pytest.mark.parametrize(
    ("expect", "claimed"),
    [
        ("yes_no", False),
        (READING, False),
        ("account_number", False),
        ("amount", False),
        ("date", False),
        ("number", True),
        ({"kind": "number", "least": 1}, False),
        ("digits", True),
        ({"kind": "digits", "length": 4}, False),
        ({"kind": "choice", "options": {"0": "нет"}}, True),
    ],
)
def test_who_takes_the_key_nought(expect: object, claimed: bool) -> None:
    assert claims(expect, "0") is claimed


@pytest.mark.parametrize("meter", [{}, {"digits": 0}, {"digits": "5"}, {"digits": True}, None])
def test_a_meter_without_a_length_is_a_fault(meter: Value) -> None:
    with pytest.raises(EvaluationError, match="digits"):
        value(READING, "1", meter)


def test_an_item_of_a_list_by_its_number() -> None:
    answer = OneOf(lambda around: around.variables["items"])
    around = Around({"items": ["a", "b"]})
    assert answer.value("2", around) == "b"
    for keys in ("0", "3", "12", ""):
        with pytest.raises(NoMatch):
            answer.value(keys, around)
    with pytest.raises(EvaluationError, match="nothing to choose"):
        answer.value("1", Around({"items": []}))
