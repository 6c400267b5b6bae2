"""How a day will end: cases counted by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.kpi.alarm_settings import AlarmSettings
from ivr.kpi.alarms import Finding, Level
from ivr.kpi.definitions import load_definitions
from ivr.kpi.outlook import Outlook, outlooks
from ivr.kpi.profiles import load_profile
from ivr.kpi.verdicts import Aim, Bound, SetBy, aim_of

METRICS = Path("metrics")
DEFINITIONS = load_definitions(METRICS / "definitions.yaml")
SETTINGS = AlarmSettings()  # an hour's window, until 20:00
ZONE = ZoneInfo("Asia/Krasnoyarsk")


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 30, hour, minute, tzinfo=ZONE)


def lost(share: float, expected: dict[str, int], today: dict[str, int]) -> Finding:
    definition = DEFINITIONS.find("lost-calls")
    assert definition is not None
    aim = Aim(value=share, bound=Bound.AT_MOST, set_by=SetBy.STANDARD)
    return outlooks([(definition, aim)], today, expected, "bryansk/", 20)[0]


def test_the_rest_of_the_day_is_like_the_last_hour() -> None:
    outlook = Outlook(SETTINGS)
    outlook.expected({"incoming": 900, "lost_literal": 9, "longest_wait_us": 5}, at(17))
    expected = outlook.expected({"incoming": 1000, "lost_literal": 19, "longest_wait_us": 7}, at(18))
    assert expected == {"incoming": 1200, "lost_literal": 39, "longest_wait_us": 7}


def test_older_times_are_forgotten() -> None:
    outlook = Outlook(SETTINGS)
    for hour in range(10, 18):
        outlook.expected({"incoming": 100 * (hour - 9)}, at(hour))
    assert outlook.expected({"incoming": 900}, at(18)) == {"incoming": 1100}


def test_after_the_last_hour_the_day_is_as_it_is() -> None:
    outlook = Outlook(SETTINGS)
    outlook.expected({"incoming": 900}, at(20))
    assert outlook.expected({"incoming": 1000}, at(21)) == {"incoming": 1000}


def test_a_new_day_begins_with_nothing() -> None:
    outlook = Outlook(SETTINGS)
    outlook.expected({"incoming": 900}, at(12))
    morning = at(8) + timedelta(days=1)
    assert outlook.expected({"incoming": 3}, morning) == {"incoming": 3}


def test_calls_that_are_taken_back_do_not_come_again() -> None:
    outlook = Outlook(SETTINGS)
    outlook.expected({"incoming": 100, "lost_literal": 5}, at(17))
    assert outlook.expected({"incoming": 110, "lost_literal": 4}, at(18))["lost_literal"] == 4


@pytest.mark.parametrize(
    ("expected", "level"), [(60, Level.GOOD), (61, Level.BAD)], ids=["the limit is kept", "beyond it"]
)
def test_a_target_about_to_be_missed(expected: int, level: Level) -> None:
    finding = lost(0.05, {"incoming": 1200, "lost_literal": expected}, {"incoming": 1000, "lost_literal": 9})
    assert (finding.level, finding.about, finding.limit) == (level, "bryansk/lost-calls", 0.05)
    assert finding.value == expected / 1200


def test_few_calls_say_nothing() -> None:
    assert (
        lost(0.05, {"incoming": 19, "lost_literal": 19}, {"incoming": 19, "lost_literal": 19}).level
        is Level.GOOD
    )


def test_the_targets_of_bryansk_that_todays_calls_tell() -> None:
    profile = load_profile(METRICS / "standards" / "bryansk.yaml")
    aims = [
        (each, aim)
        for each in DEFINITIONS.kpis
        if each.formula.named is None and (aim := aim_of(each, profile, {})) is not None
    ]
    assert {each.id for each, _ in aims} >= {"lost-calls"}
    found = outlooks(aims, {}, {}, "bryansk/", 20)
    assert {finding.level for finding in found} == {Level.GOOD}
