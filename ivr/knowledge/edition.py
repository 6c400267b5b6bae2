"""One state of a knowledge base, indexed: what is asked while the next one may be in the making."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Self

from ivr.dialogue.problems import Problem
from ivr.knowledge.articles import Article, Segment, Topic
from ivr.knowledge.loading import Loaded
from ivr.knowledge.memory import Memory, Studied
from ivr.knowledge.offices import Office
from ivr.knowledge.recognition import Classification, Lesson, TopicRecogniser, learn
from ivr.knowledge.search import Searched, SearchIndex, rows_of
from ivr.knowledge.settings import TopicSettings
from ivr.knowledge.telling import told
from ivr.knowledge.words import Morphology, Normaliser, Vocabulary

_OF_TOPIC = 2.0
_SEARCHED = 50


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found; a higher score is better."""

    article: Article
    score: float


@dataclass(frozen=True, slots=True)
class Edition:
    """What a folder held when it was read.

    Attributes:
        articles: Those without errors, by id, whatever their dates.
        problems: All that lint says.
    """

    topics: Mapping[str, Topic]
    articles: Mapping[str, Article]
    offices: Mapping[str, Sequence[Office]]
    index: SearchIndex
    recogniser: TopicRecogniser
    problems: Sequence[Problem]

    @classmethod
    def of(
        cls,
        loaded: Loaded,
        articles: Mapping[str, Article],
        problems: Sequence[Problem],
        settings: TopicSettings,
        morphology: Morphology,
        memory: Memory | None = None,
    ) -> Self:
        """Index the articles and learn the topics; takes seconds, unless that was done in an earlier life."""
        phrases = list(phrases_of(loaded.topics, articles))
        lesson = Lesson.of(phrases, loaded.off_topic, settings.most_phrases)
        searched = [_searched(article) for article in articles.values()]
        texts = [text for text, _ in phrases]

        def studied() -> Studied:
            vocabulary = Vocabulary.of(morphology, loaded.concepts, loaded.fillers, texts)
            own = Normaliser(morphology, vocabulary)
            return Studied(vocabulary, learn(lesson, own), rows_of(searched, own))

        given = (asdict(lesson), [asdict(each) for each in searched], loaded.concepts, loaded.fillers, texts)
        known = studied() if memory is None else memory.recalled(given, studied)
        normaliser = Normaliser(morphology, known.vocabulary)
        topics = tuple(loaded.topics.values())
        recogniser = TopicRecogniser(topics, lesson, known.learned, normaliser, settings)
        index = SearchIndex(known.rows, normaliser)
        return cls(loaded.topics, articles, loaded.offices, index, recogniser, problems)

    def classify(self, text: str, segment: str) -> Classification:
        """Tell the topic of what was said, or that it is about none of them."""
        return self.recogniser.classify(text, segment)

    def held_out(self) -> Iterator[tuple[str, str, Classification]]:
        """As `TopicRecogniser.held_out`."""
        return iter(self.recogniser.held_out())

    def article(self, topic: str, segment: str, day: date) -> Article | None:
        """The article on a topic for callers of a segment: its own one before those of its parts."""
        suitable = (
            article
            for article in self.articles.values()
            if article.topic == topic and _is_told(article, segment, day)
        )
        return min(suitable, key=lambda article: (article.segment != segment, len(article.id)), default=None)

    def search(self, text: str, segment: str, day: date, limit: int) -> list[Hit]:
        """Articles on what is asked, the best first.

        The score is that of the words, 1 for the best match, and more where its topic is recognised.
        """
        found = {one.id: one.score for one in self.index.find(text, _SEARCHED)}
        best = max(found.values(), default=1.0)
        candidates = self.recogniser.classify(text, segment).candidates if found else ()
        likely = {candidate.topic: candidate.confidence for candidate in candidates}
        hits = [
            Hit(self.articles[id_], score / best + _OF_TOPIC * likely.get(self.articles[id_].topic, 0.0))
            for id_, score in found.items()
            if _is_told(self.articles[id_], segment, day)
        ]
        hits.sort(key=lambda hit: -hit.score)
        return hits[:limit]

    def texts(self, profile: str | None) -> Iterator[str]:
        """Each text that a caller of the profile, or of any, may be told; some more than once."""
        return texts_of(self.topics, self.articles, self.offices, profile)


@dataclass(frozen=True, slots=True)
class Unread:
    """In the place of an edition until the first one has been read: nothing is known but the topics."""

    topics: Mapping[str, Topic] = field(default_factory=dict)
    articles: Mapping[str, Article] = field(default_factory=dict)
    offices: Mapping[str, Sequence[Office]] = field(default_factory=dict)
    problems: Sequence[Problem] = ()

    def classify(self, _text: str, _segment: str) -> Classification:
        """About nothing that is known."""
        return Classification(None, 0.0)

    def held_out(self) -> Iterator[tuple[str, str, Classification]]:
        """No phrases."""
        return iter(())

    def article(self, _topic: str, _segment: str, _day: date) -> Article | None:
        """None."""
        return None

    def search(self, _text: str, _segment: str, _day: date, _limit: int) -> list[Hit]:
        """Nothing is found."""
        return []

    def texts(self, _profile: str | None) -> Iterator[str]:
        """Nothing is told."""
        return iter(())


def texts_of(
    topics: Mapping[str, Topic],
    articles: Mapping[str, Article],
    offices: Mapping[str, Sequence[Office]],
    profile: str | None,
) -> Iterator[str]:
    """Each text that a caller of the profile, or of any, may be told; some more than once."""
    for topic in topics.values():
        yield topic.about
    for article in articles.values():
        for name in ("", *article.profiles) if profile is None else (profile,):
            yield article.answer(name).spoken
    for name, published in offices.items():
        if profile in (None, name):
            yield from (told(office, segment) for office in published for segment in Segment)


def phrases_of(topics: Mapping[str, Topic], articles: Mapping[str, Article]) -> Iterator[tuple[str, str]]:
    """What topics are learned from, with the topic: titles and the callers' phrases."""
    for topic in topics.values():
        yield topic.title, topic.id
        yield topic.about, topic.id
    for article in articles.values():
        yield from ((text, article.topic) for text in (article.title, *article.phrases))


def _is_told(article: Article, segment: str, day: date) -> bool:
    return article.segment.suits(segment) and article.is_valid(day)


def _searched(article: Article) -> Searched:
    answers = [article.answer(profile) for profile in ("", *article.profiles)]
    text = "\n".join(part for answer in answers for part in (answer.spoken, answer.full))
    return Searched(article.id, article.title, article.phrases, text)
