"""The words of calls and messages: what the standard forbids, and what a voice can't say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ivr.campaigns.lint.subject import Subject
from ivr.campaigns.lint.walk import Walk
from ivr.dialogue import contents
from ivr.dialogue.expressions import ExpressionError
from ivr.dialogue.lint.rules.phrasing import forbidden_in
from ivr.dialogue.lint.spoken import GAP, text_of
from ivr.dialogue.problems import Problem
from ivr.dialogue.schema.files import ForbiddenPhrase
from ivr.dialogue.templates import Template, parse_template

FORBIDDEN = "forbidden-phrase"
UNSPEAKABLE = "unspeakable"
TEMPLATE = "template"
ABBREVIATION = re.compile(
    r"(?<!\w)(?:квт(?:[·*.-]?ч)?|мвт|руб\.|коп\.|тел\.|ул\.|д\.|кв\.|г\.|обл\.|р-н|л/с|лс|т\.\s?[чедк]\.)"
    r"(?!\w)",
    re.IGNORECASE,
)
FOREIGN = re.compile(r"[A-Za-z]+")
SIGN = re.compile(r"[№₽%&@#$€/\\<>=*_|~^]")


def check(subject: Subject) -> Iterator[Problem]:
    """What the texts of a kind should not have."""
    for walk in subject.walks:
        yield from _spoken(walk)
    forbidden = subject.loaded.forbidden
    for index, rule in enumerate(subject.kind.messages):
        for name, text in (("subject", rule.subject), ("text", rule.text)):
            yield from _written(subject, ("messages", index, name), text, forbidden)


def unspeakable_in(text: str) -> Iterator[str]:
    """What a voice reads wrongly: foreign letters, abbreviations, signs."""
    for pattern in (ABBREVIATION, FOREIGN, SIGN):
        yield from dict.fromkeys(found.group() for found in pattern.finditer(text))


def forbidden_words(text: str, forbidden: Iterable[ForbiddenPhrase]) -> Iterator[str]:
    """What is wrong with a text by the standard of service, and what to say instead."""
    for phrase in forbidden_in(text, forbidden):
        clause = f" ({phrase.clause})" if phrase.clause else ""
        instead = f"say {phrase.instead}" if phrase.instead else "say what can be done"
        yield f"the standard forbids «{phrase.phrase}»{clause}: {instead}"


def _spoken(walk: Walk) -> Iterator[Problem]:
    for flow in walk.reached:
        for place, template in contents.of_kind(flow.file, Template):
            for found in unspeakable_in(text_of(template).replace(GAP, " ")):
                message = f"a voice reads {found!r} wrongly: write it out in Russian words"
                yield flow.document.problem(place, UNSPEAKABLE, message)


def _written(
    subject: Subject, place: tuple[str | int, ...], text: str, forbidden: Iterable[ForbiddenPhrase]
) -> Iterator[Problem]:
    try:
        template = parse_template(text)
    except ExpressionError as error:
        yield subject.problem(place, TEMPLATE, str(error))
        return
    for message in forbidden_words(text_of(template), forbidden):
        yield subject.problem(place, FORBIDDEN, message)
