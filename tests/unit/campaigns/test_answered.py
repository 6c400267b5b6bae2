"""Who answered, by cadence and by words."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.campaigns.answered import Judgement, Phrases, by_cadence, greeting_ended
from ivr.campaigns.model import Who
from ivr.errors import Fault

FILE = Path(__file__).parents[3] / "scenarios" / "campaigns" / "answered.yaml"


@pytest.fixture(scope="module")
def phrases() -> Phrases:
    return Phrases.load(FILE)


@pytest.mark.parametrize(
    ("status", "cause", "who"),
    [
        ("HUMAN", "HUMAN-600-600", Who.PERSON),
        ("MACHINE", "INITIALSILENCE-1800-1800", Who.PERSON),
        ("NOTSURE", "TOOLONG-3000", Who.PERSON),
        ("MACHINE", "LONGGREETING-1820-1800", None),
        ("MACHINE", "MAXWORDS-6-5", None),
        ("MACHINE", "MAXWORDLENGTH-1820", None),
        ("", "", Who.PERSON),
    ],
)
def test_only_a_long_greeting_is_in_doubt(status: str, cause: str, who: Who | None) -> None:
    assert by_cadence(status, cause) is who


def test_a_greeting_ended_before_the_cadence_was_sure_of_it() -> None:
    assert greeting_ended("HUMAN-620-600") == pytest.approx(0.6)
    assert greeting_ended("TOOLONG-3000") == 0
    assert greeting_ended("") == 0


@pytest.mark.parametrize(
    "text",
    [
        "Здравствуйте, вы позвонили на автоответчик",
        "к сожалению сейчас я не могу ответить на ваш звонок",
        "оставьте ваше сообщение после звукового сигнала",
        "оставьте пожалуйста голосовое сообщение",
        "добро пожаловать в голосовую почту",
        "привет я виртуальный секретарь абонента что ему передать",
        "абонент не отвечает оставьте сообщение после сигнала",
        "вас привет вы голосовать почта",
        "вы позвонили вону меня нет дома говорите после гутка",
        "это оптат ветчик оставьте башу иметь номер и мы вам перезвоним",
    ],
)
def test_machines_offer_to_take_a_message(phrases: Phrases, text: str) -> None:
    assert phrases.who(text) is Who.MACHINE


@pytest.mark.parametrize(
    "text",
    [
        "абонент временно недоступен",
        "аппарат абонента выключен или находится вне зоны действия сети",
        "вызываемый абонент сейчас не может ответить",
        "набранный вами номер не существует",
        "номер не обслуживается",
        "неправильно набран номер",
        "недоступен пожалуйста перезвоните позднее",
        "the subscriber is not available now please call back later",
        "обанент временно недоступен перезвоните пожалуйста поздних",
        "аппарату банинта выключен или находится внизоню действия сети",
        "с телефона банинта временно заблокирован",
        "набрым и вами номер отклечен проверьте номер и повторите попытку",
        "к сожалению на брене номер не может быть вызван",
        "обанент занеп пожалуйста перезвоните и позже",
        "верни обслуживается номер не обслуживаеться",
    ],
)
def test_the_network_announces_that_nobody_can_be_reached(phrases: Phrases, text: str) -> None:
    assert phrases.who(text) is Who.ANNOUNCEMENT


@pytest.mark.parametrize(
    "text",
    [
        "алло",
        "да слушаю вас",
        "слушаю кто это говорит",
        "добрый день компания ромашка меня зовут ольга чем могу помочь",
        "да да говорите только быстро я за рулём",
        "позвоните мне вечером",
        "абонентская плата у меня списана",
        "алло я сейчас занята перезвоните пожалуйста позже",
        "я за рулем позвоните позднее",
        "сейчас занятак перезвоните пожалуйста позже",
        "мне сейчас неудобно говорить перезвоните позже",
        "алло да и я вас слушаю говорите",
        "компания кромашка марина здравствуйте",
        "квартира петровых жграфствами те кто говорит",
        "бабушка тебя к телефону алло сейчас она подойдёт не вешает титрубку",
        "ну что там ещё я слушаю только быстро у меня совещание идёт",
    ],
)
def test_people_are_people(phrases: Phrases, text: str) -> None:
    judgement = Judgement(phrases)
    assert (judgement.heard(text) or judgement.silent()) is Who.PERSON


def test_a_short_greeting_decides_at_once(phrases: Phrases) -> None:
    assert Judgement(phrases).heard("да я на месте") is Who.PERSON


def test_many_words_are_listened_to_further_and_then_are_a_person(phrases: Phrases) -> None:
    judgement = Judgement(phrases)
    assert judgement.heard("мы сейчас на совещании по итогам года и будем заняты до самого вечера") is None
    assert judgement.silent() is Who.PERSON


def test_words_of_two_breaths_are_one_phrase(phrases: Phrases) -> None:
    judgement = Judgement(phrases)
    assert judgement.heard("вы позвонили в квартиру ивановых нас сейчас нет дома пожалуйста оставьте") is None
    assert judgement.heard("сообщение") is Who.MACHINE


def test_who_speaks_without_an_end_is_a_machine(phrases: Phrases) -> None:
    assert Judgement(phrases).endless() is Who.MACHINE


def test_words_in_another_order_or_far_apart_mean_nothing(phrases: Phrases) -> None:
    assert phrases.who("сигнала после") is None
    assert phrases.who("после этого я услышал много звуков и сигнала") is None


@pytest.mark.parametrize("text", ["machine: 3", "machine: [a]\nannouncement: []", "{", "robots: []"])
def test_a_broken_file_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "answered.yaml"
    file.write_text(text)
    with pytest.raises(Fault):
        Phrases.load(file)
