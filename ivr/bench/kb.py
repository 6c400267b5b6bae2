"""Search over a large invented knowledge base: how long an answer takes, and whether it is the right one."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate, islice, product
from statistics import quantiles
from time import perf_counter

from ivr.knowledge.articles import Article, Segment, Source
from ivr.knowledge.edition import Edition
from ivr.knowledge.loading import Loaded
from ivr.knowledge.settings import TopicSettings
from ivr.knowledge.words import Dictionary, tokens

_DAY = date(2026, 1, 1)
_PHRASES = 5
_PHRASE_WORDS = (4, 9)
_SPOKEN_WORDS = 45
_FULL_WORDS = 150
_MISSPELLED = 0.15
_LETTERS = "абвгдеиклмнопрстуя"
_RESULTS = 5
_LEARNED = 2_000
_SAMPLED = 2_000
_STEP = 25


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured.

    Attributes:
        articles: Invented articles.
        queries: Searches.
    """

    articles: int = 10_000
    queries: int = 1_000


QUICK = Size(articles=500, queries=100)


@dataclass(frozen=True, slots=True)
class Measured:
    """What came out.

    Attributes:
        seconds: Of each search.
        found_first: Searches whose article came first.
        found: Searches whose article was among the first five.
        index_seconds: Time to index everything and to learn the topics.
    """

    size: Size
    seconds: Sequence[float]
    found_first: int
    found: int
    index_seconds: float

    def document(self, machine: dict[str, object]) -> dict[str, object]:
        """The figures under the names of the contract."""
        cuts = quantiles(self.seconds, n=100)
        return {
            "articles": self.size.articles,
            "queries": self.size.queries,
            "search_ms": {"p50": _milliseconds(cuts[49]), "p95": _milliseconds(cuts[94])},
            "found_first": round(self.found_first / self.size.queries, 3),
            "found_in_5": round(self.found / self.size.queries, 3),
            "index_seconds": round(self.index_seconds, 1),
            "machine": machine,
        }


def measure(company: Loaded, size: Size, tell: Callable[[str], None]) -> Measured:
    """Invent articles of the words of a company's articles and of the Russian dictionary; search them.

    Queries are parts of phrases in another order, some words misspelled.
    """
    chance = random.Random(20_260_101)  # noqa: S311  # invented data
    words = _Words(company, chance)
    articles = {article.id: article for article in _articles(company, words, size.articles, chance)}
    tell(f"{len(articles)} invented articles of {len(words.known)} words")
    begun = perf_counter()
    invented = replace(company, articles=articles, documents={})
    settings = TopicSettings(most_phrases=_LEARNED)
    edition = Edition.of(invented, articles, (), settings, Dictionary())
    index_seconds = perf_counter() - begun
    tell(f"indexed in {index_seconds:.0f} s")
    return _searches(edition, size, chance, index_seconds)


def _searches(edition: Edition, size: Size, chance: random.Random, index_seconds: float) -> Measured:
    seconds, found_first, found = [], 0, 0
    for article in chance.choices(list(edition.articles.values()), k=size.queries):
        query = _query(article, chance)
        begun = perf_counter()
        hits = edition.search(query, Segment.ANY, _DAY, _RESULTS)
        seconds.append(perf_counter() - begun)
        ids = [hit.article.id for hit in hits]
        found_first += ids[:1] == [article.id]
        found += article.id in ids
    return Measured(size, seconds, found_first, found, index_seconds)


class _Words:
    """Words by Zipf's law: those of the company's articles are the frequent ones."""

    def __init__(self, company: Loaded, chance: random.Random) -> None:
        texts = (text for article in company.articles.values() for text in _texts(article))
        own = list(dict.fromkeys(word for text in texts for word in tokens(text)))
        chance.shuffle(own)
        self.known = list(dict.fromkeys([*own, *_of_dictionary(chance)]))
        self._weights = list(accumulate(1.0 / (rank + 10) for rank in range(len(self.known))))
        self._chance = chance

    def some(self, count: int) -> str:
        """So many words, by frequency."""
        return " ".join(self._chance.choices(self.known, cum_weights=self._weights, k=count))


def _of_dictionary(chance: random.Random) -> list[str]:
    """Words of the Russian dictionary, some of each beginning, in any order."""
    from pymorphy3 import MorphAnalyzer

    morph = MorphAnalyzer()
    words = [
        parse[0]
        for beginning in map("".join, product(_LETTERS, _LETTERS))
        for parse in islice(morph.iter_known_word_parses(beginning), 0, _SAMPLED, _STEP)
    ]
    chance.shuffle(words)
    return words


def _texts(article: Article) -> Iterator[str]:
    yield from (article.title, article.spoken, article.full, *article.phrases)


def _articles(company: Loaded, words: _Words, count: int, chance: random.Random) -> Iterator[Article]:
    topics = list(company.topics.values())
    for number in range(count):
        topic = topics[number % len(topics)]
        yield Article(
            id=f"{topic.id}.{number}",
            topic=topic.id,
            title=words.some(4),
            segment=topic.segment,
            personal=topic.personal,
            owner="bench",
            valid_from=_DAY.isoformat(),  # type: ignore[arg-type]  # as it stands in a file
            phrases=tuple(words.some(chance.randint(*_PHRASE_WORDS)) for _ in range(_PHRASES)),
            spoken=words.some(_SPOKEN_WORDS),
            full=words.some(_FULL_WORDS),
            sources=(Source(profile="bench", clause="1"),),
        )


def _query(article: Article, chance: random.Random) -> str:
    said = tokens(chance.choice(article.phrases))
    kept = chance.sample(said, k=max(2, len(said) - 1))
    return " ".join(_misspelled(word, chance) if chance.random() < _MISSPELLED else word for word in kept)


def _misspelled(word: str, chance: random.Random) -> str:
    place = chance.randrange(len(word))
    return f"{word[:place]}{chance.choice(_LETTERS)}{word[place + 1 :]}"


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
