"""XLSX files as lines of text cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from ivr.campaigns.importing.faults import ImportFault, ListProblem
from ivr.customers.files import Line

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_MOST_UNPACKED = 1 << 30
"""Bytes; a small archive may hold more than the memory."""


def is_workbook(path: Path) -> bool:
    """Whether the file is a workbook, by its content.

    Raises:
        ImportFault: It can't be read, or is a workbook that is not taken: XLS, or one with a password.
    """
    try:
        with path.open("rb") as file:
            begin = file.read(4)
    except OSError as error:
        what = f"The file can't be read: {error.strerror}."
        raise ImportFault(what, path.name, "Choose it again.", ListProblem.AWAY) from error
    if begin == _OLE:
        what = "This is an XLS file, or a workbook with a password."
        fix = "Save the table as XLSX without a password, or as CSV."
        raise ImportFault(what, path.name, fix, ListProblem.OLD_BOOK)
    return begin == _ZIP


class Workbook:
    """The first sheet of a workbook; its first line that is not empty names the columns."""

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            ImportFault: It is damaged, or empty.
        """
        try:
            _require_small(path)
            self._book = load_workbook(path, read_only=True, data_only=True)
        except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
            raise _damaged(path) from error
        self._path = path
        self._rows = self._numbered()
        heading = next(self._rows, None)
        if heading is None:
            fix = "Its first line has to name the columns."
            raise ImportFault("The sheet is empty.", path.name, fix, ListProblem.EMPTY)
        self.columns = tuple(name.strip().lower() for name in heading[1])

    def lines(self) -> Iterator[Line]:
        """The lines below the heading; once. Raises ImportFault: the workbook is damaged."""
        for number, cells in self._rows:
            padded = [*cells, *[""] * (len(self.columns) - len(cells))]
            yield Line(number, dict(zip(self.columns, padded, strict=False)))

    def close(self) -> None:
        """Close the file."""
        self._book.close()

    def _numbered(self) -> Iterator[tuple[int, Sequence[str]]]:
        try:
            sheet = self._book.worksheets[0]
            sheet.reset_dimensions()  # several programs misstate them, and rows would be cut
            for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
                cells = [_text(cell) for cell in row]
                if any(cells):
                    yield number, cells
        except (BadZipFile, KeyError, IndexError, ValueError, SyntaxError, OSError) as error:
            raise _damaged(self._path) from error


def _require_small(path: Path) -> None:
    with ZipFile(path) as packed:
        size = sum(part.file_size for part in packed.infolist())
    if size > _MOST_UNPACKED:
        what, fix = "The workbook is too large.", "Save the table as CSV."
        raise ImportFault(what, path.name, fix, ListProblem.LARGE_BOOK)


def _damaged(path: Path) -> ImportFault:
    what, fix = "The workbook can't be read.", "Open it, save it as XLSX and try again."
    return ImportFault(what, path.name, fix, ListProblem.BROKEN_BOOK)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return _moment(cell)
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell).strip()


def _moment(cell: datetime) -> str:
    return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(timespec="minutes")
