from __future__ import annotations

import pytest

from ivr.customers.addresses import address_key, house_prefix, settlement_key, split_street, street_key
from ivr.customers.model import Address


@pytest.mark.parametrize(
    ("text", "type_", "name"),
    [
        ("ул. Пушкина", "улица", "Пушкина"),
        ("ул.Пушкина", "улица", "Пушкина"),
        ("улица Пушкина", "улица", "Пушкина"),
        ("Пушкина ул", "улица", "Пушкина"),
        ("Пушкина", "", "Пушкина"),
        ("пр-т Мира", "проспект", "Мира"),
        ("б-р Строителей", "бульвар", "Строителей"),
        ("1-я Садовая улица", "улица", "1-я Садовая"),
        ("пер. 3-й Кузнечный", "переулок", "3-й Кузнечный"),
        ("Улицкого", "", "Улицкого"),
        ("ул. им. Гагарина", "улица", "им. Гагарина"),
        ("улица", "", "улица"),
    ],
)
def test_a_street_is_parted_into_type_and_name(text: str, type_: str, name: str) -> None:
    assert split_street(text) == (type_, name)


def test_spellings_of_one_address_have_one_key() -> None:
    one = Address("Дебрянск", "Берёзовая", "5 к. 2", flat="7")
    other = Address("ДЕБРЯНСК", "березовая ", "5К2", flat="7")
    assert address_key(one) == address_key(other)


def test_different_addresses_have_different_keys() -> None:
    keys = {
        address_key(Address("Д", "Садовая", house, flat=flat)) for house, flat in (("1", "11"), ("11", "1"))
    }
    assert len(keys) == 2


@pytest.mark.parametrize("text", ["г. Дебрянск", "город Дебрянск", "Дебрянск г.", "ДЕБРЯНСК", "г.Дебрянск"])
def test_the_type_of_a_settlement_does_not_count(text: str) -> None:
    assert settlement_key(text) == "дебрянск"


def test_a_name_that_looks_like_a_type_is_kept() -> None:
    assert settlement_key("Село") == "село"
    assert settlement_key("Великий Новгород") == "великийновгород"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1-я Садовая", "Садовая 1я"),
        ("им. Гагарина", "Гагарина"),
        ("К. Маркса", "К.Маркса"),
        ("Ново-Садовая", "Новосадовая"),
        ("Королёва", "КОРОЛЕВА"),
    ],
)
def test_spellings_of_a_street(one: str, other: str) -> None:
    assert street_key(one) == street_key(other)


def test_the_flats_of_a_house_share_the_beginning_of_their_keys() -> None:
    flat = Address("г. Дебрянск", "Садовая", "д. 5 корп. 1", flat="кв. 7")
    assert address_key(flat) == house_prefix(Address("Дебрянск", "Садовая", "5к1")) + "7"
    assert not address_key(flat).startswith(house_prefix(Address("Дебрянск", "Садовая", "5")))
