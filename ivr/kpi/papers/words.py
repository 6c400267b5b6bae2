"""The words of reports, from `words.yaml`, and what is called what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ivr.kpi.breakdown import By

Titles = Mapping[By, Mapping[str, str]]
"""What keys of breakdowns are called: lines, topics, operators, queues."""


@cache
def words() -> dict[str, Any]:
    """All of them."""
    text = Path(__file__).with_name("words.yaml").read_text(encoding="utf-8")
    return dict(YAML(typ="safe", pure=True).load(text))


def day(moment: date) -> str:
    """`24.11.2026`."""
    return f"{moment:%d.%m.%Y}"


def title_of(key: str, by: By, titles: Titles) -> str:
    """A key as people call it; the key itself where nobody has named it."""
    if not key:
        return str(words()["unknown"])
    match by:
        case By.WEEKDAY:
            return str(words()["weekdays"][key])
        case By.DAY:
            return day(date.fromisoformat(key))
        case By.SEGMENT:
            return str(words()["segments"].get(key, key))
        case _:
            return titles.get(by, {}).get(key, key)


def label_of(key: str, by: By, titles: Titles) -> str:
    """The same for little room: days without their year."""
    return f"{date.fromisoformat(key):%d.%m}" if by is By.DAY else title_of(key, by, titles)
