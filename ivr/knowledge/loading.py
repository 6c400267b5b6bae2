"""The folder of a knowledge base → what it contains, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ivr.dialogue import documents
from ivr.dialogue.documents import MOST_BYTES, Document
from ivr.dialogue.loader import FileModel, validated
from ivr.dialogue.problems import Problem, closest
from ivr.knowledge.articles import Article, SynonymsFile, Texts, Topic, TopicsFile
from ivr.knowledge.offices import Office, OfficesFile

TOPICS_FILE = "topics.yaml"
SYNONYMS_FILE = "synonyms.yaml"
OFFICES_FILE = "offices.yaml"
OFF_TOPIC_FILE = "off-topic.txt"
ARTICLES = "*.md"

_FENCE = re.compile(r"^---[ \t]*$", re.MULTILINE)


@dataclass(slots=True)
class Loaded:
    """What was read.

    Attributes:
        articles: Those that can be told, by id, with the documents that they were read from.
        off_topic: Sentences that are about none of the topics.
        offices: Profile → offices.
        problems: All that is wrong.
    """

    folder: Path
    topics: dict[str, Topic] = field(default_factory=dict)
    articles: dict[str, Article] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    concepts: Mapping[str, Texts] = field(default_factory=dict)
    fillers: Texts = ()
    off_topic: tuple[str, ...] = ()
    offices: Mapping[str, tuple[Office, ...]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def load(folder: Path) -> Loaded:
    """Read a knowledge base; an article with a fault is left out and told among the problems."""
    loaded = Loaded(folder)
    if not folder.is_dir():
        loaded.problems.append(Problem(str(folder), 1, 1, "missing-file", "there is no such folder"))
        return loaded
    loaded.topics = topics_of(folder, loaded.problems)
    _load_optional(loaded)
    for path in sorted(folder.glob(ARTICLES)):
        _load_article(path, loaded)
    return loaded


def topics_of(folder: Path, problems: list[Problem] | None = None) -> dict[str, Topic]:
    """The topics alone, by id; none where their file is missing or broken, which the problems tell."""
    topics = _required(folder / TOPICS_FILE, TopicsFile, [] if problems is None else problems)
    return {topic.id: topic for topic in topics.topics} if topics else {}


def _load_optional(loaded: Loaded) -> None:
    if (loaded.folder / SYNONYMS_FILE).exists():
        synonyms = _required(loaded.folder / SYNONYMS_FILE, SynonymsFile, loaded.problems)
        loaded.concepts, loaded.fillers = (synonyms.concepts, synonyms.fillers) if synonyms else ({}, ())
    if (loaded.folder / OFFICES_FILE).exists():
        offices = _required(loaded.folder / OFFICES_FILE, OfficesFile, loaded.problems)
        loaded.offices = offices.root if offices else {}
    if (loaded.folder / OFF_TOPIC_FILE).exists():
        text = _read(loaded.folder / OFF_TOPIC_FILE, loaded.problems) or ""
        loaded.off_topic = tuple(line for line in text.splitlines() if line and not line.startswith("#"))


def _required(path: Path, model: type[FileModel], problems: list[Problem]) -> FileModel | None:
    document = documents.read(path)
    if isinstance(document, Document):
        return validated(document, model, problems)
    problems.extend(document)
    return None


def _load_article(path: Path, loaded: Loaded) -> None:
    text = _read(path, loaded.problems)
    document = None if text is None else _split(text, str(path), loaded.problems)
    article = None if document is None else validated(document, Article, loaded.problems)
    if document is None or article is None:
        return
    faults = [*_misplaced(article, document, path), *_unknown_topic(article, document, loaded)]
    if faults:
        loaded.problems.extend(faults)
        return
    loaded.articles[article.id] = article
    loaded.documents[article.id] = document


def _read(path: Path, problems: list[Problem]) -> str | None:
    try:
        raw = path.read_bytes()
        if len(raw) > MOST_BYTES:
            raise ValueError(f"the file is larger than {MOST_BYTES // 1024} KiB")
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        problems.append(Problem(str(path), 1, 1, "unreadable", f"the file can't be read: {error.strerror}"))
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problems.append(Problem(str(path), line, 1, "encoding", "the file is not UTF-8"))
    except ValueError as error:
        problems.append(Problem(str(path), 1, 1, "too-large", str(error)))
    return None


def _split(text: str, file: str, problems: list[Problem]) -> Document | None:
    """Front matter with the body under `full`; lines keep their numbers."""
    fences = list(_FENCE.finditer(text))[:2]
    if len(fences) != 2 or text[: fences[0].start()].strip():
        message = "an article begins with front matter between two lines '---'"
        problems.append(Problem(file, 1, 1, "front-matter", message))
        return None
    document = documents.parse(text[: fences[1].start()], file)
    if not isinstance(document, Document):
        problems.extend(document)
        return None
    if not isinstance(document.content, dict):
        problems.append(Problem(file, 1, 1, "front-matter", "the front matter holds keys with values"))
        return None
    body = text[fences[1].end() :].strip()
    if not body:
        line = text[: fences[1].start()].count("\n") + 1
        message = "the full answer for operators is missing: it follows the front matter"
        problems.append(Problem(file, line, 1, "no-full-answer", message))
        return None
    document.content["full"] = body
    return document


def _misplaced(article: Article, document: Document, path: Path) -> list[Problem]:
    """The file's name is the id; that also keeps ids unique."""
    if path.stem == article.id:
        return []
    message = f"the article {article.id!r} belongs into the file {article.id}.md"
    return [document.problem(("id",), "file-name", message)]


def _unknown_topic(article: Article, document: Document, loaded: Loaded) -> list[Problem]:
    if article.topic in loaded.topics:
        return []
    message = f"there is no topic {article.topic!r}{closest(article.topic, loaded.topics)}"
    return [document.problem(("topic",), "unknown-topic", message)]
