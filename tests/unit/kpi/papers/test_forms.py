"""Reports in their forms: what is written into them is read out of them."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from html.parser import HTMLParser
from io import BytesIO, StringIO
from typing import Any
from xml.etree import ElementTree

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from ivr.kpi.papers.book import Book
from ivr.kpi.papers.forms import paper
from ivr.kpi.papers.kinds import Form
from tests.unit.kpi.papers.books import AGENTS, DAYS, EVIL, book, call

NO_BREAK = "\N{NO-BREAK SPACE}"


def made(of: Book, form: Form) -> bytes:
    return paper(of, form, "monthly").content


def sheets(of: Book) -> Workbook:
    return load_workbook(BytesIO(made(of, Form.XLSX)))


def sheet(of: Book, name: str) -> Worksheet:
    found = sheets(of)[name]
    assert isinstance(found, Worksheet)
    return found


def row_of(found: Worksheet, title: str) -> list[Any]:
    return next(list(row) for row in found.iter_rows() if row[0].value == title)


def test_a_file_is_called_by_its_report_and_days() -> None:
    assert paper(book(), Form.TEXT, "monthly").name == "monthly-2026-11-01--2026-11-04.txt"


@pytest.mark.parametrize("form", Form)
def test_a_report_of_nothing_has_every_form(form: Form) -> None:
    content = made(book({}, [], sums={}), form)
    assert content
    if form in (Form.HTML, Form.XLSX):
        text = content.decode() if form is Form.HTML else str(sheet(book(sums={}), "Показатели")["B6"].value)
        assert "судить не о чем" in text


def test_text_reads_as_people_do() -> None:
    text = made(book(DAYS), Form.TEXT).decode().replace(NO_BREAK, " ")
    assert "Линия: Единый номер" in text
    line = next(each for each in text.splitlines() if each.startswith("Доля потерянных звонков"))
    assert "15,1 %" in line
    assert "не более 15 %" in line
    assert "НЕ ВЫПОЛНЕНО" in line
    assert "п. 79 г" in line
    assert "02.11.2026  —" in text


def test_json_has_every_breakdown() -> None:
    told = json.loads(made(book(DAYS | AGENTS), Form.JSON))
    assert told["by"] == "day"
    assert [each["by"] for each in told["breakdowns"]] == ["day", "agent"]
    assert told["groups"] == told["breakdowns"][0]["groups"]


def test_csv_opens_in_a_russian_spreadsheet() -> None:
    content = made(book(DAYS | AGENTS), Form.CSV)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert all(len(row) == len(rows[0]) for row in rows)
    lost = next(row for row in rows if row[:3] == ["", "", "lost-calls"])
    assert lost[3:] == [
        "Доля потерянных звонков",
        "15,1",
        "%",
        "не более",
        "15",
        "НЕ ВЫПОЛНЕНО",
        "1000",
        "п. 79 г",
    ]
    assert next(row for row in rows if row[2] == "service-level")[10] == "настройка компании"
    assert {row[1] for row in rows if row[0] == "Оператор"} == {"Анна Иванова", f"'{EVIL}", "не указано"}


def test_a_workbook_has_numbers_formats_and_verdicts_in_words_and_colour() -> None:
    found = sheet(book(), "Показатели")
    lost = row_of(found, "Доля потерянных звонков")
    assert (lost[1].value, lost[1].number_format) == (0.151, "0.0%")
    assert lost[2].value == f"не более 15{NO_BREAK}%"
    assert (lost[3].value, lost[3].fill.fgColor.rgb) == ("НЕ ВЫПОЛНЕНО", "FFFBD5D5")
    longest = row_of(found, "Ожидание ответа, наибольшее")
    assert longest[1].value == timedelta(seconds=700)
    assert (longest[1].number_format, longest[3].value) == ("[m]:ss", "НЕ ВЫПОЛНЕНО")
    incoming = row_of(found, "Поступившие звонки")
    assert (incoming[1].value, incoming[1].number_format, incoming[3].value) == (1_000, "#,##0", "без цели")
    assert row_of(found, "Оценка разговора, средняя")[1].value is None
    assert found.freeze_panes == "B9"
    assert found.page_setup.orientation == "landscape"
    assert found.column_dimensions["A"].width == 52


def test_a_breakdown_has_a_sheet_with_charts_and_the_line_of_the_target() -> None:
    found = sheet(book(DAYS), "По дням")
    titles = [cell.value for cell in found[3]]
    assert titles[0] == "День"
    days = [found.cell(row, 1).value for row in range(4, 8)]
    assert days == ["01.11.2026", "02.11.2026", "03.11.2026", "04.11.2026"]
    column = titles.index("Доля потерянных звонков") + 1
    assert found.cell(6, column).value == 0.151
    assert found.cell(5, column).value is None
    target = next(
        number for number, title in enumerate(titles, 1) if str(title).startswith("Цель: не более 15")
    )
    assert [found.cell(row, target).value for row in range(4, 8)] == [0.15] * 4
    charts: list[Any] = found._charts  # type: ignore[attr-defined]
    assert len(charts) == 3
    lines = [part for chart in charts for part in chart._charts if part.tagname == "lineChart"]
    assert lines


def test_calls_behind_a_figure_have_a_sheet() -> None:
    found = sheet(book(calls=[call("c1"), call("c2", "evil")]), "Доля потерянных звонков")
    assert [cell.value for cell in found[4]] == [
        "03.11.2026 00:30:15",
        "c1",
        "Единый номер",
        "граждане",
        "не указано",
        "clients",
        "Анна Иванова",
        1,
    ]


def test_no_text_becomes_a_formula() -> None:
    workbook = sheets(book(AGENTS, [call("=1+1", "evil")]))
    texts = [cell for each in workbook.worksheets for row in each.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in texts}
    assert EVIL in {cell.value for cell in texts}


class Tags(HTMLParser):
    """Notes the tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_page_asks_for_nothing_and_runs_nothing() -> None:
    page = made(book(DAYS | AGENTS, [call("<script>", "evil")]), Form.HTML).decode()
    seen = Tags()
    seen.feed(page)
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in seen.tags}
    assert not [attrs for _, attrs in seen.tags if {"src", "href", "onload"} & attrs.keys()]
    assert "&lt;script&gt;alert(1)" in page
    assert ("html", {"lang": "ru"}) in seen.tags


def test_charts_of_the_page_are_whole_and_have_target_and_unit() -> None:
    page = made(book(DAYS | AGENTS), Form.HTML).decode()
    charts = [
        ElementTree.fromstring(f"<svg{each.partition('</svg>')[0]}</svg>") for each in page.split("<svg")[2:]
    ]
    lost = [chart for chart in charts if chart.attrib["aria-label"] == "Доля потерянных звонков, %"]
    assert len(lost) == 2
    days = [each.text for each in lost[0].iter("text") if each.attrib["class"] == "axis"]
    assert days == [
        f"0{NO_BREAK}%",
        f"5{NO_BREAK}%",
        f"10{NO_BREAK}%",
        f"15{NO_BREAK}%",
        f"20{NO_BREAK}%",
        "01.11",
        "02.11",
        "03.11",
        "04.11",
    ]
    for chart in lost:
        assert [each for each in chart.iter("line") if each.attrib["class"] == "target"]
        texts = [each.text for each in chart.iter("text") if each.attrib["class"] == "target-text"]
        assert texts == [f"Цель: не более 15{NO_BREAK}%"]
        bars = [each.attrib["class"] for each in chart.iter("rect")]
        assert {"bar", "bar missed"} == set(bars)


def test_a_breakdown_by_names_begins_with_the_busiest() -> None:
    of = book(AGENTS)
    assert [row.title for row in of.rows(of.breakdowns[0])] == [EVIL, "не указано", "Анна Иванова"]


def test_a_page_that_leaves_calls_out_says_so() -> None:
    few = made(book(calls=[call(f"c{number}") for number in range(500)]), Form.HTML).decode()
    many = made(book(calls=[call(f"c{number}") for number in range(501)]), Form.HTML).decode()
    assert "Показаны первые" not in few
    assert "Показаны первые 500" in many
