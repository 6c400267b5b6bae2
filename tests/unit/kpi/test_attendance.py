"""Operators' time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.kpi.attendance import Hours, Spell, StaffDay, hours_kept, occupancy, summed_up
from ivr.kpi.definitions import Value
from ivr.kpi.profiles import load_profiles
from ivr.kpi.profiles.hours import Silence
from ivr.requests.workdays import Own, WorkCalendar

METRICS = Path(__file__).parents[3] / "metrics"
PROFILES = load_profiles(METRICS / "standards")
CALENDAR = WorkCalendar.load(METRICS / "calendars" / "ru.yaml", Own())
MOSCOW = ZoneInfo("Europe/Moscow")
TUESDAY = date(2026, 11, 24)
MINUTE = 60_000_000


def at(hour: float, day: date = TUESDAY) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=MOSCOW) + timedelta(hours=hour)


def spell(state: str, since: float, until: float | None, agent: str = "anna") -> Spell:
    return Spell(agent, state, at(since), None if until is None else at(until))


def day_of(*spells: Spell, now: datetime | None = None) -> StaffDay:
    return summed_up(TUESDAY, MOSCOW, spells, now or at(48))


def hours(standard: str, now: datetime | None = None, silence: Silence | None = None) -> Hours:
    return Hours(PROFILES[standard], CALENDAR, silence or Silence(), MOSCOW, now or at(48))


def test_a_day_by_operator_and_state() -> None:
    day = day_of(
        spell("ready", 8, 9),
        spell("ringing", 9, 9.1),
        spell("talking", 9.1, 9.5),
        spell("wrap-up", 9.5, 9.6),
        spell("paused", 9.6, 10),
        spell("ready", 8, 8.5, "boris"),
    )
    assert day.agents["anna"] == {
        "ready_us": 60 * MINUTE,
        "ringing_us": 6 * MINUTE,
        "talking_us": 24 * MINUTE,
        "wrapup_us": 6 * MINUTE,
        "paused_us": 24 * MINUTE,
    }
    [(since, until)] = day.spans
    assert (since, until) == pytest.approx((8 * 3600, 9.6 * 3600))


def test_occupancy_leaves_pauses_out() -> None:
    day = day_of(
        spell("ready", 8, 9), spell("talking", 9, 9.75), spell("wrap-up", 9.75, 10), spell("paused", 10, 18)
    )
    assert occupancy([day]) == Value(0.5, 1)
    assert occupancy([day], "boris") == Value(None)


def test_a_state_over_midnight_belongs_to_both_days() -> None:
    night = [spell("ready", 23, 25)]
    today = summed_up(TUESDAY, MOSCOW, night, at(48))
    tomorrow = summed_up(TUESDAY + timedelta(days=1), MOSCOW, night, at(48))
    assert today.agents["anna"]["ready_us"] == tomorrow.agents["anna"]["ready_us"] == 60 * MINUTE


def test_a_state_that_lasts_is_counted_until_now() -> None:
    assert day_of(spell("ready", 8, None), now=at(9)).agents["anna"]["ready_us"] == 60 * MINUTE


def test_hours_are_kept_while_anybody_is_at_work() -> None:
    day = day_of(spell("ready", 7, 13), spell("talking", 12, 17, "boris"), spell("paused", 17, 20))
    assert hours_kept([day], hours("bryansk")) == Value(9 / 12, 1)  # 08–20, nobody after 17


def test_a_day_that_goes_on_is_due_until_now() -> None:
    day = day_of(spell("ready", 8, None), now=at(10))
    assert hours_kept([day], hours("bryansk", at(10))) == Value(1.0, 1)


def test_a_number_of_hours_is_due_when_the_day_is_over() -> None:
    day = day_of(spell("ready", 8, 12))
    kept = hours_kept([day], hours("krasnoyarsk"))
    assert kept == Value(0.5, 1)
    assert hours_kept([day], hours("krasnoyarsk", at(13))) == Value(None)


def test_each_kind_of_client_has_his_hours() -> None:
    day = day_of(spell("ready", 8, 17))  # 9 hours: private clients want 10, companies 8
    assert hours_kept([day], hours("omsk")).value == pytest.approx((9 + 8) / 18)


def test_public_holidays_do_not_count_where_the_standard_says_so() -> None:
    new_year = date(2027, 1, 1)
    staffed = StaffDay(new_year, {"anna": {}}, [])
    assert hours_kept([staffed], hours("omsk", at(48, new_year))) == Value(None)
    assert hours_kept([staffed], hours("bryansk", at(48, new_year))) == Value(0.0, 1)
    silent = hours("bryansk", at(48, new_year), Silence(holidays_count=False))
    assert hours_kept([staffed], silent) == Value(None)


def test_without_operators_nothing_is_known() -> None:
    assert hours_kept([StaffDay(TUESDAY)], hours("bryansk")) == Value(None)
    assert occupancy([StaffDay(TUESDAY)]) == Value(None)
