"""What the company has written: lines, queues, trunks, profiles, scenarios, and whether they fit together."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.app.actions import declared
from ivr.app.doctor.finding import Result
from ivr.app.doctor.voice import FIXED
from ivr.app.scenarios import environment
from ivr.calls.lines import Lines
from ivr.dialogue import ScenarioSet
from ivr.dialogue.expressions.syntax import Literal
from ivr.dialogue.problems import ScenarioFault
from ivr.dialogue.schema.states import Queue
from ivr.kpi.profiles import load_profiles
from ivr.settings import Settings


def scenarios(settings: Settings) -> Result:
    """Whether the scenarios load clean, against the actions that there are."""
    try:
        known = _load(settings)
    except ScenarioFault as fault:
        return Result(
            f"{len(fault.problems)} problems; the first: {fault.problems[0]}",
            f"Mend them: `ivr scenario lint {settings.scenarios.folder}`.",
        )
    flows = ", ".join(sorted(known.flows))
    return Result(f"{len(known.flows)} flows in {settings.scenarios.folder}: {flows}.")


def settings_fit(settings: Settings) -> Result:
    """Whether lines, queues, trunks and profiles name each other rightly, and calls can come.

    Raises:
        Fault: A profile can't be read, two lines claim one number, or the scenarios don't load.
    """
    Lines(settings.lines)
    problems = [*_of_lines(settings), *_of_asterisk(settings), *_of_scenarios(settings)]
    if problems:
        return Result("; ".join(problems) + ".", "Correct the settings; docs/operations.md explains them.")
    queues, trunks = len(settings.asterisk.queues), len(settings.asterisk.trunks)
    return Result(f"Lines: {len(settings.lines)}, queues: {queues}, trunks: {trunks}; they fit together.")


def _load(settings: Settings) -> ScenarioSet:
    return ScenarioSet.load([settings.scenarios.folder], environment(settings, declared(settings)))


def _of_lines(settings: Settings) -> Iterator[str]:
    profiles = load_profiles(settings.standards_folder)
    if not settings.lines:
        yield "lines is empty: nobody can call"
    for line in settings.lines:
        if line.profile not in profiles:
            yield f"the line {line.name} names the profile {line.profile!r}, which does not exist"
    if settings.company.profile not in profiles:
        yield f"company.profile {settings.company.profile!r} does not exist"


def _of_asterisk(settings: Settings) -> Iterator[str]:
    if not settings.asterisk.trunks:
        yield "asterisk.trunks is empty: no operator can deliver calls"
    for name, queue in settings.asterisk.queues.items():
        if not queue.members:
            yield f"the queue {name} has no members: its callers wait in vain"


def _of_scenarios(settings: Settings) -> Iterator[str]:
    known = _load(settings)
    for line in settings.lines:
        if line.scenario not in known.flows:
            yield f"the line {line.name} names the scenario {line.scenario!r}, which does not exist"
    for queue in sorted(_queues_named(known) - settings.asterisk.queues.keys()):
        yield f"a scenario names the queue {queue!r}, which asterisk.queues does not have"
    for prompt in (settings.scenarios.notice_prompt, settings.scenarios.filler_prompt, *FIXED):
        if prompt not in known.prompts:
            yield f"the prompt {prompt!r} has no text"


def _queues_named(known: ScenarioSet) -> set[str]:
    states = (state for flow in known.flows.values() for state in flow.states.values())
    names = (state.queue.name.node for state in states if isinstance(state, Queue))
    return {str(name.value) for name in names if isinstance(name, Literal)}
