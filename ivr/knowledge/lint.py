"""What lint says of a knowledge base beyond syntax: articles that can't be told well, or not at all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from ivr.dialogue.documents import Document, Place
from ivr.dialogue.problems import Problem, Severity
from ivr.knowledge.articles import Article, Source
from ivr.knowledge.loading import TOPICS_FILE, Loaded
from ivr.knowledge.settings import ArticleRules
from ivr.knowledge.words import tokens
from ivr.speech.russian import unspeakable

Forbidden = Callable[[str], Iterable[str]]
"""What the standard forbids in a spoken text, a message each."""

_ABBREVIATION = re.compile(r"\b[А-ЯЁA-Z]{2,}\b|\bкВт\w*|\b[а-яё]{1,5}\.(?=\s*[а-яё0-9])|\d+")


def nothing_forbidden(_text: str) -> Iterable[str]:
    """For a company without a list of forbidden phrases."""
    return ()


@dataclass(frozen=True, slots=True)
class Linter:
    """The rules.

    Attributes:
        rules: Lengths and numbers.
        today: The current date.
        profiles: Ids of the standards; empty where they are not known.
        forbidden: Forbidden phrases.
    """

    rules: ArticleRules
    today: Callable[[], date]
    profiles: Collection[str] = ()
    forbidden: Forbidden = nothing_forbidden

    def __call__(self, loaded: Loaded) -> Iterator[Problem]:
        """All problems of what was loaded, but for those of loading."""
        for id_, article in loaded.articles.items():
            yield from self._article(article, loaded.documents[id_], loaded)
        yield from self._topics(loaded)
        yield from _doubled(loaded)

    def _article(self, article: Article, document: Document, loaded: Loaded) -> Iterator[Problem]:
        yield from self._profiles(article, document)
        yield from self._spoken(document, ("spoken",), article.spoken)
        for profile, override in article.profiles.items():
            if override.spoken:
                yield from self._spoken(document, ("profiles", profile, "spoken"), override.spoken)
        yield from self._dates(article, document)
        topic = loaded.topics[article.topic]
        if topic.personal and not article.personal:
            message = f"the topic {topic.id!r} needs personal data: 'personal: true' was expected"
            yield document.problem(("personal",), "personal", message)
        if not topic.segment.suits(article.segment):
            message = f"the topic {topic.id!r} is for {topic.segment} callers"
            yield document.problem(("segment",), "segment", message)

    def _profiles(self, article: Article, document: Document) -> Iterator[Problem]:
        if not self.profiles:
            return
        for place, profile in _named_profiles(article):
            if profile not in self.profiles:
                known = ", ".join(sorted(self.profiles))
                message = f"there is no profile {profile!r}: there are {known}"
                yield document.problem(place, "unknown-profile", message)

    def _spoken(self, document: Document, place: Place, text: str) -> Iterator[Problem]:
        seconds = len(tokens(text)) / self.rules.words_per_second
        if seconds > self.rules.spoken_seconds:
            message = (
                f"the spoken answer takes about {seconds:.0f} s: at most {self.rules.spoken_seconds:.0f} s"
            )
            yield document.problem(place, "spoken-too-long", message)
        if len(text) > self.rules.spoken_characters:
            message = f"the spoken answer has {len(text)} characters: at most {self.rules.spoken_characters}"
            yield document.problem(place, "spoken-too-long", message)
        for found in dict.fromkeys(match[0] for match in _ABBREVIATION.finditer(text)):
            yield document.problem(place, "abbreviation", f"write out what is spoken: {found!r}")
        if signs := unspeakable(text):
            yield document.problem(place, "unspeakable", f"no voice can say {signs!r}")
        for message in self.forbidden(text):
            yield document.problem(place, "forbidden-phrase", message)

    def _dates(self, article: Article, document: Document) -> Iterator[Problem]:
        if article.valid_to is not None and article.valid_to < article.valid_from:
            yield document.problem(("valid_to",), "validity", "the article ends before it begins")
        elif article.valid_to is not None and article.valid_to < self.today():
            message = f"the article has ended on {article.valid_to}: it is not told"
            yield _warning(document.problem(("valid_to",), "expired", message))
        elif article.valid_from > self.today():
            message = f"the article begins on {article.valid_from}: it is not told yet"
            yield _warning(document.problem(("valid_from",), "not-yet-valid", message))

    def _topics(self, loaded: Loaded) -> Iterator[Problem]:
        phrases: Counter[str] = Counter()
        for article in loaded.articles.values():
            phrases[article.topic] += len(article.phrases)
        places = {article.topic: loaded.documents[id_] for id_, article in loaded.articles.items()}
        file = str(loaded.folder / TOPICS_FILE)
        for topic in loaded.topics:
            if topic not in places:
                message = f"the topic {topic!r} has no article"
                yield Problem(file, 1, 1, "no-article", message)
            elif phrases[topic] < self.rules.phrases:
                message = f"the topic {topic!r} has {phrases[topic]} phrases: at least {self.rules.phrases}"
                yield _warning(places[topic].problem(("phrases",), "few-phrases", message))


def _named_profiles(article: Article) -> Iterator[tuple[Place, str]]:
    yield from _of_sources((), article.sources)
    for profile, override in article.profiles.items():
        yield ("profiles", profile), profile
        yield from _of_sources(("profiles", profile), override.sources)


def _of_sources(place: Place, sources: Iterable[Source]) -> Iterator[tuple[Place, str]]:
    for number, source in enumerate(sources):
        yield (*place, "sources", number, "profile"), source.profile


def _doubled(loaded: Loaded) -> Iterator[Problem]:
    """Phrases that stand in two topics, or twice in one: nothing can be learned from them."""
    first: dict[str, Article] = {}
    for article in loaded.articles.values():
        for number, phrase in enumerate(article.phrases):
            plain = " ".join(tokens(phrase))
            other = first.setdefault(plain, article)
            if other is not article or _is_repeated(article, plain, number):
                message = f"the phrase {phrase!r} is already in {other.id!r}"
                document = loaded.documents[article.id]
                yield _warning(document.problem(("phrases", number), "doubled-phrase", message))


def _is_repeated(article: Article, plain: str, number: int) -> bool:
    return any(" ".join(tokens(other)) == plain for other in article.phrases[:number])


def _warning(problem: Problem) -> Problem:
    return Problem(
        problem.file, problem.line, problem.column, problem.code, problem.message, Severity.WARNING
    )


def by_file(problems: Iterable[Problem]) -> Mapping[str, list[Problem]]:
    """The errors of each file."""
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.severity is Severity.ERROR:
            found.setdefault(problem.file, []).append(problem)
    return found
