"""docs/scenarios.md is complete, and its examples are in order."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from ivr.app.actions import declared
from ivr.dialogue import PLAIN_FORMATTERS, Environment, ScenarioSet, TestBench, read_tests
from ivr.dialogue.documents import Document, parse
from ivr.dialogue.expressions.functions import ARITY
from ivr.dialogue.flow import Flow
from ivr.dialogue.lint import Linter, lint_files
from ivr.dialogue.loader import KEYS, Loaded, validated
from ivr.dialogue.ports import EndingKind, Kind
from ivr.dialogue.schema.files import FlowFile
from ivr.dialogue.schema.values import NEXT
from ivr.dialogue.schema.verbs import VERBS
from ivr.dialogue.variables import World
from ivr.settings import Settings
from ivr.speech.russian import formatters
from tests.unit.dialogue_lint.examples import CODES

ROOT = Path(__file__).parents[3]
REFERENCE = (ROOT / "docs/scenarios.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```yaml (?P<kind>[a-z]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"[a-z]+(-[a-z]+)*")
COMPANY = {"prompts": "prompts.yaml", "calendars": "calendars.yaml", "forbidden": "forbidden-phrases.yaml"}
TOLD_BY = frozenset({"Problem", "problem", "fault", "_refuse", "_note", "at_state", "at_key"})
"""Functions that make problems; the first text that they are given is the code."""

FRAGMENT = """\
id: {id}
title: Отрывок
version: 1
start: {start}
takes:
  {{account: record, accounts: list, meter: record, zone: record, value: number, account_number: text}}
states:
{states}"""


class Block(NamedTuple):
    """An example of the reference."""

    line: int
    kind: str
    text: str


def _blocks() -> list[Block]:
    return [
        Block(REFERENCE[: match.start()].count("\n") + 1, match["kind"], match["text"])
        for match in BLOCK.finditer(REFERENCE)
    ]


BLOCKS = _blocks()
FRAGMENTS = [block for block in BLOCKS if block.kind == "states"]


def _lint(folder: Path) -> list[str]:
    actions = declared(Settings())

    def world_of(loaded: Loaded) -> World:
        spoken = frozenset(formatters(lambda: pytest.fail("nothing is spoken"), (3, 3, 3)))
        return World(loaded.flows, actions, frozenset(loaded.calendars), spoken)

    return [str(problem) for problem in lint_files([folder], world_of, Linter(queues=frozenset({"clients"})))]


def _company(folder: Path) -> None:
    """The company's files as the repository has them, and those of the reference."""
    for name in COMPANY.values():
        (folder / name).write_text((ROOT / "scenarios" / name).read_text(encoding="utf-8"), encoding="utf-8")


def _flows(folder: Path) -> None:
    """The flows of the reference."""
    for number, block in enumerate(block for block in BLOCKS if block.kind == "flow"):
        (folder / f"flow{number}.yaml").write_text(block.text, encoding="utf-8")


def test_every_example_says_what_it_is() -> None:
    assert REFERENCE.count("```") == 2 * len(BLOCKS)
    assert {block.kind for block in BLOCKS} == {"flow", "states", "tests", "everywhere", *COMPANY}


def test_flows_of_the_reference_lint_clean(tmp_path: Path) -> None:
    _company(tmp_path)
    _flows(tmp_path)

    assert _lint(tmp_path) == []


@pytest.mark.parametrize("kind", COMPANY)
def test_files_of_the_company_lint_clean(tmp_path: Path, kind: str) -> None:
    (block,) = [block for block in BLOCKS if block.kind == kind]
    (tmp_path / COMPANY[kind]).write_text(block.text, encoding="utf-8")

    assert _lint(tmp_path) == []


def test_words_that_work_everywhere_lint_clean(tmp_path: Path) -> None:
    (block,) = [block for block in BLOCKS if block.kind == "everywhere"]
    _company(tmp_path)
    (tmp_path / "everywhere.yaml").write_text(block.text, encoding="utf-8")
    people = "id: people\ntitle: Люди\nversion: 1\nstart: a\nstates:\n  a: {queue: clients}\n"
    (tmp_path / "people.yaml").write_text(people, encoding="utf-8")

    assert _lint(tmp_path) == []


@pytest.mark.parametrize("block", FRAGMENTS, ids=lambda block: f"line {block.line}")
def test_states_of_the_reference_lint_clean_within_a_flow(tmp_path: Path, block: Block) -> None:
    _company(tmp_path)
    (tmp_path / "fragment.yaml").write_text(_completed(block), encoding="utf-8")

    assert _lint(tmp_path) == []


def _completed(block: Block) -> str:
    """The states in a flow that has everything to which they lead."""
    start = block.text.partition(":")[0]
    indented = "".join(f"  {line}\n" if line else "\n" for line in block.text.splitlines())
    text = FRAGMENT.format(id="fragment", start=start, states=indented)
    for name in _missing_states(text):
        text += f"  {name}:\n    queue: clients\n"
    return text


def _missing_states(text: str) -> list[str]:
    document = parse(text, "fragment.yaml")
    assert isinstance(document, Document)
    file = validated(document, FlowFile, [])
    assert file is not None
    states = Flow.of(file, document).states
    targets = {way.exit.then for state in states.values() for way in state.ways()}
    return sorted(target for target in targets if target and target not in states and target != NEXT)


async def test_conversation_tests_of_the_reference_pass(tmp_path: Path) -> None:
    _company(tmp_path)
    _flows(tmp_path)
    (block,) = [block for block in BLOCKS if block.kind == "tests"]
    path = tmp_path / "example.test.yaml"
    path.write_text(block.text, encoding="utf-8")
    scenarios = ScenarioSet.load([tmp_path], Environment(formatters=PLAIN_FORMATTERS))
    file = read_tests(path, scenarios)

    results = [await TestBench().run(scenarios, file, test) for test in file.tests]

    assert [result.detail for result in results if not result.ok] == []


def _named(names: Iterator[str] | frozenset[str] | set[str]) -> list[str]:
    """Those that the reference does not name in code."""
    code = " ".join(re.findall(r"`[^`]+`", BLOCK.sub("", REFERENCE)))
    return [name for name in sorted(names) if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", code)]


def test_every_key_is_named() -> None:
    inner = {"first", "slots", "done", "arguments"}  # of states that the loader makes itself

    assert _named(KEYS - inner) == []


def test_every_verb_kind_function_filter_and_ending_is_named() -> None:
    spoken = set(formatters(lambda: pytest.fail("nothing is spoken"), (3, 3, 3)))

    assert _named(set(VERBS) | set(ARITY) | spoken | set(Kind) | set(EndingKind)) == []


def test_every_action_is_named_with_its_arguments_and_outcomes() -> None:
    table = REFERENCE.partition("| action | arguments | outcomes |")[2].partition("\n\n")[0]
    rows = dict(re.findall(r"^\| `(.+?)` \| (.+) \|$", table, re.MULTILINE))
    actions = declared(Settings())

    assert rows.keys() == actions.keys()
    for name, action in actions.items():
        assert all(f"`{word}`" in rows[name] for word in [*action.inputs, *action.outcomes]), name


def _codes_in_source() -> set[str]:
    """The codes with which the language tells problems, read from its source."""
    return {
        code
        for path in (ROOT / "ivr/dialogue").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for code in [*_codes_of_call(node), *_codes_of_constant(node, path)]
    }


def _codes_of_call(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in TOLD_BY:
            given = [one.value for one in node.args if isinstance(one, ast.Constant)]
            texts = [one for one in given if isinstance(one, str)]
            yield from (one for one in texts[:1] if CODE.fullmatch(one))


def _codes_of_constant(node: ast.AST, path: Path) -> Iterator[str]:
    """The codes that a rule names: constants with a hyphen."""
    match node:
        case ast.Assign(value=ast.Constant(value=str(code))) if path.parent.name == "rules" and "-" in code:
            yield code


def test_every_code_is_listed_and_none_that_is_not_there() -> None:
    listed = _listed_codes()

    assert sorted(_codes_in_source() - listed) == []
    assert sorted(CODES - listed) == []


def _listed_codes() -> set[str]:
    tables = REFERENCE.partition("## What lint finds")[2]
    first_cells = re.findall(r"^\| (`.+?`) \|", tables, re.MULTILINE)
    return {code for cell in first_cells for code in re.findall(r"`([a-z-]+)`", cell)}


def test_every_code_that_is_listed_exists() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "ivr/dialogue").rglob("*.py"))

    assert [code for code in sorted(_listed_codes()) if f'"{code}"' not in source] == []


def test_lint_rules_are_shown_by_an_example_each() -> None:
    rules = {
        code
        for path in (ROOT / "ivr/dialogue/lint/rules").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for code in _codes_of_constant(node, path)
    }

    assert sorted(rules - CODES) == []
