from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.dialogue_lint.bench import findings, found, marked, warnings
from tests.unit.dialogue_lint.examples import EXAMPLES, WARNINGS, Example


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_a_fault_is_named_with_its_place(tmp_path: Path, example: Example) -> None:
    assert found(tmp_path, example.bad) == marked(example.bad)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_nothing_is_said_of_what_is_right(tmp_path: Path, example: Example) -> None:
    assert found(tmp_path, example.good) == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_only_what_does_not_hinder_a_call_is_a_warning(tmp_path: Path, example: Example) -> None:
    told = findings(tmp_path, example.bad)

    lenient = warnings(told) - {"key-clash"}

    assert lenient == {problem.code for problem in told} & WARNINGS
