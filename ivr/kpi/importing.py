"""Taking a history of calls over from a file: checked as a whole first, then written call by call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from ivr.calls.lines import Lines
from ivr.customers.files import BadLine, read_heading
from ivr.customers.sheets import Numbered, Sheet, columns_of
from ivr.dialogue.ports import Clock
from ivr.errors import Fault
from ivr.kpi import history_rows
from ivr.kpi.history import Known, PastCall, Row, past_call
from ivr.store import Database

COLUMNS = columns_of(Row)
"""The columns of the file for people, one a line."""

_CHUNK = 500
Report = Callable[[BadLine], None]
T = TypeVar("T")


@dataclass(slots=True)
class Imported:
    """What became of a file.

    Attributes:
        calls: How many calls it tells.
        bad: Lines that were left out.
        ignored: Columns that nobody knows.
    """

    file: Path
    calls: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: int = 0
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """A file, with what it leaves to the settings."""

    path: Path
    lines: Lines
    profile: str
    zone: tzinfo

    def known(self) -> Known:
        """What is known besides its lines.

        Raises:
            Fault: It can't be read.
        """
        return Known(self.lines, self.profile, frozenset(read_heading(self.path).columns))

    def sheet(self) -> Sheet[Row]:
        """The file, its heading checked.

        Raises:
            Fault: It can't be read, or columns are missing.
        """
        return Sheet(self.path, Row, self.zone)


@dataclass(slots=True)
class _Checked:
    """What a first reading found: how many lines each call has, which lines and calls are bad."""

    lines: Counter[str] = field(default_factory=Counter)
    bad: list[BadLine] = field(default_factory=list)
    bad_calls: set[str] = field(default_factory=set)


async def import_history(
    database: Database, history: History, clock: Clock, report: Report, *, skip_bad: bool = False
) -> Imported:
    """Take a file over.

    Args:
        database: Open and current.
        history: The file.
        clock: For when rows were changed.
        report: Is told each bad line.
        skip_bad: Take the rest over; a call with a bad line is left out as a whole.

    Raises:
        Fault: The file can't be read, or a line is bad; nothing of it is taken over.
        StoreUnavailable: The database can't be written; taking the file again completes it.
    """
    sheet, known = history.sheet(), history.known()
    checked = _check(history, known)
    await _find_ours(database, checked)
    for bad in checked.bad:
        report(bad)
    if checked.bad and not skip_bad:
        raise Fault(
            f"{len(checked.bad)} of its lines are wrong; nothing was taken over.",
            str(history.path),
            "Mend the lines named above, or leave them out with --skip-bad.",
        )
    done = Imported(history.path, bad=len(checked.bad), ignored=sheet.ignored)
    for chunk in _chunks(_calls(history, known, checked)):
        written = await database.write(partial(history_rows.write, past=chunk, now=clock.now()))
        done.calls += len(chunk)
        done.added += written.added
        done.changed += written.changed
        done.unchanged += written.unchanged
    return done


def _check(history: History, known: Known) -> _Checked:
    checked = _Checked()
    for found in history.sheet().rows():
        if isinstance(found, Numbered):
            checked.lines[found.row.call_id] += 1
        else:
            checked.bad += found.bad
            checked.bad_calls.add(found.cells.get("call_id", ""))
    for rows in _gathered(history, checked):
        try:
            past_call([each.row for each in rows], known)
        except ValueError as error:
            checked.bad.append(BadLine(rows[-1].line, "", str(error)))
            checked.bad_calls.add(rows[0].row.call_id)
    checked.bad.sort(key=lambda bad: bad.line)
    return checked


async def _find_ours(database: Database, checked: _Checked) -> None:
    for chunk in _chunks(checked.lines):
        for call_id in await database.read(partial(history_rows.ours, call_ids=chunk)):
            checked.bad_calls.add(call_id)
            checked.bad.append(BadLine(0, "call_id", f"{call_id} is a call that this system took itself"))


def _calls(history: History, known: Known, checked: _Checked) -> Iterator[PastCall]:
    for rows in _gathered(history, checked):
        if rows[0].row.call_id not in checked.bad_calls:
            yield past_call([each.row for each in rows], known)


def _gathered(history: History, checked: _Checked) -> Iterator[list[Numbered[Row]]]:
    """The good lines of each call together; only calls of several lines are waited for."""
    waiting: dict[str, list[Numbered[Row]]] = {}
    for found in _good(history.sheet().rows()):
        rows = [*waiting.pop(found.row.call_id, ()), found]
        if len(rows) == checked.lines[found.row.call_id]:
            yield rows
        else:
            waiting[found.row.call_id] = rows


def _good(rows: Iterable[object]) -> Iterator[Numbered[Row]]:
    return (found for found in rows if isinstance(found, Numbered))


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk
