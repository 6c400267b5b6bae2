"""A report as XLSX: the figures, a sheet with a chart for each breakdown, the calls behind a figure."""

from __future__ import annotations

import re
from io import BytesIO

from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from ivr.kpi.breakdown import By
from ivr.kpi.definitions import Definition, Unit
from ivr.kpi.papers import cells, numbers
from ivr.kpi.papers.book import Book, Breakdown, CallsBehind, Row, ground
from ivr.kpi.papers.charted import charted
from ivr.kpi.papers.words import title_of, words
from ivr.kpi.periods import local
from ivr.kpi.report import Kpi
from ivr.kpi.verdicts import Aim

_WIDTHS = (52, 13, 18, 18, 11, 26, 70)
_HEAD_ROW = 3
_CHART_SIZE = (24, 9)  # centimetres
_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
_LONGEST_NAME = 31


def as_xlsx(book: Book) -> bytes:
    """The file; takes a moment of the processor, so it belongs on a thread."""
    made = Workbook()
    first = made.active
    assert isinstance(first, Worksheet)  # noqa: S101  # narrows the type
    _figures(first, book)
    for breakdown in book.breakdowns:
        _breakdown(made.create_sheet(_name(breakdown.title)), book, breakdown)
    for behind in book.behind:
        _calls(made.create_sheet(_name(behind.definition.title)), book, behind)
    told = BytesIO()
    made.save(told)
    return told.getvalue()


def _figures(sheet: Worksheet, book: Book) -> None:
    report, told = book.report, words()
    sheet.title = told["figures"]
    about = [
        (told["title"], report.profile.title),
        (told["company_named"], report.profile.company),
        (told["period_named"], f"{book.period()} ({report.selection.period.zone})"),
        (told["narrower_named"], book.narrower() or told["none"]),
        (told["made"], f"{local(report.made_at, report.selection.period.zone):%d.%m.%Y %H:%M}"),
        ("", told["nothing"] if report.empty else book.summary()),
    ]
    for row, (name, text) in enumerate(about, start=1):
        cells.put(sheet, row, 1, name, font=Font(bold=True, size=14 if row == 1 else 11))
        cells.put(sheet, row, 2, text)
    top = len(about) + 2
    cells.head(sheet, top, [*told["heading"], told["explanation"]])
    for row, kpi in enumerate(report.kpis, start=top + 1):
        _figure(sheet, row, kpi)
    for column, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    _paper(sheet, top, len(_WIDTHS), top + len(report.kpis))


def _figure(sheet: Worksheet, row: int, kpi: Kpi) -> None:
    definition = kpi.definition
    wrapped = Alignment(wrap_text=True, vertical="top")
    fill, font = cells.VERDICTS[kpi.verdict]
    cells.put(sheet, row, 1, definition.title, alignment=wrapped)
    cells.put_figure(sheet, row, 2, kpi.value.value, definition.unit, kpi.aim)
    cells.put(sheet, row, 3, numbers.target(kpi.aim, definition.unit), alignment=wrapped)
    cells.put(sheet, row, 4, words()["verdicts"][kpi.verdict.value], fill=fill, font=font, alignment=wrapped)
    cells.put_figure(sheet, row, 5, kpi.value.calls, Unit.COUNT)
    cells.put(sheet, row, 6, ground(kpi), alignment=wrapped)
    cells.put(sheet, row, 7, definition.explanation, alignment=wrapped)
    for column in range(1, len(_WIDTHS) + 1):
        sheet.cell(row, column).border = cells.LINE


def _breakdown(sheet: Worksheet, book: Book, breakdown: Breakdown) -> None:
    rows = book.rows(breakdown)
    shown = _with_data(book, rows)
    cells.put(sheet, 1, 1, f"{breakdown.title}. {book.period()}", font=Font(bold=True, size=14))
    cells.head(sheet, _HEAD_ROW, [breakdown.key_title, *(each.title for each in shown)])
    sheet.row_dimensions[_HEAD_ROW].height = 62
    for number, row in enumerate(rows, start=_HEAD_ROW + 1):
        cells.put(sheet, number, 1, row.title)
        for column, definition in enumerate(shown, start=2):
            _cell(sheet, number, column, row.figures.get(definition.id))
    sheet.column_dimensions["A"].width = 28
    for column in range(2, len(shown) + 2):
        sheet.column_dimensions[get_column_letter(column)].width = 15
    last = _HEAD_ROW + len(rows)
    _paper(sheet, _HEAD_ROW, len(shown) + 1, last)
    _charts(sheet, book, rows, shown)


def _cell(sheet: Worksheet, row: int, column: int, kpi: Kpi | None) -> None:
    if kpi is None:
        return
    cell = cells.put_figure(sheet, row, column, kpi.value.value, kpi.definition.unit, kpi.aim)
    if kpi.aim is not None and kpi.value.value is not None:
        cell.fill, cell.font = cells.VERDICTS[kpi.verdict]


def _with_data(book: Book, rows: list[Row]) -> list[Definition]:
    known = {id for row in rows for id, kpi in row.figures.items() if kpi.value.value is not None}
    return [kpi.definition for kpi in book.report.kpis if kpi.definition.id in known]


def _charts(sheet: Worksheet, book: Book, rows: list[Row], shown: list[Definition]) -> None:
    """Below the table; the target line needs a column of its own, right of it."""
    last = _HEAD_ROW + len(rows)
    aims = {kpi.definition.id: kpi.aim for kpi in book.report.kpis}
    free = len(shown) + 3
    for number, definition in enumerate(charted(book.report.kpis, rows)):
        column = shown.index(definition) + 2
        chart = _bars(sheet, definition, column, last)
        aim = aims[definition.id]
        if aim is not None:
            _target_line(sheet, chart, definition, aim, (free, last))
            free += 1
        sheet.add_chart(chart, f"A{last + 3 + number * 20}")


def _bars(sheet: Worksheet, definition: Definition, column: int, last: int) -> BarChart:
    chart = BarChart()
    chart.title = definition.title
    chart.width, chart.height = _CHART_SIZE
    chart.gapWidth = 40
    chart.y_axis.title = words()["units_long"][definition.unit.value]
    chart.y_axis.scaling.min = 0
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.number_format = sheet.cell(_first_number(sheet, column, last), column).number_format
    chart.add_data(Reference(sheet, min_col=column, min_row=_HEAD_ROW, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=_HEAD_ROW + 1, max_row=last))
    chart.legend.position = "b"
    return chart


def _first_number(sheet: Worksheet, column: int, last: int) -> int:
    rows = range(_HEAD_ROW + 1, last + 1)
    return next(row for row in rows if sheet.cell(row, column).value is not None)


def _target_line(
    sheet: Worksheet, chart: BarChart, definition: Definition, aim: Aim, place: tuple[int, int]
) -> None:
    column, last = place
    title = f"{words()['target']}: {numbers.target(aim, definition.unit)}"
    cells.put(sheet, _HEAD_ROW, column, title, alignment=Alignment(wrap_text=True))
    for row in range(_HEAD_ROW + 1, last + 1):
        cells.put_figure(sheet, row, column, aim.value, definition.unit)
    line = LineChart()
    line.add_data(Reference(sheet, min_col=column, min_row=_HEAD_ROW, max_row=last), titles_from_data=True)
    line.series[0].graphicalProperties.line.solidFill = "B42318"
    line.series[0].graphicalProperties.line.dashStyle = "dash"
    line.series[0].smooth = False
    chart += line


def _calls(sheet: Worksheet, book: Book, behind: CallsBehind) -> None:
    told, period = words(), book.report.selection.period
    cells.put(
        sheet, 1, 1, told["behind"].format(title=behind.definition.title), font=Font(bold=True, size=14)
    )
    note = told["behind_cut"].format(shown=len(behind.calls)) if behind.cut else ""
    cells.put(sheet, 2, 1, note if behind.calls else told["no_calls"])
    cells.head(sheet, _HEAD_ROW, told["behind_heading"])
    for row, call in enumerate(behind.calls, start=_HEAD_ROW + 1):
        keys = ((By.LINE, call.line), (By.SEGMENT, call.segment), (By.TOPIC, call.topic))
        people = ((By.QUEUE, call.queue), (By.AGENT, call.agent))
        at = local(call.at, period.zone)
        told_of = [f"{at:%d.%m.%Y %H:%M:%S}", call.call_id]
        told_of += [title_of(key, by, book.titles) for by, key in (*keys, *people)]
        for column, text in enumerate(told_of, start=1):
            cells.put(sheet, row, column, text)
        cells.put(sheet, row, len(told_of) + 1, call.value, number_format="0.0##")
    for column, width in enumerate((20, 28, 22, 16, 34, 22, 26, 12), start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    _paper(sheet, _HEAD_ROW, 8, _HEAD_ROW + len(behind.calls))


def _paper(sheet: Worksheet, head_row: int, columns: int, last: int) -> None:
    """Print on A4 across, the headings on every sheet; filter and freeze on the screen."""
    sheet.freeze_panes = sheet.cell(head_row + 1, 2).coordinate
    sheet.auto_filter.ref = f"A{head_row}:{get_column_letter(columns)}{max(last, head_row)}"
    sheet.print_title_rows = f"{head_row}:{head_row}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.oddFooter = HeaderFooterItem(center=_HeaderFooterPart(text=f"{words()['page']} &P / &N"))


def _name(title: str) -> str:
    return _SHEET_NAME.sub(" ", title)[:_LONGEST_NAME].strip()
