from pathlib import Path

import pytest

from ivr.dialogue.loader import home_of, load
from ivr.dialogue.problems import Problem, ScenarioFault
from ivr.dialogue.scenarios import Environment, ScenarioSet
from ivr.dialogue.schema.states import Ask, Confirm, Do, FormEntry, FormProgress, Say
from ivr.dialogue.simulator import PLAIN_FORMATTERS
from tests.unit.dialogue.support import loaded, written

FLOWS = Path(__file__).parent / "flows"


def found(folder: Path, main: str) -> list[tuple[int, int, str]]:
    return [(each.line, each.column, each.code) for each in sorted(loaded(folder, main=main).problems)]


def message(folder: Path, main: str) -> str:
    (problem,) = loaded(folder, main=main).problems
    return problem.message


def test_the_sketch_is_a_flow() -> None:
    known = ScenarioSet.load([FLOWS], Environment(formatters=PLAIN_FORMATTERS))
    assert known.flows["meter-reading"].label == "meter-reading@1"
    assert known.flows["meter-reading"].bodies["each_meter"] == {
        "value", "check", "read_back", "accept", "next_period",
    }  # fmt: skip


def test_every_fault_is_reported_with_its_place(tmp_path: Path) -> None:
    main = """\
    outcome: {}
    states:
      a:
        say: "привет {x"
        than: b
      b:
        ask: {prompt: Да, expect: digit}
        then: {say: x}
      c:
        when: [{if: x, then: a}, {if: "=a +", then: b}]
      d:
        do: a.b
        within: 2
        on: {x: y}
      e:
        choose: {prompt: Да, options: {22: b}}
    """
    assert found(tmp_path, main) == [
        (5, 1, "unknown-key"),
        (8, 18, "template"),
        (9, 5, "unknown-key"),
        (11, 31, "expectation"),
        (12, 11, "exit"),
        (14, 17, "expression"),
        (14, 40, "expression"),
        (17, 13, "duration"),
        (20, 36, "name"),
    ]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("{say: Да, than: a}", "did you mean 'then'"),
        ("{ask: {prompt: Да, expect: digits}, do: x.y}", "a state does one thing"),
        ("{foo: 1}", "a state does one thing: one of ask, choose"),
        ("{say: 12}", "put numbers in quotes"),
        ("{say: Да, then: b, end: c}", "'then' or 'end'"),
        ("{do: x.y, on: {a: {then: b, end: c}}}", "either 'then' with a state or 'end'"),
        ("{ask: {prompt: Да, expect: digitz}}", "did you mean 'digits'"),
        ("{ask: {prompt: Да, expect: {kind: reading}}}", "the key 'meter' is missing"),
        ("{choose: {prompt: Да}}", "either 'options' or 'from'"),
        ("{choose: {prompt: Да, from: {x: =y}}}", "'from' and 'each' go together"),
        ("{say: {prompt: Да, interruptible: maybe}}", "true, false, keys, voice or patient"),
        (
            "{form: {slots: {x: {prompt: Да, expect: date}, y: {prompt: Да, expect: date}}, confirm: Да}}",
            "correct",
        ),
    ],
)
def test_messages_say_how_to_mend_it(tmp_path: Path, state: str, words: str) -> None:
    assert words in message(tmp_path, f"states:\n  a: {state}\n")


def test_an_id_belongs_to_one_file(tmp_path: Path) -> None:
    flow = "states: {a: {end: b}}\n"
    (problem,) = loaded(tmp_path, main=flow, other=flow).problems
    assert (problem.file, problem.code) == (str(tmp_path / "other.yaml"), "duplicate-flow")


def test_a_file_brings_its_catalogue(tmp_path: Path) -> None:
    written(tmp_path, main="states: {a: {say: hello, end: x}}", prompts="prompts: {hello: Здравствуйте}")
    known = ScenarioSet.load([tmp_path / "main.yaml"], Environment(formatters=PLAIN_FORMATTERS))
    assert list(known.texts()) == [("hello", "Здравствуйте")]


BELOW = "id: below\ntitle: Ниже\nversion: 1\nstart: a\nstates: {a: {say: hello, end: x}}\n"


def test_flows_of_a_sub_folder_belong_to_the_company(tmp_path: Path) -> None:
    written(
        tmp_path,
        main="states: {a: {call: below, on: {x: b}}, b: {end: y}}",
        prompts="prompts: {hello: Здравствуйте}",
    )
    (tmp_path / "campaigns").mkdir()
    below = written(tmp_path / "campaigns", below=BELOW, kinds="no: flow")
    (below / "below.test.yaml").write_text("no: flow", encoding="utf-8")
    for path in (tmp_path, below / "below.yaml", below):
        known = load([path])
        assert known.problems == []
        assert list(known.prompts) == ["hello"]
    assert set(load([tmp_path]).flows) == {"main", "below"}
    assert set(load([below]).flows) == {"below"}
    assert [home_of(each) for each in (tmp_path, below)] == [tmp_path, tmp_path]


def test_a_folder_with_files_of_its_own_is_its_own_home(tmp_path: Path) -> None:
    written(tmp_path, prompts="prompts: {hello: Здравствуйте}")
    (tmp_path / "other").mkdir()
    below = written(tmp_path / "other", prompts="prompts: {bye: До свидания}")
    assert home_of(below) == below


def test_missing_files_are_problems(tmp_path: Path) -> None:
    with pytest.raises(ScenarioFault, match="no such file") as fault:
        ScenarioSet.load([tmp_path / "none.yaml"], Environment(formatters=PLAIN_FORMATTERS))
    assert fault.value.problems[0].code == "missing-file"


def test_a_problem_is_printed_as_compilers_do() -> None:
    problem = Problem("a.yaml", 3, 5, "name", "is wrong")
    assert str(problem) == "a.yaml:3:5: is wrong [name]"
    assert problem.document() == {
        "file": "a.yaml",
        "line": 3,
        "column": 5,
        "code": "name",
        "message": "is wrong",
    }


def test_the_same_thing_may_be_said_shortly(tmp_path: Path) -> None:
    flow = loaded(
        tmp_path,
        main="""
        states:
          a: {say: Да, then: b}
          b: {say: [{prompt: Да}], then: {then: c}}
          c: {confirm: Да, yes: a}
          d: {confirm: {prompt: {prompt: Да, interruptible: false}, attempts: 2}, yes: a}
          e: {ask: {prompt: Да, expect: date, no_input: Да}}
          f: {ask: {prompt: Да, expect: {kind: date}, no_input: [[Да]]}}
        """,
    ).flows["main"]
    a, b, c, e, f = (flow.states[name] for name in "abcef")
    assert isinstance(a, Say)
    assert isinstance(b, Say)
    assert a.say == b.say
    assert isinstance(c, Confirm)
    assert isinstance(e, Ask)
    assert isinstance(f, Ask)
    assert e.ask == f.ask


def test_a_form_becomes_plain_states(tmp_path: Path) -> None:
    everything = loaded(
        tmp_path,
        main="""
        states:
          a:
            form:
              slots:
                x:
                  prompt: Число?
                  expect: number
                  check: {do: x.check, with: {x: =x}, on: {fine: accept, bad: {say: Ещё раз, then: again}}}
                  read_back: "{x|number}?"
                y: {prompt: Дата?, expect: date}
              confirm: Верно?
              correct: Что исправить?
            then: b
            otherwise: b
          b: {end: c}
        """,
    )
    assert everything.problems == []
    flow = everything.flows["main"]
    kinds = {name: type(state) for name, state in flow.states.items() if name.startswith("a")}
    assert list(kinds) == [
        "a",
        "a.x",
        "a.x.check",
        "a.x.read_back",
        "a.y",
        "a.next",
        "a.confirm",
        "a.correct",
    ]
    assert (kinds["a"], kinds["a.x"], kinds["a.x.check"], kinds["a.next"]) == (
        FormEntry,
        Ask,
        Do,
        FormProgress,
    )
    assert {way.label: way.exit.then for way in flow.states["a.x.check"].ways()} == {
        "fine": "a.x.read_back",
        "bad": "a.x",
    }
    assert flow.reachable("a") == set(flow.states)
    assert flow.mark("a.x.check", "on", "bad").line == 13
