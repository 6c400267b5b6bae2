"""say, ask, choose, confirm; silence and misunderstanding; keys that work everywhere."""

from pathlib import Path

import pytest

from ivr.dialogue.interpreter.runner import Interpreter
from ivr.dialogue.interpreter.utterances import UtteranceCompiler
from ivr.dialogue.ports import EndingKind, Heard, Prompt, Result, Spoken, Text, Turn
from ivr.dialogue.scenarios import ScenarioSet
from ivr.dialogue.schema.states import Ask
from ivr.dialogue.simulator import PLAIN_FORMATTERS, Inputs, SimulatedClock, Steps, TextCaller
from ivr.dialogue.understanding import PlainUnderstanding
from tests.unit.dialogue.support import NOON, action, converse, facts, inputs, robot, scenario_set, visited
from tests.unit.dialogue.test_expressions import Around

ASK = """
states:
  a:
    ask:
      prompt: Номер?
      expect: {kind: digits, length: 3}
      no_input: [Не слышу., Наберите.]
      no_match: [Не поняла.]
      attempts: {no_input: 4, no_match: 2}
    save: number
    then: done
    silent: quiet
    otherwise: people
  done: {say: "{number}", end: done}
  quiet: {end: quiet}
  people: {queue: clients}
"""


@pytest.fixture
def asking(tmp_path: Path) -> ScenarioSet:
    return scenario_set(tmp_path, main=ASK)


async def test_an_answer_is_saved(asking: ScenarioSet) -> None:
    happened = await converse(asking, "123")
    assert robot(happened) == ["Номер?", "123"]
    assert happened.ending.data == {"number": "123"}
    assert (happened.ending.kind, happened.ending.outcome) == (EndingKind.ENDED, "done")
    step = happened.steps[0]
    assert (step.flow, step.state, step.verb, step.outcome) == ("main@3", "a", "ask", "ok")
    assert (step.heard, step.personal) == ("123", True)


async def test_the_nth_prompt_is_said_the_nth_time_and_the_last_repeats(asking: ScenarioSet) -> None:
    happened = await converse(asking, "-", "-", "-", "123")
    assert robot(happened) == ["Номер?", "Не слышу.", "Наберите.", "Наберите.", "123"]


async def test_silence_and_misunderstanding_are_counted_apart(asking: ScenarioSet) -> None:
    happened = await converse(asking, "-", "12", "-", "123")
    assert robot(happened) == ["Номер?", "Не слышу.", "Не поняла.", "Наберите.", "123"]


async def test_giving_up_after_silence_and_after_misunderstanding(asking: ScenarioSet) -> None:
    silent = await converse(asking, "-", "-", "-", "-")
    assert (silent.ending.outcome, visited(silent.steps)[0]) == ("quiet", "a:no-input")
    lost = await converse(asking, "1", "2")
    assert (lost.ending.kind, visited(lost.steps)[0]) == (EndingKind.QUEUED, "a:no-match")
    assert lost.steps[0].heard == "2"


async def test_silence_costs_its_time(tmp_path: Path) -> None:
    scenarios = scenario_set(
        tmp_path,
        main="states: {a: {ask: {prompt: Да?, expect: digits, first_key: 7s, attempts: 1}, otherwise: b},"
        " b: {end: c}}",
    )
    happened = await converse(scenarios, "-")
    assert happened.steps[0].seconds == 7


async def test_without_prompts_for_misses_the_question_is_repeated(tmp_path: Path) -> None:
    scenarios = scenario_set(
        tmp_path, main="states: {a: {confirm: Верно?, yes: b, otherwise: b}, b: {end: c}}"
    )
    assert robot(await converse(scenarios, "-", "5", "1")) == ["Верно?", "Верно?", "Верно?"]


async def test_reprompt_says_the_question_after_the_miss(tmp_path: Path) -> None:
    scenarios = scenario_set(
        tmp_path,
        main="states: {a: {confirm: {prompt: Верно?, no_input: Не слышу., reprompt: true}, yes: b},"
        " b: {end: c}}",
    )
    assert robot(await converse(scenarios, "-", "1")) == ["Верно?", "Не слышу. Верно?"]


@pytest.mark.parametrize(
    ("answer", "state"), [("1", "y"), ("2", "n"), ("да, верно", "y"), ("нет", "n"), ("не верно", "n")]
)
async def test_confirm(tmp_path: Path, answer: str, state: str) -> None:
    scenarios = scenario_set(
        tmp_path, main="states: {a: {confirm: Верно?, yes: y, no: n}, y: {end: y}, n: {end: n}}"
    )
    happened = await converse(scenarios, answer)
    assert happened.ending.outcome == state
    assert happened.steps[0].outcome == {"y": "yes", "n": "no"}[state]


@pytest.mark.parametrize(("answer", "outcome"), [("1", "readings"), ("2", "debt"), ("узнать долг", "debt")])
async def test_choose_an_option(tmp_path: Path, answer: str, outcome: str) -> None:
    main = """
    states:
      a:
        choose:
          prompt: Показания — один, долг — два.
          options:
            1: b
            2: {words: [долг], say: Сейчас., set: {kind: долг}, end: debt}
        otherwise: b
      b: {end: readings}
    """
    happened = await converse(scenario_set(tmp_path, main=main), answer)
    assert happened.ending.outcome == outcome
    assert ("Сейчас." in robot(happened)) == (outcome == "debt") == ("kind" in happened.ending.data)


ITEMS = """
states:
  a: {do: x.list, save: accounts, on: {some: b}}
  b:
    choose:
      prompt: Выберите счёт.
      from: {account: =accounts}
      each: "{account.street}: нажмите {key|digits}."
    then: c
    otherwise: d
    error: d
  c: {end: chosen}
  d: {end: none}
"""


async def test_choose_among_the_items_of_a_list(tmp_path: Path) -> None:
    scenarios = scenario_set(tmp_path, main=ITEMS)
    streets = [{"street": f"Улица {number}"} for number in range(1, 12)]
    happened = await converse(scenarios, "0", "2", actions=[action("x.list", Result("some", streets[:2]))])
    assert robot(happened)[0] == "Выберите счёт. Улица 1: нажмите 1 Улица 2: нажмите 2"
    assert happened.ending.data["account"] == {"street": "Улица 2"}
    many = await converse(scenarios, "9", actions=[action("x.list", Result("some", streets))])
    assert "Улица 10" not in robot(many)[0]
    assert many.ending.data["account"] == {"street": "Улица 9"}
    none = await converse(scenarios, actions=[action("x.list", Result("some", []))])
    assert none.ending.outcome == "none"


GLOBALS = """
globals: {"0": {say: Соединяю., then: people}, "*": repeat}
states:
  a: {ask: {prompt: Номер?, expect: account_number}, save: number, then: b, otherwise: people}
  b: {choose: {prompt: Ноль или один?, options: {0: c, 1: c}}, otherwise: people}
  c: {end: done}
  people: {queue: clients}
"""


async def test_global_keys_work_at_every_question(tmp_path: Path) -> None:
    scenarios = scenario_set(tmp_path, main=GLOBALS)
    called = await converse(scenarios, "0")
    assert robot(called) == ["Номер?", "Соединяю."]
    assert visited(called.steps) == ["a:global", "people:clients"]
    assert called.queued is not None
    assert called.queued.queue == "clients"
    repeated = await converse(scenarios, "*", "320145678#", "0")
    assert robot(repeated) == ["Номер?", "Номер?", "Ноль или один?"]
    assert repeated.ending.outcome == "done"


async def test_repeating_is_no_miss_until_it_is_too_much(tmp_path: Path) -> None:
    scenarios = scenario_set(tmp_path, main=GLOBALS)
    happened = await converse(scenarios, *["*"] * 20)
    assert len(robot(happened)) == 1 + 5 + 2
    assert happened.ending.kind is EndingKind.QUEUED


async def test_a_hash_after_a_full_answer_is_not_the_next_answer(tmp_path: Path) -> None:
    main = """
    states:
      a: {ask: {prompt: Номер?, expect: {kind: digits, length: 3}}, save: n, then: b}
      b: {confirm: Верно?, yes: c, no: a}
      c: {end: done}
    """
    happened = await converse(scenario_set(tmp_path, main=main), "123#", "1")
    assert visited(happened.steps) == ["a:ok", "b:yes", "c:done"]
    assert happened.ending.data == {"n": "123"}


async def test_keys_are_typed_ahead(tmp_path: Path) -> None:
    main = """
    states:
      a: {ask: {prompt: Номер?, expect: digits}, save: n, then: b}
      b: {confirm: Да?, yes: c}
      c: {end: d}
    """
    happened = await converse(scenario_set(tmp_path, main=main), "123#1")
    assert visited(happened.steps) == ["a:ok", "b:yes", "c:d"]


async def test_a_turn_says_how_long_it_waits(tmp_path: Path) -> None:
    scenarios = scenario_set(
        tmp_path,
        main="states: {a: {ask: {prompt: [Да., Номер?], expect: date, first_key: 4s, next_key: 500ms},"
        " then: b}, b: {confirm: Да?, yes: c}, c: {end: d}}",
    )
    turns: list[Turn] = []

    class Listener(TextCaller):
        async def ask(self, turn: Turn) -> Heard:
            turns.append(turn)
            return await super().ask(turn)

    clock = SimulatedClock(NOON)
    caller = Listener(Inputs(inputs("24112026", "1")), {}, clock)
    interpreter = Interpreter(actions={}, clock=clock, understanding=PlainUnderstanding())
    await interpreter.run(
        scenarios.programs,
        "main",
        calendars=scenarios.calendars,
        caller=caller,
        journal=Steps(),
        facts=facts(),
    )
    date, confirm = turns
    assert date.speech.fragments == (Text("Да."), Text("Номер?"))
    assert (date.max_keys, date.first_key_seconds, date.next_key_seconds) == (8, 4, 0.5)
    assert (confirm.max_keys, confirm.first_key_seconds, confirm.next_key_seconds) == (1, 4, 4)


def test_a_prompt_of_the_law_is_never_cut_short(tmp_path: Path) -> None:
    scenarios = scenario_set(
        tmp_path,
        main="""
        states:
          a: {set: {number: "1", street: Мира}, then: b}
          b:
            ask:
              prompt: [notice, "Счёт {number|account}, улица {street}?", {prompt: Да., interruptible: keys}]
              expect: digits
              interruptible: voice
            then: c
          c: {end: d}
        """,
        prompts="prompts: {notice: {text: Разговор записывается., law: true}}",
    )
    state = scenarios.flows["main"].states["b"]
    assert isinstance(state, Ask)
    compiler = UtteranceCompiler(scenarios.prompts, PLAIN_FORMATTERS)
    utterance = compiler.compiled(state.ask.prompt, state.ask.interruptible)
    law, question, last = utterance.speeches(Around({"number": "1", "street": "Мира"}))
    assert (law.fragments, law.interruptible, law.by_voice) == ((Prompt("notice"),), False, False)
    assert question.fragments == (
        Text("Счёт"),
        Spoken("1", ("1",)),
        Text(", улица"),
        Spoken("Мира", ("Мира",)),
    )
    assert (question.interruptible, question.by_voice) == (False, True)
    assert (last.fragments, last.interruptible, last.by_voice) == ((Text("Да."),), True, False)
