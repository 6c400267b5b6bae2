from pathlib import Path

import pytest

from tests.unit.dialogue.support import codes, problems

SUB = """\
id: sub
title: Часть
version: 1
start: a
takes: {number: text}
returns: {account: record}
states:
  a: {end: found, return: {account: null}}
"""


@pytest.mark.parametrize(
    ("main", "code", "words"),
    [
        ("states: {a: {say: Да, then: bb}, b: {end: x}}", "unknown-state", "no state 'bb'"),
        ("states: {b: {end: x}}", "unknown-state", "no state 'a'"),
        ("globals: {0: c}\nstates: {a: {end: x}}", "unknown-state", "no state 'c'"),
        ("on_error: c\nstates: {a: {end: x}}", "unknown-state", "no state 'c'"),
        ("states: {a: {say: Да, then: next}}", "next-outside", "'for_each'"),
        ("outcomes: {done: true}\nstates: {a: {end: don}}", "unknown-outcome", "did you mean 'done'"),
        ("outcomes: {done: true}\nstates: {a: {end: done, reached: x}}", "unknown-outcome", "'x'"),
        ("states: {a: {say: helo, end: x}}", "missing-prompt", "did you mean 'hello'"),
        ("states: {a: {call: sup, on: {error: b}}, b: {end: x}}", "unknown-flow", "did you mean 'sub'"),
        ("states: {a: {call: sub, on: {error: b}}, b: {end: x}}", "missing-argument", "'number'"),
        (
            "states: {a: {call: sub, with: {number: x, numbr: y}, on: {error: b}}, b: {end: x}}",
            "unknown-argument",
            "did you mean 'number'",
        ),
        (
            "states: {a: {call: sub, with: {number: x}, on: {fond: b}}, b: {end: x}}",
            "unknown-outcome",
            "did you mean 'found'",
        ),
        ("states: {a: {end: x, return: {y: 1}}}", "unknown-return", "'y'"),
        ("states: {a: {say: Да, then: next}, next: {end: x}}", "reserved-name", "another name"),
    ],
)
def test_names_without_a_thing(tmp_path: Path, main: str, code: str, words: str) -> None:
    found = problems(tmp_path, main=main, sub=SUB, prompts="prompts: {hello: Здравствуйте}")
    assert code in codes(found)
    assert any(words in problem.message for problem in found if problem.code == code)


def test_a_good_flow_has_none(tmp_path: Path) -> None:
    main = """
    outcomes: {done: true}
    globals: {0: b, "*": repeat}
    on_error: b
    states:
      a: {for_each: {x: =list}, start: c, then: b}
      b: {say: hello, end: done}
      c: {call: sub, with: {number: =x}, save: y, on: {found: next, error: b}}
      d: {set: {list: null}, then: a}
    """
    assert problems(tmp_path, main=main, sub=SUB, prompts="prompts: {hello: Здравствуйте}") == []
