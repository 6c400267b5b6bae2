from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.customers.houses import House, house_key, parse_house


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("5", "5"),
        ("д. 5", "5"),
        ("дом 5", "5"),
        ("д5", "5"),
        ("№ 05", "5"),
        ("5А", "5а"),
        ("5-а", "5а"),
        ("5 «А»", "5а"),
        ("5 литера А", "5а"),
        ("5 лит. А", "5а"),
        ("5A", "5а"),  # a Latin letter
        ("5к1", "5к1"),
        ("5 к. 1", "5к1"),
        ("д. 5 корп. 1", "5к1"),
        ("дом 5, корпус 1", "5к1"),
        ("5К", "5к"),
        ("5 стр. 2", "5с2"),
        ("5с2", "5с2"),
        ("5/1", "5/1"),
        ("5 дробь 1", "5/1"),
        ("12а к 2 стр 3", "12ак2с3"),
        ("влд. 7", "7"),
    ],
)
def test_spellings_of_a_house(text: str, key: str) -> None:
    assert house_key(text) == key


@pytest.mark.parametrize("text", ["", "б/н", "дом", "5-7", "5 этаж", "0", "123456", "5 1"])
def test_what_is_no_house_number(text: str) -> None:
    assert parse_house(text) is None


def test_what_is_no_house_number_is_its_own_key() -> None:
    assert house_key(" Б/Н ") == "б/н"
    assert house_key("5-1") != house_key("51")


@given(
    st.integers(1, 99_999),
    st.sampled_from(["", "а", "к1", "с2", "/3", "бк2"]),
    st.sampled_from(["{}", "д. {}", "дом {}", "  {} "]),
)
def test_a_key_is_read_as_itself(number: int, rest: str, written: str) -> None:
    house = House(number, rest)
    assert parse_house(written.format(house.key)) == house
    assert parse_house(written.format(house.key.upper())) == house


@given(st.text(max_size=40))
def test_any_text_has_a_key_and_keeps_it(text: str) -> None:
    assert house_key(house_key(text)) == house_key(text)
