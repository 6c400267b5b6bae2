"""Files of answers: good lines go in once, each bad one is told with its place."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.customers.files import BadLine
from ivr.errors import Fault
from ivr.satisfaction import results
from ivr.satisfaction.importing import Imported, import_file
from ivr.satisfaction.results import Wanted
from ivr.satisfaction.service import Satisfaction
from ivr.store import Database

MOSCOW = ZoneInfo("Europe/Moscow")
HEAD = "key;answered_at;way;client;refused;overall;reach;recommend;solved;wishes;mood"


async def take(
    room: Satisfaction, folder: Path, *lines: str, head: str = HEAD
) -> tuple[Imported, list[BadLine]]:
    wave = await room.open("vladimir-private", "anna")
    file = folder / "answers.csv"
    file.write_text("\n".join([head, *lines]) + "\n", encoding="cp1251")
    bad: list[BadLine] = []
    return await import_file(room, wave.id, file, MOSCOW, bad.append), bad


async def test_good_lines_go_in_and_a_repeat_changes_nothing(
    room: Satisfaction, database: Database, tmp_path: Path
) -> None:
    lines = (
        "1;2026-11-20 14:30;office;320145678;;5;4;10;да;Спасибо, всё хорошо;",
        "2;2026-11-21T09:00+03:00;;;;3;;6;нет;;",
    )
    done, bad = await take(room, tmp_path, *lines)
    assert (done.added, done.bad, done.ignored, bad) == (2, 0, ("mood",), [])
    again, _ = await take(room, tmp_path, *lines)
    assert (again.added, again.unchanged, again.changed) == (0, 2, 0)
    changed, _ = await take(room, tmp_path, lines[0].replace(";5;4;", ";4;4;"), lines[1])
    assert (changed.changed, changed.unchanged) == (1, 1)
    found = await database.read(partial(results.replies, wanted=Wanted()))
    told = {mark.question: mark for mark in found[0].marks}
    assert (told["overall"].score, told["solved"].score, told["wishes"].words) == (
        4,
        1,
        "Спасибо, всё хорошо",
    )
    assert found[0].answered_at.astimezone(MOSCOW).strftime("%d %H:%M") == "20 14:30"


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (";2026-11-20 14:30;;;;5;;;;;", "key"),
        ("3;20.11.2026;;;;5;;;;;", "answered_at"),
        ("3;2026-06-30 23:59;;;;5;;;;;", "answered_at"),  # before the wave's period
        ("3;2026-11-20 14:30;pigeon;;;5;;;;;", "way"),
        ("3;2026-11-20 14:30;;;;6;;;;;", "overall"),
        ("3;2026-11-20 14:30;;;;4,5;;;;;", "overall"),
        ("3;2026-11-20 14:30;;;;5;;11;;;", "recommend"),
        ("3;2026-11-20 14:30;;;;5;;;может быть;;", "solved"),
        ("3;2026-11-20 14:30;;;;;;;;;", "overall"),  # nothing is answered
        ("3;2026-11-20 14:30;;;да;;;;;;", "client"),  # who refuses?
    ],
)
async def test_a_bad_line_is_told_and_left_out(
    room: Satisfaction, tmp_path: Path, line: str, column: str
) -> None:
    done, bad = await take(room, tmp_path, "1;2026-11-20 14:30;;;;5;;;;;", line)
    assert (done.added, done.bad) == (1, 1)
    assert [(each.line, each.column) for each in bad] == [(3, column)]


async def test_nobody_counts_twice_and_refusals_are_kept(room: Satisfaction, tmp_path: Path) -> None:
    done, _ = await take(
        room,
        tmp_path,
        "1;2026-11-20 14:30;;320145678;;5;;;;;",
        "2;2026-11-20 14:31;;320145678;;1;;;;;",
        ";;;320145679;да;;;;;;",
        "3;2026-11-20 14:32;;320145679;;1;;;;;",
    )
    assert (done.added, done.twice, done.refused) == (1, 1, 2)


async def test_a_client_is_the_same_however_his_number_is_written(room: Satisfaction, tmp_path: Path) -> None:
    done, _ = await take(
        room,
        tmp_path,
        "1;2026-11-20 14:30;;+7 (483) 200-00-01;;5;;;;;",
        "2;2026-11-20 14:31;;+74832000001;;1;;;;;",
    )
    assert (done.added, done.twice) == (1, 1)


async def test_a_corrected_line_that_names_another_respondent_changes_nothing(
    room: Satisfaction, tmp_path: Path
) -> None:
    lines = ("1;2026-11-20 14:30;;320145678;;5;;;;;", "2;2026-11-20 14:31;;320145679;;4;;;;;")
    await take(room, tmp_path, *lines)
    done, _ = await take(room, tmp_path, lines[0], lines[1].replace("320145679", "320145678"))
    assert (done.unchanged, done.twice) == (1, 1)


async def test_a_file_without_its_columns_is_refused(room: Satisfaction, tmp_path: Path) -> None:
    with pytest.raises(Fault, match="answered_at is missing"):
        await take(room, tmp_path, "1;5", head="key;overall")
    with pytest.raises(Fault, match="no column of the questionnaire"):
        await take(room, tmp_path, "1;2026-11-20", head="key;answered_at")
