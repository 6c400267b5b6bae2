from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.customers.numbers import is_well_formed, luhn, mod11
from ivr.customers.settings import AccountNumberSettings, CheckDigit

payloads = st.text("0123456789", min_size=3, max_size=18)
DIGITS = "0123456789"


@pytest.mark.parametrize("number", ["79927398713", "4539578763621486", "18"])
def test_known_numbers_are_right_by_luhn(number: str) -> None:
    assert luhn(number)


@given(payloads, st.integers(0, 17), st.sampled_from(DIGITS))
def test_luhn_notices_one_wrong_digit(payload: str, place: int, digit: str) -> None:
    right = next(payload + check for check in DIGITS if luhn(payload + check))
    place %= len(right)
    wrong = right[:place] + digit + right[place + 1 :]
    assert luhn(wrong) == (wrong == right)


@pytest.mark.parametrize(("number", "right"), [("0365327", True), ("0365328", False), ("0356327", False)])
def test_known_numbers_by_mod11(number: str, right: bool) -> None:
    assert mod11(number) is right


@given(payloads)
def test_mod11_has_at_most_one_check_digit(payload: str) -> None:
    assert sum(mod11(payload + check) for check in DIGITS) <= 1


def test_the_default_is_nine_digits_without_check() -> None:
    settings = AccountNumberSettings()
    assert is_well_formed("320145678", settings)
    for bad in ("32014567", "3201456789", "32014567a", "", "٣٢٠١٤٥٦٧٨"):
        assert not is_well_formed(bad, settings)


def test_several_lengths_and_a_check_digit() -> None:
    settings = AccountNumberSettings(lengths=(2, 11), check=CheckDigit.LUHN)
    assert is_well_formed("79927398713", settings)
    assert is_well_formed("18", settings)
    assert not is_well_formed("19", settings)
    assert not is_well_formed("799273987", settings)
