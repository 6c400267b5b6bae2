from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.knowledge.loading import load
from ivr.knowledge.offices import Office, OfficeState, at, hours_of, in_town
from ivr.knowledge.telling import told
from tests.unit.knowledge.support import MONDAY_MORNING, MOSCOW, write


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Office]:
    loaded = load(write(tmp_path_factory.mktemp("base") / "kb"))
    assert loaded.problems == []
    return {office.id: office for of_profile in loaded.offices.values() for office in of_profile}


def moment(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("segment", "now", "state", "until", "opens"),
    [
        ("private", moment(23, 10), "open", moment(23, 18), None),
        ("private", moment(23, 7, 59), "closed", None, moment(23, 8)),
        ("private", moment(23, 18), "closed", None, moment(24, 8)),
        ("private", moment(28, 14, 59), "open", moment(28, 15), None),
        ("private", moment(28, 15), "closed", None, moment(30, 8)),
        ("corporate", moment(23, 11), "open", moment(23, 12), None),
        ("corporate", moment(23, 12), "closed", None, moment(23, 13)),
        ("corporate", moment(27, 17), "closed", None, moment(30, 8)),
    ],
)
def test_open_hours_with_breaks_and_weekends(
    offices: dict[str, Office],
    segment: str,
    now: datetime,
    state: str,
    until: datetime | None,
    opens: datetime | None,
) -> None:
    found = at(offices["kovrov"].week(segment), now)
    assert (found.state.value, found.until, found.opens) == (state, until, opens)


def test_hours_that_nobody_published_are_not_told(offices: dict[str, Office]) -> None:
    assert at(offices["sharya"].week("private"), MONDAY_MORNING).state is OfficeState.UNPUBLISHED
    assert told(offices["sharya"], "private").endswith("часы работы подскажет оператор.")


@given(st.integers(0, 14 * 24 * 60))
def test_what_opens_next_is_open_then_and_closed_a_minute_before(minutes: int) -> None:
    week = {tuple(range(5)): ((moment(23, 8).time(), moment(23, 12).time()),)}
    now = moment(16, 0) + timedelta(minutes=minutes)
    found = at(week, now)
    if found.state is OfficeState.OPEN:
        assert found.until is not None
        assert at(week, found.until).state is OfficeState.CLOSED
    else:
        assert found.opens is not None
        assert found.opens > now
        assert at(week, found.opens).state is OfficeState.OPEN
        assert at(week, found.opens - timedelta(minutes=1)).state is OfficeState.CLOSED


def test_a_day_that_is_not_named_is_a_day_off(offices: dict[str, Office]) -> None:
    week = offices["kovrov"].week("corporate")
    assert week is not None
    assert hours_of(week, 5) == ()


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("когда работает офис в Коврове", ["kovrov"]),
        ("ковровский", ["kovrov"]),
        ("Киржач", ["kirzhach"]),
        ("в Москве", []),
        ("ковровая дорожка", []),
    ],
)
def test_the_town_is_found_in_what_was_said(offices: dict[str, Office], text: str, ids: list[str]) -> None:
    assert [office.id for office in in_town(list(offices.values()), text)] == ids


@pytest.mark.parametrize(
    ("id_", "segment", "said"),
    [
        (
            "kovrov",
            "private",
            "Офис на Школьной улице, улица Школьная, дом пять: "
            "с понедельника по пятницу с восьми до восемнадцати; "
            "в субботу с десяти до пятнадцати; в воскресенье выходной.",
        ),
        (
            "kovrov",
            "corporate",
            "Офис на Школьной улице, улица Школьная, дом пять: "
            "с понедельника по пятницу с восьми до семнадцати, "
            "перерыв с двенадцати до тринадцати; в субботу и в воскресенье выходной.",
        ),
        (
            "kirzhach",
            "corporate",
            "Офис на улице Гагарина, улица Гагарина, дом сорок пять: этот офис такой приём не ведёт.",
        ),
    ],
)
def test_hours_in_words(offices: dict[str, Office], id_: str, segment: str, said: str) -> None:
    assert told(offices[id_], segment) == said


def test_offices_with_faults_are_told_by_line(tmp_path: Path) -> None:
    folder = write(tmp_path / "kb")
    file = folder / "offices.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace('["10:00-15:00"]', '["15:00-10:00"]'), "utf-8")
    (problem,) = load(folder).problems
    assert (Path(problem.file).name, problem.line, problem.code) == ("offices.yaml", 11, "hours")


def test_an_office_twice_is_told(tmp_path: Path) -> None:
    folder = write(tmp_path / "kb")
    file = folder / "offices.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("id: sharya", "id: kovrov"), "utf-8")
    assert [problem.code for problem in load(folder).problems] == ["duplicate-id"]
