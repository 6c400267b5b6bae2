"""Bulletins with their readers; the shift plan and its file."""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path

import pytest

from ivr.customers.files import BadLine
from ivr.desk.conflicts import NotThere
from ivr.desk.shifts import Overlap, import_shifts, shift_of
from ivr.errors import Fault
from tests.contract.desk_work.bench import Bench
from tests.unit.customers.samples import MOSCOW

TODAY = date(2026, 11, 24)
HOUR = timedelta(hours=1)


async def test_a_bulletin_holds_for_its_time_and_is_read_by_each(bench: Bench) -> None:
    bulletins, now = bench.work.bulletins, bench.clock.now()
    told: list[int] = []
    bulletins.news.subscribe(lambda bulletin: told.append(bulletin.id))
    await bulletins.write("Завтра новые тарифы", "olga", now + HOUR, now + 9 * HOUR)
    urgent = await bulletins.write("Авария на Пушкина", "olga", now, now + HOUR, urgent=True)
    plain = await bulletins.write("Обед с двенадцати", "olga", now, now + HOUR)
    assert [each.id for each in await bulletins.current("anna", ())] == [urgent.id, plain.id]
    await bulletins.read(urgent.id, "anna")
    await bulletins.read(urgent.id, "anna")
    assert [each.read_at for each in await bulletins.current("anna", ())] == [now, None]
    assert [each.read_at for each in await bulletins.current("boris", ())] == [None, None]
    assert {each.id: each.readers for each in await bulletins.all(10)}[urgent.id] == ("anna",)
    await bulletins.withdraw(urgent.id)
    assert [each.id for each in await bulletins.current("anna", ())] == [plain.id]
    for wrong in (urgent.id, 999):
        with pytest.raises(NotThere):
            await bulletins.withdraw(wrong)
    with pytest.raises(NotThere):
        await bulletins.read(999, "anna")
    with pytest.raises(ValueError, match="end"):
        await bulletins.write("?", "olga", now, now)
    assert told.count(urgent.id) == 2


async def test_who_should_be_here_now(bench: Bench) -> None:
    shifts = bench.work.shifts  # it is noon
    day = shift_of("anna", TODAY, (time(8), time(20)), [(time(12), time(13))], MOSCOW)
    night = shift_of("boris", TODAY - timedelta(days=1), (time(20), time(12, 30)), [], MOSCOW)
    later = shift_of("vera", TODAY, (time(14), time(20)), [], MOSCOW)
    assert await shifts.put([day, night, later]) == {"added": 3, "changed": 0, "unchanged": 0}
    assert [each.login for each in await shifts.here()] == ["boris", "anna"]
    assert await shifts.of("anna", TODAY) == day
    assert await shifts.of("anna", TODAY + timedelta(days=1)) is None
    longer = shift_of("anna", TODAY, (time(8), time(21)), [], MOSCOW)
    assert await shifts.put([longer, later]) == {"added": 0, "changed": 1, "unchanged": 1}
    assert await shifts.of("anna", TODAY) == longer
    assert await shifts.remove("anna", TODAY)
    assert not await shifts.remove("anna", TODAY)


async def test_nobody_is_planned_twice_at_the_same_time(bench: Bench) -> None:
    shifts, tomorrow = bench.work.shifts, TODAY + timedelta(days=1)
    night = shift_of("anna", TODAY, (time(20), time(8)), [], MOSCOW)
    await shifts.put([night])
    early = shift_of("anna", tomorrow, (time(7, 30), time(16)), [], MOSCOW)
    after = shift_of("anna", tomorrow, (time(8), time(16)), [], MOSCOW)
    boris = shift_of("boris", tomorrow, (time(7, 30), time(16)), [], MOSCOW)
    with pytest.raises(Overlap) as overlap:
        await shifts.put([boris, early])
    assert (overlap.value.shift, overlap.value.other) == (early, night)
    assert await shifts.of("boris", tomorrow) is None  # all or nothing
    assert await shifts.put([boris, after]) == {"added": 2, "changed": 0, "unchanged": 0}
    longer = shift_of("anna", TODAY, (time(20), time(8, 15)), [], MOSCOW)
    with pytest.raises(Overlap):
        await shifts.put([longer])
    both_later = [
        shift_of("anna", TODAY, (time(20), time(9)), [], MOSCOW),
        shift_of("anna", tomorrow, (time(9), time(17)), [], MOSCOW),
    ]
    assert (await shifts.put(both_later))["changed"] == 2  # looked at as they will be, in any order


async def test_a_file_with_overlapping_shifts_is_not_taken_over(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_text(
        "login,day,begins,ends\nanna,2026-11-24,20:00,08:00\nanna,2026-11-25,07:00,15:00\n", encoding="utf-8"
    )
    with pytest.raises(Fault, match=r"Two shifts of anna overlap: .*2026-11-24 20:00-08:00"):
        await import_shifts(bench.work.shifts, file, lambda line: None)
    assert await bench.work.shifts.of("anna", TODAY) is None


async def test_a_file_of_the_plan_is_taken_over_and_bad_lines_are_named(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_text(
        "login;day;begins;ends;breaks;note\n"
        "anna;24.11.2026;8:00;20:00;12:00-12:30, 16:00-16:15;\n"
        "boris;2026-11-24;20:00;08:00;;\n"
        "vera;2026-11-24;08:00;12:00;13:00-13:30;\n"
        "anna;2026-11-24;09:00;20:00;;\n"
        "gleb;завтра;09:00;20:00;;\n",
        encoding="cp1251",
    )
    bad: list[BadLine] = []
    done = await import_shifts(bench.work.shifts, file, bad.append)
    assert (done.added, done.changed, done.unchanged, done.bad, done.ignored) == (2, 0, 0, 3, ("note",))
    assert [(each.line, each.column) for each in bad] == [(4, "breaks"), (5, "day"), (6, "day")]
    anna = await bench.work.shifts.of("anna", TODAY)
    assert anna is not None
    assert [since.time() for since, _ in anna.breaks] == [time(12), time(16)]
    again = await import_shifts(bench.work.shifts, file, lambda line: None)
    assert (again.added, again.unchanged) == (0, 2)
