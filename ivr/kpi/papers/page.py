"""A report as one page of HTML for the screen and for A4; it asks for nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from ivr.kpi.breakdown import By
from ivr.kpi.papers import numbers
from ivr.kpi.papers.book import KEY_FIGURES, OF_TIME, Book, Breakdown, CallsBehind, Row, ground
from ivr.kpi.papers.charted import charted
from ivr.kpi.papers.drawing import drawn
from ivr.kpi.papers.words import title_of, words
from ivr.kpi.periods import local
from ivr.kpi.report import Kpi

_TEMPLATE = "page.html.j2"
_MOST_CALLS = 500
"""So many calls behind a figure are printed."""


@cache
def _template() -> Template:
    found = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return found.get_template(_TEMPLATE)


def as_html(book: Book) -> bytes:
    """The page."""
    report = book.report
    zone = report.selection.period.zone
    page = _template().render(
        words=words(),
        report=report,
        zone=str(zone),
        period=book.period(),
        narrower=book.narrower(),
        summary=words()["nothing"] if report.empty else book.summary(),
        made=f"{local(report.made_at, zone):%d.%m.%Y %H:%M}",
        kpis=[_told(kpi) for kpi in report.kpis],
        breakdowns=[_breakdown(book, each) for each in book.breakdowns],
        behind=[_calls(book, each) for each in book.behind],
    )
    return page.encode("utf-8")


def _told(kpi: Kpi) -> dict[str, Any]:
    unit = kpi.definition.unit
    return {
        "title": kpi.definition.title,
        "explanation": kpi.definition.explanation,
        "value": numbers.figure(kpi.value.value, unit, kpi.aim),
        "target": numbers.target(kpi.aim, unit),
        "verdict": kpi.verdict.value,
        "verdict_text": words()["verdicts"][kpi.verdict.value],
        "calls": kpi.value.calls,
        "ground": ground(kpi),
    }


def _breakdown(book: Book, breakdown: Breakdown) -> dict[str, Any]:
    rows = book.rows(breakdown)
    shown = [kpi.definition for kpi in book.report.kpis if kpi.definition.id in KEY_FIGURES]
    return {
        "title": breakdown.title,
        "heading": [breakdown.key_title, *(each.title for each in shown)],
        "charts": list(_charts(book, breakdown, rows)),
        "rows": [(row.title, [_cell(row, each.id) for each in shown]) for row in rows],
    }


def _charts(book: Book, breakdown: Breakdown, rows: list[Row]) -> Iterator[dict[str, Any]]:
    aims = {kpi.definition.id: kpi.aim for kpi in book.report.kpis}
    for definition in charted(book.report.kpis, rows):
        svg = drawn(definition, aims[definition.id], rows, standing=breakdown.by in OF_TIME)
        unit = words()["units_long"][definition.unit.value]
        yield {"title": f"{definition.title}, {unit}", "svg": Markup(svg)}  # noqa: S704  # escaped where it is drawn


def _cell(row: Row, id: str) -> dict[str, str]:
    kpi = row.figures.get(id)
    if kpi is None:
        return {"text": words()["none"], "verdict": "no-data"}
    text = numbers.figure(kpi.value.value, kpi.definition.unit, kpi.aim)
    return {"text": text, "verdict": kpi.verdict.value}


def _calls(book: Book, behind: CallsBehind) -> dict[str, Any]:
    zone, unit = book.report.selection.period.zone, behind.definition.unit
    titles = ((By.LINE, "line"), (By.SEGMENT, "segment"), (By.TOPIC, "topic"))
    people = ((By.QUEUE, "queue"), (By.AGENT, "agent"))
    shown = behind.calls[:_MOST_CALLS]
    cut = behind.cut or len(shown) < len(behind.calls)
    return {
        "title": words()["behind"].format(title=behind.definition.title),
        "note": words()["behind_cut"].format(shown=len(shown)) if cut else "",
        "heading": words()["behind_heading"],
        "rows": [
            [
                f"{local(call.at, zone):%d.%m.%Y %H:%M:%S}",
                call.call_id,
                *(title_of(getattr(call, name), by, book.titles) for by, name in (*titles, *people)),
                numbers.added(call.value, unit),
            ]
            for call in shown
        ],
    }
