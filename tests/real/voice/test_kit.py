"""The kit itself: the phrases are whole, numbers are said as meant, people answer what they are asked."""

from __future__ import annotations

import random
import re
from collections import Counter

import numpy as np
import pytest

from ivr.speech.understanding.numerals import digits
from tests.real.voice import sounds
from tests.real.voice.people import Customer, Person
from tests.real.voice.phrases import phrases
from tests.real.voice.speaker import grouped, human, in_words, pairs

SOMEBODY = Customer("320145678", "+74832000001", "Пушкина", "1", "19", 11_950, 200)


def person(task: str, topic: str = "") -> Person:
    return Person(task, SOMEBODY, SOMEBODY.phone, ("", "", ""), topic, 12_305)


@pytest.mark.parametrize("task", ["reading", "balance", "question", "operator", "yes", "no"])
def test_forty_ways_to_say_each_thing_in_letters_that_the_voice_knows(task: str) -> None:
    texts = [phrase.text for phrase in phrases(task)]
    assert len(set(texts)) == len(texts) >= 40
    assert [text for text in texts if not re.fullmatch(r"[А-Яа-яЁё ,.!?-]+", text)] == []


def test_questions_are_about_many_topics() -> None:
    topics = Counter(phrase.topic for phrase in phrases("question"))
    assert len(topics) >= 10
    assert min(topics.values()) >= 3, "another wording is needed when the first is not understood"


def test_a_number_said_in_any_grouping_means_the_same() -> None:
    dice = random.Random(1)
    for length in (5, 6, 9):
        for _ in range(200):
            number = "".join(dice.choices("0123456789", k=length))
            if length == 9:
                number = "320" + number[3:]
            for groups in (list(number), pairs(number), grouped(number)):
                assert digits(", ".join(map(in_words, groups))) == number


def test_human_sounds_of_a_group() -> None:
    assert [human(group) for group in ("7", "05", "12", "40", "46")] == [
        ["7"],
        ["0", "5"],
        ["12"],
        ["40"],
        ["40", "6"],
    ]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Чем могу помочь?", "wish"),
        ("Назовите или наберите номер лицевого счёта.", "account"),
        (
            "Счёт триста двадцать, четырнадцать, пятьдесят шесть, семьдесят восемь, улица Пушкина. Верно?",
            "yes",
        ),
        ("Счёт триста двадцать, четырнадцать, пятьдесят шесть, семьдесят, улица Пушкина. Верно?", "no"),
        ("Вы звоните по счёту: улица Пушкина", "yes"),
        ("Вы звоните по счёту: проспект Мира", "no"),
        ("Назовите или наберите показание, только целые киловатт-часы.", "reading"),
        ("двенадцать тысяч триста пять. Верно?", "yes"),
        ("двенадцать тысяч триста пять. Передать — нажмите один, назвать заново — два.", "yes"),
        ("двенадцать тысяч триста пятнадцать. Верно?", "no"),
        ("Вы спрашиваете про баланс лицевого счёта или про передачу показаний счётчика? Первое", "second"),
        ("Помочь чем-нибудь ещё?", "done"),
        ("Одну минуту, пожалуйста.", None),
    ],
)
def test_people_answer_what_they_are_asked(question: str, answer: str | None) -> None:
    assert person("reading").answer([question]) == answer


def test_who_is_told_about_something_else_says_that_it_did_not_help() -> None:
    told = [
        "Чем могу помочь?",
        "Расскажем о погоде на завтра в Сочи и её прогнозе на неделю.",
        "Это помогло?",
    ]
    assert person("question", "payment.how").answer(told) == "not helped"


def test_noise_is_as_loud_as_asked_for() -> None:
    tone = 0.1 * np.sin(np.arange(8000) * 0.3)
    added = sounds.mixed(tone, sounds.white(1, 1), 20) - tone
    ratio = 20 * np.log10(np.sqrt(np.mean(tone**2)) / np.sqrt(np.mean(added**2)))
    assert ratio == pytest.approx(20, abs=1)
