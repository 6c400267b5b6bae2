from __future__ import annotations

import pytest

from ivr.speech.understanding.choices import Chosen, chosen, named
from ivr.speech.understanding.settings import UnderstandingSettings

SETTINGS = UnderstandingSettings()
MENU = {
    "1": ("показания", "передать показания"),
    "2": ("баланс", "долг", "состояние счёта"),
    "3": ("отключения", "нет света"),
}
NAMES = (
    "улица Ленина", "проспект Ленина", "улица Пушкина", "улица Пушкинская", "улица Дегтярёва", "Ковров",
    "Муром", "Гусь-Хрустальный", "улица 50 лет Октября", "Садовая улица", "Советская", "Вязники",
)  # fmt: skip


OFFICES = {"1": ("Офис на проспекте Ленина",), "2": ("Офис на улице Строителей",)}


@pytest.mark.parametrize(("text", "key"), [("на проспекте ленина", "1"), ("строителей", "2"), ("офис", None)])
def test_a_part_of_a_name_is_enough_where_it_belongs_to_one_alone(text: str, key: str | None) -> None:
    found = chosen(OFFICES, text, SETTINGS)
    assert found == (None if key is None else Chosen(key, sure=True))


def test_what_is_said_word_for_word_is_meant_however_near_its_opposite_is() -> None:
    options = {"1": ("помогло", "да"), "2": ("не помогло", "нет, не помогло")}
    assert chosen(options, "нет, не помогло", SETTINGS) == Chosen("2", sure=True)
    assert chosen(options, "не помогло", SETTINGS) == Chosen("2", sure=True)
    assert chosen(options, "помогло", SETTINGS) == Chosen("1", sure=True)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("передать показания", "1"),
        ("показание", "1"),
        ("хочу передать показания счётчика", "1"),
        ("балланс", "2"),
        ("долги", "2"),
        ("света нет", "3"),
        ("отключение", "3"),
        ("первое", "1"),
        ("второй вариант", "2"),
        ("номер два", "2"),
        ("последнее", "3"),
        ("один", "1"),
    ],
)
def test_an_option_is_found_in_any_form(text: str, key: str) -> None:
    assert chosen(MENU, text, SETTINGS) == Chosen(key, sure=True)


@pytest.mark.parametrize("text", ["погода", "у меня болит нога", "показания и баланс", "четвёртое", ""])
def test_none_or_two_options_are_none(text: str) -> None:
    assert chosen(MENU, text, SETTINGS) is None


def test_a_far_reading_is_unsure() -> None:
    assert chosen(MENU, "паказанья", SETTINGS) == Chosen("1", sure=False)


def test_free_speech_that_mentions_an_option_is_none() -> None:
    text = "хочу узнать почему показания не приняты"
    assert chosen(MENU, text, SETTINGS, tight=True) is None
    assert chosen(MENU, "передать показания", SETTINGS, tight=True) == Chosen("1", sure=True)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("улица ленина", "улица Ленина"),
        ("проспект ленина", "проспект Ленина"),
        ("на пушкинской", "улица Пушкинская"),
        ("пушкина", "улица Пушкина"),
        ("дектярева", "улица Дегтярёва"),
        ("в коврове", "Ковров"),
        ("из мурома", "Муром"),
        ("гусь хрустальный", "Гусь-Хрустальный"),
        ("пятьдесят лет октября", "улица 50 лет Октября"),
        ("садовая", "Садовая улица"),
    ],
)
def test_names_with_and_without_their_kind(text: str, name: str) -> None:
    found = named(NAMES, text, SETTINGS)
    assert found is not None
    assert found.item == name


@pytest.mark.parametrize("text", ["ленина", "московская", "не знаю"])
def test_unknown_and_ambiguous_names_are_none(text: str) -> None:
    assert named(NAMES, text, SETTINGS) is None


def test_one_of_thousands_of_names() -> None:
    many = tuple(
        f"улица {first}{second}ская" for first in ("Лес", "Реч", "Нов") for second in map(str, range(900))
    )
    assert named((*many, "улица Дегтярёва"), "дегтярёва", SETTINGS) == Chosen("улица Дегтярёва", sure=True)
