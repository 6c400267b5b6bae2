"""Callers who do not show their number are nobody in particular."""

from __future__ import annotations

import pytest

from ivr.asterisk.withheld import shown


@pytest.mark.parametrize("word", ["anonymous", "Anonymous", "unknown", "<unknown>", "Restricted", "", " "])
def test_a_word_in_place_of_a_number_is_no_number(word: str) -> None:
    assert shown(word) == ""


def test_a_number_stays_as_it_is() -> None:
    assert shown("+74832000001") == "+74832000001"
