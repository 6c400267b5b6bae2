"""What is marked in transcripts that were made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ivr.dialogue.schema.files import ForbiddenPhrase
from ivr.kpi.profiles import Salutation, load_profiles
from ivr.quality.marking import Rules, forbidden, marks, rules_for
from ivr.quality.model import MarkKind, Side, Span, Utterance, Window
from ivr.quality.settings import MarkSettings

ROOT = Path(__file__).parents[3]
PROFILES = load_profiles(ROOT / "metrics" / "standards")
NAMES = {"ivanova": "Анна Иванова", "yan": "Ян Ли"}
TALK = Window(10_000, 70_000, "ivanova")
GREETING = "здравствуйте газпром энергосбыт брянск анна"
PHRASES = forbidden(
    [
        ForbiddenPhrase(phrase="не могли бы вы", instead="«Назовите…»", clause="п. 116 в"),
        ForbiddenPhrase(phrase="вас беспоко*", clause="п. 116 в"),
        ForbiddenPhrase(phrase="нет", alone=True, clause="п. 64 д"),
    ]
)


def said(begin: int, text: str, side: Side = Side.PERSON, seconds: float = 3) -> Utterance:
    return Utterance(side, begin, begin + round(seconds * 1000), text, 0.9, "ivanova")


def rules(profile: str | None = "bryansk", *, outgoing: bool = False, **settings: Any) -> Rules:
    return rules_for(
        MarkSettings(**({"silence_seconds": 0, "overlap_seconds": 0} | settings)),
        PROFILES[profile] if profile else None,
        outgoing=outgoing,
        phrases=PHRASES,
        company="Энергосбыт",
        names=NAMES,
    )


def kinds(utterances: list[Utterance], asked: Rules, talk: Window = TALK) -> list[MarkKind]:
    return [mark.kind for mark in marks(utterances, [talk], asked)]


def test_forbidden_phrases_are_found_in_the_operators_channel_only() -> None:
    words = [
        said(11_000, GREETING),
        said(20_000, "Не могли бы вы назвать адрес"),
        said(30_000, "не могли бы вы помочь", Side.CLIENT),
        said(40_000, "вас беспокоят из энергосбыта"),
    ]
    found = marks(words, [TALK], rules())
    assert [(mark.kind, mark.at, mark.clause) for mark in found] == [
        (MarkKind.FORBIDDEN, 20_000, "п. 116 в"),
        (MarkKind.FORBIDDEN, 40_000, "п. 116 в"),
    ]
    assert found[0].rule == "«не могли бы вы» — лучше: «Назовите…»"
    assert (found[0].words, found[0].agent) == ("Не могли бы вы назвать адрес", "ivanova")


@pytest.mark.parametrize(("text", "marked"), [("нет", True), ("да или нет", False), ("нет света", False)])
def test_a_word_that_is_forbidden_as_a_reply_is_one_only_by_itself(text: str, marked: bool) -> None:
    found = kinds([said(11_000, GREETING), said(30_000, text)], rules())
    assert found == ([MarkKind.FORBIDDEN] if marked else [])


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        (GREETING, []),
        ("добрый день меня зовут ирина газпром энергозбыт брянск", []),
        ("здраствуйте гаспром энергосбыт брянск оператор анна слушает", []),
        ("здравствуйте госпрома нергозбы тбрянск меня зовут анна", []),
        ("здравствуйте анна чем могу помочь", [MarkKind.COMPANY]),
        ("добрый день анна вы передаёте показания или спрашиваете о задолженности", [MarkKind.COMPANY]),
        ("здравствуйте газпром энергосбыт брянск", [MarkKind.NAME]),
        ("газпром энергосбыт брянск анна", [MarkKind.GREETING]),
        ("алло говорите", [MarkKind.GREETING, MarkKind.COMPANY, MarkKind.NAME]),
        ("", [MarkKind.GREETING, MarkKind.COMPANY, MarkKind.NAME]),
    ],
)
def test_what_a_greeting_lacks_is_marked(text: str, missing: list[MarkKind]) -> None:
    found = marks([said(10_500, text)] if text else [], [TALK], rules())
    assert [mark.kind for mark in found] == missing
    assert {mark.clause for mark in found} <= {"п. 103"}


def test_a_greeting_has_to_come_in_time_and_from_the_operator() -> None:
    late = TALK.begin + 16_000
    assert len(kinds([said(late, GREETING)], rules())) == 3
    assert len(kinds([said(10_500, GREETING, Side.CLIENT)], rules())) == 3
    assert kinds([said(late, GREETING)], rules(greeting_seconds=20)) == []


def test_only_the_beginning_of_a_talk_needs_a_greeting() -> None:
    assert kinds([], rules(), Window(10_000, 70_000, "ivanova", fresh=False)) == []
    assert kinds([], rules(), Window(10_000, 13_000, "ivanova")) == [], "he hung up at once"


def test_an_outgoing_call_has_a_clause_of_its_own() -> None:
    found = marks([], [TALK], rules(outgoing=True))
    assert {mark.clause for mark in found} == {"п. 108"}


def test_where_the_standard_is_silent_the_company_asks_or_does_not() -> None:
    found = marks([], [TALK], rules("omsk"))
    assert [mark.clause for mark in found] == ["", "", ""]
    assert marks([], [TALK], rules("omsk", greeting=False)) == []
    assert len(marks([], [TALK], rules("bryansk", greeting=False))) == 3
    assert set(rules(None).asked) == set(Salutation)


def test_short_names_are_to_be_said_exactly() -> None:
    talk = Window(10_000, 70_000, "yan")
    assert kinds([said(10_500, "здравствуйте газпром энергосбыт брянск ян")], rules(), talk) == []
    assert kinds([said(10_500, "здравствуйте газпром энергосбыт брянск я")], rules(), talk) == [MarkKind.NAME]


def test_long_silence_of_both_is_marked_where_it_begins() -> None:
    words = [
        said(10_500, GREETING),
        said(14_000, "подскажите", Side.CLIENT, seconds=2),
        said(50_000, "да", seconds=1),
    ]
    found = marks(words, [TALK], rules(silence_seconds=25))
    assert [(mark.kind, mark.at, mark.clause) for mark in found] == [(MarkKind.SILENCE, 16_000, "п. 97")]
    noise = [*words, said(30_000, "", Side.CLIENT)]
    assert marks(noise, [TALK], rules(silence_seconds=25)) == [], "somebody was heard"


def test_silence_while_the_recording_is_paused_is_nobodys() -> None:
    words = [said(10_500, GREETING), said(50_000, "да", seconds=19)]
    assert [mark.at for mark in marks(words, [TALK], rules(silence_seconds=25))] == [13_500]
    assert marks(words, [TALK], rules(silence_seconds=25), [Span(20_000, 45_000)]) == []


def test_both_speaking_at_once_is_marked() -> None:
    words = [said(10_500, GREETING), said(20_000, "минуту", seconds=9), said(24_000, "нет", Side.CLIENT, 6)]
    found = marks(words, [TALK], rules(overlap_seconds=4))
    assert [(mark.kind, mark.at) for mark in found] == [(MarkKind.OVERLAP, 24_000)]
    assert marks(words, [TALK], rules(overlap_seconds=6)) == []
