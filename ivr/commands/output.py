"""How commands answer: one JSON document, or text for a person."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """What a command prints on stdout."""

    TEXT = "text"
    JSON = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="text for people, json for programs")]


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} can't be written as JSON")


def emit(document: Mapping[str, object], text: str, output: Format) -> None:
    """Print the document as JSON, or the text, on stdout."""
    if output is Format.JSON:
        json.dump(document, sys.stdout, ensure_ascii=False, indent=2, default=_plain)
        sys.stdout.write("\n")
    elif text:
        sys.stdout.write(text.rstrip("\n") + "\n")


def say(text: str) -> None:
    """Tell the person at the terminal what is being done, on stderr."""
    sys.stderr.write(text + "\n")
