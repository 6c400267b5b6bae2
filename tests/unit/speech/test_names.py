"""Names in the instrumental, or behind a word that bears the case."""

from __future__ import annotations

from datetime import date

import pytest

from ivr.speech.russian.filters import formatters
from ivr.speech.russian.names import whom


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Иван Петрович", "Иваном Петровичем"),
        ("Мария Ильинична", "Марией Ильиничной"),
        ("Илья Никитич", "Ильёй Никитичем"),
        ("Любовь Сергеевна", "Любовью Сергеевной"),
        ("Павел Львович", "Павлом Львовичем"),
        ("Айгуль Рашидовна", "Айгуль Рашидовной"),
        ("Никита Ильич", "Никитой Ильичом"),
        ("иван петрович", "Иваном Петровичем"),
        ("Зарема", "Заремой"),
        ("Гюльнара Ахмед кызы", "абонентом Гюльнара Ахмед кызы"),
        ("Саша Петровна Иванович", "абонентом Саша Петровна Иванович"),
        ("Ромашка", "абонентом Ромашка"),
    ],
)
def test_whom(name: str, expected: str) -> None:
    assert whom(name) == expected


def test_the_filter_is_one_piece_and_refuses_what_is_no_name() -> None:
    spoken = formatters(lambda: date(2026, 11, 24))["whom"](" Иван  Петрович ")
    assert (spoken.text, spoken.pieces) == ("Иваном Петровичем", ("Иваном Петровичем",))
    with pytest.raises(ValueError, match="text"):
        formatters(lambda: date(2026, 11, 24))["whom"](None)
