"""Conversation tests: the sketch's own, and that each kind of fault is found."""

import asyncio
from datetime import date, timedelta
from pathlib import Path

import pytest

from ivr.dialogue.conversation import TestBench, TestResult, read_tests
from ivr.dialogue.ports import Said, Silence
from ivr.dialogue.problems import ScenarioFault
from ivr.dialogue.scenarios import Environment, ScenarioSet
from ivr.dialogue.simulator import (
    HangUp,
    SimulatedClock,
    Typed,
    parse_inputs,
)
from ivr.errors import Fault
from ivr.speech.russian import formatters
from tests.unit.dialogue.support import NOON, scenario_set

FLOWS = Path(__file__).parent / "flows"


async def test_the_conversations_of_the_sketch() -> None:
    spoken = formatters(lambda: date(2026, 11, 24))
    scenarios = ScenarioSet.load([FLOWS], Environment(formatters=spoken))
    file = read_tests(FLOWS / "meter-reading.test.yaml", scenarios)
    results = [await TestBench().run(scenarios, file, test) for test in file.tests]
    assert [result for result in results if not result.ok] == []
    assert len(results) == 3


MAIN = """
outcomes: {done: true, late: false}
states:
  a: {do: x.find, with: {number: 7}, save: n, on: {found: b, error: c}}
  b: {ask: {prompt: "Найдено {n|number}. Ещё?", expect: yes_no}, save: more, then: c}
  c: {when: [{if: =hour(now()) < 13, then: done}], else: late}
  done: {end: done}
  late: {end: late}
"""
STUBS = "actions: {x.find: {outcome: found, data: 5}}"


async def run(folder: Path, turns: str, rest: str = "outcome: done", actions: str = STUBS) -> TestResult:
    scenarios = scenario_set(folder, main=MAIN)
    path = folder / "main.test.yaml"
    path.write_text(
        f"scenario: main\n{actions}\ntests:\n  - name: проба\n    at: 2026-11-24T12:00:00+03:00\n"
        f"    turns: [{turns}]\n    {rest}\n",
        encoding="utf-8",
    )
    file = read_tests(path, scenarios)
    return await TestBench().run(scenarios, file, file.tests[0])


@pytest.mark.parametrize(
    ("turns", "rest"),
    [
        ("{robot: Найдено 5}, {called: x.find}, {caller: {says: да}}", "outcome: done"),
        ("{called: {do: x.find, with: {number: 7}}}, {caller: {keys: '1'}}", "data: {more: true, n: 5}"),
        ("{not_robot: ошибка}, {caller: hangup}", "ending: hung-up"),
        ("{wait: 2h}, {caller: {keys: '2'}}", "outcome: late"),
        ("{caller: silence}, {robot: [найдено, ещё]}, {caller: {keys: '1'}}", "ending: completed"),
    ],
)
async def test_what_is_as_it_should_be(tmp_path: Path, turns: str, rest: str) -> None:
    assert await run(tmp_path, turns, rest) == TestResult("проба", ok=True)


@pytest.mark.parametrize(
    ("turns", "rest", "detail"),
    [
        (
            "{robot: потеряно}, {caller: {keys: '1'}}",
            "outcome: done",
            "the robot did not say 'потеряно'",
        ),
        ("{not_robot: НАЙДЕНО}, {caller: {keys: '1'}}", "outcome: done", "turn 1: the robot said 'НАЙДЕНО'"),
        (
            "{called: x.other}, {caller: {keys: '1'}}",
            "outcome: done",
            "not called so, not at all",
        ),
        (
            "{called: {do: x.find, with: {number: 8}}}, {caller: {keys: '1'}}",
            "outcome: done",
            "only with [{'number': 7}]",
        ),
        ("{caller: {keys: '1'}}, {called: x.find}", "outcome: done", "turn 2: x.find was not called so"),
        ("{caller: {keys: '1'}}, {robot: найдено}", "outcome: done", "turn 2: the robot did not say"),
        ("{caller: {keys: '1'}}", "outcome: late", "the outcome is 'done', not 'late'"),
        ("{caller: {keys: '1'}}", "ending: queued", "the ending is completed, not queued"),
        ("{caller: {keys: '1'}}", "data: {more: false}", "'more' is True at the end, not False"),
        ("{caller: {keys: '1'}}", "data: {n: 6}", "'n' is 5 at the end"),
        ("{caller: {keys: '1'}}", "data: {m: 6}", "'m' has no value"),
        (
            "{caller: {keys: '1'}}, {caller: {keys: '1'}}",
            "outcome: done",
            "turn 2 of the caller is not",
        ),
    ],
)
async def test_what_is_not(tmp_path: Path, turns: str, rest: str, detail: str) -> None:
    result = await run(tmp_path, turns, rest)
    assert not result.ok
    assert detail in result.detail


async def test_a_stub_without_an_outcome_fails(tmp_path: Path) -> None:
    result = await run(tmp_path, "{not_robot: найдено}", "outcome: done", actions="actions: {x.find: {}}")
    assert result.ok


TAKING = """
takes: {target: record, day: date}
states:
  a: {say: "{target.name|name}, {day|date}, осталось {days_between(today(), day)|number}.", then: b}
  b: {do: x.find, with: {on: =target.on, since: =target.since}, save: found, on: {known: c, error: c}}
  c: {end: done}
"""
GIVEN = """
scenario: main
given: {target: {name: Анна, on: 2026-11-25, since: 2026-11-24T10:00:00+03:00}, day: 2026-11-30}
actions: {x.find: {outcome: known, data: {number: 2026-11, from: [2026-11-26]}}}
tests:
  - name: из файла
    at: 2026-11-24T12:00:00+03:00
    turns:
      - robot: Анна, 2026-11-30, осталось 6
      - called: {do: x.find, with: {on: 2026-11-25, since: 2026-11-24T10:00:00+03:00}}
    data: {found: {number: 2026-11, from: [2026-11-26]}}
  - name: из теста
    at: 2026-11-24T12:00:00+03:00
    given: {day: 2026-11-25}
    turns: [robot: осталось 1]
"""


async def test_a_flow_is_given_what_it_takes(tmp_path: Path) -> None:
    scenarios = scenario_set(tmp_path, main=TAKING)
    path = tmp_path / "main.test.yaml"
    path.write_text(GIVEN, encoding="utf-8")
    file = read_tests(path, scenarios)
    assert [await TestBench().run(scenarios, file, test) for test in file.tests] == [
        TestResult("из файла", ok=True),
        TestResult("из теста", ok=True),
    ]


async def test_what_is_given_is_not_among_the_data_at_the_end(tmp_path: Path) -> None:
    scenarios = scenario_set(
        tmp_path, main="takes: {target: record}\nstates: {a: {set: {b: =target.name}, then: c}, c: {end: x}}"
    )
    path = tmp_path / "main.test.yaml"
    path.write_text(
        "scenario: main\ngiven: {target: {name: Анна}}\n"
        "tests: [{name: x, turns: [], data: {b: Анна, target: {}}}]",
        encoding="utf-8",
    )
    file = read_tests(path, scenarios)
    result = await TestBench().run(scenarios, file, file.tests[0])
    assert result.detail == "'target' has no value at the end"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("scenario: mein\ntests: [{name: x, turns: []}]", "unknown-flow"),
        ("scenario: main\ntests: [{name: x, turns: [{robot: a, caller: hangup}]}]", "turn"),
        ("scenario: main\ntests: [{name: x, turns: [{caller: {keys: '1', says: a}}]}]", "caller"),
        ("scenario: main\ntests: [{name: x, turns: [], at: 2026-11-24T10:00:00}]", "time"),
        ("scenario: main\ntests: [{name: x, turns: [], ending: over}]", "ending"),
        ("scenario: main\ntests: []", "too-short"),
    ],
)
def test_files_of_tests_that_are_wrong(tmp_path: Path, text: str, code: str) -> None:
    scenarios = scenario_set(tmp_path, main=MAIN)
    path = tmp_path / "main.test.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioFault) as fault:
        read_tests(path, scenarios)
    assert [problem.code for problem in fault.value.problems] == [code]


def test_an_inputs_file() -> None:
    text = "say: да, верно\n\ndtmf: 320*#\nsilence\nhangup\n"
    assert parse_inputs(text, "in.txt") == [Said("да, верно"), Typed("320*#"), Silence(), HangUp()]


@pytest.mark.parametrize("line", ["dtmf: 12a", "dtmf:", "say:", "shout: да", "Silence"])
def test_a_line_that_is_no_turn(line: str) -> None:
    with pytest.raises(Fault, match=r"in\.txt:2"):
        parse_inputs(f"silence\n{line}", "in.txt")


async def test_the_clock_wakes_sleepers_in_order() -> None:
    clock = SimulatedClock(NOON)
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.monotonic()))

    tasks = [asyncio.create_task(sleeper(name, seconds)) for name, seconds in [("b", 2), ("a", 1), ("c", 9)]]
    await clock.elapse(5)
    assert woken == [("a", 1), ("b", 2)]
    assert (clock.monotonic(), clock.now()) == (5, NOON + timedelta(seconds=5))
    await clock.elapse(5)
    assert woken[-1] == ("c", 9)
    await asyncio.gather(*tasks)
