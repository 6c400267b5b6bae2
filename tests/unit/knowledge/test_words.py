from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.knowledge.words import Dictionary, Normaliser, Vocabulary, sound, tokens

MORPHOLOGY = Dictionary()


@pytest.mark.parametrize(
    ("right", "heard"),
    [
        ("лицевой", "лецевой"),
        ("счётчик", "щётчик"),
        ("счётчик", "щечик"),
        ("показания", "паказания"),
        ("долг", "долк"),
        ("подпись", "потпись"),
        ("каждого", "каждова"),
        ("перерасчёт", "пиреращёт"),
    ],
)
def test_words_that_sound_alike_share_a_key(right: str, heard: str) -> None:
    assert sound(*tokens(right)) == sound(*tokens(heard))


@pytest.mark.parametrize(("one", "other"), [("вода", "свет"), ("долг", "дом"), ("показания", "отказ")])
def test_other_words_do_not(one: str, other: str) -> None:
    assert sound(one) != sound(other)


@given(st.text())
def test_tokens_are_words_and_stay_what_they_are(text: str) -> None:
    found = tokens(text)
    assert tokens(" ".join(found)) == found
    assert all(sound(word).isalnum() or not sound(word) for word in found)


def normaliser() -> Normaliser:
    concepts = {"meter": ["счётчик", "прибор учёта"], "bill": ["квитанция", "платёжный документ"]}
    fillers = ["здравствуйте", "пожалуйста"]
    return Normaliser(MORPHOLOGY, Vocabulary.of(MORPHOLOGY, concepts, fillers, ["не пришла задолженность"]))


def test_endings_go_and_fillers_are_left_out() -> None:
    assert normaliser().lemmas("Здравствуйте, пожалуйста, счётчиком!") == [("счетчиком", "счетчик")]


@pytest.mark.parametrize(
    ("heard", "lemma"),
    [("квитация", "квитанция"), ("щётчика", "счетчик"), ("задолжиность", "задолженность")],
)
def test_words_that_do_not_exist_are_mended(heard: str, lemma: str) -> None:
    assert [found for _, found in normaliser().lemmas(heard)] == [lemma]


def test_words_that_exist_stay_even_when_a_known_one_is_near() -> None:
    assert [found for _, found in normaliser().lemmas("налётчик")] == ["налетчик"]


def test_concepts_are_found_in_any_form_and_of_several_words() -> None:
    known = normaliser()
    lemmas = [
        lemma for _, lemma in known.lemmas("показания приборов учёта и счётчиков в платёжном документе")
    ]
    assert {name for _, name in known.concepts(lemmas)} == {"meter", "bill"}
    assert known.concepts(["прибор"]) == []
