"""Numbers as people write them."""

from __future__ import annotations

import pytest

from ivr.campaigns.importing.names import asked_for
from ivr.campaigns.importing.phones import BadNumber, e164, parts
from ivr.campaigns.importing.reasons import Complaint, Reason

RU = frozenset({"RU"})


@pytest.mark.parametrize(
    "text",
    ["+79161234567", "79161234567", "9161234567", "8 (916) 123-45-67", "8.916.123.45.67", "тел. 89161234567"],
)
def test_one_number_in_all_its_spellings(text: str) -> None:
    assert e164(text, RU) == "+79161234567"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("112", Reason.NUMBER),
        ("8 903 123 45 678", Reason.NUMBER),
        ("мама", Reason.NUMBER),
        ("7,91612E+10", Reason.NUMBER_SPOILT),
        ("7.91612e10", Reason.NUMBER_SPOILT),
        ("8-916-123-45-67 доб. 12", Reason.EXTENSION),
        ("8 800 555 35 35", Reason.SERVICE_NUMBER),
        ("8 809 555 35 35", Reason.SERVICE_NUMBER),
        ("+375291234567", Reason.FOREIGN),
        ("+77011234567", Reason.FOREIGN),
    ],
)
def test_numbers_that_are_not_called(text: str, reason: Reason) -> None:
    with pytest.raises(BadNumber) as error:
        e164(text, RU)
    assert error.value.reason is reason


def test_another_country_may_be_allowed() -> None:
    assert e164("+375291234567", {"RU", "BY"}) == "+375291234567"


def test_a_cell_may_hold_several() -> None:
    assert parts("8 916 123-45-67, +7 4832 00-00-01;  ") == ["8 916 123-45-67", "+7 4832 00-00-01"]
    assert parts("7,91612E+10") == ["7,91612E+10"]
    assert parts("") == []


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Берестова Анна Юрьевна", "Анна Юрьевна"),
        ("БЕРЕСТОВА АННА ЮРЬЕВНА", "Анна Юрьевна"),
        ("Анна Юрьевна", "Анна Юрьевна"),
        ("Зимин Пётр Ильич", "Пётр Ильич"),
        ("Анна Юрьевна Янкович", "Анна Юрьевна"),
        ("Мамедов Али Гасан оглы", "Али Гасан оглы"),
        ("ООО Ромашка", "ООО Ромашка"),
        ("  Иван   Петрович ", "Иван Петрович"),
    ],
)
def test_people_are_asked_for_by_name_and_patronymic(written: str, asked: str) -> None:
    assert asked_for(written) == asked


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_has_its_words(reason: Reason) -> None:
    complaint = Complaint(1, "телефон", reason)
    assert isinstance(complaint.what, str)
    assert isinstance(complaint.fix, str)
    assert complaint.what.endswith(".")
    assert complaint.fix.endswith(".")
