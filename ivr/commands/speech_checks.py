"""`ivr speech numerals|yesno|score`: what phrases of a file mean."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ivr.commands.output import Format, FormatOption, emit
from ivr.errors import Fault
from ivr.speech.understanding.scoring import SUBJECTS, Miss, score

PhrasesFile = Annotated[
    Path, typer.Argument(help="Tab-separated values with a header, UTF-8", metavar="FILE.tsv")
]


class Scored(StrEnum):
    """What can be scored."""

    NUMERALS = "numerals"
    YESNO = "yesno"
    COMMANDS = "commands"


def register(app: typer.Typer) -> None:
    """Add the commands to `ivr speech`."""
    app.command("numerals")(numerals)
    app.command("yesno")(yesno)
    app.command("score")(score_phrases)


def numerals(file: PhrasesFile, output: FormatOption = Format.TEXT) -> None:
    """Say the digits of spoken numbers: reads the column `spoken`."""
    _understood(file, Scored.NUMERALS, output)


def yesno(file: PhrasesFile, output: FormatOption = Format.TEXT) -> None:
    """Tell yes, no and unclear apart: reads the column `utterance`."""
    _understood(file, Scored.YESNO, output)


def score_phrases(
    what: Annotated[Scored, typer.Argument(help="What the phrases are")],
    file: PhrasesFile,
    output: FormatOption = Format.TEXT,
) -> None:
    """Compare what is understood with the column `digits`, `label` or `command`; lists every miss."""
    subject = SUBJECTS[what]
    result = score(_rows(file, (subject.phrase, subject.expected)), subject)
    document = {
        "total": result.total,
        "right": result.total - len(result.misses),
        "share": round(result.share, 4),
        "misses": [asdict(miss) for miss in result.misses],
    }
    lines = [_line(miss) for miss in result.misses]
    summary = f"{document['right']} of {result.total} right ({result.share:.1%})."
    emit(document, "\n".join([*lines, summary]), output)


def _understood(file: Path, what: Scored, output: Format) -> None:
    subject = SUBJECTS[what]
    phrases = [row[subject.phrase] for row in _rows(file, (subject.phrase,))]
    results = [{subject.phrase: phrase, subject.expected: subject.meaning(phrase)} for phrase in phrases]
    lines = [f"{result[subject.expected] or '-'}\t{result[subject.phrase]}" for result in results]
    emit({"results": results}, "\n".join(lines), output)


def _rows(file: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """The rows of a file with those columns, without empty lines.

    Raises:
        Fault: It can't be read, or a column is missing.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as source:
            reader = csv.DictReader(source, delimiter="\t", quoting=csv.QUOTE_NONE, restval="")
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                raise Fault(
                    f"The column {missing[0]} is missing.",
                    str(file),
                    "Name the columns in the first line, by tabs.",
                )
            return [{column: row[column].strip() for column in columns} for row in reader]
    except OSError as error:
        raise Fault(
            f"The file can't be read: {error.strerror}.", str(file), "Name a file of phrases."
        ) from error
    except UnicodeDecodeError as error:
        raise Fault("The file is not UTF-8.", str(file), "Save it as UTF-8.") from error


def _line(miss: Miss) -> str:
    return f"{miss.phrase}\t{miss.understood or '-'} instead of {miss.expected or '-'}"
