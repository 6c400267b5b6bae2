"""Full-text search over articles: SQLite FTS5 in memory, ranked by BM25.

What is indexed and asked for are dictionary forms and concepts instead of words, so that endings, word order
and synonyms do not matter; a word that no article has is replaced by the one that sounds the most like it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from ivr.knowledge.words import Normaliser, sound

_WEIGHTS = (8.0, 6.0, 2.0)
"""Of title, phrases and text."""

_MOST_TERMS = 32
_COMMON = 0.3
"""Share of articles from which a term says nothing, as long as there are others."""

_LEAST_LIKENESS = 80
_SHORTEST_REPLACED = 4
_CACHED_WORDS = 10_000


@dataclass(frozen=True, slots=True)
class Searched:
    """What an article is found by."""

    id: str
    title: str
    phrases: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """An article that was found, with its BM25 score; higher is better."""

    id: str
    score: float


Row = tuple[str, str, str, str]
"""Of the index: id, and the terms of title, phrases and text."""


def rows_of(articles: Iterable[Searched], normaliser: Normaliser) -> list[Row]:
    """What is indexed of the articles."""

    def row(article: Searched) -> Row:
        parts = (article.title, " ".join(article.phrases), article.text)
        title, phrases, text = (" ".join(_terms_of(part, normaliser)) for part in parts)
        return article.id, title, phrases, text

    return [row(article) for article in articles]


class SearchIndex:
    """Built once; may be asked from any thread."""

    def __init__(self, rows: Iterable[Row], normaliser: Normaliser) -> None:
        self._normaliser = normaliser
        self._lock = Lock()
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self._database.execute("CREATE VIRTUAL TABLE articles USING fts5(id UNINDEXED, title, phrases, text)")
        self._database.executemany("INSERT INTO articles VALUES (?, ?, ?, ?)", rows)
        self._database.execute("INSERT INTO articles(articles) VALUES ('optimize')")
        self._database.execute("CREATE VIRTUAL TABLE terms USING fts5vocab(articles, row)")
        self._terms: dict[str, int] = dict(self._database.execute("SELECT term, doc FROM terms").fetchall())
        self._common = self._count() * _COMMON
        self._by_sound: dict[str, str] = {}
        for term in sorted(self._terms):
            self._by_sound.setdefault(sound(term), term)
        self._sounds = list(self._by_sound)
        self._near = lru_cache(maxsize=_CACHED_WORDS)(self._nearest)

    def find(self, text: str, limit: int) -> list[Found]:
        """Articles that have some of the words, the best first."""
        asked = list(dict.fromkeys(self._asked(text)))
        telling = [term for term in asked if self._terms[term] <= self._common]
        terms = (telling or asked)[:_MOST_TERMS]
        if not terms:
            return []
        query = " OR ".join(f'"{term}"' for term in terms)
        rank = f"bm25(articles, 0, {', '.join(map(str, _WEIGHTS))})"
        statement = f"SELECT id, {rank} AS score FROM articles WHERE articles MATCH ? ORDER BY score LIMIT ?"  # noqa: S608  # weights of ours
        with self._lock:
            rows = self._database.execute(statement, (query, limit)).fetchall()
        return [Found(id_, -score) for id_, score in rows]

    def _count(self) -> int:
        return int(self._database.execute("SELECT count(*) FROM articles").fetchone()[0])

    def _asked(self, text: str) -> Iterator[str]:
        for term in _terms_of(text, self._normaliser):
            known = term if term in self._terms else self._near(term)
            if known:
                yield known

    def _nearest(self, term: str) -> str | None:
        from rapidfuzz import fuzz, process

        if len(term) < _SHORTEST_REPLACED:
            return None
        found = process.extractOne(sound(term), self._sounds, scorer=fuzz.ratio, score_cutoff=_LEAST_LIKENESS)
        return None if found is None else self._by_sound[found[0]]


def _terms_of(text: str, normaliser: Normaliser) -> Iterator[str]:
    lemmas = [lemma for _, lemma in normaliser.lemmas(text)]
    yield from lemmas
    for _, concept in normaliser.concepts(lemmas):
        yield _term(concept)


def _term(concept: str) -> str:
    """A concept as a term that no word is."""
    return f"0{''.join(filter(str.isalnum, concept)).lower()}"
