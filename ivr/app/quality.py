"""Transcripts, marks and evaluations, wired."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ivr.access.audit import Audit
from ivr.access.users import Users
from ivr.app.knowledge import forbidden_phrases
from ivr.app.transcripts import listener
from ivr.archive.vault import Vault
from ivr.dialogue.loader import FORBIDDEN_FILE
from ivr.dialogue.ports import Clock
from ivr.knowledge.words import Morphology
from ivr.kpi.metrics import Metrics
from ivr.kpi.profiles import Profile
from ivr.quality.form import Form, load_form
from ivr.quality.hearing import EarProcess
from ivr.quality.marking import Rules, forbidden, rules_for
from ivr.quality.texts import Texts
from ivr.quality.transcriber import Ears
from ivr.quality.transcribing import Transcribing
from ivr.settings import Settings
from ivr.speech.models.choosing import ModelChoice
from ivr.store import Database
from ivr.web.api.once import OnceAudited
from ivr.web.api.quality import QualityRoutes
from ivr.web.api.route import Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What the room gives to others.

    Attributes:
        form: The criteria.
        texts: Search by what was said.
        transcribing: The work in the background; None where nothing is transcribed.
    """

    form: Form
    texts: Texts
    transcribing: Transcribing | None


def open_quality(
    settings: Settings,
    database: Database,
    clock: Clock,
    *,
    vault: Vault,
    profiles: Mapping[str, Profile],
    morphology: Morphology,
    calls: Callable[[], int],
    metrics: Metrics | None = None,
) -> Quality:
    """The room; nothing works before `transcribing.run`.

    Args:
        settings: All of them.
        database: Open and current.
        clock: The time.
        vault: That of the archive.
        profiles: The standards.
        morphology: Dictionary forms.
        calls: How many calls go on.
        metrics: Counts what waits.

    Raises:
        Fault: The form or the model can't be used.
        ScenarioFault: The list of forbidden phrases is broken.
    """
    form, texts = load_form(settings.quality.evaluation.form), Texts(morphology)
    model = listener(settings)
    if model is None:
        return Quality(form=form, texts=texts, transcribing=None)
    phrases = forbidden(forbidden_phrases(settings.scenarios.folder / FORBIDDEN_FILE))
    users = Users(database, clock)

    async def rules(profile: str | None, outgoing: bool) -> Rules:
        return rules_for(
            settings.quality.marks,
            profiles.get(profile or settings.company.profile),
            outgoing=outgoing,
            phrases=phrases,
            company=settings.company.name,
            names={user.login: user.name for user in await users.all()},
        )

    transcribing = Transcribing(
        database,
        settings.quality.transcripts,
        clock,
        vault=vault,
        ear=EarProcess(ears(settings, model), settings.quality.transcripts.piece_seconds),
        words=texts,
        rules=rules,
        calls=calls,
    )
    if metrics is not None:
        metrics.watch(
            "transcripts_waiting",
            "Recordings that wait for their transcript.",
            lambda: float(transcribing.waiting),
        )
    return Quality(form=form, texts=texts, transcribing=transcribing)


def ears(settings: Settings, model: ModelChoice) -> Ears:
    """What the process that transcribes is told."""
    recognition = settings.speech.recognition
    return Ears(
        folder=str(model.folder.absolute()),
        engine=model.engine,
        core_share=settings.quality.transcripts.core_percent / 100,
        models=settings.speech.models.model_dump_json(),
        voice=recognition.voice.model_dump_json(),
        pauses=recognition.pauses.model_dump_json(),
    )


def quality_routes(
    settings: Settings, database: Database, clock: Clock, quality: Quality, *, users: Users, audit: Audit
) -> list[Route]:
    """The calls of the API."""
    return QualityRoutes(
        database=database,
        form=quality.form,
        settings=settings.quality.evaluation,
        profile=settings.company.profile,
        users=users.all,
        audit=audit,
        views=OnceAudited(audit, clock),
        clock=clock,
        transcribing=quality.transcribing is not None,
    ).routes()
