from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ivr.speech.audio import Pause
from ivr.speech.phrasing import phrases
from ivr.speech.russian import read_aloud, unspeakable
from ivr.speech.settings import AudioSettings
from ivr.speech.voices.stress import with_stress

READ = [
    ("Чтобы передать показания, нажмите 1.", "Чтобы передать показания, нажмите один."),
    ("ул. Пушкина, д. 5, кв. 12-а", "улица Пушкина, дом пять, квартира двенадцать а"),
    ("г. Брянск, пр-т Ленина, д. 70Б", "город Брянск, проспект Ленина, дом семьдесят бэ"),
    ("д.5 корп.2/1", "дом пять корпус два дробь один"),
    ("21 кВт·ч и 5 руб. 3 коп.", "двадцать один киловатт-час и пять рублей три копейки."),
    ("3 кВт*ч.", "три киловатт-часа."),
    ("Тариф за кВт·ч", "Тариф за киловатт-часов"),
    ("1,5 кВтч", "одна целая пять десятых киловатт-часа"),
    ("сумма 12,50 руб.", "сумма двенадцать рублей пятьдесят копеек."),
    ("Пени 5 %. Всё.", "Пени пять процентов. Всё."),
    ("Это 5 руб. За месяц", "Это пять рублей. За месяц"),
    ("до 18:00", "до восемнадцать часов"),
    ("8 800 555-35-35", "восемь восемьсот пятьсот пятьдесят пять тридцать пять тридцать пять"),
    ("договор №005", "договор номер ноль ноль пять"),
    ("до́говор", "д+оговор"),
    ("дог+овор", "дог+овор"),
    ("1 + 1", "один плюс один"),
    ("ООО «Энергосбыт» — ЖКХ", "о о +о Энергосбыт, жэ ка ха"),
    ("Нажмите * или #…", "Нажмите звёздочка или решётка."),
    ("Shell & Co", "шелл и ко"),
    ("кое-что, из-за", "кое-что, из-за"),
    ("Ещё  раз", "Ещё раз"),
    (", верно?", ", верно?"),
    ("", ""),
    ("😀 Привет", "Привет"),
]


@pytest.mark.parametrize(("written", "read"), READ)
def test_read_aloud(written: str, read: str) -> None:
    assert read_aloud(written) == read


def test_what_cannot_be_said_is_named() -> None:
    assert unspeakable("Привет 😀, ©") == "©😀"
    assert unspeakable("ул. Пушкина, 21 кВт·ч № 5 (100 %)") == ""


@given(st.text(max_size=80))
def test_whatever_is_written_only_letters_and_marks_reach_the_voice(text: str) -> None:
    assert re.fullmatch(r"[А-Яа-яЁё+\-'?!.,;: ]*", read_aloud(text))


@given(st.text("абвгд ,.-+5№руб%кВт·ч«»A", max_size=40))
@example("г,.")
def test_reading_what_was_read_changes_nothing(text: str) -> None:
    assert read_aloud(read_aloud(text)) == read_aloud(text)


AUDIO = AudioSettings()
SENTENCE = Pause(AUDIO.sentence_pause_milliseconds)
COMMA = Pause(AUDIO.comma_pause_milliseconds)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("двадцать один", ("двадцать один",)),
        ("Здравствуйте. Слушайте!", ("Здравствуйте.", SENTENCE, "Слушайте!", SENTENCE)),
        ("Счёт на улице ", ("Счёт на улице",)),
        (", верно?", (COMMA, "верно?", SENTENCE)),
        (". Передаю?", (SENTENCE, "Передаю?", SENTENCE)),
        (",", (COMMA,)),
        (".", (SENTENCE,)),
        ("Ваш баланс:", ("Ваш баланс:", COMMA)),
        ("Да, верно,", ("Да, верно", COMMA)),
        ("  ", ()),
        ("😀", ()),
    ],
)
def test_phrases(text: str, parts: tuple[str | Pause, ...]) -> None:
    assert phrases(text, AUDIO) == parts


def test_stress_marks() -> None:
    assert with_stress("Наберите два киловатт-часа, дог+овор.") == "набер+ите два киловатт часа, дог+овор."
