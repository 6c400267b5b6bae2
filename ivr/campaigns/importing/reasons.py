"""Why a line was not taken, in words for the supervisor, and the report of an import."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

_TEXTS = Path(__file__).with_name("reasons.yaml")


class Reason(StrEnum):
    """Why; the words are in `reasons.yaml`."""

    UNREADABLE = "unreadable"
    LETTERS = "letters"
    CELL_ERROR = "cell-error"
    NO_NUMBER = "no-number"
    NUMBER = "number"
    NUMBER_SPOILT = "number-spoilt"
    EXTENSION = "extension"
    SERVICE_NUMBER = "service-number"
    FOREIGN = "foreign"
    MANY_NUMBERS = "many-numbers"
    ACCOUNT = "account"
    ZONE = "zone"
    MISSING = "missing"
    NOT_NUMBER = "not-number"
    NEGATIVE = "negative"
    NOT_DATE = "not-date"
    NOT_MOMENT = "not-moment"
    LONG = "long"
    REPEATED = "repeated"


@cache
def _texts() -> Mapping[str, Sequence[str]]:
    texts: Mapping[str, Sequence[str]] = YAML(typ="safe", pure=True).load(_TEXTS.read_text(encoding="utf-8"))
    return texts


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with a line; never the value itself, which may be personal.

    Attributes:
        line: Of the file, or place in the list, from 1.
        field: Column as the file calls it; empty: the whole line.
        reason: Why.
        left_out: Whether the line was left out because of it; else only this part of it was.
    """

    line: int
    field: str
    reason: Reason
    left_out: bool = True

    @property
    def what(self) -> str:
        """The reason in Russian."""
        return _texts()[self.reason][0]

    @property
    def fix(self) -> str:
        """What to do about it, in Russian."""
        return _texts()[self.reason][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What became of a list of targets. `read` = `new` + `known` + `repeated` + `refused`.

    Attributes:
        read: Lines, the heading and empty ones left out.
        new: Targets that the campaign did not have.
        known: Those that it had already; nothing was changed in them.
        repeated: Lines left out because an earlier one has the same person.
        refused: Lines left out because something is wrong with them.
        complaints: The reasons, in the order of the lines; no more than the settings allow.
        ignored: Columns that nobody knows.
    """

    read: int = 0
    new: int = 0
    known: int = 0
    repeated: int = 0
    refused: int = 0
    complaints: tuple[Complaint, ...] = ()
    ignored: tuple[str, ...] = ()

    def as_csv(self) -> str:
        """The complaints as a table for the supervisor's spreadsheet, with `;` between cells."""
        table = io.StringIO()
        writer = csv.writer(table, delimiter=";", lineterminator="\r\n")
        writer.writerow(("Строка", "Столбец", "Что не так", "Как исправить", "Строка пропущена"))
        for each in self.complaints:
            left_out = "да" if each.left_out else "нет"
            writer.writerow((each.line, each.field, each.what, each.fix, left_out))
        return table.getvalue()
