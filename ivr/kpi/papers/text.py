"""A report as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.kpi.papers import numbers
from ivr.kpi.papers.book import KEY_FIGURES, Book, Breakdown, Row, ground
from ivr.kpi.papers.words import day, words
from ivr.kpi.report import Kpi


def as_text(book: Book) -> str:
    """Tables with a heading."""
    report = book.report
    period = report.selection.period
    head = words()["period"].format(
        title=report.profile.title, first=day(period.first), last=day(period.last), zone=period.zone
    )
    if report.selection.profiles is not None:
        head += "\n" + words()["of_lines"].format(profiles=", ".join(report.selection.profiles))
    if narrower := book.narrower():
        head += "\n" + narrower
    parts = [head, table([words()["heading"], *map(_row, report.kpis)]), book.summary()]
    for breakdown in book.breakdowns:
        parts += [breakdown.title, _breakdown(book, breakdown)]
    return "\n\n".join(parts)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Cells in columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _row(kpi: Kpi) -> list[str]:
    unit = kpi.definition.unit
    return [
        kpi.definition.title,
        numbers.figure(kpi.value.value, unit, kpi.aim),
        numbers.target(kpi.aim, unit),
        words()["verdicts"][kpi.verdict.value],
        str(kpi.value.calls),
        ground(kpi),
    ]


def _breakdown(book: Book, breakdown: Breakdown) -> str:
    shown = [kpi.definition for kpi in book.report.kpis if kpi.definition.id in KEY_FIGURES]
    rows = [[breakdown.key_title, *(each.title for each in shown)]]
    rows += [[row.title, *(_cell(row, each.id) for each in shown)] for row in book.rows(breakdown)]
    return table(rows)


def _cell(row: Row, id: str) -> str:
    kpi = row.figures.get(id)
    return words()["none"] if kpi is None else numbers.figure(kpi.value.value, kpi.definition.unit, kpi.aim)
