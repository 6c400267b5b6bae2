"""Reports put into their forms."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ivr.kpi.breakdown import By
from ivr.kpi.papers.book import Book
from ivr.kpi.papers.kinds import Form
from ivr.kpi.papers.page import as_html
from ivr.kpi.papers.separated import as_csv
from ivr.kpi.papers.text import as_text
from ivr.kpi.periods import Period


def _as_xlsx(book: Book) -> bytes:
    from ivr.kpi.papers.workbook import as_xlsx  # a fifth of a second that few start-ups need

    return as_xlsx(book)


_MAKERS: Mapping[Form, Callable[[Book], bytes]] = {
    Form.TEXT: lambda book: f"{as_text(book)}\n".encode(),
    Form.JSON: lambda book: json.dumps(book.document(), ensure_ascii=False, indent=2).encode(),
    Form.CSV: as_csv,
    Form.XLSX: _as_xlsx,
    Form.HTML: as_html,
}


@dataclass(frozen=True, slots=True)
class Paper:
    """A report as a file."""

    name: str
    form: Form
    content: bytes


def paper(book: Book, form: Form, name: str) -> Paper:
    """A report in a form; belongs on a thread.

    Args:
        book: The report.
        form: What becomes of it.
        name: Of the file, without days and ending.
    """
    period = book.report.selection.period
    days = str(period.first) if period.first == period.last else f"{period.first}--{period.last}"
    return Paper(f"{name}-{days}.{form.suffix}", form, _MAKERS[form](book))


def usual_breakdowns(form: Form, period: Period) -> Sequence[By]:
    """What is shown when nobody has chosen: sheets of a workbook, a chart on a page."""
    of_time = By.DAY if period.days > 1 else By.HOUR
    if form is Form.XLSX:
        return (By.DAY, By.HOUR, By.TOPIC, By.AGENT)
    return (of_time,) if form is Form.HTML else ()
