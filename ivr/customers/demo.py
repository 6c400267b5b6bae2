"""An invented retailer's customers, always the same for the same month."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

from ivr.customers.rows import AccountRow, MeterRow

_SETTLEMENT = "Дебрянск"
_STREETS = (
    "ул. Пушкина",
    "ул. Садовая",
    "ул. Заречная",
    "пр-т Мира",
    "пер. Кузнечный",
    "ул. Полевая",
    "б-р Строителей",
    "ул. Лесная",
    "ш. Орловское",
    "наб. Десны",
)
_MEN = (("Ковригин", "Степан", "Ильич"), ("Лаптев", "Егор", "Павлович"), ("Зимин", "Олег", "Петрович"))
_WOMEN = (
    ("Берестова", "Анна", "Юрьевна"),
    ("Рощина", "Вера", "Львовна"),
    ("Ельцова", "Нина", "Игоревна"),
)
_COMPANIES = ("ООО «Берёзка»", "ООО «Десна-Хлеб»", "АО «Речной причал»", "ИП Лаптев Е. П.")
_ONE_ZONE = (("single", ""),)
_TWO_ZONES = (("day", "день"), ("night", "ночь"))
_THREE_ZONES = (("peak", "пик"), ("half-peak", "полупик"), ("night", "ночь"))
_FIRST_NUMBER = 320_145_678


class _Zone(NamedTuple):
    code: str
    title: str
    last_value: int
    usual: int


class _Meter(NamedTuple):
    serial: str
    digits: int
    zones: tuple[_Zone, ...]


def write_demo(folder: Path, accounts: int, month: date) -> tuple[Path, Path]:
    """Write `accounts.csv` and `meters.csv`.

    The first account is 320145678 with a meter of one zone that showed 11950; the second, 320145679, has two
    meters of two zones; the third and the fourth share a telephone number. The i-th has +7483200iiii.

    Args:
        folder: Made when it is missing.
        accounts: How many, at least two.
        month: The last readings and balances are of the month before.
    """
    folder.mkdir(parents=True, exist_ok=True)
    day = _month_before(month).replace(day=24)
    random = Random(accounts)  # noqa: S311 invented people need no secrecy
    account_rows = [_account(index, day, random) for index in range(accounts)]
    meter_rows = [row for index in range(accounts) for row in _meter_rows(index, day, random)]
    files = folder / "accounts.csv", folder / "meters.csv"
    _write(files[0], list(AccountRow.model_fields), account_rows)
    _write(files[1], list(MeterRow.model_fields), meter_rows)
    return files


def _month_before(month: date) -> date:
    return (
        month.replace(year=month.year - 1, month=12)
        if month.month == 1
        else month.replace(day=1, month=month.month - 1)
    )


def _write(file: Path, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=";", lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _number(index: int) -> str:
    return str(_FIRST_NUMBER + index)


def _account(index: int, day: date, random: Random) -> tuple[object, ...]:
    company = index % 12 == 11
    name = random.choice(_COMPANIES) if company else " ".join(_person(random))
    phone = 3 if index in {2, 3} else index + 1
    house = f"{1 + index // 5}{random.choice(('', '', '', 'А', 'к2'))}"
    flat = "" if company else str(1 + random.randrange(80))
    kopecks = random.randint(-250_000, 80_000)
    return (
        _number(index),
        "company" if company else "person",
        "corporate" if company else "private",
        name,
        _SETTLEMENT,
        _STREETS[0] if index == 0 else _STREETS[index % len(_STREETS)],
        house,
        flat,
        f"+7483200{phone:04d}",
        f"{kopecks / 100:.2f}",
        day.isoformat(),
        (day - timedelta(days=30 * (index % 6))).isoformat() if kopecks < 0 else "",
    )


def _person(random: Random) -> tuple[str, str, str]:
    people = random.choice((_MEN, _WOMEN))
    family, _, _ = random.choice(people)
    _, first, _ = random.choice(people)
    _, _, middle = random.choice(people)
    return family, first, middle


def _meter_rows(index: int, day: date, random: Random) -> Iterator[tuple[object, ...]]:
    for meter in _meters(index, random):
        for zone in meter.zones:
            yield (
                _number(index),
                meter.serial,
                meter.digits,
                zone.code,
                zone.title,
                zone.last_value,
                day.isoformat(),
                zone.usual,
            )


def _meters(index: int, random: Random) -> list[_Meter]:
    if index == 0:
        return [_Meter("04512873", 5, (_Zone("single", "", 11_950, 200),))]
    if index == 1:
        return [_meter(f"0770{number}415", 6, _TWO_ZONES, random) for number in (1, 2)]
    titles = random.choices((_ONE_ZONE, _TWO_ZONES, _THREE_ZONES), weights=(7, 2, 1))[0]
    return [_meter(f"{10_000_000 + index * 7919:08d}", random.choice((5, 6)), titles, random)]


def _meter(serial: str, digits: int, titles: Sequence[tuple[str, str]], random: Random) -> _Meter:
    zones = (
        _Zone(code, title, random.randint(1_000, 90_000), random.randint(40, 300)) for code, title in titles
    )
    return _Meter(serial, digits, tuple(zones))
