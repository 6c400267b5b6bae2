from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.speech.understanding.confirmation import yes_no
from ivr.speech.understanding.words import data

LISTS = {
    "yes_particles": "yes",
    "weak_yes": "yes",
    "yes": "yes",
    "emphasis": "yes",
    "no": "no",
    "weak_no": "no",
    "no_particles": "no",
    "hedges": "unclear",
    "elsewhere": "unclear",
    "fillers": "unclear",
}
PHRASES = {name: [str(phrase) for phrase in data("confirmation.yaml")[name]] for name in LISTS}


@pytest.mark.parametrize("name", LISTS)
def test_every_phrase_means_what_its_list_says(name: str) -> None:
    assert [phrase for phrase in PHRASES[name] if yes_no(phrase) != LISTS[name]] == []


@given(st.sampled_from(PHRASES["yes"]), st.sampled_from(["нет", "да", "нет-нет", "ну да"]))
def test_a_statement_outweighs_a_short_word_before_it(phrase: str, short: str) -> None:
    assert yes_no(f"{short}, {phrase}") == "yes"


@given(
    st.sampled_from(PHRASES["yes"] + PHRASES["no"]),
    st.sampled_from(["не знаю", "наверное", "вроде бы", "подождите"]),
)
def test_doubt_makes_any_answer_unclear(phrase: str, doubt: str) -> None:
    assert yes_no(f"{phrase}, {doubt}") == "unclear"


@given(st.sampled_from(PHRASES["yes"]), st.sampled_from(PHRASES["no"]))
def test_a_correction_counts(first: str, second: str) -> None:
    assert yes_no(f"{first}, ой, {second}") == "no"
    assert yes_no(f"{second}, ой, {first}") == "yes"


@given(st.sampled_from(PHRASES["yes"] + PHRASES["yes_particles"] + PHRASES["no"]))
def test_a_question_is_no_answer(phrase: str) -> None:
    assert yes_no(f"{phrase}?") == "unclear"


@given(st.text(max_size=60))
def test_any_text_has_a_label(text: str) -> None:
    assert yes_no(text) in {"yes", "no", "unclear"}


@pytest.mark.parametrize("text", ["не, не надо", "нет, сорок один", "неееет", "НЕТ!"])
def test_no(text: str) -> None:
    assert yes_no(text) == "no"
