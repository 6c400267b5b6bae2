"""Flows from text, conversations in one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from textwrap import dedent
from zoneinfo import ZoneInfo

from ivr.dialogue.loader import Loaded, load
from ivr.dialogue.ports import Action, CallFacts, Result, Said, Shape, Silence, Step, Value
from ivr.dialogue.problems import Problem
from ivr.dialogue.scenarios import Environment, ScenarioSet, check
from ivr.dialogue.settings import DialogueSettings
from ivr.dialogue.simulator import (
    PLAIN_FORMATTERS,
    HangUp,
    Input,
    Inputs,
    SimulatedClock,
    Simulation,
    Typed,
    simulate,
)

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=ZoneInfo("Europe/Moscow"))
HEADER = "id: main\ntitle: Проба\nversion: 3\nstart: a\n"


def facts(**changes: str) -> CallFacts:
    given = {"call_id": "c1", "line": "main", "segment": "private", "profile": "bryansk", "caller_number": ""}
    return CallFacts(**(given | changes), started_at=NOON)


def written(folder: Path, **texts: str) -> Path:
    """Write files; `main="…"` becomes main.yaml, with the usual header unless it has its own."""
    for name, text in texts.items():
        body = dedent(text)
        has_header = name in {"prompts", "calendars", "everywhere"} or body.lstrip().startswith("id:")
        whole = body if has_header else HEADER + body
        (folder / f"{name}.yaml").write_text(whole, encoding="utf-8")
    return folder


def loaded(folder: Path, **texts: str) -> Loaded:
    return load([written(folder, **texts)])


def problems(folder: Path, actions: Mapping[str, Action] | None = None, **texts: str) -> list[Problem]:
    everything = loaded(folder, **texts)
    return check(everything, Environment(formatters=PLAIN_FORMATTERS, actions=actions).world(everything))


def codes(found: Sequence[Problem]) -> list[str]:
    return [problem.code for problem in found]


def scenario_set(folder: Path, **texts: str) -> ScenarioSet:
    return ScenarioSet.load([written(folder, **texts)], Environment(formatters=PLAIN_FORMATTERS))


def action(
    name: str,
    *results: Result | Exception,
    inputs: Mapping[str, Shape] | None = None,
    commits: bool = False,
    calls: list[Mapping[str, Value]] | None = None,
) -> Action:
    """An action that ends as given, the last result again and again."""
    left = list(results)

    async def run(_facts: CallFacts, **arguments: Value) -> Result:
        if calls is not None:
            calls.append(arguments)
        result = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(result, Exception):
            raise result
        return result

    outcomes = {result.outcome: None for result in results if isinstance(result, Result)}
    return Action(name=name, inputs=inputs or {}, outcomes=outcomes, run=run, commits=commits)


def inputs(*turns: str) -> list[Input]:
    """`-` is silence, `!` hangs up, keys are keys, the rest is said."""
    return [_input(turn) for turn in turns]


def _input(turn: str) -> Input:
    if turn == "-":
        return Silence()
    if turn == "!":
        return HangUp()
    return Typed(turn) if set(turn) <= set("0123456789*#") else Said(turn)


async def converse(
    scenarios: ScenarioSet,
    *turns: str,
    actions: Sequence[Action] = (),
    settings: DialogueSettings | None = None,
    clock: SimulatedClock | None = None,
    about: CallFacts | None = None,
) -> Simulation:
    return await simulate(
        scenarios,
        "main",
        Inputs(inputs(*turns)),
        facts=about or facts(),
        clock=clock or SimulatedClock(NOON),
        actions={each.name: each for each in actions},
        settings=settings,
    )


def robot(happened: Simulation) -> list[str]:
    return [line.text for line in happened.transcript if line.who == "robot"]


def visited(steps: Sequence[Step]) -> list[str]:
    return [f"{step.state}:{step.outcome}" for step in steps]
