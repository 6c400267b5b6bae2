"""The company's scenarios with everything they are checked against and speak through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import holidays

from ivr.app.actions import declared
from ivr.campaigns.kinds import KINDS_FILE, Kinds
from ivr.campaigns.lint import lint_kinds
from ivr.clock import SystemClock
from ivr.dialogue.lint import Linter
from ivr.dialogue.loader import Loaded
from ivr.dialogue.ports import Action
from ivr.dialogue.problems import Problem
from ivr.dialogue.scenarios import Environment, Scenarios, ScenarioSet
from ivr.dialogue.settings import DialogueSettings
from ivr.dialogue.variables import World
from ivr.knowledge.loading import topics_of
from ivr.kpi.profiles import load_profiles
from ivr.settings import Settings
from ivr.speech.russian.filters import formatters


def dialogue_settings(settings: Settings) -> DialogueSettings:
    """The dialogue's settings, with the lengths of account numbers from those of the customers."""
    lengths = settings.customers.account_number.lengths
    return settings.dialogue.model_copy(
        update={"account_digits_least": min(lengths), "account_digits_most": max(lengths)}
    )


def environment(settings: Settings, actions: Mapping[str, Action]) -> Environment:
    """What the company's scenarios are loaded into."""
    clock = SystemClock(settings.company.zone)
    russian_holidays = holidays.country_holidays("RU")

    def is_holiday(day: date) -> bool:
        return day in russian_holidays

    return Environment(
        formatters=formatters(lambda: clock.now().date(), settings.speech.account_grouping),
        actions=actions,
        is_holiday=is_holiday,
        always_open=frozenset(settings.scenarios.always_open),
        settings=dialogue_settings(settings),
    )


def linter(settings: Settings, folder: Path | None = None) -> Linter:
    """The rules with the company's lines, queues and topics; unknown where there are none.

    Args:
        settings: All of them.
        folder: Where the scenarios are, if not in the company's folder.
    """
    return Linter(
        lines=frozenset(line.scenario for line in settings.lines)
        | _of_campaigns(folder or settings.scenarios.folder),
        queues=frozenset(settings.asterisk.queues) or None,
        topics=frozenset(topics_of(settings.knowledge.folder)) or None,
        settings=dialogue_settings(settings),
    )


def open_scenarios(settings: Settings, actions: Mapping[str, Action]) -> Scenarios:
    """Load the company's scenarios.

    Raises:
        ScenarioFault: With file, line and column of every problem.
    """
    rules = linter(settings)

    def lint(loaded: Loaded, world: World) -> Iterator[Problem]:
        yield from _without_flow(settings, loaded)
        yield from rules(loaded, world)
        yield from campaign_problems(settings, settings.scenarios.folder, loaded)

    checked = replace(environment(settings, actions), lint=lint)
    return Scenarios([settings.scenarios.folder], checked)


def campaign_problems(settings: Settings, folder: Path, loaded: Loaded) -> list[Problem]:
    """What is wrong with the kinds of campaigns of a folder, by the standards that are kept."""
    if not (folder / KINDS_FILE).exists():
        return []
    kept = {settings.company.profile, *(line.profile for line in settings.lines)}
    profiles = load_profiles(settings.standards_folder) if settings.standards_folder.is_dir() else {}
    kinds = Kinds.read(folder)
    if isinstance(kinds, list):
        return kinds
    topics = topics_of(settings.knowledge.folder) or None
    return lint_kinds(kinds, loaded, {name: one for name, one in profiles.items() if name in kept}, topics)


def _of_campaigns(folder: Path) -> frozenset[str]:
    """The flows that campaigns begin."""
    kinds = Kinds.read(folder)
    return frozenset() if isinstance(kinds, list) else kinds.flows


def _without_flow(settings: Settings, loaded: Loaded) -> Iterator[Problem]:
    """Lines whose calls no flow of the set takes."""
    for line in settings.lines:
        if line.scenario not in loaded.flows:
            known = f"there are {', '.join(sorted(loaded.flows))}"
            message = f"the line {line.name!r} of the settings needs the scenario {line.scenario!r}: {known}"
            yield Problem(str(settings.scenarios.folder), 1, 1, "missing-flow", message)


def static_texts(settings: Settings) -> tuple[tuple[str | None, str], ...]:
    """Every fixed text that may be said: id of a prompt or None, and the text."""
    known = ScenarioSet.load([settings.scenarios.folder], environment(settings, declared(settings)))
    return tuple(known.texts())
