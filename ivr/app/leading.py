"""Conversations of the archive for those who lead: found, heard, read, judged. Wired."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol

from ivr.access.service import Access
from ivr.app.papers import Bookmaking
from ivr.app.quality import open_quality, quality_routes
from ivr.app.recordings import open_recordings
from ivr.archive.vault import Vault
from ivr.dialogue.ports import Clock
from ivr.knowledge.words import Morphology
from ivr.kpi.metrics import Metrics
from ivr.kpi.profiles import Profile
from ivr.settings import Settings
from ivr.store import Database
from ivr.web.api.route import Route


class Spawn(Protocol):
    """Runs work in the background."""

    def __call__(self, work: Coroutine[Any, Any, None], name: str) -> object:
        """Begin."""


def open_conversations(
    settings: Settings,
    database: Database,
    clock: Clock,
    *,
    vault: Vault,
    access: Access,
    books: Bookmaking,
    profiles: Mapping[str, Profile],
    morphology: Morphology,
    calls: Callable[[], int],
    metrics: Metrics,
    spawn: Spawn,
) -> list[Route]:
    """The calls of the API; recordings are transcribed from now on.

    Raises:
        Fault: The form of evaluations or the model can't be used.
        ScenarioFault: The list of forbidden phrases is broken.
    """
    quality = open_quality(
        settings,
        database,
        clock,
        vault=vault,
        profiles=profiles,
        morphology=morphology,
        calls=calls,
        metrics=metrics,
    )
    recordings = open_recordings(
        settings,
        database,
        clock,
        vault=vault,
        audit=access.audit,
        books=books,
        texts=quality.texts if quality.transcribing else None,
    )
    judged = quality_routes(settings, database, clock, quality, users=access.users, audit=access.audit)
    if quality.transcribing:
        spawn(quality.transcribing.run(), "transcripts")
    return [*recordings, *judged]
