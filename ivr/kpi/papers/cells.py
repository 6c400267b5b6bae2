"""Cells of a workbook: numbers as numbers, with the format in which people read them."""

from __future__ import annotations

from typing import Any

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from ivr.kpi.definitions import Unit
from ivr.kpi.papers.numbers import decimals, is_moment
from ivr.kpi.verdicts import Aim, Verdict

HEADING = PatternFill("solid", fgColor="FF1F3A5F")
LINE = Border(bottom=Side(style="thin", color="FFD0D5DD"))
VERDICTS = {
    Verdict.MET: (PatternFill("solid", fgColor="FFD7F0DD"), Font(color="FF14532D")),
    Verdict.MISSED: (PatternFill("solid", fgColor="FFFBD5D5"), Font(color="FF7F1D1D", bold=True)),
    Verdict.NO_DATA: (PatternFill("solid", fgColor="FFEDEFF2"), Font(color="FF475467")),
    Verdict.NO_TARGET: (PatternFill(), Font(color="FF475467")),
}
_DAY_SECONDS = 86_400
_OF_UNITS = {Unit.COUNT: "#,##0", Unit.DAYS: "0.0", Unit.SCORE: "0.00"}


def put(sheet: Worksheet, row: int, column: int, value: str | float | None, **style: Any) -> Cell:
    """Write a text, which never becomes a formula, or a number."""
    found: Any = sheet.cell(row, column)
    cell: Cell = found
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
    for name, each in style.items():
        setattr(cell, name, each)
    return cell


def put_figure(
    sheet: Worksheet, row: int, column: int, value: float | None, unit: Unit, aim: Aim | None = None
) -> Cell:
    """Write a figure in the unit of its KPI; nothing without data."""
    if value is None:
        return put(sheet, row, column, None)
    places = decimals(value, unit, aim)
    if unit is Unit.SECONDS and not is_moment(value, unit):
        cell = put(sheet, row, column, value / _DAY_SECONDS)
        cell.number_format = "[m]:ss" + _fraction(places)
    else:
        cell = put(sheet, row, column, value)
        cell.number_format = _format(unit, places)
    cell.alignment = Alignment(horizontal="right", vertical="top")
    return cell


def head(sheet: Worksheet, row: int, titles: list[str]) -> None:
    """Write the headings of a table."""
    for column, title in enumerate(titles, start=1):
        put(
            sheet,
            row,
            column,
            title,
            fill=HEADING,
            font=Font(bold=True, color="FFFFFFFF"),
            alignment=Alignment(wrap_text=True, vertical="center", horizontal="center"),
        )


def _format(unit: Unit, places: int) -> str:
    if unit is Unit.SHARE:
        return f"0{_fraction(places)}%"
    if unit is Unit.SECONDS:
        return f'0{_fraction(places)}" с"'
    return _OF_UNITS[unit]


def _fraction(places: int) -> str:
    return f".{'0' * places}" if places else ""
