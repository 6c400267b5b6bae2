"""Taking billing's files over into our own tables.

Good lines go in, bad ones are reported, all of them; a repeat changes nothing. What a file does not name is
left as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import Connection

from ivr.customers.files import BadLine, Heading, Line, read_heading, read_lines
from ivr.customers.rows import AccountRow, MeterRow, columns_of
from ivr.customers.settings import CustomersSettings
from ivr.customers.writing import Outcome, Refused, write_accounts, write_meters
from ivr.errors import Fault
from ivr.store import Database

_CHUNK = 500
_Row = type[AccountRow] | type[MeterRow]
Report = Callable[[BadLine], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file; `ignored` are columns that nobody knows."""

    file: Path
    kind: str
    added: int
    changed: int
    unchanged: int
    bad: int
    ignored: tuple[str, ...]


async def import_file(
    database: Database, path: Path, settings: CustomersSettings, report: Report
) -> Imported:
    """Take one file over; its heading tells whether it holds accounts or meters.

    Args:
        database: Its tables are up to date.
        path: The CSV file.
        settings: Tell the form of account numbers.
        report: Called with each bad line, in the order of the file as far as possible.

    Raises:
        Fault: The file cannot be read, or its heading is none of ours; nothing was changed.
        StoreUnavailable: The lines up to some place went in; the import can be repeated.
    """
    heading = read_heading(path)
    row, ignored = _recognise(heading, path)
    checker = _Checker(row, settings)
    tally: Counter[str] = Counter()
    lines = read_lines(path, heading)
    while chunk := list(islice(lines, _CHUNK)):
        good, bad = checker.check(chunk)
        outcomes = await database.write(partial(_write, [checked.row for checked in good]))
        for checked, outcome in zip(good, outcomes, strict=True):
            if isinstance(outcome, Refused):
                bad.append(BadLine(checked.line, outcome.column, outcome.reason))
            else:
                tally[outcome] += 1
        tally["bad"] += len({each.line for each in bad})
        for each in sorted(bad, key=lambda line: line.line):
            report(each)
    kind = "accounts" if row is AccountRow else "meters"
    counts = {outcome.value: tally[outcome] for outcome in Outcome}
    return Imported(file=path, kind=kind, bad=tally["bad"], ignored=ignored, **counts)


def _write(rows: list[AccountRow | MeterRow], connection: Connection) -> Sequence[Outcome | Refused]:
    of_accounts = [row for row in rows if isinstance(row, AccountRow)]
    if of_accounts:
        return write_accounts(connection, of_accounts)
    return write_meters(connection, [row for row in rows if isinstance(row, MeterRow)])


@dataclass(frozen=True, slots=True)
class _Checked:
    line: int
    row: AccountRow | MeterRow


def _recognise(heading: Heading, path: Path) -> tuple[_Row, tuple[str, ...]]:
    repeated = {name for name in heading.columns if name and heading.columns.count(name) > 1}
    if repeated:
        raise Fault(f"A column is named twice: {', '.join(sorted(repeated))}.", str(path), "Name each once.")
    for row in (AccountRow, MeterRow):
        required = {name for name, field in row.model_fields.items() if field.is_required()}
        if required <= set(heading.columns):
            return row, tuple(name for name in heading.columns if name not in row.model_fields)
    raise Fault(
        f"The columns {', '.join(heading.columns)[:300]} are neither those of accounts nor those of meters.",
        f"{path}, line {heading.line}",
        f"Accounts need the columns\n{columns_of(AccountRow)}\nand meters need\n{columns_of(MeterRow)}",
    )


class _Checker:
    """Checks the lines of one file; remembers the keys seen, as hashes, to find repeated lines."""

    def __init__(self, row: _Row, settings: CustomersSettings) -> None:
        self._row = row
        self._context = {"account_number": settings.account_number}
        self._seen: set[int] = set()
        self._digits: dict[int, int] = {}

    def check(self, lines: list[Line | BadLine]) -> tuple[list[_Checked], list[BadLine]]:
        good: list[_Checked] = []
        bad: list[BadLine] = []
        for line in lines:
            if isinstance(line, BadLine):
                bad.append(line)
                continue
            checked = list(self._check(line))
            bad.extend(each for each in checked if isinstance(each, BadLine))
            good.extend(each for each in checked if isinstance(each, _Checked))
        return good, bad

    def _check(self, line: Line) -> Iterator[_Checked | BadLine]:
        cells = {name: cell for name, cell in line.cells.items() if cell or self._is_required(name)}
        try:
            row = self._row.model_validate(cells, context=self._context)
        except ValidationError as error:
            for each in error.errors(include_url=False, include_input=False):
                column = str(each["loc"][0]) if each["loc"] else ""
                yield BadLine(line.number, column, each["msg"].removeprefix("Value error, "))
            return
        fault = self._conflict(row)
        yield BadLine(line.number, *fault) if fault else _Checked(line.number, row)

    def _conflict(self, row: AccountRow | MeterRow) -> tuple[str, str] | None:
        """Column and reason when the row contradicts an earlier one of this file."""
        key = hash(tuple(getattr(row, name) for name in row.key))
        if key in self._seen:
            return row.key[-1], "repeats an earlier line of this file"
        if isinstance(row, MeterRow):
            meter = hash((row.account, row.serial))
            if self._digits.setdefault(meter, row.digits) != row.digits:
                return "digits", "differs from an earlier line of the same meter"
        self._seen.add(key)
        return None

    def _is_required(self, name: str) -> bool:
        field = self._row.model_fields.get(name)
        return field is not None and field.is_required()
