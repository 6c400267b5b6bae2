"""Sets of files: neighbours, lines, size."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.dialogue.documents import Document
from ivr.dialogue.flow import Flow
from ivr.dialogue.lint import Linter, lint_files
from ivr.dialogue.loader import Loaded, validated
from ivr.dialogue.problems import ScenarioFault
from ivr.dialogue.scenarios import Environment, ScenarioSet, check
from ivr.dialogue.schema.files import FlowFile
from ivr.dialogue.simulator import PLAIN_FORMATTERS
from tests.unit.dialogue_lint.bench import ACTIONS, PROMPTS, findings, world_of
from tests.unit.dialogue_lint.changes import PATHS, PLAIN, VALUES, Where, changed

HEAD = "id: {id}\ntitle: Проверка\nversion: 1\nstart: menu\n"
CALLS_OTHER = HEAD.format(id="main") + (
    "states:\n  menu:\n    say: recording-notice\n    then: go\n"
    "  go:\n    call: other\n    on: {done: {end: done}, error: {end: done}}\n"
)
OTHER = HEAD.format(id="other") + (
    "states:\n  menu:\n    ask: {prompt: Номер?, expect: account_number}\n"
    "    then: {end: done}\n    otherwise: operator\n  operator:\n    queue: clients\n"
)
BROKEN = HEAD.format(id="broken") + "states:\n  menu:\n    say: Здравствуйте.\n"
LARGE = 1_000


def _write(folder: Path, **texts: str) -> None:
    for name, text in {"prompts": PROMPTS, **texts}.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def _codes(folder: Path, *names: str, linter: Linter | None = None) -> list[str]:
    paths = [folder / f"{name}.yaml" for name in names] or [folder]
    return [problem.code for problem in lint_files(paths, world_of, linter or Linter())]


def test_one_file_is_examined_with_the_flows_beside_it(tmp_path: Path) -> None:
    _write(tmp_path, main=CALLS_OTHER, other=OTHER, broken=BROKEN)

    assert _codes(tmp_path, "main") == []
    assert _codes(tmp_path, "other") == []
    assert _codes(tmp_path, "broken") == ["no-way-out"]
    assert _codes(tmp_path) == ["no-way-out"]


def test_a_copy_beside_a_file_is_no_fault_of_the_file(tmp_path: Path) -> None:
    _write(tmp_path, main=CALLS_OTHER, other=OTHER, copy=OTHER)

    assert _codes(tmp_path, "other") == []
    assert _codes(tmp_path) == ["duplicate-flow"]


def test_a_flow_of_a_line_begins_without_a_caller_before_it(tmp_path: Path) -> None:
    _write(tmp_path, main=CALLS_OTHER, other=OTHER)

    assert _codes(tmp_path, linter=Linter(lines=frozenset({"other"}))) == ["before-notice"]


def test_queues_are_not_checked_where_they_are_not_known(tmp_path: Path) -> None:
    _write(tmp_path, other=OTHER.replace("account_number", "yes_no"))

    assert _codes(tmp_path, linter=Linter(queues=None)) == []
    assert _codes(tmp_path, linter=Linter(queues=frozenset({"people"}))) == ["unknown-queue"]


TOPICS = """
  a:
    when:
      - {if: =call.topic == "billing", then: b}
    else: b
  b: {queue: {name: people, topic: tariffs}}
"""


def test_topics_that_the_knowledge_base_lacks_are_named(tmp_path: Path) -> None:
    head = "id: main\ntitle: А\nversion: 1\nstart: a\nstates:"
    (tmp_path / "main.yaml").write_text(head + TOPICS, encoding="utf-8")

    assert _codes(tmp_path, linter=Linter(topics=None)) == []
    assert _codes(tmp_path, linter=Linter(topics=frozenset({"billing", "tariffs"}))) == []
    assert _codes(tmp_path, linter=Linter(topics=frozenset({"bills"}))) == ["unknown-topic"] * 2


def test_a_set_with_errors_of_lint_is_not_taken_into_use(tmp_path: Path) -> None:
    _write(tmp_path, broken=BROKEN)
    environment = Environment(formatters=PLAIN_FORMATTERS, actions=ACTIONS, lint=Linter())

    with pytest.raises(ScenarioFault) as raised:
        ScenarioSet.load([tmp_path], environment)

    assert [problem.code for problem in raised.value.problems] == ["no-way-out"]


def test_a_slip_in_a_name_is_told_once_and_with_what_was_meant(tmp_path: Path) -> None:
    text = OTHER.replace("otherwise: operator", "otherwise: oprator").replace("account_number", "yes_no")

    (problem,) = findings(tmp_path, {"other": text})

    assert (problem.code, problem.line) == ("unknown-state", 8)
    assert "did you mean 'operator'" in problem.message


@given(changes=st.lists(st.tuples(PATHS, VALUES), min_size=1, max_size=3))
def test_no_flow_that_can_be_read_is_too_odd_to_be_examined(changes: list[tuple[Where, Any]]) -> None:
    content = PLAIN
    for path, value in changes:
        with suppress(LookupError, TypeError):  # a change before has taken the place away
            content = changed(content, path, value)
    document = Document("flow.yaml", content, {})
    file = validated(document, FlowFile, [])
    if file is not None:
        loaded = Loaded(flows={file.id: Flow.of(file, document)})

        found = [*check(loaded, world_of(loaded)), *Linter()(loaded, world_of(loaded))]

        assert all(problem.message for problem in found)


def _large() -> str:
    """States in a chain, each of which may go back to the one before and on to any of a few."""
    states = [
        f"  s{number}:\n    visits: {{most: 3, then: operator}}\n"
        f'    confirm: "Верно, {{v{number}|number}}?"\n'
        f"    yes: {{set: {{v{number + 1}: =v{number} + 1}}, then: s{number + 1}}}\n"
        f"    no: s{max(number - 1, 0)}\n    otherwise: operator\n"
        for number in range(LARGE)
    ]
    start = "  menu:\n    set: {v0: 0}\n    then: s0\n"
    end = f"  s{LARGE}:\n    end: done\n  operator:\n    queue: clients\n"
    return HEAD.format(id="large") + "on_error: operator\nstates:\n" + start + "".join(states) + end


def test_a_thousand_states_with_more_ways_than_could_be_walked(tmp_path: Path) -> None:
    _write(tmp_path, large=_large())

    assert _codes(tmp_path) == []
