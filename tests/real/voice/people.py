"""Who calls: a customer of the demo company with a wish, and what he answers to each question."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from num2words import num2words
from rapidfuzz import fuzz
from ruamel.yaml import YAML

from tests.real.instances import PROJECT
from tests.real.voice.phrases import phrases
from tests.real.voice.speaker import grouped, in_words

TASKS = ("reading", "balance", "question", "operator")
HELPED = re.compile("помогло", re.IGNORECASE)
_SAME = 90.0
"""Likeness, percent, from which a text is that of the article: filters may have changed its figures."""
_STRANGERS = range(4_950_001_000, 4_950_009_000)


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer with one meter of one zone."""

    account: str
    phone: str
    street: str
    house: str
    flat: str
    last_value: int
    usual: int


def customers(billing: Path) -> list[Customer]:
    """People with one meter of one zone and a telephone of their own, from the files of the demo company."""
    meters: dict[str, list[dict[str, str]]] = {}
    for row in _rows(billing / "meters.csv"):
        meters.setdefault(row["account"], []).append(row)
    accounts = _rows(billing / "accounts.csv")
    phones = [row["phones"] for row in accounts]
    return [
        Customer(
            account=row["number"],
            phone=row["phones"],
            street=row["street"].partition(" ")[2],
            house=row["house"],
            flat=row["flat"],
            last_value=int(meters[row["number"]][0]["last_value"]),
            usual=int(meters[row["number"]][0]["usual_monthly"]),
        )
        for row in accounts
        if len(meters[row["number"]]) == 1 and phones.count(row["phones"]) == 1 and row["flat"]
    ]


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


@dataclass(frozen=True, slots=True)
class Person:
    """A caller.

    Attributes:
        task: One of `TASKS`.
        customer: Who he is.
        caller_id: The number he calls from: his own, or a stranger's.
        wishes: His wish in several wordings, the next one after each misunderstanding.
        topic: The topic of his question, else empty.
        value: The reading he hands in.
    """

    task: str
    customer: Customer
    caller_id: str
    wishes: tuple[str, ...]
    topic: str
    value: int

    @property
    def by_own_phone(self) -> bool:
        """Whether the robot may know the number."""
        return self.caller_id == self.customer.phone

    @classmethod
    def drawn(cls, task: str, among: list[Customer], dice: random.Random) -> Person:
        """Anybody with this task."""
        customer = dice.choice(among)
        wish = dice.choice(phrases(task))
        same = [phrase.text for phrase in phrases(task) if phrase.topic == wish.topic and phrase != wish]
        return cls(
            task=task,
            customer=customer,
            caller_id=customer.phone if dice.random() < 0.4 else f"+7{dice.choice(_STRANGERS)}",
            wishes=(wish.text, *dice.sample(same, 2)),
            topic=wish.topic,
            value=customer.last_value + dice.randint(customer.usual // 2, customer.usual * 2),
        )

    def answer(self, told: Sequence[str]) -> str | None:
        """What he says to it: a kind of utterance; None when it is no question to him.

        Args:
            told: What the robot has said so far.
        """
        if HELPED.search(told[-1]) and not told[-1].startswith("Правильно"):
            return "helped" if any(articles_told(self.topic, told)[-1:]) else "not helped"
        return next((answer(self, told[-1]) for asked, answer in _ANSWERS if asked.search(told[-1])), None)


Answer = Callable[[Person, str], str]


def _always(kind: str) -> Answer:
    return lambda _person, _question: kind


def _yes_if(right: Callable[[Person, str], bool]) -> Answer:
    return lambda person, question: "yes" if right(person, question) else "no"


def _value_is_right(person: Person, question: str) -> bool:
    value, text = plain(num2words(person.value, lang="ru")), plain(question)
    return text.startswith((f"{value} верно", f"{value} передать"))


def _account_is_right(person: Person, question: str) -> bool:
    account = " ".join(map(in_words, grouped(person.customer.account)))
    return f"счет {account} " in f"{plain(question)} "


def _street_is_right(person: Person, question: str) -> bool:
    return plain(person.customer.street) in plain(question)


def _is_meant(person: Person, question: str) -> bool:
    """«Правильно понимаю: …?» with the words of an option or a name."""
    signs = {
        "reading": "показан",
        "balance": "долж|долг|баланс|счет",
        "operator": "оператор",
        "question": "да|помогло",
    }
    text = plain(question)
    return bool(re.search(signs[person.task], text)) or plain(person.customer.street) in text


def _which_of_two(person: Person, question: str) -> str:
    topic = {"reading": "readings.submit", "balance": "balance.debt", "operator": "agent.operator"}
    about = plain(_about()[topic.get(person.task, person.topic)])
    first, _, second = plain(question).partition(" или про ")
    return "first" if about in first else "second" if about in second else "wish"


def _menu(person: Person, _question: str) -> str:
    return {"reading": "key 1", "balance": "key 2"}.get(person.task, "key 0")


def _about() -> Mapping[str, str]:
    topics = YAML(typ="safe").load(PROJECT / "kb" / "topics.yaml")["topics"]
    return {topic["id"]: topic["about"] for topic in topics}


def articles_told(topic: str, told: Sequence[str]) -> list[bool]:
    """For each answer after which the robot has asked whether it helped: whether it is that of the topic."""
    if not topic:
        return []
    article = plain((PROJECT / "kb" / f"{topic}.md").read_text(encoding="utf-8"))
    answers = [before for before, text in pairwise(told) if HELPED.search(text) and not HELPED.search(before)]
    return [fuzz.partial_ratio(plain(answer), article) > _SAME for answer in answers]


def plain(text: str) -> str:
    """Words alone: small letters, no marks, «ё» as «е»."""
    return " ".join(re.sub(r"[^а-я]+", " ", text.lower().replace("ё", "е")).split())


_ANSWERS: tuple[tuple[re.Pattern[str], Answer], ...] = tuple(
    (re.compile(asked, re.IGNORECASE), answer)
    for asked, answer in (
        ("Вы спрашиваете про|Первое — нажмите", _which_of_two),
        ("Правильно понимаю", _yes_if(_is_meant)),
        ("^Счёт .*Верно|^Счёт .*нажмите", _yes_if(_account_is_right)),
        ("Вы звоните по счёту|Это Ваш адрес", _yes_if(_street_is_right)),
        ("Верно\\?|Передать — нажмите", _yes_if(_value_is_right)),
        ("Если верно, нажмите|Если да, нажмите", _always("yes")),
        ("лицевого счёта|Номер не разобрала", _always("account")),
        (
            "показание, только целые|Не разобрала\\. Назовите цифры|цифры (счётчика )?до запятой",
            _always("reading"),
        ),
        ("назовите улицу|Назовите только улицу", _always("street")),
        ("номер дома", _always("house")),
        ("номер квартиры", _always("flat")),
        ("чем-нибудь ещё", _always("done")),
        ("передать показания, нажмите один|Показания — один", _menu),
        ("Чем могу помочь|Скажите|О чём рассказать", _always("wish")),
    )
)
