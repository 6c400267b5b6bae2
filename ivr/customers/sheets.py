"""CSV files of any kind of record: each line is checked against a model, each bad one is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ValidationError, ValidationInfo

from ivr.customers.files import BadLine, Heading, Line, read_heading, read_lines
from ivr.errors import Fault

Row = TypeVar("Row", bound=BaseModel)
_ZONE = "zone"
_FORMATS = ("%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y")


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file; `ignored` are columns that nobody knows."""

    file: Path
    added: int
    changed: int
    unchanged: int
    bad: int
    ignored: tuple[str, ...] = ()


def in_zone(zone: tzinfo) -> dict[str, Any]:
    """The context of validation in which `Moment` and `Deadline` know the company's time zone."""
    return {_ZONE: zone}


def _parsed(text: str) -> datetime:
    for pattern in _FORMATS:
        try:
            return datetime.strptime(text, pattern)
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError("has to be YYYY-MM-DDTHH:MM, DD.MM.YYYY HH:MM or a day alone") from error


def _moment(value: Any, info: ValidationInfo, of_day: time = time.min) -> Any:
    if not isinstance(value, str):
        return value
    text = value.strip()
    parsed = _parsed(text)
    if ":" not in text:
        parsed = datetime.combine(parsed, of_day)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=(info.context or {}).get(_ZONE))


def _deadline(value: Any, info: ValidationInfo) -> Any:
    return _moment(value, info, time(23, 59, 59))


Moment = Annotated[datetime, BeforeValidator(_moment)]
"""An instant in a file; without a zone it is the company's, a day alone is its beginning."""

Deadline = Annotated[datetime, BeforeValidator(_deadline)]
"""As `Moment`, but a day alone is its end."""


@dataclass(frozen=True, slots=True)
class Numbered(Generic[Row]):
    """A good line and its number in the file."""

    line: int
    row: Row


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A line that was left out: its cells as far as they could be read, and what is wrong with it."""

    cells: Mapping[str, str]
    bad: list[BadLine]


class Sheet(Generic[Row]):
    """One CSV file of one kind of record; `ignored` are columns that nobody knows."""

    def __init__(self, path: Path, row: type[Row], zone: tzinfo) -> None:
        """Look at the heading.

        Raises:
            Fault: The file cannot be read, or a column that must be there is missing.
        """
        self._path = path
        self._row = row
        self._zone = zone
        self._required = {name for name, field in row.model_fields.items() if field.is_required()}
        self._heading = self._checked(read_heading(path))
        self.ignored = tuple(name for name in self._heading.columns if name not in row.model_fields)

    def rows(self) -> Iterator[Numbered[Row] | Spoilt]:
        """Every line, good or bad."""
        for line in read_lines(self._path, self._heading):
            yield Spoilt({}, [line]) if isinstance(line, BadLine) else self._check(line)

    def _checked(self, heading: Heading) -> Heading:
        missing = sorted(self._required - set(heading.columns))
        twice = sorted({name for name in heading.columns if name and heading.columns.count(name) > 1})
        where = f"{self._path}, line {heading.line}"
        if missing:
            columns = columns_of(self._row)
            raise Fault(f"Columns are missing: {', '.join(missing)}.", where, f"The columns are\n{columns}")
        if twice:
            raise Fault(f"A column is named twice: {', '.join(twice)}.", where, "Name each once.")
        return heading

    def _check(self, line: Line) -> Numbered[Row] | Spoilt:
        known = {name: cell for name, cell in line.cells.items() if name in self._row.model_fields}
        cells = {name: cell for name, cell in known.items() if cell or name in self._required}
        try:
            return Numbered(line.number, self._row.model_validate(cells, context=in_zone(self._zone)))
        except ValidationError as error:
            return Spoilt(line.cells, bad_lines(line.number, error))


def bad_lines(number: int, error: ValidationError) -> list[BadLine]:
    """What a model finds wrong with a record, never with the value itself: it may be personal."""
    return [
        BadLine(number, ".".join(map(str, each["loc"])), each["msg"].removeprefix("Value error, "))
        for each in error.errors(include_url=False, include_input=False)
    ]


def columns_of(row: type[BaseModel]) -> str:
    """The columns of a file for people, one a line."""
    return "\n".join(
        f"{name}{'' if field.is_required() else ' (may be empty or missing)'}: {field.description}"
        for name, field in row.model_fields.items()
    )
