"""Search by what was said: dictionary forms of a recording's words in the database's own full-text index.

SQLite: the virtual table `transcript_words` (FTS5). PostgreSQL: a plain table of the same name with a GIN
index on `to_tsvector('simple', stems)`. Both hold the same forms: endings and word order do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, String, bindparam, false, select, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import BindParameter
from sqlalchemy.types import Boolean

from ivr.knowledge.words import Morphology, tokens
from ivr.quality.tables import transcripts

_MERGED_PAGES = 500
_QUOTED = re.compile(r"[\"«“„]([^\"»”“]*)[\"»”“]")
_MOST_WORDS = 32

Phrase = tuple[str, ...]
"""Dictionary forms that follow one another."""


class Texts:
    """What was said, as `ivr.archive.search.Texts` wants it."""

    def __init__(self, morphology: Morphology) -> None:
        """Args: morphology, the same for what is written and for what is asked."""
        self._morphology = morphology

    def stems(self, said: Iterable[str]) -> str:
        """Texts as they are indexed."""
        return " ".join(stem for each in said for stem in self._stems(each))

    def matching(self, text: str) -> Select[tuple[str]]:
        """The ids of the recordings in which all the words were said, those in quotes one after another."""
        asked = self._phrases(text)
        condition: ColumnElement[bool] = _Said(asked) if asked else false()
        return select(transcripts.c.recording_id).where(condition)

    def _phrases(self, asked: str) -> list[Phrase]:
        quoted = [tuple(self._stems(each)) for each in _QUOTED.findall(asked)]
        single = [(stem,) for stem in self._stems(_QUOTED.sub(" ", asked))]
        return [phrase for phrase in (*quoted, *single) if phrase][:_MOST_WORDS]

    def _stems(self, said: str) -> list[str]:
        return [self._morphology.lemma(token) for token in tokens(said)]


class _Said(ColumnElement[bool]):
    """Whether the words were said in the recording of a transcript."""

    inherit_cache = False
    type = Boolean()

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        fts5 = " AND ".join(f'"{" ".join(phrase)}"' for phrase in phrases)
        tsquery = " & ".join("(" + " <-> ".join(f"'{stem}'" for stem in phrase) + ")" for phrase in phrases)
        self.fts5: BindParameter[str] = bindparam(None, fts5, String, unique=True)
        self.tsquery: BindParameter[str] = bindparam(None, tsquery, String, unique=True)


@compiles(_Said, "sqlite")
def _sqlite(element: _Said, compiler: Any, **options: Any) -> str:
    asked = compiler.process(element.fts5, **options)
    return f"transcripts.id IN (SELECT rowid FROM transcript_words WHERE transcript_words MATCH {asked})"  # noqa: S608  # a bound parameter


@compiles(_Said, "postgresql")
def _postgresql(element: _Said, compiler: Any, **options: Any) -> str:
    asked = compiler.process(element.tsquery, **options)
    found = f"to_tsvector('simple', stems) @@ to_tsquery('simple', {asked})"
    return f"transcripts.id IN (SELECT rowid FROM transcript_words WHERE {found})"  # noqa: S608  # the same


def put(connection: Connection, transcript_id: int, stems: str) -> None:
    """Index a transcript; what was there of it is replaced."""
    forget(connection, [transcript_id])
    connection.execute(
        text("INSERT INTO transcript_words (rowid, stems) VALUES (:id, :stems)"),
        {"id": transcript_id, "stems": stems},
    )


def forget(connection: Connection, transcript_ids: Sequence[int]) -> None:
    """Take transcripts off the index."""
    if transcript_ids:
        rows = [{"id": each} for each in transcript_ids]
        connection.execute(text("DELETE FROM transcript_words WHERE rowid = :id"), rows)


def compact(connection: Connection, *, begin: bool) -> bool:
    """A step towards an index without the words of deleted transcripts; whether there are more steps.

    SQLite only marks words as deleted; merging all parts of the index takes them off
    (https://www.sqlite.org/fts5.html#the_merge_command). PostgreSQL's autovacuum does so by itself.

    Args:
        connection: A writing one.
        begin: The first step.
    """
    if connection.dialect.name != "sqlite":
        return False
    before = _changes(connection)
    pages = -_MERGED_PAGES if begin else _MERGED_PAGES
    merge = "INSERT INTO transcript_words (transcript_words, rank) VALUES ('merge', :pages)"
    connection.execute(text(merge), {"pages": pages})
    return _changes(connection) - before >= 2


def _changes(connection: Connection) -> int:
    return int(connection.execute(text("SELECT total_changes()")).scalar_one())
