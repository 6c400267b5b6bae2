"""The generator of truth itself: it knows nothing of the engine, and counts as a person does by hand."""

from __future__ import annotations

import ast
import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests import truth
from tests.truth.answers import Figure, figures, with_wrapup
from tests.truth.cases import changed_offset, edges, outcomes, repeats
from tests.truth.script import History
from tests.truth.table import table
from tests.truth.world import Plan, play

NOON = datetime(2026, 9, 15, 9, 0, tzinfo=UTC)
MOSCOW = ZoneInfo("Europe/Moscow")


def imported(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    froms = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return names | froms


def test_the_truth_imports_nothing_of_the_engine() -> None:
    files = sorted(Path(truth.__file__).parent.glob("*.py"))
    assert len(files) >= 6
    assert not [name for file in files for name in imported(file) if name.split(".")[0] == "ivr"]


def test_outcomes_counted_by_hand() -> None:
    calls = outcomes(NOON)
    found = figures(calls, calls)
    by_hand = {
        "incoming": 24,  # of 25 calls one is blocked
        "blocked": 1,
        "served": 4,  # one of them gone in the farewell, one then answered, one then gave up
        "answered": 10,
        "lost": 9,
        "lost-in-robot": 2,  # left-in-menu, left-at-once
        "lost-in-queue": 5,  # gave-up, gave-up-in-time, gave-up-short, gave-up-at-5, callback-broken
        "lost-at-ring": 2,
        "short-abandons": 2,  # gave-up-short, gave-up-at-ring-directly
        "callbacks-promised": 3,
        "callbacks-kept": 2,
        "callbacks-broken": 1,
        "transfers": 1,
        "recordings-unexplained": 1,
    }
    assert {name: found[name].value for name in by_hand} == by_hand
    # a person: served-then-answered, 10 answered; nobody for the 13 others
    assert found["lost-calls"] == Figure(13 / 24, 24)
    assert found["lost-unserved"] == Figure(9 / 24, 24)
    assert found["robot-containment"] == Figure(3 / 24, 24)


def test_waits_counted_by_hand() -> None:
    calls = outcomes(NOON)
    found = figures(calls, calls)
    answered: list[float] = [9, 20, 20.001, 2, 7, 1, 11, 45, 3, 3]
    gave_up: list[float] = [61, 20, 4.999, 5, 14, 3, 90]
    others: list[float] = [33, 120]  # served by the robot before; promised a call that was kept
    assert found["wait-average"].value == pytest.approx(sum(answered + gave_up + others) / 19, abs=1e-9)
    assert found["answer-speed"].value == pytest.approx(sum(answered) / 10, abs=1e-9)
    assert found["service-level"] == Figure(8 / 10, 10)
    assert found["service-level-offered"] == Figure((8 + 5) / 17, 17)
    assert found["wait-maximum"] == Figure(120, 19)


def test_talks_counted_by_hand() -> None:
    calls = outcomes(NOON)
    found = figures(calls, calls)
    six_of_a_hundred = 600
    others = [240, 61.125, 40.5, 200, 1200.5, 119.75]
    assert found["answer-average"].value == pytest.approx((six_of_a_hundred + sum(others)) / 12, abs=1e-9)
    assert found["hold-average"].value == pytest.approx(30 / 12, abs=1e-9)
    assert found["answer-average-readings"] == Figure(119.75, 1)
    assert found["answer-average-personal"] == Figure(240, 1)
    assert found["corporate-talk-maximum"] == Figure(1200.5, 1)
    assert found["wrap-up-average"].value == pytest.approx((10 * 20 + 90) / 11, abs=1e-9)
    assert found["answered-alone"] == Figure(10 / 11, 11)  # of 11 calls one was handed on
    assert figures(calls, calls, noted=with_wrapup)["answered-alone"] == Figure(9 / 10, 10)
    assert found["transferred-share"] == Figure(1 / 11, 11)
    assert found["csat"].value == pytest.approx(11 / 3, abs=1e-9)


def test_repeats_counted_by_hand() -> None:
    calls = repeats(NOON)
    # settled: a-at-the-end, b-first, b-too-late, c-first, c-other-topic; not: a-first, d-first
    assert figures(calls, calls)["first-contact"] == Figure(5 / 7, 7)


def test_days_are_those_of_the_company() -> None:
    for zone in (MOSCOW, ZoneInfo("Asia/Krasnoyarsk")):
        history = History(zone=zone, calls=edges(zone))
        ids = [call.id for call in history.within(date(2026, 9, 15), date(2026, 9, 15))]
        assert ids == ["midnight", "last-millisecond"]
        assert len(list(history.within(date(2024, 2, 29), date(2024, 2, 29)))) == 2


def test_a_day_of_25_hours() -> None:
    history = changed_offset()
    assert len(list(history.within(date(2020, 12, 27), date(2020, 12, 27)))) == 4
    once, again = history.calls[2:4]
    assert (again.came_at - once.came_at).total_seconds() == 3600


def test_a_seed_gives_the_same_world_and_another_one_another() -> None:
    plan = Plan(zone=MOSCOW, first=date(2026, 2, 27), days=3, calls_a_day=40)
    assert play(plan, 1).calls == play(plan, 1).calls
    assert play(plan, 1).calls != play(plan, 2).calls


def test_the_world_has_every_kind_of_end() -> None:
    history = play(Plan(zone=MOSCOW, first=date(2026, 2, 27), days=7, calls_a_day=150), 3)
    found = figures(history.calls, history.calls)
    assert not [name for name, figure in found.items() if not figure.calls]


def test_the_table_has_a_row_a_talk() -> None:
    calls = outcomes(NOON)
    rows = list(csv.DictReader(io.StringIO(table(calls, MOSCOW))))
    assert len(rows) == len(calls) + 1
    assert [row["agent"] for row in rows if row["call_id"] == "transferred"] == ["petrova", "ivanova"]
