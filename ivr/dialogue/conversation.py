"""Conversation tests: what the caller does, what must be said and done, how it must end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr.dialogue import documents
from ivr.dialogue.documents import Document
from ivr.dialogue.loader import validated
from ivr.dialogue.ports import Action, CallFacts, Clock, Deaf, Result, Said, Silence, Understanding, Value
from ivr.dialogue.problems import Problem, ScenarioFault, closest
from ivr.dialogue.scenarios import ScenarioSet
from ivr.dialogue.schema.conversations import (
    CallerTurn,
    ConversationTest,
    ExpectedCall,
    StubResult,
    TestsFile,
    TestTurn,
)
from ivr.dialogue.settings import DialogueSettings
from ivr.dialogue.simulator import (
    ActionsFor,
    HangUp,
    Input,
    SimulatedClock,
    Simulation,
    Typed,
    no_actions,
    simulate,
)
from ivr.dialogue.understanding import normalised

DEFAULT_MOMENT = datetime(2026, 1, 15, 12, 0, tzinfo=ZoneInfo("Europe/Moscow"))


@dataclass(frozen=True, slots=True)
class TestResult:
    """How a conversation test went.

    Attributes:
        detail: What was not as it should be; empty when all was.
    """

    __test__ = False

    name: str
    ok: bool
    detail: str = ""


def read_tests(path: Path, scenarios: ScenarioSet) -> TestsFile:
    """Read a file of conversation tests for a flow of the set.

    Raises:
        ScenarioFault: With all problems.
    """
    document = documents.read(path)
    problems: list[Problem] = [] if isinstance(document, Document) else document
    file = validated(document, TestsFile, problems) if isinstance(document, Document) else None
    if file is not None and isinstance(document, Document) and file.scenario not in scenarios.flows:
        hint = closest(file.scenario, scenarios.flows)
        message = f"there is no flow {file.scenario!r}{hint}"
        problems.append(document.problem(("scenario",), "unknown-flow", message))
    if file is None or problems:
        raise ScenarioFault(problems)
    return file


@dataclass(frozen=True, slots=True, kw_only=True)
class TestBench:
    """Runs conversation tests.

    Attributes:
        actions_for: The real actions over a world of their own; stubs of the test go before them.
        understanding_for: How words are understood, by the clock of the conversation; plain words by default.
    """

    __test__ = False

    actions_for: ActionsFor = no_actions
    understanding_for: Callable[[Clock], Understanding] | None = None
    settings: DialogueSettings = field(default_factory=DialogueSettings)

    async def run(self, scenarios: ScenarioSet, file: TestsFile, test: ConversationTest) -> TestResult:
        """Run one conversation."""
        clock = SimulatedClock(test.at or DEFAULT_MOMENT)
        async with self.actions_for(clock) as actions:
            record = CallRecord({**actions, **stub_actions(file, clock), **stub_actions(test, clock)})
            script = TestScript(test.turns, clock, record)
            happened = await simulate(
                scenarios,
                file.scenario,
                script,
                facts=_facts(test, clock),
                clock=clock,
                actions=record.actions,
                understanding=self.understanding_for(clock) if self.understanding_for else None,
                settings=self.settings,
                given={**file.given, **test.given},
            )
        faults = [*script.finish(happened.ending.outcome), *_wrong_end(test, happened)]
        return TestResult(test.name, not faults, "; ".join(faults))


def _facts(test: ConversationTest, clock: SimulatedClock) -> CallFacts:
    return CallFacts(
        call_id="test",
        line=test.line,
        segment=test.segment,
        profile=test.profile,
        caller_number=test.caller,
        started_at=clock.now(),
    )


def _wrong_end(test: ConversationTest, happened: Simulation) -> list[str]:
    ending, faults = happened.ending, []
    if test.outcome is not None and ending.outcome != test.outcome:
        faults.append(f"the outcome is {ending.outcome!r}, not {test.outcome!r}")
    if test.ending is not None and ending.kind is not test.ending:
        faults.append(f"the ending is {ending.kind!s}, not {test.ending!s}")
    for name, value in test.data.items():
        if name not in ending.data:
            faults.append(f"{name!r} has no value at the end")
        elif not _covers(ending.data[name], value):
            faults.append(f"{name!r} is {ending.data[name]!r} at the end, not {value!r}")
    return faults


def _covers(value: object, expected: object) -> bool:
    """Whether the value is what is expected; a record may have more fields than are expected."""
    if isinstance(expected, Mapping):
        return isinstance(value, Mapping) and all(
            name in value and _covers(value[name], inner) for name, inner in expected.items()
        )
    return isinstance(value, bool) == isinstance(expected, bool) and value == expected


class StubFailed(Exception):
    """A stub without an outcome was called."""


def stub_actions(holder: TestsFile | ConversationTest, clock: SimulatedClock) -> dict[str, Action]:
    """The stubs that a file or a test declares, by name; they begin anew."""
    return {name: _stub(name, results, clock) for name, results in holder.actions.items()}


def _stub(name: str, results: Sequence[StubResult], clock: SimulatedClock) -> Action:
    """An action that ends as the test says: each result once, the last one again and again."""
    left = list(results)

    async def run(_facts: CallFacts, **_arguments: Value) -> Result:
        result = left.pop(0) if len(left) > 1 else left[0]
        if result.takes:
            await clock.elapse(result.takes)
        if result.outcome is None:
            raise StubFailed(name)
        return Result(result.outcome, result.data)

    outcomes = {result.outcome: None for result in results if result.outcome is not None}
    return Action(name=name, inputs={}, outcomes=outcomes, run=run)


class CallRecord:
    """Actions that remember how they were called."""

    def __init__(self, actions: Mapping[str, Action]) -> None:
        self.calls: defaultdict[str, list[Mapping[str, Value]]] = defaultdict(list)
        self.actions = {name: self._recording(action) for name, action in actions.items()}

    def _recording(self, action: Action) -> Action:
        async def run(facts: CallFacts, **arguments: Value) -> Result:
            self.calls[action.name].append(arguments)
            return await action.run(facts, **arguments)

        return Action(
            name=action.name,
            inputs=action.inputs,
            outcomes=action.outcomes,
            run=run,
            personal=action.personal,
            commits=action.commits,
        )


class TestScript:
    """The caller of a test: checks what happened since the turn before, then does what the test says."""

    __test__ = False

    def __init__(self, turns: Sequence[TestTurn], clock: SimulatedClock, record: CallRecord) -> None:
        self._turns = list(enumerate(turns, start=1))
        self._clock = clock
        self._record = record
        self._said: list[str] = []
        self._faults: list[str] = []

    def said(self, text: str) -> None:
        """Remember it until the caller's next turn."""
        self._said.append(text)

    async def next(self) -> Input:
        """Check up to the caller's next turn and take it; the caller hangs up after the last."""
        while self._turns:
            number, turn = self._turns.pop(0)
            if turn.wait is not None:
                await self._clock.elapse(turn.wait)
            elif turn.caller is not None:
                self._said.clear()
                self._record.calls.clear()
                return _input(turn.caller)
            else:
                self._check(number, turn)
        return HangUp()

    def finish(self, outcome: str) -> list[str]:
        """Check what is left; all faults of the conversation."""
        for number, turn in self._turns:
            if turn.caller is not None:
                self._faults.append(
                    f"turn {number} of the caller is not reached: the call ended with {outcome!r}"
                )
                break
            self._check(number, turn)
        return self._faults

    def _check(self, number: int, turn: TestTurn) -> None:
        said = normalised(" ".join(self._said))
        for text in turn.robot or ():
            if normalised(text) not in said:
                self._faults.append(f"turn {number}: the robot did not say {text!r} but {self._heard()!r}")
        for text in turn.not_robot or ():
            if normalised(text) in said:
                self._faults.append(f"turn {number}: the robot said {text!r}")
        if turn.called is not None and not self._was_called(turn.called):
            calls = self._record.calls[turn.called.do]
            happened = f"only with {[dict(call) for call in calls]}" if calls else "not at all"
            self._faults.append(f"turn {number}: {turn.called.do} was not called so, {happened}")

    def _heard(self) -> str:
        return " ".join(self._said)

    def _was_called(self, expected: ExpectedCall) -> bool:
        return any(_covers(call, expected.arguments) for call in self._record.calls[expected.do])


def _input(turn: CallerTurn) -> Input:
    if turn.keys is not None:
        return Typed(turn.keys)
    if turn.says is not None:
        return Said(turn.says)
    if turn.deaf:
        return Deaf("away", keys_awaited=True)
    return HangUp() if turn.hangup else Silence()
