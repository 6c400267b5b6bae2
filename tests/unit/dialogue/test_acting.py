"""do, call, queue, end; faults, time limits, a caller who goes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from ivr.dialogue.interpreter.runner import Interpreter
from ivr.dialogue.ports import (
    Action,
    CallerGone,
    CallFacts,
    EndingKind,
    QueueRequest,
    Result,
    Speech,
    Value,
)
from ivr.dialogue.scenarios import ScenarioSet
from ivr.dialogue.simulator import Inputs, SimulatedClock, Steps, TextCaller
from ivr.dialogue.understanding import PlainUnderstanding
from tests.unit.dialogue.support import NOON, action, converse, facts, inputs, robot, scenario_set, visited

DO = """
states:
  a:
    do: x.find
    with: {number: "320", twice: =1 + 1}
    within: 2s
    meanwhile: Минуту.
    save: account
    on:
      found: {say: "Улица {result.street}.", then: b}
      unknown: c
      error: d
  b: {end: found}
  c: {end: unknown}
  d: {end: error}
"""


@pytest.fixture
def doing(tmp_path: Path) -> ScenarioSet:
    return scenario_set(tmp_path, main=DO)


def slow(
    clock: SimulatedClock, seconds: float, *, commits: bool = False, done: list[str] | None = None
) -> Action:
    async def run(_facts: CallFacts, **_arguments: Value) -> Result:
        await clock.elapse(seconds)
        if done is not None:
            done.append("done")
        return Result("found", {"street": "Мира"})

    return Action(name="x.find", inputs={}, outcomes={"found": None}, run=run, commits=commits)


async def test_an_action_gets_its_arguments_and_gives_its_data(doing: ScenarioSet) -> None:
    calls: list[Mapping[str, Value]] = []
    find = action("x.find", Result("found", {"street": "Мира"}), calls=calls)
    happened = await converse(doing, actions=[find])
    assert calls == [{"number": "320", "twice": 2}]
    assert robot(happened) == ["Улица Мира"]
    assert happened.ending.data == {"account": {"street": "Мира"}}
    assert visited(happened.steps) == ["a:found", "b:found"]


async def test_data_of_an_earlier_outcome_do_not_stay(doing: ScenarioSet) -> None:
    happened = await converse(doing, actions=[action("x.find", Result("unknown"))])
    assert happened.ending.data == {"account": None}


async def test_a_quick_action_has_no_filler(doing: ScenarioSet) -> None:
    clock = SimulatedClock(NOON)
    happened = await converse(doing, actions=[slow(clock, 0.6)], clock=clock)
    assert robot(happened) == ["Улица Мира"]


async def test_a_slow_action_has_a_filler(doing: ScenarioSet) -> None:
    clock = SimulatedClock(NOON)
    happened = await converse(doing, actions=[slow(clock, 1.9)], clock=clock)
    assert robot(happened) == ["Минуту.", "Улица Мира"]
    assert happened.steps[0].seconds == pytest.approx(1.9)


async def test_an_action_that_is_too_slow_is_ended(doing: ScenarioSet) -> None:
    clock, done = SimulatedClock(NOON), list[str]()
    happened = await converse(doing, actions=[slow(clock, 2.1, done=done)], clock=clock)
    assert happened.ending.outcome == "error"
    assert visited(happened.steps)[0] == "a:error"
    assert happened.steps[0].seconds == pytest.approx(2.0)
    await asyncio.sleep(0)
    assert done == []
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize(
    "find",
    [
        action("x.find", RuntimeError("Иванов")),
        action("x.find", Result("surprise")),
        action("x.other", Result("found")),
        action("x.find", Result("found", {"house": 1})),
    ],
)
async def test_faults_of_an_action_take_the_error_exit(doing: ScenarioSet, find: Action) -> None:
    happened = await converse(doing, actions=[find])
    assert happened.ending.outcome == "error"
    assert visited(happened.steps)[0] == "a:error"


async def test_faults_are_logged_without_personal_data(
    doing: ScenarioSet, capsys: pytest.CaptureFixture[str]
) -> None:
    await converse(doing, actions=[action("x.find", RuntimeError("Иванов"))])
    written = capsys.readouterr()
    assert "RuntimeError" in written.out + written.err
    assert "Иванов" not in written.out + written.err


class LeavingCaller(TextCaller):
    """Goes while the filler is said."""

    async def say(self, speech: Speech) -> None:
        raise CallerGone


@pytest.mark.parametrize(("commits", "finished"), [(True, ["done"]), (False, [])])
async def test_an_action_that_commits_is_finished_when_the_caller_goes(
    doing: ScenarioSet, commits: bool, finished: list[str]
) -> None:
    clock, done = SimulatedClock(NOON), list[str]()
    find = slow(clock, 1.5, commits=commits, done=done)
    interpreter = Interpreter(actions={"x.find": find}, clock=clock, understanding=PlainUnderstanding())
    steps = Steps()
    ending = await interpreter.run(
        doing.programs,
        "main",
        calendars=doing.calendars,
        caller=LeavingCaller(Inputs([]), {}, clock),
        journal=steps,
        facts=facts(),
    )
    assert (ending.kind, visited(steps.steps)) == (EndingKind.HUNG_UP, ["a:hangup"])
    assert done == finished


async def test_an_action_that_commits_is_finished_when_the_call_is_cancelled(doing: ScenarioSet) -> None:
    began, done, release = asyncio.Event(), list[str](), asyncio.Event()

    async def run(_facts: CallFacts, **_arguments: Value) -> Result:
        began.set()
        await release.wait()
        done.append("done")
        return Result("found", {"street": "Мира"})

    find = Action(name="x.find", inputs={}, outcomes={"found": None}, run=run, commits=True)
    task = asyncio.create_task(converse(doing, actions=[find]))
    await began.wait()
    task.cancel()
    await asyncio.sleep(0)
    release.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done == ["done"]


MAIN = """
globals: {0: people}
states:
  a:
    call: sub
    with: {number: "7"}
    save: got
    on: {found: {say: "{result.street}", then: b}, error: c}
  b: {end: done}
  c: {end: failed}
  people: {queue: clients}
"""
SUB = """\
id: sub
title: Часть
version: 2
start: s
takes: {number: text}
returns: {street: text}
outcomes: {found: true, lost: false}
states:
  s: {confirm: "{number}?", yes: t, no: u, otherwise: v}
  t: {end: found, return: {street: Мира}}
  u: {queue: {name: clients, carry: [number, late]}}
  w: {set: {late: 1}, then: v}
  v: {end: lost}
"""


async def test_a_sub_flow_takes_and_returns_data(tmp_path: Path) -> None:
    happened = await converse(scenario_set(tmp_path, main=MAIN, sub=SUB), "1")
    assert robot(happened) == ["7", "Мира"]
    assert happened.ending.data == {"got": {"street": "Мира"}}
    assert [(step.flow, step.state) for step in happened.steps] == [
        ("sub@2", "s"),
        ("sub@2", "t"),
        ("main@3", "a"),
        ("main@3", "b"),
    ]


async def test_an_outcome_of_a_sub_flow_is_not_the_calls(tmp_path: Path) -> None:
    main = MAIN.replace("b: {end: done}", "b: {confirm: Ещё?, yes: c, no: c}")
    happened = await converse(scenario_set(tmp_path, main=main, sub=SUB), "1", "!")
    assert happened.ending.kind is EndingKind.HUNG_UP


async def test_a_queue_in_a_sub_flow_ends_the_call(tmp_path: Path) -> None:
    happened = await converse(scenario_set(tmp_path, main=MAIN, sub=SUB), "2")
    assert happened.ending.kind is EndingKind.QUEUED
    assert happened.queued == QueueRequest("clients", None, {"number": "7"})


async def test_an_outcome_that_the_caller_forgot_is_an_error(tmp_path: Path) -> None:
    happened = await converse(scenario_set(tmp_path, main=MAIN, sub=SUB), "-", "-", "-")
    assert happened.ending.outcome == "failed"


async def test_a_sub_flow_that_fails_is_an_error_of_the_call(tmp_path: Path) -> None:
    sub = "id: sub\ntitle: Часть\nversion: 2\nstart: s\nstates: {s: {do: x.none, on: {}}}\n"
    main = "states: {a: {call: sub, on: {error: b}}, b: {queue: clients}}"
    happened = await converse(scenario_set(tmp_path, main=main, sub=sub))
    assert happened.ending.kind is EndingKind.QUEUED
    assert visited(happened.steps) == ["s:error", "a:error", "b:clients"]


async def test_flows_that_call_each_other_without_end_fail(tmp_path: Path) -> None:
    main = "states: {a: {call: main, on: {lost: b, error: b}}, b: {end: lost}}"
    happened = await converse(scenario_set(tmp_path, main=main))
    assert happened.ending.outcome == "lost"
    assert len(happened.steps) < 30


async def test_queue_with_a_name_that_is_worked_out(tmp_path: Path) -> None:
    main = """
    states:
      a: {set: {who: clients}, then: b}
      b: {say: Соединяю., queue: {name: =who, topic: debt.ask, carry: [who]}}
    """
    happened = await converse(scenario_set(tmp_path, main=main))
    assert robot(happened) == ["Соединяю."]
    assert happened.queued == QueueRequest("clients", "debt.ask", {"who": "clients"})
    assert (happened.ending.kind, happened.ending.outcome) == (EndingKind.QUEUED, "clients")


REACHED = """
outcomes: {done: true, lost: false}
states:
  a: {confirm: Передать?, yes: b, no: c}
  b: {reached: done, confirm: Ещё?, yes: c, no: c}
  c: {end: lost}
"""


async def test_hanging_up_before_and_after_an_outcome_is_reached(tmp_path: Path) -> None:
    scenarios = scenario_set(tmp_path, main=REACHED)
    early = await converse(scenarios, "!")
    assert (early.ending.kind, early.ending.outcome) == (EndingKind.HUNG_UP, "hangup")
    late = await converse(scenarios, "1", "!")
    assert (late.ending.kind, late.ending.outcome) == (EndingKind.COMPLETED, "done")
    assert visited(late.steps) == ["a:yes", "b:hangup"]


async def test_hanging_up_during_the_farewell_changes_nothing(tmp_path: Path) -> None:
    scenarios = scenario_set(
        tmp_path, main="outcomes: {done: true}\nstates: {a: {say: До свидания., end: done}}"
    )
    clock = SimulatedClock(NOON)
    interpreter = Interpreter(actions={}, clock=clock, understanding=PlainUnderstanding())
    ending = await interpreter.run(
        scenarios.programs,
        "main",
        calendars=scenarios.calendars,
        caller=LeavingCaller(Inputs([]), {}, clock),
        journal=Steps(),
        facts=facts(),
    )
    assert (ending.kind, ending.outcome) == (EndingKind.COMPLETED, "done")


ON_ERROR = """
on_error: {say: Сбой., then: people}
states:
  a: {confirm: Да?, yes: b, no: c, otherwise: d}
  b: {say: "{missing}", then: a, error: {say: Ой., then: a}}
  c: {set: {x: =missing}, then: a}
  d: {say: Да.}
  people: {queue: clients}
"""


async def ended(folder: Path, *turns: str) -> tuple[EndingKind, list[str]]:
    main = ON_ERROR.replace("{missing}", "{missing|text}")
    scenarios = scenario_set(folder, main=f"takes: {{missing: text}}\n{main.lstrip()}")
    happened = await converse(scenarios, *turns)
    return happened.ending.kind, robot(happened)


async def test_a_state_goes_before_the_flow_with_its_error_exit(tmp_path: Path) -> None:
    kind, said = await ended(tmp_path, "1", "!")
    assert (kind, said) == (EndingKind.HUNG_UP, ["Да?", "Ой.", "Да?"])


async def test_the_flow_has_an_error_exit_for_the_rest(tmp_path: Path) -> None:
    kind, said = await ended(tmp_path, "2")
    assert (kind, said) == (EndingKind.QUEUED, ["Да?", "Сбой."])


async def test_a_way_that_the_flow_forgot_is_a_fault(tmp_path: Path) -> None:
    kind, said = await ended(tmp_path, "-", "-", "-")
    assert (kind, said) == (EndingKind.QUEUED, ["Да?", "Да?", "Да?", "Да.", "Сбой."])


async def test_an_error_exit_that_fails_ends_the_call_as_failed(tmp_path: Path) -> None:
    main = """
    takes: {missing: text}
    on_error: b
    states:
      a: {say: "{missing}", end: x}
      b: {say: "{missing}", then: a}
    """
    happened = await converse(scenario_set(tmp_path, main=main))
    assert happened.ending.kind is EndingKind.FAILED
    assert visited(happened.steps) == ["a:error", "b:error"]


class DumbCaller(TextCaller):
    """Has a voice that fails."""

    async def say(self, speech: Speech) -> None:
        raise RuntimeError("no voice")


async def test_a_voice_that_fails_is_a_fault_and_not_a_crash(tmp_path: Path) -> None:
    scenarios = scenario_set(
        tmp_path, main="on_error: b\nstates: {a: {say: Да., end: x}, b: {queue: clients}}"
    )
    clock = SimulatedClock(NOON)
    caller = DumbCaller(Inputs(inputs()), {}, clock)
    interpreter = Interpreter(actions={}, clock=clock, understanding=PlainUnderstanding())
    ending = await interpreter.run(
        scenarios.programs,
        "main",
        calendars=scenarios.calendars,
        caller=caller,
        journal=Steps(),
        facts=facts(),
    )
    assert ending.kind is EndingKind.QUEUED


async def test_an_end_may_be_the_outcome_that_was_reached_last(tmp_path: Path) -> None:
    flow = """
    outcomes: {paid: true, told: true}
    states:
      a: {reached: paid, say: Раз., then: b}
      b: {reached: told, say: Два., then: c}
      c: {end: reached}
    """
    happened = await converse(scenario_set(tmp_path, main=flow))
    assert (happened.ending.kind, happened.ending.outcome) == (EndingKind.COMPLETED, "told")


async def test_an_end_with_nothing_reached_is_not_complete(tmp_path: Path) -> None:
    happened = await converse(scenario_set(tmp_path, main="states:\n  a: {end: reached}\n"))
    assert (happened.ending.kind, happened.ending.outcome) == (EndingKind.ENDED, "reached")
