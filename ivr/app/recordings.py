"""Conversations and what was not understood, for the pages of those who lead."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.access.audit import Audit
from ivr.app.papers import Bookmaking
from ivr.archive.listening import Listening
from ivr.archive.search import Texts
from ivr.archive.vault import Vault
from ivr.dialogue.ports import Clock
from ivr.kpi.breakdown import By
from ivr.settings import Settings
from ivr.speech.recognition.clips import Clips
from ivr.store import Database
from ivr.web.api.once import OnceAudited
from ivr.web.api.recordings import RecordingRoutes
from ivr.web.api.review import ReviewRoutes
from ivr.web.api.route import Route

_NAMED = {"lines": By.LINE, "topics": By.TOPIC, "agents": By.AGENT, "queues": By.QUEUE}


def open_recordings(
    settings: Settings,
    database: Database,
    clock: Clock,
    *,
    vault: Vault,
    audit: Audit,
    books: Bookmaking,
    texts: Texts | None = None,
) -> list[Route]:
    """The calls of the API.

    Args:
        settings: All of them.
        database: Open and current.
        clock: The time.
        vault: That of the archive.
        audit: Who looked at what.
        books: Knows what lines, topics, operators and queues are called.
        texts: Where words that were said are looked up.
    """
    views = OnceAudited(audit, clock)
    recognition = settings.speech.recognition

    async def names() -> Mapping[str, Mapping[str, str]]:
        titles = await books.titles()
        return {name: titles[by] for name, by in _NAMED.items()}

    recordings = RecordingRoutes(
        database=database,
        listening=Listening(database, vault, clock),
        vault=vault,
        settings=settings.archive,
        audit=audit,
        views=views,
        clock=clock,
        names=names,
        texts=texts,
    )
    review = ReviewRoutes(
        database=database,
        clips=Clips(recognition.clips_folder, recognition.pending_clips),
        audit=audit,
        views=views,
        clock=clock,
        topics=books.topic_titles,
        lines={line.name: line.title for line in settings.lines},
    )
    return [*recordings.routes(), *review.routes()]
