"""The company's knowledge base, with all that it is checked against."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ivr.dialogue import documents
from ivr.dialogue.documents import Document
from ivr.dialogue.lint.rules.phrasing import forbidden_in as phrases_in
from ivr.dialogue.loader import FORBIDDEN_FILE, validated
from ivr.dialogue.ports import Clock
from ivr.dialogue.problems import Problem, ScenarioFault
from ivr.dialogue.schema.files import ForbiddenFile, ForbiddenPhrase
from ivr.errors import Fault
from ivr.knowledge.base import KnowledgeBase, Surroundings
from ivr.knowledge.lint import Forbidden, nothing_forbidden
from ivr.knowledge.loading import TOPICS_FILE
from ivr.kpi.profiles import load_profiles
from ivr.settings import Settings


def open_knowledge(settings: Settings, clock: Clock) -> KnowledgeBase:
    """Read and index the knowledge base; takes seconds.

    Raises:
        Fault: There are no topics, or the list of forbidden phrases is broken.
    """
    knowledge = unread_knowledge(settings, clock)
    knowledge.read()
    return knowledge


def unread_knowledge(settings: Settings, clock: Clock) -> KnowledgeBase:
    """The knowledge base with its topics alone until it is read: a new engine takes calls meanwhile.

    Raises:
        Fault: There are no topics, or the list of forbidden phrases is broken.
    """
    folder = settings.knowledge.folder
    if not (folder / TOPICS_FILE).is_file():
        raise Fault(
            "There is no knowledge base.", str(folder / TOPICS_FILE), "Name its folder: knowledge.folder."
        )
    return KnowledgeBase(folder, settings.knowledge, surroundings(settings, clock))


def surroundings(settings: Settings, clock: Clock) -> Surroundings:
    """What the company's knowledge base is checked against."""
    return Surroundings(
        clock=clock,
        profiles=frozenset(load_profiles(settings.standards_folder)),
        forbidden=forbidden_in(settings.scenarios.folder / FORBIDDEN_FILE),
    )


def forbidden_in(file: Path) -> Forbidden:
    """The check of a list of forbidden phrases; of none where there is no such file.

    Raises:
        ScenarioFault: The file is broken.
    """
    if not file.exists():
        return nothing_forbidden
    listed = forbidden_phrases(file)

    def check(text: str) -> Iterator[str]:
        yield from (f"the standard forbids «{phrase.phrase}»" for phrase in phrases_in(text, listed))

    return check


def forbidden_phrases(file: Path) -> tuple[ForbiddenPhrase, ...]:
    """A list of forbidden phrases; empty where there is no such file.

    Raises:
        ScenarioFault: The file is broken.
    """
    if not file.exists():
        return ()
    problems: list[Problem] = []
    document = documents.read(file)
    listed = validated(document, ForbiddenFile, problems) if isinstance(document, Document) else None
    if listed is None:
        raise ScenarioFault(problems if isinstance(document, Document) else document)
    return listed.phrases
