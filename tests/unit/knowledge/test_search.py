from __future__ import annotations

from ivr.knowledge.search import Searched, SearchIndex, rows_of
from ivr.knowledge.words import Dictionary, Normaliser, Vocabulary

NORMALISER = Normaliser(
    Dictionary(), Vocabulary.of(Dictionary(), {"meter": ["счётчик", "прибор учёта"]}, [], [])
)


def index(*texts: str) -> SearchIndex:
    articles = (Searched(str(number), text, (), "") for number, text in enumerate(texts))
    return SearchIndex(rows_of(articles, NORMALISER), NORMALISER)


def ids(of: SearchIndex, text: str, limit: int = 10) -> list[str]:
    return [found.id for found in of.find(text, limit)]


def test_the_title_counts_more_than_phrases_and_these_more_than_the_text() -> None:
    articles = [
        Searched("text", "первый", ("второй",), "договор"),
        Searched("phrase", "первый", ("договор",), "второй"),
        Searched("title", "договор", ("первый",), "второй"),
        *(Searched(f"other{number}", "третий", (), "четвёртый") for number in range(10)),
    ]
    of = SearchIndex(rows_of(articles, NORMALISER), NORMALISER)
    assert ids(of, "договоры") == ["title", "phrase", "text"]


def test_words_of_one_concept_find_each_other() -> None:
    assert ids(index("замена счётчика", "оплата", "договор", "тариф"), "приборы учёта") == ["0"]


def test_a_word_that_no_article_has_is_replaced_by_its_neighbour_in_sound() -> None:
    of = index("осветительная арматура", "оплата", "договор", "тариф")
    assert ids(of, "арматурка") == ["0"]
    assert ids(of, "велосипед") == []


def test_words_of_most_articles_decide_only_alone() -> None:
    of = index(*(f"оплата {word}" for word in ("картой", "наличными", "почтой", "банком")))
    assert ids(of, "оплата почтой") == ["2"]
    assert sorted(ids(of, "оплата")) == ["0", "1", "2", "3"]
