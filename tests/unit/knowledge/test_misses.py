from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.knowledge.misses import MASK, Miss, grouped, without_personal_data
from ivr.knowledge.words import Dictionary

MORPHOLOGY = Dictionary()
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Мой счёт 320145678 где долг", "мой счёт … где долг"),
        ("позвоните 8 (960) 123-45-67 завтра", "позвоните … завтра"),
        ("счёт 320-14-56-78", "счёт …"),
        ("на 12 дней", "на 12 дней"),
        ("счёт триста двадцать четырнадцать пятьдесят шесть", "счёт …"),
        ("двадцать пять дней", "двадцать пять дней"),
        ("я Анна Петровна Иванова с улицы", "я … с улицы"),
        ("плата за домофон", "плата за домофон"),
    ],
)
def test_names_and_numbers_are_masked(said: str, kept: str) -> None:
    assert without_personal_data(said, MORPHOLOGY) == kept


@given(st.text(alphabet="абв -().,0123456789", max_size=60))
def test_no_five_digits_are_left(said: str) -> None:
    kept = without_personal_data(said, MORPHOLOGY)
    assert not re.search(r"\d{5}", re.sub(r"[^\dа-я]", "", kept.replace(MASK, "а")))


def miss(text: str, topic: str | None = None, minutes: int = 0) -> Miss:
    return Miss(text, topic, NOON + timedelta(minutes=minutes))


def test_questions_that_ask_the_same_are_put_together() -> None:
    rows = [
        miss("можно ли поставить солнечную панель", minutes=1),
        miss("солнечные панели поставить можно", minutes=5),
        miss("зарядка электромобиля во дворе"),
        miss("можно ли поставить солнечную панель", minutes=3),
    ]
    first, second = grouped(rows, MORPHOLOGY, 75)
    assert (first.text, first.count, first.last) == (rows[0].text, 3, NOON + timedelta(minutes=5))
    assert first.variants == ("солнечные панели поставить можно",)
    assert (second.text, second.count, second.variants) == ("зарядка электромобиля во дворе", 1, ())


def test_an_answer_that_did_not_help_is_another_question_than_none_found() -> None:
    assert len(grouped([miss("тариф"), miss("тариф", "tariff.current")], MORPHOLOGY, 75)) == 2
