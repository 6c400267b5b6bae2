"""Answers, and clients who are asked: what the room is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ivr.satisfaction.questionnaires import Kind, Question, Questionnaire
from ivr.satisfaction.waves import Wave

_BOUNDS = {Kind.SCORE: (1, 5), Kind.NPS: (0, 10), Kind.YES_NO: (0, 1)}
_YES_NO = {"да": 1, "yes": 1, "1": 1, "нет": 0, "no": 0, "0": 0}
MOST_CHARACTERS = 2_000


class BadAnswer(ValueError):
    """An answer does not fit its question.

    Attributes:
        question: Its id.
        reason: What would fit, in English.
    """

    def __init__(self, question: str, reason: str) -> None:
        super().__init__(f"{question}: {reason}")
        self.question = question
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The answer to one question, with what of the question the figures need.

    Attributes:
        score: 1–5, 0–10, or 1 for yes and 0 for no; None for the other kinds.
        choice: Id of the option.
        words: As the client put it; personal.
    """

    question: str
    kind: Kind
    overall: bool = False
    weight: float | None = None
    score: int | None = None
    choice: str | None = None
    words: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReply:
    """A questionnaire that was filled in.

    Attributes:
        key: Of where it comes from: the same key again replaces the answers.
        client: Account or telephone number, or None for one who stays unknown; personal.
        way: As of `SurveyWay`.
        answered_at: Aware.
        taken_by: Login, or `import`.
    """

    key: str
    client: str | None = field(repr=False)
    way: str
    answered_at: datetime
    taken_by: str
    marks: Sequence[Mark]


class Saved(StrEnum):
    """What became of a reply."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    TWICE = "twice"  # the client has answered in this wave under another key; the first answer stands
    REFUSED = "refused"  # the client does not want to be asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """A client who is to be asked; personal.

    Attributes:
        client: The account where it is known, else the telephone number.
    """

    client: str
    phone: str
    account_number: str = ""


class Asked(Protocol):
    """Asks clients: operators' tasks, or a campaign that calls by itself."""

    async def ask(self, wave: Wave, questionnaire: Questionnaire, clients: Sequence[Invited]) -> None:
        """Have them asked; durable on return. Whoever is asked already in this wave is not asked again."""


def client_of(text: str | None) -> str | None:
    """An account or telephone number as it is compared: without what people write between its digits."""
    return "".join(each for each in text or "" if each.isalnum() or each == "+") or None


def mark_of(question: Question, text: str) -> Mark | None:
    """The answer that a text gives; None for none.

    Raises:
        BadAnswer: It does not fit the question.
    """
    text = text.strip()
    if not text:
        return None
    told = Mark(question=question.id, kind=question.kind, overall=question.overall, weight=question.weight)
    return _filled(told, question, text)


def _filled(told: Mark, question: Question, text: str) -> Mark:
    if question.kind is Kind.WORDS:
        return replace(told, words=text[:MOST_CHARACTERS])
    if question.kind is Kind.CHOICE:
        return replace(told, choice=_choice(question, text))
    return replace(told, score=_score(question, text))


def _choice(question: Question, text: str) -> str:
    for id, title in question.options.items():
        if text.casefold() in {id.casefold(), title.casefold()}:
            return id
    raise BadAnswer(question.id, f"one of {', '.join(question.options)} is wanted")


def _score(question: Question, text: str) -> int:
    least, most = _BOUNDS[question.kind]
    if question.kind is Kind.YES_NO:
        if text.casefold() not in _YES_NO:
            raise BadAnswer(question.id, "да or нет is wanted")
        return _YES_NO[text.casefold()]
    if not text.isascii() or not text.isdecimal() or not least <= int(text) <= most:
        raise BadAnswer(question.id, f"a whole number from {least} to {most} is wanted")
    return int(text)


def marks_of(questionnaire: Questionnaire, answers: Mapping[str, str]) -> list[Mark]:
    """The answers by question.

    Raises:
        BadAnswer: One does not fit, is to no question, or there is none at all.
    """
    for name in answers:
        if questionnaire.question(name) is None:
            raise BadAnswer(name, f"the questionnaire {questionnaire.id} has no such question")
    found = [mark_of(each, answers.get(each.id, "")) for each in questionnaire.questions]
    marks = [mark for mark in found if mark is not None]
    if not marks:
        raise BadAnswer(questionnaire.questions[0].id, "there is no answer to any question")
    return marks
