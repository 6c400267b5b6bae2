"""Limits per person: over any history none is exceeded, and nobody waits longer than they ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ivr.campaigns.entries import Contact, ContactKind
from ivr.campaigns.rules.limits import FOREVER, Limits
from ivr.campaigns.settings import Counting, Limit, LimitSettings
from tests.unit.campaigns.rules.samples import MOSCOW, moscow

SLIDING = Limits(LimitSettings())
CALENDAR = Limits(LimitSettings(counting=Counting.CALENDAR))
KAMCHATKA, WARSAW = ZoneInfo("Asia/Kamchatka"), ZoneInfo("Europe/Warsaw")
KINDS = st.sampled_from(ContactKind)
DAYS = st.floats(0, 40).map(lambda days: datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=days))
HISTORIES = st.lists(st.builds(Contact, DAYS, KINDS, st.just(1)), max_size=20)
PERIODS = ((timedelta(days=1), 1, 2), (timedelta(days=7), 2, 4), (timedelta(days=31), 8, 16))


def talk(at: datetime) -> Contact:
    return Contact(at, ContactKind.TALK, 1)


def message(at: datetime) -> Contact:
    return Contact(at, ContactKind.VOICE_MESSAGE, 1)


def counted(history: Sequence[Contact], kind: ContactKind, since: datetime, until: datetime) -> int:
    return sum(each.kind in (kind, ContactKind.UNDECIDED) and since < each.at <= until for each in history)


def room(history: Sequence[Contact], now: datetime) -> bool:
    """Whether one more of either kind keeps all limits, by their very words."""
    return all(
        counted(history, ContactKind.TALK, now - span, now) < talks
        and counted(history, ContactKind.VOICE_MESSAGE, now - span, now) < messages
        for span, talks, messages in PERIODS
    )


@given(HISTORIES)
def test_a_call_at_the_free_moment_exceeds_nothing(history: list[Contact]) -> None:
    free = SLIDING.free_at(history, [MOSCOW])
    latest = max((each.at for each in history), default=datetime(2026, 11, 1, tzinfo=UTC))
    if free is None or free <= latest:
        assert room(history, latest + timedelta(microseconds=1)) or free == latest
        return
    assert room(history, free)
    assert not room(history, free - timedelta(microseconds=1))


@given(st.lists(st.floats(0, 5), min_size=1, max_size=60))
def test_whoever_waits_for_the_free_moment_keeps_the_calendar_limits_too(pauses: list[float]) -> None:
    history: list[Contact] = []
    now = datetime(2026, 11, 1, tzinfo=UTC)
    for pause in pauses:
        free = SLIDING.free_at(history, [MOSCOW])
        now = max(now + timedelta(days=pause), free or now)
        history.append(talk(now))
    for zone in (MOSCOW, KAMCHATKA):
        days = [each.at.astimezone(zone).date() for each in history]
        assert most(days) <= 1
        assert most([day.isocalendar()[:2] for day in days]) <= 2
        assert most([(day.year, day.month) for day in days]) <= 8


def most(values: Sequence[object]) -> int:
    return max(values.count(value) for value in values)


def test_talks_and_messages_are_counted_apart() -> None:
    monday = moscow(11, 23, 10)
    assert SLIDING.free_at([message(monday)], [MOSCOW]) is None
    assert SLIDING.free_at([message(monday), message(monday)], [MOSCOW]) == moscow(11, 24, 10)
    assert SLIDING.free_at([talk(monday)], [MOSCOW]) == moscow(11, 24, 10)
    assert SLIDING.free_at([talk(monday), talk(moscow(11, 25, 9))], [MOSCOW]) == moscow(11, 30, 10)


def test_calendar_periods_end_at_midnight_in_the_last_zone() -> None:
    evening = moscow(11, 29, 19)  # Sunday; in Kamchatka it is Monday already
    assert CALENDAR.free_at([talk(evening)], [MOSCOW]) == moscow(11, 30, 0)
    both = CALENDAR.free_at([talk(evening)], [MOSCOW, KAMCHATKA])
    assert both == datetime(2026, 12, 1, tzinfo=KAMCHATKA)


def test_calendar_weeks_and_months() -> None:
    week = [talk(moscow(11, 24, 10)), talk(moscow(11, 26, 10))]
    assert CALENDAR.free_at(week, [MOSCOW]) == moscow(11, 30, 0)
    month = [talk(moscow(11, day, 10)) for day in (2, 4, 9, 11, 16, 18, 23, 25)]
    assert CALENDAR.free_at(month, [MOSCOW]) == moscow(12, 1, 0)


def test_a_day_of_25_hours_is_one_day() -> None:
    night = datetime(2026, 10, 25, 0, 10, tzinfo=WARSAW)  # summer time ends at 3
    assert SLIDING.free_at([talk(night)], [WARSAW]) == datetime(2026, 10, 26, 0, 10, tzinfo=WARSAW)
    assert SLIDING.free_at([talk(night)], [MOSCOW]) == night.astimezone(UTC) + timedelta(days=1)


def test_each_way_has_its_own_limit() -> None:
    none = Limits(LimitSettings(talks=Limit(day=0, week=0, month=0)))
    assert none.free_at([], [MOSCOW], [ContactKind.VOICE_MESSAGE]) is None
    assert none.free_at([], [MOSCOW], [ContactKind.TALK]) == FOREVER


def test_a_limit_of_none_forbids_for_ever() -> None:
    limits = Limits(LimitSettings(talks=Limit(day=1, week=2, month=0)))
    assert limits.free_at([], [MOSCOW]) == FOREVER


def test_a_contact_in_the_future_counts_when_the_clock_went_back() -> None:
    tomorrow = moscow(11, 25, 10)
    assert SLIDING.free_at([talk(tomorrow)], [MOSCOW]) == moscow(11, 26, 10)
