"""Bars of a breakdown as inline SVG, with the unit and the line of the target. Pure.

Along time the bars stand, for names they lie. What is out of the target is hatched, not only coloured.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from ivr.kpi.definitions import Definition, Unit
from ivr.kpi.papers import numbers
from ivr.kpi.papers.book import Row
from ivr.kpi.papers.words import words
from ivr.kpi.report import Kpi
from ivr.kpi.verdicts import Aim, Verdict

_WIDTH = 720
_STANDING_HEIGHT, _TOP, _FOOT = 190, 18, 34
_LEFT = 64
_LYING_LEFT, _STEP, _RIGHT = 210, 20, 90
_MOST_LYING = 25
_FEW = 16
"""Up to so many standing bars have their value above them."""
_MOST_LABELS = 16
_GRID = 4
_LENGTHS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600)
_ROUND = (1, 2, 2.5, 5, 10)
_LETTER = 7.2
"""Width of a letter, about."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; no value, no bar. `label` stands beside it."""

    title: str
    label: str
    value: float | None
    text: str
    missed: bool


def drawn(definition: Definition, aim: Aim | None, rows: Sequence[Row], *, standing: bool) -> str:
    """One `<svg>`."""
    bars = [_bar(row, row.figures.get(definition.id)) for row in rows]
    chart = _Chart(definition, aim, bars)
    return chart.standing() if standing else chart.lying()


def _bar(row: Row, kpi: Kpi | None) -> Bar:
    if kpi is None or kpi.value.value is None:
        return Bar(row.title, row.label, None, "", missed=False)
    text = numbers.figure(kpi.value.value, kpi.definition.unit, kpi.aim)
    return Bar(row.title, row.label, kpi.value.value, text, missed=kpi.verdict is Verdict.MISSED)


class _Chart:
    def __init__(self, definition: Definition, aim: Aim | None, bars: Sequence[Bar]) -> None:
        self._definition = definition
        self._aim = aim
        self._bars = bars
        values = [bar.value for bar in bars if bar.value is not None]
        greatest = max([*values, aim.value if aim else 0.0, 1e-9])
        self._step = _level(greatest, definition.unit)
        self._levels = math.ceil(greatest / self._step)
        self._top = self._step * self._levels

    def standing(self) -> str:
        height = _TOP + _STANDING_HEIGHT + _FOOT
        return self._svg(height, [*self._scale(), *self._columns(), *self._target_across()])

    def lying(self) -> str:
        bars = self._bars[:_MOST_LYING]
        height = _TOP + len(bars) * _STEP + 8
        return self._svg(height, [*self._lines(bars), *self._target_down(height)])

    def _svg(self, height: float, parts: Sequence[str]) -> str:
        unit = words()["units_long"][self._definition.unit.value]
        label = escape(f"{self._definition.title}, {unit}", quote=True)
        return (
            f'<svg viewBox="0 0 {_WIDTH} {height:.0f}" role="img" aria-label="{label}">{"".join(parts)}</svg>'
        )

    # --- standing ---

    def _y(self, value: float) -> float:
        return _TOP + _STANDING_HEIGHT * (1 - value / self._top)

    def _scale(self) -> Iterator[str]:
        for number in range(self._levels + 1):
            value = self._step * number
            y = self._y(value)
            yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
            yield _text("axis", _LEFT - 6, y + 4, numbers.figure(value, self._definition.unit), "end")

    def _columns(self) -> Iterator[str]:
        step = (_WIDTH - _LEFT) / len(self._bars)
        every = -(-len(self._bars) // _MOST_LABELS)
        for number, bar in enumerate(self._bars):
            x = _LEFT + number * step
            if number % every == 0:
                yield _text(
                    "axis", x + step / 2, _TOP + _STANDING_HEIGHT + 16, _brief(bar.title, step * every)
                )
            if bar.value is None:
                continue
            y = self._y(bar.value)
            yield _rect(bar, x + step * 0.15, y, step * 0.7, _TOP + _STANDING_HEIGHT - y)
            if len(self._bars) <= _FEW:
                yield _text("value", x + step / 2, y - 4, bar.text)

    def _target_across(self) -> Iterator[str]:
        if self._aim is not None:
            y = self._y(self._aim.value)
            yield f'<line class="target" x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
            yield _text("target-text", _WIDTH, _TOP - 7, self._target(), "end")

    # --- lying ---

    def _x(self, value: float) -> float:
        return _LYING_LEFT + (_WIDTH - _LYING_LEFT - _RIGHT) * value / self._top

    def _lines(self, bars: Sequence[Bar]) -> Iterator[str]:
        for number, bar in enumerate(bars):
            y = _TOP + number * _STEP
            yield _text("axis", _LYING_LEFT - 6, y + 13, _brief(bar.label, _LYING_LEFT - 12), "end")
            if bar.value is not None:
                end = self._x(bar.value)
                yield _rect(bar, _LYING_LEFT, y + 3, end - _LYING_LEFT, _STEP - 6)
                yield _text("value", end + 4, y + 13, bar.text, "start")

    def _target_down(self, height: float) -> Iterator[str]:
        if self._aim is not None:
            x = self._x(self._aim.value)
            yield f'<line class="target" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 4}" y2="{height - 4:.1f}"/>'
            yield _text("target-text", x, _TOP - 7, self._target(), "middle")

    def _target(self) -> str:
        assert self._aim is not None  # noqa: S101  # narrows the type
        return f"{words()['target']}: {numbers.target(self._aim, self._definition.unit)}"


def _level(greatest: float, unit: Unit) -> float:
    """A round step, so that about four of them reach the greatest value."""
    least = greatest / _GRID
    if unit is Unit.SECONDS and greatest >= _GRID:
        return next((each for each in _LENGTHS if each >= least), math.ceil(least / 3_600) * 3_600)
    power = 10.0 ** math.floor(math.log10(least))
    step = next(each for each in _ROUND if each * power >= least * 0.999_999) * power
    return max(1.0, math.ceil(step)) if unit is Unit.COUNT else step


def _rect(bar: Bar, x: float, y: float, width: float, height: float) -> str:
    kind = "bar missed" if bar.missed else "bar"
    title = escape(f"{bar.title}: {bar.text}")
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{max(height, 0):.1f}">'
        f"<title>{title}</title></rect>"
    )


def _text(kind: str, x: float, y: float, text: str, anchor: str = "middle") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _brief(title: str, room: float) -> str:
    letters = int(room / _LETTER)
    return title if len(title) <= letters else f"{title[: letters - 1]}…"
