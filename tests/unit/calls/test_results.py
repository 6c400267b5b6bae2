from __future__ import annotations

from pathlib import Path

import pytest

from ivr.calls.results import load_results
from ivr.errors import Fault


def test_the_programs_own_results_are_in_order() -> None:
    results = load_results()
    assert {"answered", "deferred", "transferred"} <= {each.id for each in results}


@pytest.mark.parametrize(
    "content",
    [
        "results: []",
        "results: [{id: a, title: А, alone: true}, {id: a, title: Б, alone: true}]",
        "results: [{id: Плохой, title: А, alone: true}]",
        "results: {",
    ],
)
def test_a_broken_list_is_told(tmp_path: Path, content: str) -> None:
    file = tmp_path / "results.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(Fault):
        load_results(file)
