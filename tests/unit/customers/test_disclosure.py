from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import pytest

from ivr.customers.disclosure import account_shape, visible
from ivr.customers.model import Level
from ivr.customers.settings import AccountField, CustomersSettings
from ivr.dialogue.ports import Kind, Shape, Value
from tests.unit.customers.samples import account


def test_a_stranger_hears_the_street_and_nothing_else() -> None:
    assert visible(account(), Level.UNKNOWN, CustomersSettings()) == {
        "id": "678",
        "street_type": "улица",
        "street": "Пушкина",
    }


def test_a_known_number_is_only_a_hint() -> None:
    record = visible(account(), Level.RECOGNISED, CustomersSettings())
    assert record.keys() == {"id", "street_type", "street", "settlement", "tail"}
    assert record["tail"] == "5678"


def test_an_identified_caller_hears_all() -> None:
    record = visible(account(), Level.IDENTIFIED, CustomersSettings())
    assert record["balance"] == Decimal("-738.58")
    assert record["meters"] == [
        {
            "id": "m678",
            "account_id": "678",
            "serial": "04512873",
            "tail": "2873",
            "title": "счётчик номер 2873",
            "digits": 5,
            "zones": [
                {
                    "code": "single",
                    "title": "",
                    "last": 11950,
                    "last_date": account().meters[0].zones[0].last_date,
                    "usual": 200,
                }
            ],
        }
    ]


def test_the_company_decides() -> None:
    settings = CustomersSettings(disclosure={Level.UNKNOWN: frozenset({AccountField.NAME})})
    assert visible(account(), Level.UNKNOWN, settings).keys() == {"id", "name"}
    assert visible(account(), Level.IDENTIFIED, settings).keys() == {"id"}


@pytest.mark.parametrize("level", Level)
def test_the_shape_tells_the_fields_of_the_record(level: Level) -> None:
    settings = CustomersSettings()
    assert_fits(visible(account(), level, settings), account_shape(level, settings))


def assert_fits(value: Value, shape: Shape) -> None:
    if shape.kind is Kind.RECORD:
        assert isinstance(value, Mapping)
        assert value.keys() == shape.fields.keys()
        for name, inner in shape.fields.items():
            assert_fits(value[name], inner)
    elif shape.kind is Kind.LIST:
        assert isinstance(value, Sequence)
        assert shape.item is not None
        for each in value:
            assert_fits(each, shape.item)
    elif shape.kind is Kind.TEXT:
        assert isinstance(value, str)
