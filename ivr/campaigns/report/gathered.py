"""What talks have gathered, in the words and dates that a supervisor reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, tzinfo
from typing import Any

from ivr.campaigns.report.words import words

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:\+\d\d:\d\d|Z)")


def gathered(result: Mapping[str, Any], titles: Mapping[str, str], zone: tzinfo) -> str:
    """What a talk has gathered, in one line: «Обещал оплатить: 25.11.2026; Просил СМС: да».

    Args:
        result: Of an attempt. What nobody has given a title is a note of the engine's own, and left out.
        titles: Of the kind's results.
        zone: In which moments are told.
    """
    named = {**titles, **words()["results"]}
    found = {title: result.get(name) for name, title in named.items()}
    return "; ".join(f"{title}: {_text(value, zone)}" for title, value in found.items() if value)


def _text(value: Any, zone: tzinfo) -> str:
    text = str(value)
    with suppress(ValueError):  # words like a date that there is not
        if _DATE.fullmatch(text):
            return f"{date.fromisoformat(text):%d.%m.%Y}"
        if _MOMENT.fullmatch(text):
            return f"{datetime.fromisoformat(text).astimezone(zone):%d.%m.%Y %H:%M}"
    return str(words()["values"].get(text, text))
