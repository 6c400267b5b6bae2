"""What is said after a misunderstanding is a whole sentence: YAML cuts an unquoted one at its commas."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

SCENARIOS = Path(__file__).parents[2] / "scenarios"
FLOWS = sorted(file for file in SCENARIOS.glob("*.yaml") if not file.name.endswith(".test.yaml"))


def reprompts(node: object) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from reprompts(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in {"no_input", "no_match"}:
                yield from (text for text in value if isinstance(text, str))
            else:
                yield from reprompts(value)


@pytest.mark.parametrize("file", FLOWS, ids=lambda file: file.name)
def test_every_reprompt_ends_as_a_sentence_does(file: Path) -> None:
    texts = list(reprompts(YAML(typ="safe").load(file)))
    assert [text for text in texts if not text.endswith((".", "?", "!"))] == []
