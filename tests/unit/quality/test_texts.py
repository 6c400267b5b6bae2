"""What is asked of the full-text indexes of both databases."""

from __future__ import annotations

import pytest
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

from ivr.quality.texts import Texts


class Cutting:
    """Endings do not matter: four letters are enough."""

    def lemma(self, word: str) -> str:
        return word[:4]

    def grammemes(self, word: str) -> frozenset[str]:
        return frozenset()

    def knows(self, word: str) -> bool:
        return True


TEXTS = Texts(Cutting())


def asked(text: str, dialect: Dialect) -> tuple[str, list[str]]:
    compiled = TEXTS.matching(text).compile(dialect=dialect)
    return str(compiled), list(compiled.params.values())


@pytest.mark.parametrize(
    ("text", "fts5", "tsquery"),
    [
        ("Показания", '"пока"', "('пока')"),
        ("показания счётчика", '"пока" AND "счет"', "('пока') & ('счет')"),
        ("«показания счётчика» долг", '"пока счет" AND "долг"', "('пока' <-> 'счет') & ('долг')"),
        ('долг" OR 1 NEAR(', '"долг" AND "or" AND "1" AND "near"', "('долг') & ('or') & ('1') & ('near')"),
        ("x' | 'y", '"x" AND "y"', "('x') & ('y')"),
    ],
)
def test_words_are_asked_for_in_the_language_of_the_database(text: str, fts5: str, tsquery: str) -> None:
    statement, values = asked(text, sqlite.dialect())
    assert "transcript_words MATCH" in statement
    assert fts5 in values
    statement, values = asked(text, postgresql.dialect())  # type: ignore[no-untyped-call]
    assert "to_tsvector('simple', stems) @@ to_tsquery('simple'," in statement
    assert tsquery in values


@pytest.mark.parametrize("text", ["", "?!", "«»", '""'])
def test_without_words_nothing_is_found(text: str) -> None:
    statement, _ = asked(text, sqlite.dialect())
    assert "MATCH" not in statement
    assert "0 = 1" in statement or "false" in statement.lower()


def test_a_text_is_indexed_by_its_stems() -> None:
    assert TEXTS.stems(["Хочу передать показания", "12345"]) == "хочу пере пока 1234"
