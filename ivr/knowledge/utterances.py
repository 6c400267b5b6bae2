"""Tab-separated files of utterances, as `ivr kb classify` and `ivr kb score` read them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from ivr.errors import Fault

UTTERANCE = "utterance"
TOPIC = "topic"


@dataclass(frozen=True, slots=True)
class Utterance:
    """One line.

    Attributes:
        topic: What it is about; empty for none of the topics, or where the file has no such column.
    """

    text: str
    topic: str = ""


def read(path: Path, *, with_topics: bool = False) -> list[Utterance]:
    """Read a file in UTF-8, with or without a byte-order mark; other columns and empty lines are passed over.

    Args:
        path: The file; its first line names the columns.
        with_topics: Whether the column `topic` is needed.

    Raises:
        Fault: The file can't be read, or a column is missing.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Fault(
            f"The file can't be read: {error.strerror}.", str(path), "Name a file that exists."
        ) from None
    except UnicodeDecodeError:
        raise Fault("The file is not in UTF-8.", str(path), "Save the file as UTF-8.") from None
    rows = csv.reader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    columns = [name.strip() for name in next(rows, [])]
    for needed in (UTTERANCE, TOPIC) if with_topics else (UTTERANCE,):
        if needed not in columns:
            there = ", ".join(filter(None, columns)) or "none"
            fix = f"Name it in the first line, between tabs; there: {there}."
            raise Fault(f"The column {needed!r} is missing.", f"{path}:1", fix)
    return [_utterance(columns, row) for row in rows if any(map(str.strip, row))]


def _utterance(columns: list[str], row: list[str]) -> Utterance:
    cells = dict(zip(columns, (cell.strip() for cell in row), strict=False))
    return Utterance(cells.get(UTTERANCE, ""), cells.get(TOPIC, ""))
