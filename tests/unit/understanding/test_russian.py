from __future__ import annotations

from datetime import date

import pytest

from ivr.dialogue.ports import AnswerKind, Command, Listen, Said, Understood
from ivr.speech.understanding.russian import RussianUnderstanding
from ivr.speech.understanding.settings import UnderstandingSettings

MENU = {"1": ("показания",), "2": ("баланс",), "0": ("оператор",)}


def understand(
    kind: AnswerKind, said: Said | str, digits: int | None = None, *, free: bool = False
) -> Understood | None:
    understanding = RussianUnderstanding(UnderstandingSettings(), lambda: date(2026, 11, 21))
    phrases = ("улица Пушкина", "улица Мира") if kind is AnswerKind.NAME else ()
    words = MENU if kind in {AnswerKind.CHOICE, AnswerKind.SPEECH} else {}
    heard = said if isinstance(said, Said) else Said(said)
    return understanding.understand(
        Listen(kind=kind, phrases=phrases, digits=digits, free=free), words, heard
    )


@pytest.mark.parametrize(
    ("kind", "text", "keys"),
    [
        (AnswerKind.DIGITS, "два нуля пять", "005"),
        (
            AnswerKind.ACCOUNT_NUMBER,
            "триста двадцать четырнадцать пятьдесят шесть семьдесят восемь",
            "320145678",
        ),
        (AnswerKind.READING, "двенадцать тысяч триста пять целых шесть десятых", "12305"),
        (AnswerKind.NUMBER, "нас четверо", "4"),
        (AnswerKind.AMOUNT, "тысяча двести рублей пятьдесят копеек", "1200*50"),
        (AnswerKind.AMOUNT, "двести рублей", "200"),
        (AnswerKind.DATE, "двадцать третьего ноября", "23112026"),
        (AnswerKind.YES_NO, "да, верно, передавайте", "1"),
        (AnswerKind.YES_NO, "да нет же", "2"),
        (AnswerKind.YES_NO, "один", "1"),
        (AnswerKind.CHOICE, "передать показание", "1"),
        (AnswerKind.CHOICE, "второе", "2"),
    ],
)
def test_words_become_the_keys_that_mean_the_same(kind: AnswerKind, text: str, keys: str) -> None:
    assert understand(kind, text) == Understood(keys=keys)


def test_a_name_is_given_back_as_it_stands_in_the_list() -> None:
    assert understand(AnswerKind.NAME, "пушкина") == Understood(name="улица Пушкина")


@pytest.mark.parametrize("kind", list(AnswerKind))
def test_danger_leaves_every_question(kind: AnswerKind) -> None:
    assert understand(kind, "у нас искрит провод на столбе") == Understood(command=Command.DANGER)


@pytest.mark.parametrize("kind", [kind for kind in AnswerKind if kind is not AnswerKind.CHOICE])
def test_a_person_is_reached_from_every_question(kind: AnswerKind) -> None:
    assert understand(kind, "соедините с оператором") == Understood(command=Command.OPERATOR)


def test_an_option_of_the_menu_wins_over_the_command_of_the_same_words() -> None:
    assert understand(AnswerKind.CHOICE, "оператор") == Understood(keys="0")


@pytest.mark.parametrize(
    ("text", "command"),
    [("ещё раз", Command.REPEAT), ("помедленнее", Command.SLOWER), ("назад", Command.BACK)],
)
def test_words_that_work_everywhere(text: str, command: Command) -> None:
    assert understand(AnswerKind.READING, text) == Understood(command=command)
    assert understand(AnswerKind.SPEECH, text) == Understood(command=command)


@pytest.mark.parametrize("kind", list(AnswerKind))
def test_what_means_nothing_is_none(kind: AnswerKind) -> None:
    assert understand(kind, "в огороде бузина") is None


def test_free_speech_that_is_neither_command_nor_option_is_none() -> None:
    text = "хочу узнать почему показания за октябрь не приняты"
    assert understand(AnswerKind.SPEECH, text) is None
    assert understand(AnswerKind.CHOICE, text, free=True) is None


def test_another_reading_of_the_awaited_length_wins_unsure() -> None:
    said = Said("двадцать пять шесть", alternatives=("двадцать шесть", "двести пять шестьсот"))
    assert understand(AnswerKind.DIGITS, said, digits=6) == Understood(keys="205600", sure=False)
    assert understand(AnswerKind.DIGITS, said, digits=3) == Understood(keys="256", sure=True)
    assert understand(AnswerKind.DIGITS, said, digits=9) == Understood(keys="256", sure=False)


def test_another_reading_helps_where_the_first_makes_no_sense() -> None:
    assert understand(AnswerKind.YES_NO, Said("дом", alternatives=("да",))) == Understood(
        keys="1", sure=False
    )
    said = Said("аппарат ты", alternatives=("соедините с оператором",))
    assert understand(AnswerKind.READING, said) == Understood(command=Command.OPERATOR, sure=False)


def test_a_number_in_long_talk_is_unsure() -> None:
    text = "я вчера ходила на почту платила там очередь была человек пять не меньше потом домой"
    found = understand(AnswerKind.NUMBER, text)
    assert found is None or not found.sure


@pytest.mark.parametrize(
    ("kind", "text", "keys", "confidence", "sure"),
    [
        (AnswerKind.YES_NO, "да", "1", 0.5, True),
        (AnswerKind.YES_NO, "да", "1", 0.4, False),
        (AnswerKind.DIGITS, "пять", "5", 0.9, True),
        (AnswerKind.DIGITS, "пять", "5", 0.5, False),
    ],
)
def test_the_recognisers_doubt_is_told(
    kind: AnswerKind, text: str, keys: str, confidence: float, sure: bool
) -> None:
    assert understand(kind, Said(text, confidence)) == Understood(keys=keys, sure=sure)


def test_what_was_hardly_heard_means_nothing_but_danger() -> None:
    assert understand(AnswerKind.YES_NO, Said("да", 0.2)) is None
    assert understand(AnswerKind.YES_NO, Said("оператор", 0.2)) is None
    assert understand(AnswerKind.YES_NO, Said("дымится щиток", 0.2)) == Understood(
        command=Command.DANGER, sure=False
    )
