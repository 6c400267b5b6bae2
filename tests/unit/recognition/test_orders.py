from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from ivr.dialogue.ports import AnswerKind, Listen
from ivr.speech.recognition.grammars import GrammarStore, UnknownGrammar
from ivr.speech.recognition.ordering import order
from ivr.speech.recognition.ports import BargeIn, Slot, TurnOrder
from ivr.speech.recognition.vocabulary import backchannels, phrases_of, spoken_forms
from ivr.speech.understanding.confirmation import yes_no
from ivr.speech.understanding.numerals import digits

LISTS = YAML(typ="safe", pure=True).load(
    files("ivr.speech.recognition").joinpath("vocabulary.yaml").read_text("utf-8")
)


def test_closed_questions_have_a_grammar_and_free_speech_has_none(tmp_path: Path) -> None:
    store = GrammarStore(tmp_path)
    listen = Listen(kind=AnswerKind.READING, digits=5, most_seconds=12.5)
    closed = order(listen, store, number=7, prompt_milliseconds=2400, barge_in=BargeIn.WORDS, keep_clip=True)
    assert closed.grammar is not None
    assert GrammarStore(tmp_path).get(closed.grammar) == phrases_of(listen), "another process reads it"
    assert (closed.slot, closed.kind, closed.digits, closed.number) == (Slot.CLOSED, "reading", 5, 7)
    assert (closed.prompt_milliseconds, closed.most_milliseconds) == (2400, 12_500)
    assert closed.keep_clip
    assert TurnOrder.from_json(closed.to_json()) == closed
    for free in (Listen(kind=AnswerKind.SPEECH), Listen(kind=AnswerKind.CHOICE, free=True)):
        told = order(free, store, number=8)
        assert (told.slot, told.grammar) == (Slot.FREE, None)


def test_a_disk_that_refuses_costs_the_grammar_only(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told = order(Listen(kind=AnswerKind.YES_NO), GrammarStore(tmp_path / "file"), number=1)
    assert (told.slot, told.grammar) == (Slot.CLOSED, None)


def test_a_grammar_that_was_wiped_out_is_written_again(tmp_path: Path) -> None:
    store = GrammarStore(tmp_path)
    (tmp_path / f"{store.put(('да', 'нет'))}.txt").unlink()
    assert GrammarStore(tmp_path).get(store.put(("да", "нет"))) == ("да", "нет")


@pytest.mark.parametrize("wrong", ["", "../../etc/passwd", "0" * 20, "0" * 19, "Z" * 20])
def test_an_id_that_was_never_given_is_unknown(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(UnknownGrammar):
        GrammarStore(tmp_path).get(wrong)


@pytest.mark.parametrize("damage", ["да\nне", "", "да\nнет\nоператор"])
def test_a_damaged_grammar_is_unknown(tmp_path: Path, damage: str) -> None:
    grammar = GrammarStore(tmp_path).put(("да", "нет"))
    (tmp_path / f"{grammar}.txt").write_text(damage, encoding="utf-8")
    with pytest.raises(UnknownGrammar):
        GrammarStore(tmp_path).get(grammar)


def test_many_writers_of_one_grammar(tmp_path: Path) -> None:
    phrases = tuple(f"улица {number}" for number in range(2000))
    with ThreadPoolExecutor(8) as pool:
        given_ids = set(pool.map(lambda _: GrammarStore(tmp_path).put(phrases), range(40)))
    assert len(given_ids) == 1
    assert GrammarStore(tmp_path).get(given_ids.pop()) == phrases
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Улица Пушкина", ["улица пушкина"]),
        ("8 Марта", ["восемь марта", "восьмого марта"]),
        ("1-я Советская, д. 5", ["один советская д пять", "первого советская д пятого"]),
        ("Ростов-на-Дону", ["ростов на дону"]),
        ("—", []),
    ],
)
def test_phrases_as_they_are_said(written: str, spoken: list[str]) -> None:
    assert list(spoken_forms(written)) == spoken


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_phrase_becomes_words(written: str) -> None:
    for form in spoken_forms(written):
        assert form == " ".join(form.split())
        assert not any(sign in form for sign in '"[]\\,.')


OPEN = {AnswerKind.SPEECH, AnswerKind.GREETING, AnswerKind.TONE}


@pytest.mark.parametrize("kind", [kind for kind in AnswerKind if kind not in OPEN])
def test_every_closed_question_takes_its_phrases_and_the_words_that_work_everywhere(kind: AnswerKind) -> None:
    phrases = phrases_of(Listen(kind=kind, phrases=("улица Есенина", "улица Есенина")))
    assert len(set(phrases)) == len(phrases)
    assert {"улица есенина", "оператор", "повторите", "медленнее", "назад", "искрит", "ну"} <= set(phrases)


def test_every_numeral_that_is_heard_is_understood() -> None:
    assert [word for forms in LISTS["numerals"] for word in forms if digits(word) is None] == []


def test_numerals_in_a_row_are_understood() -> None:
    phrases = set(phrases_of(Listen(kind=AnswerKind.READING)))
    for said, means in (
        ("пейсят тыща", "50"), ("двенадцать тысяч триста сорок пять", "12345"), ("ноль нуль один", "001"),
        ("девяноста двухсот", "90200"),
    ):  # fmt: skip
        assert set(said.split()) <= phrases
        assert (digits(said) or "").startswith(means)


def test_every_answer_that_is_heard_is_understood() -> None:
    phrases = set(phrases_of(Listen(kind=AnswerKind.YES_NO)))
    for answer, said in zip(("yes", "no", "unclear"), LISTS["yes_no"], strict=True):
        assert phrases.issuperset(said)
        assert [one for one in said if yes_no(one) != answer] == []


def test_backchannels_are_no_commands() -> None:
    assert {"ага", "угу", "да", "ну", "так", "алло"} <= backchannels()
    assert not {"оператор", "нет", "назад", "стоп", "искрит"} & backchannels()
