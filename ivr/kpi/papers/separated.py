"""A report as CSV: one line a figure, as spreadsheets with Russian settings open it.

Semicolons, decimal commas, UTF-8 with a byte order mark. Shares are in percent, lengths in seconds; the first
two columns are empty for the whole period.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from ivr.kpi.definitions import Unit
from ivr.kpi.papers.book import Book, ground
from ivr.kpi.papers.plain import plain
from ivr.kpi.papers.words import title_of, words
from ivr.kpi.report import Kpi

_PERCENT = 100


def as_csv(book: Book) -> bytes:
    """The file."""
    told = StringIO(newline="")
    writer = csv.writer(told, delimiter=";", lineterminator="\r\n")
    writer.writerow(words()["csv_heading"])
    writer.writerows(_lines(book))
    return told.getvalue().encode("utf-8-sig")


def _lines(book: Book) -> Iterator[list[str]]:
    for kpi in book.report.kpis:
        yield _line("", "", kpi)
    for breakdown in book.breakdowns:
        for group in breakdown.groups:
            title = plain(title_of(group.key, breakdown.by, book.titles))
            for kpi in group.kpis:
                yield _line(breakdown.key_title, title, kpi)


def _line(by: str, key: str, kpi: Kpi) -> list[str]:
    definition, aim = kpi.definition, kpi.aim
    return [
        by,
        key,
        definition.id,
        definition.title,
        _number(kpi.value.value, definition.unit),
        words()["units"][definition.unit.value],
        words()["bounds"][aim.bound.value] if aim else "",
        _number(aim.value if aim else None, definition.unit),
        words()["verdicts"][kpi.verdict.value],
        str(kpi.value.calls),
        ground(kpi),
    ]


def _number(value: float | None, unit: Unit) -> str:
    if value is None:
        return ""
    scaled = value * _PERCENT if unit is Unit.SHARE else value
    return f"{scaled:.6f}".rstrip("0").rstrip(".").replace(".", ",")
