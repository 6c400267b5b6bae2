"""The words of reports of campaigns, from `words.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML


@cache
def words() -> dict[str, Any]:
    """All of them; the outcome of a target that nobody talked with is its last attempt's disposition."""
    text = Path(__file__).with_name("words.yaml").read_text(encoding="utf-8")
    told = dict(YAML(typ="safe", pure=True).load(text))
    return told | {"outcomes": {**told["dispositions"], **told["outcomes"]}}


def title(of: str, id: str) -> str:
    """What an id is called, of `states`, `whys`, `target_states`, `dispositions`, `outcomes`; else the id."""
    return str(words()[of].get(id, id))


def outcomes_of(talks: Mapping[str, str]) -> Callable[[str], str]:
    """What outcomes are called: those of talks as their kinds say, the others as here."""
    return lambda outcome: talks.get(outcome) or title("outcomes", outcome)
