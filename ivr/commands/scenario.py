"""`ivr scenario`: conversations without telephony."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ivr.app.actions import declared
from ivr.app.rehearsal import Rehearsal
from ivr.app.scenarios import dialogue_settings, environment
from ivr.app.understanding import understanding
from ivr.clock import SystemClock
from ivr.commands import scenario_checks
from ivr.commands.output import Format, FormatOption, emit, say
from ivr.dialogue.conversation import TestBench, TestResult, read_tests, stub_actions
from ivr.dialogue.loader import TEST_SUFFIX, home_of
from ivr.dialogue.ports import Action, CallFacts, Clock
from ivr.dialogue.problems import ScenarioFault
from ivr.dialogue.scenarios import Environment, ScenarioSet
from ivr.dialogue.simulator import (
    ActionsFor,
    Inputs,
    Script,
    SimulatedClock,
    Simulation,
    no_actions,
    parse_inputs,
    simulate,
)
from ivr.errors import Fault
from ivr.settings import Settings
from ivr.speech.russian import formatters

app = typer.Typer(help="Scenarios: try them and test them without telephony.", no_args_is_help=True)
scenario_checks.register(app)


class Today:
    """The date of the conversation that is under way."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def __call__(self) -> date:
        """The date, in the company's time zone."""
        return self.clock.now().date()


@dataclass(frozen=True, slots=True)
class Workbench:
    """Where conversations run: the company's scenarios, voice and actions, and a clock that is set."""

    environment: Environment
    actions_for: ActionsFor

    @classmethod
    def of(cls, settings: Settings, actions_for: ActionsFor = no_actions) -> Workbench:
        """A workbench with the company's settings; `actions_for` gives the actions of one conversation."""
        today = Today(SystemClock(settings.company.zone))
        spoken = formatters(today, settings.speech.account_grouping)
        known = environment(settings, declared(settings))

        @asynccontextmanager
        async def dated(clock: Clock) -> AsyncIterator[Mapping[str, Action]]:
            today.clock = clock
            async with actions_for(clock) as actions:
                yield actions

        return cls(replace(known, formatters=spoken), dated)


@app.command("test")
def run_tests(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files *.test.yaml, or folders of them")],
    output: FormatOption = Format.TEXT,
) -> None:
    """Run conversation tests; exit status 1 when one fails."""
    settings: Settings = context.obj
    files = _test_files(paths)
    with closing(Rehearsal(settings)) as rehearsal:
        results = asyncio.run(_run_files(Workbench.of(settings, rehearsal), settings, files))
    passed = sum(result.ok for result in results)
    failed = len(results) - passed
    lines = [f"{'ok' if result.ok else 'FAILED':6}  {result.name}{_detail(result)}" for result in results]
    document = {"passed": passed, "failed": failed, "tests": [asdict(result) for result in results]}
    emit(document, "\n".join([*lines, f"{passed} passed, {failed} failed"]), output)
    if failed:
        raise typer.Exit(1)


def _detail(result: TestResult) -> str:
    return "" if result.ok else f"\n        {result.detail}"


def _test_files(paths: Sequence[Path]) -> list[Path]:
    files = [file for path in paths for file in _tests_in(path)]
    if not files:
        raise Fault("There are no conversation tests.", str(paths[0]), f"Their names end in '{TEST_SUFFIX}'.")
    return files


def _tests_in(path: Path) -> Iterator[Path]:
    if not path.exists():
        raise Fault("There is no such file or folder.", str(path), "Name a file of tests or a folder.")
    yield from sorted(path.rglob(f"*{TEST_SUFFIX}")) if path.is_dir() else [path]


async def _run_files(bench: Workbench, settings: Settings, files: Sequence[Path]) -> list[TestResult]:
    tests = TestBench(
        actions_for=bench.actions_for,
        understanding_for=partial(understanding, settings),
        settings=dialogue_settings(settings),
    )
    sets: dict[Path, ScenarioSet] = {}
    results: list[TestResult] = []
    for path in files:
        try:
            home = home_of(path.parent)
            if home not in sets:
                sets[home] = ScenarioSet.load([home], bench.environment)
            results += await _run_file(tests, sets[home], path)
        except ScenarioFault as fault:
            problems = "; ".join(str(problem) for problem in fault.problems)
            results.append(TestResult(str(path), ok=False, detail=problems))
    return results


async def _run_file(tests: TestBench, scenarios: ScenarioSet, path: Path) -> list[TestResult]:
    file = read_tests(path, scenarios)
    return [await tests.run(scenarios, file, test) for test in file.tests]


@app.command("simulate")
def simulate_call(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="File of the flow", exists=True, dir_okay=False)],
    inputs: Annotated[
        Path,
        typer.Option(
            help="One turn a line: 'say: …', 'dtmf: …', silence, hangup", exists=True, dir_okay=False
        ),
    ],
    caller: Annotated[str, typer.Option(help="Calling number, E.164")] = "",
    at: Annotated[str, typer.Option(help="When the call comes, ISO 8601; now by default")] = "",
    segment: Annotated[str, typer.Option(help="private, corporate or any")] = "any",
    profile: Annotated[str, typer.Option(help="Id of the standard")] = "",
    stubs: Annotated[
        Path | None,
        typer.Option(
            help="A file of tests: its stubs go before the actions, and what it gives the flow",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Run one call in text and print what was said and done."""
    settings: Settings = context.obj
    clock = SimulatedClock(_moment(at, settings))
    facts = CallFacts(
        call_id="simulated",
        line="simulated",
        segment=segment,
        profile=profile,
        caller_number=caller,
        started_at=clock.now(),
    )
    script = Inputs(parse_inputs(inputs.read_text(encoding="utf-8"), str(inputs)))
    try:
        happened = asyncio.run(_simulated(settings, file, script, stubs, facts, clock))
    except ScenarioFault as fault:
        say("\n".join(str(problem) for problem in fault.problems))
        raise typer.Exit(1) from None
    emit(happened.document(), _transcript(happened), output)


def _moment(at: str, settings: Settings) -> datetime:
    zone = settings.company.zone
    try:
        moment = datetime.fromisoformat(at) if at else SystemClock(zone).now()
    except ValueError:
        raise Fault("This is no moment.", f"--at {at}", "Write '2026-11-24T10:00:00'.") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


async def _simulated(
    settings: Settings,
    file: Path,
    script: Script,
    stubs: Path | None,
    facts: CallFacts,
    clock: SimulatedClock,
) -> Simulation:
    rehearsal = Rehearsal(settings)
    bench = Workbench.of(settings, rehearsal)
    scenarios = ScenarioSet.load([home_of(file.parent)], bench.environment)
    async with AsyncExitStack() as world:
        world.callback(rehearsal.close)
        actions = await world.enter_async_context(bench.actions_for(clock))
        tests = read_tests(stubs, scenarios) if stubs is not None else None
        stubbed = stub_actions(tests, clock) if tests is not None else {}
        return await simulate(
            scenarios,
            scenarios.flow_in(file),
            script,
            facts=facts,
            clock=clock,
            actions={**actions, **stubbed},
            understanding=understanding(settings, clock),
            settings=dialogue_settings(settings),
            given=tests.given if tests is not None else {},
        )


def _transcript(happened: Simulation) -> str:
    lines = [f"{line.who:6}  {line.text}" for line in happened.transcript]
    return "\n".join([*lines, "", f"{happened.ending.kind}: {happened.ending.outcome}"])
