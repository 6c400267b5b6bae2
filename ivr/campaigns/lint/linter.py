"""All rules over the kinds of a company."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from ivr.campaigns.kinds import Kinds
from ivr.campaigns.lint import duties, fitting, personal, wording
from ivr.campaigns.lint.subject import Subject
from ivr.campaigns.lint.walk import PERSON_FLOW
from ivr.dialogue.loader import Loaded
from ivr.dialogue.problems import Problem
from ivr.kpi.profiles import Profile

RULES: tuple[Callable[[Subject], Iterable[Problem]], ...] = (
    fitting.check,
    personal.check,
    duties.check,
    wording.check,
)


def lint_kinds(
    kinds: Kinds,
    loaded: Loaded,
    profiles: Mapping[str, Profile],
    topics: Collection[str] | None = None,
) -> list[Problem]:
    """The errors and warnings of all kinds, by file and line.

    Args:
        kinds: As they are in the folder.
        loaded: The flows of the same folder, and the phrases that the standard forbids.
        profiles: The standards that are kept, by id.
        topics: Of the knowledge base; None when they are not known.
    """
    found: set[Problem] = set()
    for kind in kinds:
        subject = Subject(kinds, kind, loaded, profiles, topics)
        found.update(problem for rule in RULES for problem in rule(subject))
    if PERSON_FLOW in loaded.flows:
        found.update(personal.check_question(loaded.flows[PERSON_FLOW]))
    return sorted(found)
