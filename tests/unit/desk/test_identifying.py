from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.customers.addresses import address_key
from ivr.customers.model import Account, AccountKind, Address, Segment
from ivr.desk.identifying import address_of, is_named
from ivr.desk.masking import full_address, masked_account, masked_name

PERSON = Account(
    id="1",
    number="320145678",
    kind=AccountKind.PERSON,
    segment=Segment.PRIVATE,
    name="Сергеева Мария Петровна",
    address=Address("Дебрянск", "Пушкина", "14а", "улица", "37"),
)
COMPANY = replace(PERSON, kind=AccountKind.COMPANY, name="ООО «Десна-Хлеб»")


@pytest.mark.parametrize(
    ("said", "account", "same"),
    [
        ("Сергеева Мария Петровна", PERSON, True),
        ("сергеева", PERSON, True),
        ("Мария Петровна", PERSON, True),
        ("Сиргеева Мария", PERSON, True),
        ("Мария", PERSON, False),
        ("Петровна", PERSON, False),
        ("Сергеев Пётр", PERSON, False),
        ("Иванова Мария", PERSON, False),
        ("С М", PERSON, False),
        ("", PERSON, False),
        ("Десна-Хлеб, бухгалтер", COMPANY, True),
        ("ООО", COMPANY, False),
        ("Речной причал", COMPANY, False),
    ],
)
def test_a_name_is_the_holders_or_not(said: str, account: Account, same: bool) -> None:
    assert is_named(said, account) is same


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Дебрянск, ул. Пушкина, д. 14, кв. 37", Address("Дебрянск", "Пушкина", "14", "улица", "37")),
        ("г. Заречье, пр-т Мира, 5", Address("г. Заречье", "Мира", "5", "проспект")),
        ("ул. Пушкина 14а, кв 37", Address("Дом", "Пушкина", "14а", "улица", "37")),
        ("Пушкина, дом 14", Address("Дом", "Пушкина", "14")),
        ("Пушкина 14", Address("Дом", "Пушкина", "14")),
        ("ул. 8 Марта, 3", Address("Дом", "8 Марта", "3", "улица")),
        ("Пушкина", None),
        ("14", None),
        ("", None),
    ],
)
def test_an_address_is_read_as_people_write_it(text: str, address: Address | None) -> None:
    found = address_of(text, "Дом")
    assert found == address


def test_without_a_settlement_of_ones_own_one_has_to_be_named() -> None:
    assert address_of("ул. Пушкина, 14", "") is None


@given(
    st.builds(
        Address,
        st.sampled_from(["Дебрянск", "Заречье"]),
        st.sampled_from(["Пушкина", "Строителей", "Лесная"]),
        st.from_regex(r"[1-9][0-9]{0,2}[абв]?", fullmatch=True),
        st.sampled_from(["улица", "бульвар"]),
        st.one_of(st.just(""), st.from_regex(r"[1-9][0-9]{0,2}", fullmatch=True)),
    )
)
def test_what_is_shown_is_understood(address: Address) -> None:
    found = address_of(full_address(address), "")
    assert found is not None
    assert address_key(found) == address_key(address)


def test_a_masked_account_tells_too_little() -> None:
    masked = masked_account(PERSON)
    assert (masked.number, masked.holder, masked.address) == (
        "•••• 5678",
        "С. М. П.",
        "Дебрянск, улица Пушкина",
    )
    assert not any(secret in repr(masked) for secret in ("320145", "Сергеева", "14а", "37"))
    assert masked_name("Петров-Водкин Кузьма") == "П. К."
