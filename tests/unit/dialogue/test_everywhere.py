"""Words that work at every question; what is said freely, unsurely, slowly, or can't be heard."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from ivr.dialogue.interpreter.runner import Interpreter
from ivr.dialogue.ports import (
    AnswerKind,
    CallerTaken,
    Command,
    Deaf,
    EndingKind,
    Heard,
    Listen,
    Said,
    Silence,
    Turn,
    TurnResult,
    Understood,
)
from ivr.dialogue.scenarios import ScenarioSet
from ivr.dialogue.simulator import (
    Input,
    Inputs,
    SimulatedClock,
    Simulation,
    Steps,
    TextCaller,
    Typed,
    simulate,
)
from ivr.dialogue.understanding import PlainUnderstanding
from tests.unit.dialogue.support import NOON, codes, facts, problems, robot, scenario_set

EVERYWHERE = """
commands:
  operator: {flow: people, key: "0"}
  danger: {flow: danger, heard: опасно}
  repeat: {key: "*"}
  slower: {say: Хорошо.}
  back: {}
unsure: "Вы сказали: {heard}?"
deaf: Нажмите клавиши.
"""
ONCE = """
states:
  a:
    confirm: {prompt: Перезвонить?, attempts: 1}
    yes: {end: promised}
    no: {end: refused}
    silent: {end: silent}
    otherwise: {end: unclear}
"""
PEOPLE = """
id: people
title: Люди
version: 1
start: a
states:
  a: {say: Соединяю., queue: clients}
"""
DANGER = """
id: danger
title: Опасность
version: 1
start: a
states:
  a: {say: Отойдите., queue: danger}
"""
MAIN = """
states:
  a:
    ask: {prompt: Сколько?, expect: {kind: number, most: 9}}
    save: n
    then: {set: {call.topic: count}, then: b}
    otherwise: lost
  b:
    choose:
      prompt: Чай или кофе?
      options:
        "1": {words: [чай], then: tea}
        "2": {words: [кофе], then: coffee}
      free: {save: wish, then: other}
    otherwise: menu
  tea: {end: tea}
  coffee: {end: coffee}
  other: {say: "Вы хотите {wish}.", end: other}
  menu: {end: menu}
  lost: {end: lost}
"""


class Rules:
    """Understands by a table; everything else plainly."""

    def __init__(self, **meanings: Understood) -> None:
        self.meanings = meanings
        self.listened: list[Listen] = []

    def understand(self, listen: Listen, words: Mapping[str, Sequence[str]], said: Said) -> Understood | None:
        self.listened.append(listen)
        known = self.meanings.get(said.text)
        return known or PlainUnderstanding().understand(listen, words, said)


COMMANDS = {word.value: Understood(command=word) for word in Command}


@pytest.fixture
def main(tmp_path: Path) -> ScenarioSet:
    text = MAIN.replace(
        "    set: {call.topic: count}\n    then: b", "    then: {set: {call.topic: count}, then: b}"
    )
    return scenario_set(tmp_path, main=text, everywhere=EVERYWHERE, people=PEOPLE, danger=DANGER)


async def talk(scenarios: ScenarioSet, *inputs: Input, **meanings: Understood) -> Simulation:
    return await simulate(
        scenarios,
        "main",
        Inputs(inputs),
        facts=facts(),
        clock=SimulatedClock(NOON),
        actions={},
        understanding=Rules(**{**COMMANDS, **meanings}),
    )


@pytest.mark.parametrize("call", [Said("operator"), Typed("0")])
async def test_the_word_for_a_person_takes_the_call_over(main: ScenarioSet, call: Input) -> None:
    happened = await talk(main, Said("3"), call)
    assert happened.ending.kind is EndingKind.QUEUED
    assert happened.queued is not None
    assert (happened.queued.queue, happened.queued.topic) == ("clients", "count")
    assert robot(happened)[-1] == "Соединяю."
    assert [step.outcome for step in happened.steps][-2:] == ["operator", "clients"]


async def test_danger_leads_out_of_a_sub_flow(tmp_path: Path) -> None:
    outer = "states:\n  a: {call: inner, on: {done: b, error: b}}\n  b: {end: done}\n"
    inner = (
        "id: inner\ntitle: Внутри\nversion: 1\nstart: a\nstates:\n"
        "  a: {ask: {prompt: Да?, expect: yes_no}, then: b, otherwise: b}\n  b: {end: done}\n"
    )
    scenarios = scenario_set(
        tmp_path, main=outer, inner=inner, everywhere=EVERYWHERE, people=PEOPLE, danger=DANGER
    )
    happened = await talk(scenarios, Said("danger"))
    assert happened.queued is not None
    assert happened.queued.queue == "danger"


async def test_a_danger_that_may_be_none_is_asked_about(main: ScenarioSet) -> None:
    maybe = {"гудит": Understood(command=Command.DANGER, sure=False)}
    happened = await talk(main, Said("гудит"), Said("нет"), Said("гудит"), Said("да"), **maybe)
    assert robot(happened)[1:3] == ["Вы сказали: опасно", "Сколько?"]
    assert happened.ending.outcome == "danger"


async def test_whoever_falls_silent_in_a_possible_danger_is_taken_to_be_in_one(main: ScenarioSet) -> None:
    maybe = {"гудит": Understood(command=Command.DANGER, sure=False)}
    happened = await talk(main, Said("гудит"), Silence(), **maybe)
    assert happened.ending.outcome == "danger"


async def test_an_unsure_wish_for_a_person_is_granted_at_once(main: ScenarioSet) -> None:
    happened = await talk(main, Said("чел"), чел=Understood(command=Command.OPERATOR, sure=False))
    assert happened.ending.kind is EndingKind.QUEUED


async def test_repeating_is_no_miss_and_slowness_stays(main: ScenarioSet) -> None:
    happened = await talk(main, Said("repeat"), Said("slower"), Silence(), Said("3"), Said("чай"))
    assert robot(happened)[:4] == ["Сколько?", "Сколько?", "Хорошо. Сколько?", "Сколько?"]
    assert happened.ending.outcome == "tea"


async def test_back_leads_to_the_question_before(main: ScenarioSet) -> None:
    happened = await talk(main, Said("3"), Said("back"), Said("back"), Said("4"), Said("кофе"))
    assert robot(happened) == ["Сколько?", "Чай или кофе?", "Сколько?", "Сколько?", "Чай или кофе?"]
    assert (happened.ending.outcome, happened.ending.data["n"]) == ("coffee", 4)


async def test_what_is_no_option_is_free_speech_and_is_remembered(main: ScenarioSet) -> None:
    happened = await talk(main, Said("3"), Said("какао с молоком"))
    assert happened.ending.outcome == "other"
    assert happened.ending.data["wish"] == "какао с молоком"


async def test_an_unsure_choice_is_asked_about(main: ScenarioSet) -> None:
    unsure = {"гай": Understood(keys="1", sure=False)}
    happened = await talk(main, Said("3"), Said("гай"), Said("да"), **unsure)
    assert robot(happened)[-1] == "Вы сказали: чай"
    assert happened.ending.outcome == "tea"


async def test_an_unsure_choice_that_was_not_meant_is_a_miss(main: ScenarioSet) -> None:
    unsure = {"гай": Understood(keys="1", sure=False)}
    happened = await talk(main, Said("3"), Said("гай"), Said("нет"), Said("кофе"), **unsure)
    assert robot(happened)[-2:] == ["Вы сказали: чай", "Чай или кофе?"]
    assert happened.ending.outcome == "coffee"


@pytest.mark.parametrize("call", [Said("operator"), Typed("0")])
async def test_a_person_is_called_in_answer_to_what_was_unsure(main: ScenarioSet, call: Input) -> None:
    unsure = {"гай": Understood(keys="1", sure=False)}
    happened = await talk(main, Said("3"), Said("гай"), call, **unsure)
    assert robot(happened)[-2:] == ["Вы сказали: чай", "Соединяю."]
    assert happened.ending.kind is EndingKind.QUEUED


async def test_danger_is_heard_in_answer_to_what_was_unsure(main: ScenarioSet) -> None:
    unsure = {"гай": Understood(keys="1", sure=False)}
    happened = await talk(main, Said("3"), Said("гай"), Said("danger"), **unsure)
    assert happened.queued is not None
    assert happened.queued.queue == "danger"


@pytest.mark.parametrize("answer", [Typed("2"), Typed("7"), Silence(), Said("скорее")])
async def test_what_is_no_yes_to_what_was_unsure_is_a_miss(main: ScenarioSet, answer: Input) -> None:
    unsure = {"гай": Understood(keys="1", sure=False)}
    happened = await talk(main, Said("3"), Said("гай"), answer, Said("кофе"), **unsure)
    assert robot(happened)[-2:] == ["Вы сказали: чай", "Чай или кофе?"]
    assert happened.ending.outcome == "coffee"


async def test_a_deaf_robot_asks_for_keys(main: ScenarioSet) -> None:
    happened = await talk(main, Deaf("away"), Typed("3"), Said("чай"))
    assert robot(happened)[1] == "Нажмите клавиши. Сколько?"
    assert happened.ending.outcome == "tea"


@pytest.mark.parametrize(
    ("deaf", "asked"), [(Deaf("away", keys_awaited=True), 1), (Deaf("failed"), 2), (Deaf("away"), 2)]
)
async def test_what_may_be_asked_once_is_not_asked_again_for_keys_that_were_awaited(
    tmp_path: Path, deaf: Deaf, asked: int
) -> None:
    """What was said to a recogniser that died is lost: then the keys get their turn."""
    once = scenario_set(tmp_path, main=ONCE, everywhere=EVERYWHERE, people=PEOPLE, danger=DANGER)
    happened = await talk(once, deaf, Silence())
    assert happened.ending.outcome == "silent"
    assert sum("Перезвонить?" in line for line in robot(happened)) == asked


async def test_a_deaf_robot_leaves_a_question_for_free_speech(main: ScenarioSet) -> None:
    happened = await talk(main, Said("3"), Deaf("overloaded"))
    assert happened.ending.outcome == "menu"


class Taken(TextCaller):
    """Somebody takes him over at the first question."""

    async def ask(self, turn: Turn) -> Heard:
        raise CallerTaken


async def test_a_flow_ends_at_once_when_somebody_takes_the_caller_over(main: ScenarioSet) -> None:
    clock, steps = SimulatedClock(NOON), Steps()
    ending = await Interpreter(actions={}, clock=clock, understanding=PlainUnderstanding()).run(
        main.programs,
        "main",
        calendars=main.calendars,
        caller=Taken(Inputs([]), {}, clock),
        journal=steps,
        facts=facts(),
        everywhere=main.everywhere,
    )
    assert (ending.kind, ending.outcome) == (EndingKind.ENDED, "taken")
    assert [step.outcome for step in steps.steps] == ["taken"]


class Listener(TextCaller):
    """Keeps the turns that were asked for."""

    turns: list[Turn]

    async def ask(self, turn: Turn) -> Heard:
        self.turns = [*getattr(self, "turns", []), turn]
        return await super().ask(turn)


async def test_a_turn_says_how_to_listen_and_the_journal_how_it_went(main: ScenarioSet) -> None:
    inputs = Inputs([Said(""), Said("slower"), Said("3"), Silence(), Said("чай")])
    clock = SimulatedClock(NOON)
    caller, journal = Listener(inputs, {}, clock), Steps()
    await Interpreter(actions={}, clock=clock, understanding=Rules(**COMMANDS)).run(
        main.programs,
        "main",
        calendars=main.calendars,
        caller=caller,
        journal=journal,
        facts=facts(),
        everywhere=main.everywhere,
    )
    first, again, slow, choice, _ = caller.turns
    assert first.listen == Listen(kind=AnswerKind.NUMBER)
    assert (first.forget_ahead, again.forget_ahead) == (False, True)
    assert (again.speech.slow, slow.speech.slow) == (False, True)
    assert choice.listen == Listen(kind=AnswerKind.CHOICE, phrases=("чай", "кофе"), free=True)
    assert [(turn.state, turn.result, turn.voice) for turn in journal.turns] == [
        ("a", TurnResult.NO_MATCH, True),
        ("a", TurnResult.COMMAND, True),
        ("a", TurnResult.ANSWER, True),
        ("b", TurnResult.NO_INPUT, False),
        ("b", TurnResult.ANSWER, True),
    ]


async def test_the_journal_is_told_that_the_caller_was_asked_whether_he_meant_it(main: ScenarioSet) -> None:
    clock, journal = SimulatedClock(NOON), Steps()
    rules = Rules(гай=Understood(keys="1", sure=False))
    inputs = Inputs([Said("3"), Said("гай", 0.3), Said("да")])
    await Interpreter(actions={}, clock=clock, understanding=rules).run(
        main.programs,
        "main",
        calendars=main.calendars,
        caller=Listener(inputs, {}, clock),
        journal=journal,
        facts=facts(),
        everywhere=main.everywhere,
    )
    assert [(turn.result, turn.text, turn.confidence) for turn in journal.turns[1:]] == [
        (TurnResult.UNSURE, "гай", 0.3),
        (TurnResult.ANSWER, "гай", 0.3),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("commands: {operator: {flow: nobody}}", "unknown-flow"),
        ("commands: {operator: {key: '0'}}", "everywhere"),
        ("commands: {repeat: {flow: main}}", "everywhere"),
        ("commands: {shout: {}}", "command"),
        ("commands: {repeat: {say: no-such-prompt}}", "missing-prompt"),
    ],
)
def test_faults_of_the_file_are_told(tmp_path: Path, text: str, code: str) -> None:
    found = problems(tmp_path, main="states:\n  a: {end: done}\n", everywhere=text)
    assert code in codes(found)
