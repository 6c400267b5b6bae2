"""What `ivr kpi` prints for people; the words stand in `kpi_texts.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ivr.kpi.behind import Behind
from ivr.kpi.definitions import Unit
from ivr.kpi.importing import Imported
from ivr.kpi.report import Kpi, Report
from ivr.kpi.sums import By
from ivr.kpi.verdicts import Aim, SetBy

_KEY_FIGURES = ("incoming", "answered", "lost-calls", "wait-average", "service-level", "handling-average")
"""Columns of a breakdown."""

_PERCENT = 100


@cache
def _texts() -> dict[str, Any]:
    text = Path(__file__).with_name("kpi_texts.yaml").read_text(encoding="utf-8")
    return dict(YAML(typ="safe", pure=True).load(text))


def report_text(report: Report) -> str:
    """A report as a table."""
    texts, period = _texts(), report.selection.period
    head = texts["period"].format(
        title=report.profile.title,
        first=f"{period.first:%d.%m.%Y}",
        last=f"{period.last:%d.%m.%Y}",
        zone=period.zone,
    )
    if report.selection.profiles is not None:
        head += "\n" + texts["of_lines"].format(profiles=", ".join(report.selection.profiles))
    parts = [head, _table([texts["heading"], *(_row(kpi) for kpi in report.kpis)])]
    if report.by is not None:
        parts += [texts["by"][report.by.value], _breakdown(report)]
    return "\n\n".join(parts)


def _row(kpi: Kpi) -> list[str]:
    unit = kpi.definition.unit
    return [
        kpi.definition.title,
        _figure(kpi.value.value, unit),
        _aim(kpi.aim, unit),
        _texts()["verdicts"][kpi.verdict.value],
        str(kpi.value.calls),
        _ground(kpi.aim),
    ]


def _figure(value: float | None, unit: Unit) -> str:
    if value is None:
        return "—"
    if unit is Unit.COUNT:
        return f"{value:.0f}"
    number = f"{value * _PERCENT:.2f}" if unit is Unit.SHARE else f"{value:.{2 if value < 1 else 1}f}"
    return f"{number.replace('.', ',')} {_texts()['units'][unit.value]}".rstrip()


def _aim(aim: Aim | None, unit: Unit) -> str:
    return "" if aim is None else f"{_texts()['bounds'][aim.bound.value]} {_figure(aim.value, unit)}"


def _ground(aim: Aim | None) -> str:
    if aim is None:
        return ""
    ground = _texts()["company"] if aim.set_by is SetBy.COMPANY else aim.clause
    return f"{ground} ({_texts()['recommended']})" if aim.recommended else str(ground)


def _breakdown(report: Report) -> str:
    shown = [kpi for kpi in report.kpis if kpi.definition.id in _KEY_FIGURES]
    rows = [["", *(kpi.definition.title for kpi in shown)]]
    for group in report.groups:
        figures = {kpi.definition.id: kpi for kpi in group.kpis}
        found = [figures[kpi.definition.id] for kpi in shown]
        rows.append(
            [_key(group.key, report.by), *(_figure(one.value.value, one.definition.unit) for one in found)]
        )
    return _table(rows)


def _key(key: str, by: By | None) -> str:
    return str(_texts()["weekdays"][key] if by is By.WEEKDAY else key or _texts()["unknown"])


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def behind_text(found: Iterable[Behind], zone: tzinfo) -> str:
    """Calls as a table."""
    rows = [
        [f"{each.at.astimezone(zone):%d.%m.%Y %H:%M:%S}", each.call_id, each.line, each.topic, each.agent]
        for each in found
    ]
    return _table(rows) if rows else str(_texts()["no_calls"])


def imported_text(done: Imported) -> str:
    """What became of a file."""
    text = (
        f"{done.file}: {done.calls} calls: {done.added} added, {done.changed} changed, "
        f"{done.unchanged} unchanged; {done.bad} bad lines"
    )
    return text + (f"\ncolumns nobody knows: {', '.join(done.ignored)}" if done.ignored else "")
