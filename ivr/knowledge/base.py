"""The face of the knowledge base: articles, search, topics, offices; reloaded without a restart."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import Self

import structlog

from ivr.dialogue.ports import Clock
from ivr.dialogue.problems import Problem, ScenarioFault, Severity
from ivr.errors import Fault
from ivr.knowledge.articles import Article, Segment, Topic
from ivr.knowledge.edition import Edition, Hit, Unread
from ivr.knowledge.lint import Forbidden, Linter, by_file, nothing_forbidden
from ivr.knowledge.loading import Loaded, load, topics_of
from ivr.knowledge.memory import Memory
from ivr.knowledge.offices import Office, hours_of
from ivr.knowledge.recognition import Classification
from ivr.knowledge.settings import KnowledgeSettings
from ivr.knowledge.words import Dictionary, Morphology

_log = structlog.get_logger(__name__)


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

    Reading takes seconds and belongs on a thread; questions take about a millisecond and may be asked from
    any thread. Until it has been read it knows the topics, so that people can name them, and no article.
    """

    def __init__(self, folder: Path, settings: KnowledgeSettings, surroundings: Surroundings) -> None:
        self._folder = folder
        self._around = surroundings
        self.settings = settings
        self._edition: Edition | Unread = Unread(topics=topics_of(folder))

    @classmethod
    def open(cls, folder: Path, settings: KnowledgeSettings, surroundings: Surroundings) -> Self:
        """Read and index a folder; articles with errors are left out and told by `problems`.

        Raises:
            Fault: There are no topics.
        """
        base = cls(folder, settings, surroundings)
        base.read()
        return base

    def read(self) -> None:
        """Read and index the folder for the first time; articles with errors are left out.

        Raises:
            Fault: There are no topics.
        """
        edition = self._edition = self._read()
        self.morphology.lemma("слово")  # loads the dictionary now, and not within a call
        for problem in edition.problems:
            if problem.severity is Severity.ERROR:
                _log.warning("knowledge.left_out", place=f"{problem.file}:{problem.line}", code=problem.code)
        _log.info("knowledge.opened", articles=len(edition.articles), topics=len(edition.topics))

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
    def morphology(self) -> Morphology:
        """Dictionary forms of words, shared with whoever needs them: they take 30 MB."""
        return self._around.morphology

    def article(self, topic: str, segment: str = Segment.ANY) -> Article | None:
        """The article on a topic for callers of a segment: its own one before those of its parts."""
        return self._edition.article(topic, segment, self._today())

    def search(self, text: str, segment: str = Segment.ANY, limit: int | None = None) -> list[Hit]:
        """Articles on what is asked, the best first; at most `limit`, or as many as the settings say."""
        return self._edition.search(text, segment, self._today(), limit or self.settings.results)

    def classify(self, text: str, segment: str = Segment.ANY) -> Classification:
        """Tell the topic of what was said, or that it is about none of them."""
        return self._edition.classify(text, segment)

    def held_out(self) -> Iterator[tuple[str, str, Classification]]:
        """Each phrase that topics are learned from, its topic, and what it is taken for without itself."""
        return self._edition.held_out()

    def offices(self, profile: str) -> Sequence[Office]:
        """Offices of a profile's company, in the order of the file."""
        return self._edition.offices.get(profile, ())

    def opening(self, office: str, segment: str, day: date) -> Sequence[tuple[time, time]] | None:
        """When an office receives callers of a segment on a day, breaks left out.

        Returns:
            Empty for a day off, None when no hours are published or there is no such office.
        """
        everywhere = (each for offices in self._edition.offices.values() for each in offices)
        week = next((each.week(segment) for each in everywhere if each.id == office), None)
        return None if week is None else hours_of(week, day.weekday())

    def texts(self, profile: str | None = None) -> Iterator[str]:
        """Each text that a caller may be told, once, to be synthesised ahead.

        Args:
            profile: Only what callers of this profile are told; None for all.
        """
        yield from dict.fromkeys(self._edition.texts(profile))

    def _today(self) -> date:
        return self._around.clock.now().date()

    def _read(self) -> Edition:
        loaded = load(self._folder)
        if not loaded.topics:
            raise _unusable(loaded)
        lint = Linter(self.settings.rules, self._today, self._around.profiles, self._around.forbidden)
        problems = sorted([*loaded.problems, *lint(loaded)])
        broken = by_file(problems)
        articles = {
            id_: article
            for id_, article in loaded.articles.items()
            if loaded.documents[id_].file not in broken
        }
        folder = self.settings.memory_folder
        memory = None if folder is None else Memory(folder)
        return Edition.of(
            loaded, articles, problems, self.settings.recognition, self._around.morphology, memory
        )


def _unusable(loaded: Loaded) -> Fault:
    if loaded.problems:
        return ScenarioFault(loaded.problems)
    return Fault("There are no topics.", str(loaded.folder), "Write them into topics.yaml.")
