"""Histories whose figures are known, imported by the real command and reported by the real command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from tests.contract.kpi_truth.company import Company, Truth, differences, keys, told
from tests.contract.kpi_truth.conftest import Found
from tests.truth.cases import changed_offset, edges, outcomes, renamed, repeats
from tests.truth.script import Call, History
from tests.truth.table import COLUMNS, as_told, table
from tests.truth.world import Plan, days_of, play

NOON = datetime(2026, 9, 15, 9, 0, tzinfo=UTC)
SEPTEMBER = (date(2026, 9, 1), date(2026, 9, 30))
MOSCOW, OMSK, KRASNOYARSK = (ZoneInfo(name) for name in ("Europe/Moscow", "Asia/Omsk", "Asia/Krasnoyarsk"))
Key = Callable[[Call], str]


def history(zone: ZoneInfo, calls: list[Call]) -> Truth:
    return Truth(History(zone=zone, calls=calls))


def imported(found: Found, truth: Truth, **how: str) -> Company:
    zone = truth.history.zone
    company = found(zone.key)
    done = company.take_over(table(truth.history.calls, zone, **how))
    assert (done["calls"], done["bad"]) == (len(truth.history.calls), 0)
    return company


def test_every_way_in_which_a_call_may_end(found: Found) -> None:
    truth = history(MOSCOW, [*outcomes(NOON)])
    report = imported(found, truth, separator=";").report(*SEPTEMBER)
    assert not differences(truth.of(*SEPTEMBER), told(report["kpis"]))


def test_repeated_calls(found: Found) -> None:
    truth = history(OMSK, [*repeats(NOON)])
    report = imported(found, truth).report(*SEPTEMBER)
    assert not differences(truth.of(*SEPTEMBER), told(report["kpis"]))


@pytest.mark.parametrize("zone", [KRASNOYARSK, ZoneInfo("Europe/Kaliningrad")], ids=str)
def test_midnight_month_end_new_year_and_leap_day(found: Found, zone: ZoneInfo) -> None:
    truth = history(zone, [*edges(zone)])
    company = imported(found, truth)
    assert not wrong_days(company, truth)
    month = (date(2024, 2, 1), date(2024, 2, 29))
    assert not differences(truth.of(*month), told(company.report(*month)["kpis"]))


def test_the_same_instants_in_another_zone_fall_on_other_days(found: Found) -> None:
    truth = history(KRASNOYARSK, [*edges(MOSCOW)])
    assert truth.of(date(2026, 9, 16), date(2026, 9, 16))["incoming"].value == 3
    assert not wrong_days(imported(found, truth), truth)


def test_a_day_of_25_hours(found: Found) -> None:
    truth = Truth(changed_offset())
    assert not wrong_days(imported(found, truth), truth)


def wrong_days(company: Company, truth: Truth) -> dict[str, list[str]]:
    """What a report by days tells wrongly, by day."""
    days = days_of(truth.history)
    groups = company.report(days[0], days[-1], "--by", "day")["groups"]
    assert [group["key"] for group in groups] == [str(day) for day in days]
    wrong = {
        str(day): differences(truth.of(day, day), told(group["kpis"]))
        for day, group in zip(days, groups, strict=True)
    }
    return {day: found for day, found in wrong.items() if found}


@pytest.mark.parametrize(
    ("zone", "first", "days", "seed"),
    [
        (KRASNOYARSK, date(2026, 1, 24), 12, 1),
        (MOSCOW, date(2024, 2, 26), 6, 2),
        (OMSK, date(2025, 12, 29), 5, 3),
    ],
    ids=["month-end", "leap-year", "new-year"],
)
def test_worlds(found: Found, zone: ZoneInfo, first: date, days: int, seed: int) -> None:
    world = as_told(play(Plan(zone=zone, first=first, days=days, calls_a_day=50), seed))
    truth = Truth(world)
    company = imported(found, truth)
    last = first + timedelta(days=days - 1)
    month_end = (first.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    for period in ((first, last), (first, month_end), (month_end + timedelta(days=1), last)):
        assert not differences(truth.of(*period), told(company.report(*period)["kpis"])), period


BREAKDOWNS: dict[str, Key] = {
    "line": lambda call: call.line,
    "topic": lambda call: call.last_topic,
    "segment": lambda call: call.segment,
    "hour": lambda call: f"{call.came_at.astimezone(OMSK):%H}:00",
    "half-hour": lambda call: (
        f"{call.came_at.astimezone(OMSK):%H}:{call.came_at.astimezone(OMSK).minute // 30 * 30:02d}"
    ),
    "weekday": lambda call: str(call.came_at.astimezone(OMSK).isoweekday()),
    "day": lambda call: str(call.came_at.astimezone(OMSK).date()),
}


def test_breakdowns(found: Found) -> None:
    first, last = date(2026, 3, 30), date(2026, 4, 2)
    truth = Truth(as_told(play(Plan(zone=OMSK, first=first, days=4, calls_a_day=60), 4)))
    company = imported(found, truth)
    for by, key in BREAKDOWNS.items():
        groups = company.report(first, last, "--by", by)["groups"]
        assert sorted(group["key"] for group in groups) == keys(truth.history.calls, key)
        for group in groups:
            expected = truth.of(first, last, partial(is_of, key, group["key"]))
            assert not differences(expected, told(group["kpis"])), (by, group["key"])


def is_of(key: Key, mine: str, call: Call) -> bool:
    return key(call) == mine


OF_TALKS = (
    "talk-average", "hold-average", "wrap-up-average", "handling-average", "answer-average",
    "answer-average-readings", "answer-average-general", "answer-average-personal",
)  # fmt: skip


def test_operators(found: Found) -> None:
    first, last = date(2026, 3, 1), date(2026, 3, 7)
    world = as_told(play(Plan(zone=MOSCOW, first=first, days=7, calls_a_day=50, operators=5), 5))
    groups = imported(found, Truth(world)).report(first, last, "--by", "agent")["groups"]
    found_of = {group["key"]: told(group["kpis"]) for group in groups}
    for login in ("op0", "op3"):
        of_operator = replace_talks(world, login)
        expected = {name: figure for name, figure in of_operator.of(first, last).items() if name in OF_TALKS}
        assert not differences(expected, found_of[login]), login


def replace_talks(world: History, login: str) -> Truth:
    """The same calls with the talks of one operator alone."""
    calls = [
        replace(call, talks=tuple(talk for talk in call.talks if talk.agent == login)) for call in world.calls
    ]
    return Truth(History(zone=world.zone, calls=calls))


def test_importing_twice_changes_nothing_and_columns_come_in_any_order(found: Found) -> None:
    truth = history(MOSCOW, [*outcomes(NOON)])
    company = imported(found, truth)
    before = company.report(*SEPTEMBER)["kpis"]
    again = company.take_over(table(truth.history.calls, MOSCOW, columns=COLUMNS[::-1]))
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, len(truth.history.calls))
    assert company.report(*SEPTEMBER)["kpis"] == before


def test_what_is_corrected_later_replaces_and_what_comes_later_is_added(found: Found) -> None:
    calls = [*outcomes(NOON)]
    company = imported(found, history(MOSCOW, calls))
    corrected = [
        replace(
            call,
            score=1,
            topic="outage.reason",
            talks=tuple(replace(talk, wrapup_seconds=77.7, alone=False) for talk in call.talks),
        )
        for call in calls
        if call.talks
    ]
    later = [call for call in calls if not call.talks] + corrected + renamed(repeats(NOON), "later")
    truth = history(MOSCOW, later)
    company.take_over(table(later[len(calls) - len(corrected) :], MOSCOW))
    assert not differences(truth.of(*SEPTEMBER), told(company.report(*SEPTEMBER)["kpis"]))
    company.ivr("kpi", "rebuild")
    assert not differences(truth.of(*SEPTEMBER), told(company.report(*SEPTEMBER)["kpis"]))
