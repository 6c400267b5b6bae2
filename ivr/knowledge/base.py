"""The face of the knowledge base: articles, search, topics, offices; reloaded without a restart."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Self

import structlog

from ivr.dialogue.ports import Clock
from ivr.dialogue.problems import Problem, ScenarioFault, Severity
from ivr.errors import Fault
from ivr.knowledge.articles import Article, Segment, Topic
from ivr.knowledge.lint import Forbidden, Linter, by_file, nothing_forbidden
from ivr.knowledge.loading import Loaded, load
from ivr.knowledge.offices import Office
from ivr.knowledge.recognition import Classification, TopicRecogniser
from ivr.knowledge.search import Searched, SearchIndex
from ivr.knowledge.settings import KnowledgeSettings
from ivr.knowledge.telling import told
from ivr.knowledge.words import Dictionary, Morphology, Normaliser

_log = structlog.get_logger(__name__)

_OF_TOPIC = 2.0
_SEARCHED = 50


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found; a higher score is better."""

    article: Article
    score: float


@dataclass(frozen=True, slots=True)
class Edition:
    """One state of the folder, indexed; a reload makes a new one."""

    topics: Mapping[str, Topic]
    articles: Mapping[str, Article]
    offices: Mapping[str, Sequence[Office]]
    index: SearchIndex
    recogniser: TopicRecogniser
    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a knowledge base is checked against.

    Attributes:
        clock: Articles are valid on its days.
        profiles: Ids of the standards; empty where they are not known.
        forbidden: What must not be spoken.
        morphology: Dictionary forms of words.
    """

    clock: Clock
    profiles: Collection[str] = ()
    forbidden: Forbidden = nothing_forbidden
    morphology: Morphology = field(default_factory=Dictionary)


class KnowledgeBase:
    """Articles by topic, found by words, and the topic of what a caller says.

    Opening and reloading take seconds and belong on a thread; questions take about a millisecond and may be
    asked from any thread.
    """

    def __init__(self, folder: Path, settings: KnowledgeSettings, surroundings: Surroundings) -> None:
        self._folder = folder
        self._around = surroundings
        self.settings = settings
        self._edition = self._read()

    @classmethod
    def open(cls, folder: Path, settings: KnowledgeSettings, surroundings: Surroundings) -> Self:
        """Read and index a folder; articles with errors are left out and told by `problems`.

        Raises:
            Fault: There are no topics.
        """
        base = cls(folder, settings, surroundings)
        for problem in base.problems:
            if problem.severity is Severity.ERROR:
                _log.warning("knowledge.left_out", place=f"{problem.file}:{problem.line}", code=problem.code)
        _log.info("knowledge.opened", articles=len(base.articles), topics=len(base.topics))
        return base

    def reload(self) -> Sequence[Problem]:
        """Read the folder again; with an error in it, what was read before stays.

        Returns:
            All problems; none of severity `error` where the new state serves.
        """
        try:
            edition = self._read()
        except ScenarioFault as fault:
            _log.warning("knowledge.kept", errors=len(fault.problems))
            return fault.problems
        errors = sum(problem.severity is Severity.ERROR for problem in edition.problems)
        if errors:
            _log.warning("knowledge.kept", errors=errors)
            return edition.problems
        self._edition = edition
        _log.info("knowledge.reloaded", articles=len(edition.articles))
        return edition.problems

    @property
    def problems(self) -> Sequence[Problem]:
        """What lint says of the folder as it was read."""
        return self._edition.problems

    @property
    def topics(self) -> Mapping[str, Topic]:
        """All topics by id."""
        return self._edition.topics

    @property
    def articles(self) -> Mapping[str, Article]:
        """All articles that can be told, by id, whatever their dates."""
        return self._edition.articles

    @property
    def recogniser(self) -> TopicRecogniser:
        """What recognises topics, for measurements."""
        return self._edition.recogniser

    def article(self, topic: str, segment: str = Segment.ANY) -> Article | None:
        """The article on a topic for callers of a segment: its own one before those of its parts."""
        suitable = (
            article
            for article in self._edition.articles.values()
            if article.topic == topic and self._is_told(article, segment)
        )
        return min(suitable, key=lambda article: (article.segment != segment, len(article.id)), default=None)

    def search(self, text: str, segment: str = Segment.ANY, limit: int | None = None) -> list[Hit]:
        """Articles on what is asked, the best first.

        The score is that of the words, 1 for the best match, and more where its topic is recognised.
        """
        edition = self._edition
        found = {one.id: one.score for one in edition.index.find(text, _SEARCHED)}
        best = max(found.values(), default=1.0)
        candidates = edition.recogniser.classify(text, segment).candidates if found else ()
        likely = {candidate.topic: candidate.confidence for candidate in candidates}
        hits = [
            Hit(article, found.get(id_, 0.0) / best + _OF_TOPIC * likely.get(article.topic, 0.0))
            for id_, article in edition.articles.items()
            if (id_ in found or article.topic in likely) and self._is_told(article, segment)
        ]
        hits.sort(key=lambda hit: -hit.score)
        return hits[: limit or self.settings.results]

    def classify(self, text: str, segment: str = Segment.ANY) -> Classification:
        """Tell the topic of what was said, or that it is about none of them."""
        return self._edition.recogniser.classify(text, segment)

    def offices(self, profile: str) -> Sequence[Office]:
        """Offices of a profile's company, in the order of the file."""
        return self._edition.offices.get(profile, ())

    def texts(self, profile: str | None = None) -> Iterator[str]:
        """Each text that a caller may be told, once, to be synthesised ahead.

        Args:
            profile: Only what callers of this profile are told; None for all.
        """
        yield from dict.fromkeys(self._texts(profile))

    def _texts(self, profile: str | None) -> Iterator[str]:
        for topic in self.topics.values():
            yield topic.about
        for article in self.articles.values():
            for name in (None, *article.profiles) if profile is None else (profile,):
                yield article.answer(name or "").spoken
        for name, offices in self._edition.offices.items():
            if profile in (None, name):
                yield from (told(office, str(of)) for office in offices for of in Segment)

    def _is_told(self, article: Article, segment: str) -> bool:
        return article.segment.suits(segment) and article.is_valid(self._today())

    def _today(self) -> date:
        return self._around.clock.now().date()

    def _read(self) -> Edition:
        loaded = load(self._folder)
        if not loaded.topics:
            raise _unusable(loaded)
        lint = Linter(self.settings.rules, self._today, self._around.profiles, self._around.forbidden)
        problems = sorted([*loaded.problems, *lint(loaded)])
        broken = by_file(problems)
        sound = {
            id_: article
            for id_, article in loaded.articles.items()
            if loaded.documents[id_].file not in broken
        }
        return self._indexed(loaded, sound, problems)

    def _indexed(
        self, loaded: Loaded, articles: Mapping[str, Article], problems: Sequence[Problem]
    ) -> Edition:
        phrases = list(_phrases(loaded.topics, articles))
        vocabulary = [text for text, _ in phrases]
        normaliser = Normaliser(self._around.morphology, loaded.concepts, loaded.fillers, vocabulary)
        recogniser = TopicRecogniser(
            tuple(loaded.topics.values()), phrases, loaded.off_topic, normaliser, self.settings.recognition
        )
        index = SearchIndex(map(_searched, articles.values()), normaliser)
        return Edition(loaded.topics, articles, loaded.offices, index, recogniser, problems)


def _phrases(topics: Mapping[str, Topic], articles: Mapping[str, Article]) -> Iterator[tuple[str, str]]:
    """What the topics are learned from: title, name and the callers' phrases."""
    for topic in topics.values():
        yield topic.title, topic.id
        yield topic.about, topic.id
    for article in articles.values():
        yield from ((text, article.topic) for text in (article.title, *article.phrases))


def _searched(article: Article) -> Searched:
    answers = [article.answer(profile) for profile in ("", *article.profiles)]
    text = "\n".join(part for answer in answers for part in (answer.spoken, answer.full))
    return Searched(article.id, article.title, article.phrases, text)


def _unusable(loaded: Loaded) -> Fault:
    if loaded.problems:
        return ScenarioFault(loaded.problems)
    return Fault("There are no topics.", str(loaded.folder), "Write them into topics.yaml.")
