"""Figures as people read them: `4,5 %`, `0:38`, `12 345`. Pure.

A figure that misses its target never reads like the target: it gets as many decimals as tell them apart.
"""

from __future__ import annotations

from ivr.kpi.definitions import Unit
from ivr.kpi.papers.words import words
from ivr.kpi.verdicts import Aim

_PERCENT = 100
_MINUTE, _HOUR = 60, 3_600
_USUAL = {Unit.COUNT: 0, Unit.SHARE: 1, Unit.SECONDS: 0, Unit.SCORE: 2, Unit.DAYS: 1}
_OF_MOMENTS = 2
_MOST_DECIMALS = 6
_NO_BREAK = "\N{NO-BREAK SPACE}"
_MINUS = "\N{MINUS SIGN}"


def figure(value: float | None, unit: Unit, aim: Aim | None = None) -> str:
    """A figure with its unit; a dash without data.

    Args:
        value: In the unit; a share as a fraction of one.
        unit: Of the KPI.
        aim: What it is held against and has to be told apart from.
    """
    if value is None:
        return str(words()["none"])
    return _written(value, unit, decimals(value, unit, aim))


def target(aim: Aim | None, unit: Unit) -> str:
    """`не более 15 %`; empty without a target."""
    return "" if aim is None else f"{words()['bounds'][aim.bound.value]} {_exact(aim.value, unit)}"


def added(value: float, unit: Unit) -> str:
    """What one call adds to a figure: a length as one, all else as a number."""
    return figure(value, unit if unit in (Unit.SECONDS, Unit.SCORE) else Unit.COUNT)


def change(by: float, unit: Unit) -> str | None:
    """`+2,1 п. п.`, `−0:12`; None where it is too small to be seen."""
    places = _USUAL[unit]
    scale = _PERCENT if unit is Unit.SHARE else 1
    if round(abs(by) * scale, places) == 0:
        return None
    sign = "+" if by > 0 else _MINUS
    if unit is Unit.SHARE:
        number = _trimmed(f"{abs(by) * scale:,.{places}f}")
        return f"{sign}{number}{_NO_BREAK}{words()['points']}"
    if unit is Unit.SECONDS:
        return sign + _clock(abs(by), places)
    return sign + _written(abs(by), unit, places)


def percent(share: float) -> str | None:
    """`+5 %`; None for less than half a percent."""
    if round(abs(share) * _PERCENT) == 0:
        return None
    return f"{'+' if share > 0 else _MINUS}{abs(share) * _PERCENT:.0f}{_NO_BREAK}%"


def decimals(value: float, unit: Unit, aim: Aim | None = None) -> int:
    """How many decimals a figure needs, of percents for a share."""
    usual = _OF_MOMENTS if is_moment(value, unit) else _USUAL[unit]
    if aim is None or value == aim.value:
        return usual
    told = _exact(aim.value, unit)
    enough = (n for n in range(usual, _MOST_DECIMALS) if _written(value, unit, n) != told)
    return next(enough, _MOST_DECIMALS)


def is_moment(value: float, unit: Unit) -> bool:
    """Whether it is a length that minutes and seconds can't tell."""
    return unit is Unit.SECONDS and 0 < value < 1


def _exact(value: float, unit: Unit) -> str:
    scale = _PERCENT if unit is Unit.SHARE else 1
    places = (n for n in range(_MOST_DECIMALS) if abs(round(value * scale, n) - value * scale) < 1e-9)
    return _written(value, unit, next(places, _MOST_DECIMALS))


def _written(value: float, unit: Unit, places: int) -> str:
    if unit is Unit.SECONDS and not is_moment(value, unit):
        return _clock(value, places)
    scale = _PERCENT if unit is Unit.SHARE else 1
    number = _trimmed(f"{value * scale:,.{places}f}")
    return f"{number}{_NO_BREAK}{words()['units'][unit.value]}".rstrip()


def _clock(seconds: float, places: int) -> str:
    whole = round(abs(seconds), places)
    hours, rest = divmod(whole, _HOUR)
    minutes, left = divmod(rest, _MINUTE)
    width = 2 if places == 0 else places + 3
    tail = _without_zeros(f"{left:0{width}.{places}f}").replace(".", ",")
    sign = "−" if seconds < 0 else ""
    head = f"{hours:.0f}:{minutes:02.0f}" if hours else f"{minutes:.0f}"
    return f"{sign}{head}:{tail}"


def _trimmed(number: str) -> str:
    return _without_zeros(number).replace("-", "−").replace(",", _NO_BREAK).replace(".", ",")


def _without_zeros(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number
