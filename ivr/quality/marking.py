"""What in a transcript a supervisor should look at. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

from ivr.dialogue.lint.rules.phrasing import pattern_of
from ivr.dialogue.schema.files import ForbiddenPhrase
from ivr.kpi.profiles import Profile, Salutation
from ivr.quality.likeness import names_company, names_person, says_one_of
from ivr.quality.model import Mark, MarkKind, Side, Span, Utterance, Window
from ivr.quality.settings import MarkSettings
from ivr.quality.windows import without

_KINDS = {
    Salutation.HELLO: MarkKind.GREETING,
    Salutation.COMPANY: MarkKind.COMPANY,
    Salutation.NAME: MarkKind.NAME,
}
_LEAST_TALK = 5000
"""In a shorter talk, milliseconds, there is no time for all of a greeting."""


class Wording(BaseModel):
    """What `wording.yaml` holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hello: tuple[str, ...]
    introductions: tuple[str, ...]
    rules: Mapping[MarkKind, str]
    instead: str


@cache
def wording() -> Wording:
    """How talks begin in Russian."""
    text = files(__package__).joinpath("wording.yaml").read_text(encoding="utf-8")
    return Wording.model_validate(YAML(typ="safe", pure=True).load(text))


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A phrase that nobody says: how it is found, and what it is called."""

    pattern: re.Pattern[str]
    rule: str
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is asked of one talk.

    Attributes:
        forbidden: Phrases.
        asked: What its beginning has to have → clause; empty: the company asks so.
        greeting: Within so many milliseconds.
        companies: What the company is called.
        names: Login → name of the operator.
        silence: Length from which it is marked, milliseconds; 0: never.
        silence_clause: Where a standard says so.
        overlap: The same of speech at once.
    """

    forbidden: Sequence[Forbidden] = ()
    asked: Mapping[Salutation, str] = field(default_factory=dict)
    greeting: int = 0
    companies: Sequence[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    silence: int = 0
    silence_clause: str = ""
    overlap: int = 0


def forbidden(phrases: Sequence[ForbiddenPhrase]) -> list[Forbidden]:
    """The list of the scenarios as what is looked for."""
    return [Forbidden(pattern_of(each), _rule_of(each), each.clause or "") for each in phrases]


def rules_for(
    settings: MarkSettings,
    profile: Profile | None,
    *,
    outgoing: bool,
    phrases: Sequence[Forbidden],
    company: str,
    names: Mapping[str, str],
) -> Rules:
    """What is asked of a talk.

    Args:
        settings: What the standard leaves open.
        profile: The standard of its line, or None.
        outgoing: Whether the company called.
        phrases: That nobody says.
        company: Name of the company.
        names: Login → name of operators.
    """
    stated = profile.greeting(outgoing=outgoing) if profile else None
    asked = dict.fromkeys(Salutation, "") if settings.greeting else {}
    if stated:
        asked |= dict.fromkeys(stated.says, stated.source.clause)
    pauses = profile.pauses if profile else None
    return Rules(
        forbidden=phrases if settings.forbidden_phrases else (),
        asked=asked,
        greeting=round(settings.greeting_seconds * 1000),
        companies=(company, *((profile.company,) if profile else ()), *settings.company_names),
        names=names,
        silence=round(settings.silence_seconds * 1000),
        silence_clause=pauses.source.clause if pauses else "",
        overlap=round(settings.overlap_seconds * 1000),
    )


def marks(
    said: Sequence[Utterance], talks: Sequence[Window], rules: Rules, quiet: Sequence[Span] = ()
) -> list[Mark]:
    """What there is to look at in a recording with its sides apart, in order of time.

    Args:
        said: All of it, noises too.
        talks: When people were connected.
        rules: What is asked.
        quiet: Where the recording was paused by rule: silence there is nobody's.
    """
    found = [
        *_phrases(said, rules),
        *(mark for talk in talks if talk.fresh for mark in _beginning(said, talk, rules)),
        *(mark for talk in talks for mark in _silences(said, talk, rules, quiet)),
        *_overlaps(said, rules),
    ]
    return sorted(found, key=lambda mark: mark.at)


def _phrases(said: Sequence[Utterance], rules: Rules) -> Iterator[Mark]:
    for each in said:
        if each.side is not Side.PERSON:
            continue
        text = each.text.lower().replace("ё", "е")
        for phrase in rules.forbidden:
            if phrase.pattern.search(text):
                yield Mark(MarkKind.FORBIDDEN, each.begin, each.agent, phrase.rule, phrase.clause, each.text)


def _beginning(said: Sequence[Utterance], talk: Window, rules: Rules) -> Iterator[Mark]:
    if talk.end - talk.begin < _LEAST_TALK:
        return
    until = min(talk.begin + rules.greeting, talk.end)
    mine = [
        each for each in said if each.side is Side.PERSON and talk.begin <= each.end and each.begin < until
    ]
    words = " ".join(each.text for each in mine)
    for part, clause in rules.asked.items():
        if not _has(part, words, talk.agent, rules):
            yield Mark(_KINDS[part], talk.begin, talk.agent, wording().rules[_KINDS[part]], clause, words)


def _has(part: Salutation, words: str, agent: str | None, rules: Rules) -> bool:
    match part:
        case Salutation.HELLO:
            return says_one_of(words, wording().hello)
        case Salutation.COMPANY:
            return names_company(words, rules.companies)
        case Salutation.NAME:
            name = rules.names.get(agent or "", "")
            return names_person(words, name) or says_one_of(words, wording().introductions)


def _silences(said: Sequence[Utterance], talk: Window, rules: Rules, quiet: Sequence[Span]) -> Iterator[Mark]:
    if not rules.silence:
        return
    spoken = [Span(each.begin, each.end) for each in said]
    for gap in without(Span(talk.begin, talk.end), [*spoken, *quiet]):
        if gap.end - gap.begin >= rules.silence:
            rule = wording().rules[MarkKind.SILENCE]
            yield Mark(MarkKind.SILENCE, gap.begin, talk.agent, rule, rules.silence_clause)


def _overlaps(said: Sequence[Utterance], rules: Rules) -> Iterator[Mark]:
    if not rules.overlap:
        return
    clients = [each for each in said if each.side is Side.CLIENT and each.text]
    people = [each for each in said if each.side is Side.PERSON and each.text]
    for person in people:
        for client in clients:
            begin, end = max(person.begin, client.begin), min(person.end, client.end)
            if end - begin >= rules.overlap:
                yield Mark(MarkKind.OVERLAP, begin, person.agent, wording().rules[MarkKind.OVERLAP])


def _rule_of(phrase: ForbiddenPhrase) -> str:
    instead = wording().instead.format(instead=phrase.instead) if phrase.instead else ""
    return " — ".join(filter(None, (f"«{phrase.phrase}»", instead)))
