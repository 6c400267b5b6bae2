"""Which outside numbers may be dialled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.desk.dialable import dialable
from ivr.desk.settings_talks import OutsideRule

RULE = OutsideRule(local=("112", "104"), refused=("7809", "74832000"), abroad=("375",))


@pytest.mark.parametrize(
    ("typed", "dialled"),
    [
        ("+7 (483) 262-22-22", "+74832622222"),
        ("8 483 262 22 22", "+74832622222"),
        ("9161234567", "+79161234567"),
        ("88001000000", "+78001000000"),  # free for who calls
        ("112", "112"),
        ("+375 17 226-09-99", "+375172260999"),
        ("+7 809 123 45 67", None),  # premium
        ("+1 202 555 0123", None),  # abroad
        ("810 1 202 555 0123", None),  # abroad over the international prefix
        ("+7 483 200-01-11", None),  # refused by the company
        ("12345", None),
        ("101", None),
        ("", None),
        ("+7 483 262-22-22\r\nAction: Hangup", None),
        ("sip:evil@example.org", None),
    ],
)
def test_numbers_as_they_are_typed(typed: str, dialled: str | None) -> None:
    assert dialable(typed, RULE) == dialled


@given(st.text(max_size=40))
def test_whatever_is_dialled_is_plain_digits(typed: str) -> None:
    dialled = dialable(typed, RULE)
    assert dialled is None or (dialled.removeprefix("+").isascii() and dialled.removeprefix("+").isdecimal())
