"""Reading CSV files as other programs write them: encodings, delimiters, and every bad line named."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TextIO

from ivr.errors import Fault

_LONGEST_LINE = 65_536
_DELIMITERS = ";,\t"
_UNREADABLE = "\ufffd"


class FileProblem(StrEnum):
    """Why a whole file can't be read as a table."""

    AWAY = "away"
    EMPTY = "empty"
    NO_TEXT = "no-text"


@dataclass
class NoTable(Fault):
    """A file that is no table; `problem` says why."""

    problem: FileProblem = FileProblem.AWAY


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was left out; `column` is empty when the whole line is at fault."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its number in the file and its cells by column."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Heading:
    """How a file is written: encoding, delimiter, the columns and the number of the line that names them."""

    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    line: int


def detect_encoding(path: Path) -> str:
    """UTF-8 with or without mark, or else CP1251, in which almost any bytes are text.

    Raises:
        NoTable: The file cannot be read.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            first = file.read(_LONGEST_LINE)
            marked = first.startswith(codecs.BOM_UTF8)
            decoder.decode(first)
            while chunk := file.read(1 << 20):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "utf-8-sig" if marked else "cp1251"
    except OSError as error:
        what = f"The file cannot be read: {error.strerror}."
        raise NoTable(what, str(path), "Check its name and rights.") from error
    return "utf-8-sig" if marked else "utf-8"


def read_heading(path: Path) -> Heading:
    """Find out how the file is written.

    Raises:
        NoTable: The file cannot be read, or is empty, or is no text.
    """
    encoding = detect_encoding(path)
    with _open(path, encoding) as file:
        for number, text in enumerate(_physical_lines(file), start=1):
            if "\0" in text or len(text) > _LONGEST_LINE:
                what = "This is no text file."
                raise NoTable(what, str(path), "Save the table as CSV.", FileProblem.NO_TEXT)
            if text.strip():
                delimiter = max(_DELIMITERS, key=text.count)
                columns = next(csv.reader([text], delimiter=delimiter))
                return Heading(encoding, delimiter, tuple(name.strip().lower() for name in columns), number)
    fix = "Its first line has to name the columns."
    raise NoTable("The file is empty.", str(path), fix, FileProblem.EMPTY)


def read_lines(path: Path, heading: Heading) -> Iterator[Line | BadLine]:
    """Give every line below the heading, good or bad; a cell may not contain a line break."""
    with _open(path, heading.encoding) as file:
        for number, text in enumerate(_physical_lines(file), start=1):
            if number > heading.line and text.strip():
                yield _line(number, text, heading)


def _open(path: Path, encoding: str) -> TextIO:
    return path.open(encoding=encoding, errors="replace", newline=None)


def _physical_lines(file: TextIO) -> Iterator[str]:
    """Lines; one that is longer than any good line is cut, and the rest of it skipped."""
    while text := file.readline(_LONGEST_LINE + 1):
        rest = text
        while len(rest) > _LONGEST_LINE and not rest.endswith("\n"):
            rest = file.readline(_LONGEST_LINE + 1)
        yield text


def _line(number: int, text: str, heading: Heading) -> Line | BadLine:
    if len(text) > _LONGEST_LINE:
        return BadLine(number, "", f"longer than {_LONGEST_LINE} characters")
    try:
        cells: Sequence[str] = next(csv.reader([text.rstrip("\n")], delimiter=heading.delimiter, strict=True))
    except csv.Error as error:
        return BadLine(number, "", f"not CSV: {error}")
    if len(cells) != len(heading.columns):
        return BadLine(number, "", f"has {len(cells)} cells, the heading has {len(heading.columns)}")
    for column, cell in zip(heading.columns, cells, strict=True):
        if _UNREADABLE in cell or "\0" in cell:
            return BadLine(number, column, f"has a character that is not in {heading.encoding}")
    return Line(number, {column: cell.strip() for column, cell in zip(heading.columns, cells, strict=True)})
