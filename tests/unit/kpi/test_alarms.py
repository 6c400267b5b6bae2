"""Alarms: raised when it lasts, seen by the first one, over when it is right again; they never flap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count, pairwise

from hypothesis import given
from hypothesis import strategies as st

from ivr.kpi.alarm_settings import AlarmSettings
from ivr.kpi.alarms import Alarm, Alarms, Finding, Level, Name, State, at_least, at_most, whether

BEGIN = datetime(2026, 11, 30, 9, tzinfo=UTC)
SETTINGS = AlarmSettings(raise_seconds=10, over_seconds=30)


def alarms(*open_ones: Alarm) -> Alarms:
    ids = count(1)
    return Alarms(SETTINGS, lambda: f"a{next(ids)}", open_ones)


def at(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def waiting(callers: float) -> Finding:
    return at_most(Name.QUEUE, "clients", callers, 10.0, 0.8)


def told(room: Alarms, *story: tuple[float, float]) -> list[tuple[float, State]]:
    """What is told of callers who wait, by the second."""
    found = []
    for second, callers in story:
        found += [(second, alarm.state) for alarm in room.look([waiting(callers)], at(second))]
    return found


def test_it_is_raised_when_it_lasts_and_over_when_it_lasts() -> None:
    story = [(0, 10), (9, 12), (10, 11), (20, 7), (49, 7), (50, 7), (60, 7)]
    assert told(alarms(), *story) == [(10, State.RAISED), (50, State.OVER)]


def test_what_lasts_too_short_raises_nothing() -> None:
    assert told(alarms(), (0, 10), (9, 9), (10, 10), (19, 7), (20, 15)) == []


def test_between_the_limits_nothing_changes() -> None:
    raised = [(0, 10), (10, 10)]
    assert told(alarms(), *raised, (20, 9), (100, 8), (200, 9)) == [(10, State.RAISED)]
    assert told(alarms(), (0, 9), (100, 8)) == []
    assert told(alarms(), *raised, (20, 7), (40, 9), (60, 7), (89, 7)) == [(10, State.RAISED)]


def test_what_cannot_be_told_changes_nothing() -> None:
    room = alarms()
    told(room, (0, 10), (10, 10))
    unknown = Finding(name=Name.QUEUE, about="clients", level=Level.UNKNOWN)
    assert room.look([unknown], at(1000)) == []
    assert [alarm.state for alarm in room.open] == [State.RAISED]


def test_the_worst_is_kept() -> None:
    room = alarms()
    told(room, (0, 10), (10, 12), (20, 31), (30, 11))
    [alarm] = room.open
    assert (alarm.value, alarm.limit, alarm.worst) == (11, 10, 31)
    low = alarms()
    for second, free in ((0, 5.0), (10, 4.0), (20, 2.0), (30, 3.0)):
        low.look([at_least(Name.DISK, "data", free, 10.0, 0.8)], at(second))
    assert low.open[0].worst == 2.0


def test_the_first_one_who_has_seen_it_is_named() -> None:
    room = alarms()
    told(room, (0, 10), (10, 10))
    [raised] = room.open
    seen = room.see(raised.id, "anna", at(15))
    assert seen is not None
    assert (seen.state, seen.seen_by, seen.seen_at) == (State.SEEN, "anna", at(15))
    again = room.see(raised.id, "boris", at(16))
    assert again == seen
    assert room.see("nothing", "anna", at(17)) is None
    assert told(room, (20, 0), (50, 0)) == [(50, State.OVER)]
    assert room.see(raised.id, "anna", at(60)) is None


def test_things_are_told_apart() -> None:
    room = alarms()
    both = [whether(Name.TRUNK, "one", bad=True), whether(Name.TRUNK, "two", bad=True)]
    room.look(both, at(0))
    assert [alarm.about for alarm in room.look(both, at(10))] == ["one", "two"]


def test_an_alarm_outlives_a_restart() -> None:
    before = alarms()
    told(before, (0, 10), (10, 10))
    after = alarms(*before.open)
    assert told(after, (60, 10), (80, 12)) == []
    assert told(after, (90, 1), (120, 1)) == [(120, State.OVER)]


def test_what_is_no_longer_looked_at_is_over() -> None:
    room = alarms()
    told(room, (0, 10), (10, 10))
    assert room.end_absent([waiting(10)], at(20)) == []
    assert [alarm.state for alarm in room.end_absent([], at(20))] == [State.OVER]
    assert room.open == []


def test_limits_and_levels() -> None:
    levels = [at_most(Name.WAIT, "q", value, 10.0, 0.8).level for value in (7.9, 8.0, 9.9, 10.0)]
    assert levels == [Level.GOOD, Level.BETWEEN, Level.BETWEEN, Level.BAD]
    levels = [at_least(Name.DISK, "d", value, 10.0, 0.8).level for value in (9.9, 10.0, 12.4, 12.5)]
    assert levels == [Level.BAD, Level.BETWEEN, Level.BETWEEN, Level.GOOD]


@given(st.lists(st.tuples(st.floats(0.1, 20), st.floats(0, 20)), max_size=60))
def test_no_alarm_flaps(steps: list[tuple[float, float]]) -> None:
    room = alarms()
    second, changes = 0.0, []
    for pause, callers in steps:
        second += pause
        changes += told(room, (second, callers))
    assert [state for _, state in changes] == [State.RAISED, State.OVER] * (len(changes) // 2) + (
        [State.RAISED] * (len(changes) % 2)
    )
    for (before, state), (after, _) in pairwise(changes):
        assert after - before >= (30 if state is State.RAISED else 10) - 1e-6
