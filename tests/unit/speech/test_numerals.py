from __future__ import annotations

import pymorphy3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.speech.russian.filters import finite_pieces
from ivr.speech.russian.numerals import (
    LARGEST,
    Case,
    Gender,
    Noun,
    cardinal,
    numeral,
    ordinal_genitive,
    quantity,
)
from ivr.speech.russian.quantities import DAY, KILOWATT_HOUR, KOPECK, MINUTE, PERCENT, ROUBLE, WORKING_DAY
from tests.unit.speech.numeral_parser import parse

M, F, N = Gender.MASCULINE, Gender.FEMININE, Gender.NEUTER

CARDINALS = [
    (0, M, "ноль"), (1, M, "один"), (1, F, "одна"), (1, N, "одно"), (2, M, "два"), (2, F, "две"),
    (2, N, "два"), (3, F, "три"), (4, M, "четыре"), (5, F, "пять"), (6, M, "шесть"), (7, M, "семь"),
    (8, M, "восемь"), (9, M, "девять"), (10, M, "десять"), (11, F, "одиннадцать"), (12, F, "двенадцать"),
    (13, M, "тринадцать"), (14, M, "четырнадцать"), (15, M, "пятнадцать"), (16, M, "шестнадцать"),
    (17, M, "семнадцать"), (18, M, "восемнадцать"), (19, M, "девятнадцать"), (20, M, "двадцать"),
    (21, M, "двадцать один"), (21, F, "двадцать одна"), (21, N, "двадцать одно"), (22, F, "двадцать две"),
    (30, M, "тридцать"), (32, M, "тридцать два"), (40, M, "сорок"), (42, F, "сорок две"),
    (50, M, "пятьдесят"), (51, N, "пятьдесят одно"), (60, M, "шестьдесят"), (70, M, "семьдесят"),
    (80, M, "восемьдесят"), (90, M, "девяносто"), (99, M, "девяносто девять"), (100, M, "сто"),
    (101, F, "сто одна"), (111, F, "сто одиннадцать"), (112, M, "сто двенадцать"), (200, M, "двести"),
    (212, F, "двести двенадцать"), (300, M, "триста"), (400, M, "четыреста"), (500, M, "пятьсот"),
    (600, M, "шестьсот"), (700, M, "семьсот"), (800, M, "восемьсот"), (900, M, "девятьсот"),
    (999, M, "девятьсот девяносто девять"), (1000, M, "одна тысяча"), (1001, M, "одна тысяча один"),
    (1002, F, "одна тысяча две"), (2000, M, "две тысячи"), (5000, M, "пять тысяч"),
    (11000, M, "одиннадцать тысяч"), (12345, M, "двенадцать тысяч триста сорок пять"),
    (21000, M, "двадцать одна тысяча"), (21002, M, "двадцать одна тысяча два"),
    (21002, F, "двадцать одна тысяча две"), (22000, N, "двадцать две тысячи"),
    (100000, M, "сто тысяч"), (101000, M, "сто одна тысяча"), (111000, M, "сто одиннадцать тысяч"),
    (121121, F, "сто двадцать одна тысяча сто двадцать одна"), (500000, M, "пятьсот тысяч"),
    (999999, M, "девятьсот девяносто девять тысяч девятьсот девяносто девять"), (1000000, M, "один миллион"),
    (1000000, F, "один миллион"), (2000000, F, "два миллиона"), (5000000, M, "пять миллионов"),
    (2000001, F, "два миллиона одна"), (21000000, F, "двадцать один миллион"),
    (1001001, F, "один миллион одна тысяча одна"), (1000000000, M, "один миллиард"),
    (3000000002, F, "три миллиарда две"), (-1, F, "минус одна"), (-5, M, "минус пять"),
    (-21002, M, "минус двадцать одна тысяча два"),
]  # fmt: skip

CASES = [
    (1, M, Case.GENITIVE, "одного"), (1, F, Case.GENITIVE, "одной"), (1, F, Case.ACCUSATIVE, "одну"),
    (1, M, Case.ACCUSATIVE, "один"), (1, F, Case.INSTRUMENTAL, "одной"), (1, M, Case.INSTRUMENTAL, "одним"),
    (1, M, Case.PREPOSITIONAL, "одном"), (2, F, Case.ACCUSATIVE, "две"), (2, F, Case.DATIVE, "двум"),
    (2, M, Case.INSTRUMENTAL, "двумя"), (3, M, Case.GENITIVE, "трёх"), (3, M, Case.ACCUSATIVE, "три"),
    (4, M, Case.INSTRUMENTAL, "четырьмя"), (5, M, Case.GENITIVE, "пяти"), (5, M, Case.INSTRUMENTAL, "пятью"),
    (8, M, Case.GENITIVE, "восьми"), (8, M, Case.DATIVE, "восьми"), (11, M, Case.GENITIVE, "одиннадцати"),
    (21, F, Case.ACCUSATIVE, "двадцать одну"), (21, F, Case.GENITIVE, "двадцати одной"),
    (22, M, Case.DATIVE, "двадцати двум"), (40, M, Case.GENITIVE, "сорока"), (40, M, Case.DATIVE, "сорока"),
    (50, M, Case.GENITIVE, "пятидесяти"), (50, M, Case.INSTRUMENTAL, "пятьюдесятью"),
    (90, M, Case.GENITIVE, "девяноста"), (100, M, Case.GENITIVE, "ста"), (100, M, Case.INSTRUMENTAL, "ста"),
    (200, M, Case.GENITIVE, "двухсот"), (200, M, Case.DATIVE, "двумстам"),
    (300, M, Case.INSTRUMENTAL, "тремястами"), (342, M, Case.GENITIVE, "трёхсот сорока двух"),
    (500, M, Case.PREPOSITIONAL, "пятистах"), (1000, M, Case.ACCUSATIVE, "одну тысячу"),
    (1000, M, Case.GENITIVE, "одной тысячи"), (2000, M, Case.GENITIVE, "двух тысяч"),
    (2000, M, Case.DATIVE, "двум тысячам"), (21002, F, Case.ACCUSATIVE, "двадцать одну тысячу две"),
    (21002, M, Case.GENITIVE, "двадцати одной тысячи двух"), (1000000, F, Case.DATIVE, "одному миллиону"),
    (2000001, F, Case.INSTRUMENTAL, "двумя миллионами одной"), (1000000, F, Case.GENITIVE, "одного миллиона"),
]  # fmt: skip

ORDINALS = [
    (1, "первого"), (2, "второго"), (3, "третьего"), (4, "четвёртого"), (5, "пятого"), (6, "шестого"),
    (7, "седьмого"), (8, "восьмого"), (9, "девятого"), (10, "десятого"), (11, "одиннадцатого"),
    (12, "двенадцатого"), (13, "тринадцатого"), (19, "девятнадцатого"), (20, "двадцатого"),
    (21, "двадцать первого"), (23, "двадцать третьего"), (30, "тридцатого"), (31, "тридцать первого"),
    (40, "сорокового"), (50, "пятидесятого"), (70, "семидесятого"), (90, "девяностого"),
    (99, "девяносто девятого"), (2000, "двухтысячного"), (1900, "тысяча девятисотого"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "gender", "words"), CARDINALS)
def test_cardinals(number: int, gender: Gender, words: str) -> None:
    assert cardinal(number, gender) == words


@pytest.mark.parametrize(("number", "gender", "words"), [row for row in CARDINALS if row[1] is not N])
def test_pieces_say_the_same(number: int, gender: Gender, words: str) -> None:
    assert " ".join(numeral(number, gender)) == words


@pytest.mark.parametrize(("number", "gender", "case", "words"), CASES)
def test_cases(number: int, gender: Gender, case: Case, words: str) -> None:
    assert cardinal(number, gender, case) == words


@pytest.mark.parametrize(("number", "words"), ORDINALS)
def test_ordinals(number: int, words: str) -> None:
    assert ordinal_genitive(number) == words


@given(st.integers(-LARGEST, LARGEST), st.sampled_from([M, F]))
def test_words_mean_the_number(number: int, gender: Gender) -> None:
    assert parse(cardinal(number, gender)) == number


@given(st.integers(-LARGEST, LARGEST), st.sampled_from([M, F]))
def test_pieces_are_the_words(number: int, gender: Gender) -> None:
    assert " ".join(numeral(number, gender)) == cardinal(number, gender)


@given(st.integers(-LARGEST, LARGEST), st.sampled_from([M, F]))
def test_any_number_is_composed_of_prebuilt_pieces(number: int, gender: Gender) -> None:
    assert set(numeral(number, gender)) <= set(finite_pieces())


@pytest.mark.parametrize("number", [LARGEST + 1, -LARGEST - 1])
def test_too_large(number: int) -> None:
    with pytest.raises(ValueError, match="too large"):
        numeral(number)
    with pytest.raises(ValueError, match="too large"):
        cardinal(number)


@pytest.mark.parametrize(
    ("count", "noun", "words"),
    [
        (1, KILOWATT_HOUR, "один киловатт-час"),
        (2, KILOWATT_HOUR, "два киловатт-часа"),
        (5, KILOWATT_HOUR, "пять киловатт-часов"),
        (11, KILOWATT_HOUR, "одиннадцать киловатт-часов"),
        (14, KILOWATT_HOUR, "четырнадцать киловатт-часов"),
        (21, KILOWATT_HOUR, "двадцать один киловатт-час"),
        (111, KILOWATT_HOUR, "сто одиннадцать киловатт-часов"),
        (0, KILOWATT_HOUR, "ноль киловатт-часов"),
        (1000, ROUBLE, "одна тысяча рублей"),
        (101, ROUBLE, "сто один рубль"),
        (2, KOPECK, "две копейки"),
        (21, KOPECK, "двадцать одна копейка"),
        (1, MINUTE, "одна минута"),
        (42, MINUTE, "сорок две минуты"),
        (3, DAY, "три дня"),
        (31, DAY, "тридцать один день"),
        (1, WORKING_DAY, "один рабочий день"),
        (3, WORKING_DAY, "три рабочих дня"),
        (10, WORKING_DAY, "десять рабочих дней"),
        (-2, DAY, "минус два дня"),
    ],
)
def test_quantities(count: int, noun: Noun, words: str) -> None:
    assert " ".join(quantity(count, noun)) == words


@pytest.mark.parametrize("noun", [ROUBLE, KOPECK, MINUTE, DAY, PERCENT])
def test_forms_agree_with_a_dictionary(noun: Noun) -> None:
    dictionary = pymorphy3.MorphAnalyzer()
    lemma = next(parsed for parsed in dictionary.parse(noun.one) if {"NOUN", "nomn"} <= parsed.tag.grammemes)
    for count in range(130):
        assert lemma.make_agree_with_number(count).word == noun.after(count), count
