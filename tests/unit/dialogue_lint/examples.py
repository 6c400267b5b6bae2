"""Examples of what lint finds, in `examples/*.txt`.

    # what the example is about

    ## bad flow
    states:
      <<no-way-out>>menu:
        say: Здравствуйте.

    ## good flow
    …

`bad` and `good` are followed by the name of a file, `<<code>>` stands before each place that lint must name.
A flow is written from its states on; the first state is its start.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "examples"
EXAMPLE = re.compile(r"^# (?P<name>.+)$", re.MULTILINE)
FILE = re.compile(r"^## (?P<kind>bad|good) (?P<file>[a-z-]+)\n", re.MULTILINE)
FIRST_STATE = re.compile(r"^states:\n\s+(?:<<[a-z-]+>>)*(?P<name>[a-z_]+):", re.MULTILINE)
MARK = re.compile(r"<<(?P<code>[a-z-]+)>>")

Files = dict[str, str]
"""File name → text."""


class Example(NamedTuple):
    """Files with marked faults, and files without."""

    name: str
    bad: Files
    good: Files


def examples() -> list[Example]:
    """All examples."""
    return [example for path in sorted(FOLDER.glob("*.txt")) for example in _of_file(path)]


def _of_file(path: Path) -> list[Example]:
    _, *parts = EXAMPLE.split(path.read_text(encoding="utf-8"))
    return [
        Example(f"{path.stem}: {name}", _files(text, "bad"), _files(text, "good"))
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    ]


def _files(text: str, wanted: str) -> Files:
    _, *parts = FILE.split(text)
    triples = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    return {name: _whole(name, content) for kind, name, content in triples if kind == wanted}


def _whole(name: str, content: str) -> str:
    first = FIRST_STATE.search(content)
    if first is None:
        return content
    return f"id: {name}\ntitle: Проверка\nversion: 1\nstart: {first['name']}\n{content}"


EXAMPLES = examples()
CODES = frozenset(
    code for example in EXAMPLES for text in example.bad.values() for code in MARK.findall(text)
)
"""Every code that an example shows."""

WARNINGS = frozenset({"long-prompt", "long-menu", "deep-menu", "no-person"})
