"""What is looked for in the texts of a campaign before it may start, by the company's standard."""

from __future__ import annotations

from collections.abc import Callable

from ivr.app.knowledge import forbidden_phrases
from ivr.campaigns.kinds import Kinds
from ivr.campaigns.looking import Looking
from ivr.dialogue.loader import FORBIDDEN_FILE
from ivr.kpi.profiles import load_profiles
from ivr.satisfaction.questionnaires import load_questionnaires
from ivr.settings import Settings


def looking(settings: Settings, kinds: Callable[[], Kinds]) -> Looking:
    """Looks at campaigns of these kinds.

    Raises:
        ScenarioFault: The list of forbidden phrases is broken.
        Fault: A profile of a standard is, or a questionnaire.
    """
    folder = settings.standards_folder
    profiles = load_profiles(folder) if folder.exists() else {}
    return Looking(
        kinds=kinds,
        forbidden=forbidden_phrases(settings.scenarios.folder / FORBIDDEN_FILE),
        profile=profiles.get(settings.company.profile),
        questionnaires=load_questionnaires(settings.satisfaction.folder, profiles).keys(),
    )
