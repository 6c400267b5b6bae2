"""What the rows of another system's history tell."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from ivr.calls.legs import LegEnd
from ivr.calls.lines import Line, Lines
from ivr.calls.story import Disposition
from ivr.customers.sheets import in_zone
from ivr.kpi.counting import count_call
from ivr.kpi.facts import Circumstances
from ivr.kpi.history import Known, PastCall, Row, past_call
from tests.unit.kpi.stories import RULES

LINES = Lines(
    [
        Line(
            name="main",
            title="Единый номер",
            numbers=("84830000001",),
            scenario="reception",
            segment="corporate",
            profile="omsk",
            queue="clients",
        )
    ]
)
KRASNOYARSK = ZoneInfo("Asia/Krasnoyarsk")


def row(**cells: str) -> Row:
    told = {"call_id": "c1", "came_at": "2026-11-24T10:00:00", "line": "main", **cells}
    return Row.model_validate(told, context=in_zone(KRASNOYARSK))


def call(*rows: Row, columns: str = "") -> PastCall:
    return past_call(rows, Known(LINES, "bryansk", frozenset(columns.split())))


ANSWERED: dict[str, str] = {
    "queue": "clients",
    "queued_at": "2026-11-24T10:00:30",
    "agent": "anna",
    "agent_answered_at": "2026-11-24T10:01:00",
    "agent_ended_at": "2026-11-24T10:03:00",
}


def counted(past: PastCall, **known: Any) -> dict[str, int]:
    found = count_call(past.story, Circumstances(**known), RULES).counted
    return {name: value for name, value in found.items() if value}


def test_instants_without_an_offset_are_the_companys() -> None:
    assert row().came_at == datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    assert row(came_at="2026-11-24T10:00:00+03:00").came_at == datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def test_the_line_is_found_by_name_or_number_and_may_be_unknown() -> None:
    by_number = call(row(line="", number_called="84830000001")).story
    assert (by_number.line, by_number.profile, by_number.segment) == ("main", "omsk", "corporate")
    assert call(row(segment="private")).story.segment == "private"
    elsewhere = call(row(line="old")).story
    assert (elsewhere.line, elsewhere.profile, elsewhere.segment) == ("old", "bryansk", None)


@pytest.mark.parametrize(
    ("cells", "disposition", "measure"),
    [
        ({"robot_completed": "yes"}, Disposition.SERVED, "contained"),
        ({"robot_outcome": "gave-up"}, Disposition.LOST, "lost_in_robot"),
        ({}, Disposition.LOST, "lost_in_robot"),
        ({"blocked": "yes"}, Disposition.BLOCKED, "blocked"),
        (ANSWERED, Disposition.ANSWERED, "queue_answered"),
        (ANSWERED | {"robot_completed": "да"}, Disposition.SERVED, "talked"),
        (
            {"queued_at": "2026-11-24T10:00:30", "abandoned_at": "2026-11-24T10:02:00"},
            Disposition.LOST,
            "lost_in_queue",
        ),
        (
            {"queued_at": "2026-11-24T10:00:30", "abandoned_at": "2026-11-24T10:02:00", "agent": "anna"},
            Disposition.LOST,
            "lost_at_ring",
        ),
    ],
)
def test_what_became_of_a_call(cells: dict[str, str], disposition: Disposition, measure: str) -> None:
    past = call(row(**cells))
    assert past.story.disposition is disposition
    assert counted(past)[measure] == 1


def test_a_wait_ends_where_the_queue_was_left() -> None:
    cells = {"queued_at": "2026-11-24T10:00:30", "abandoned_at": "2026-11-24T10:01:00"}
    past = call(row(**cells, ended_at="2026-11-24T10:01:40"))
    assert counted(past)["wait_us"] == 30_000_000


def test_a_further_line_is_a_further_talk() -> None:
    second = {"agent": "boris", "agent_answered_at": "2026-11-24T10:03:05", "hold_seconds": "12.5"}
    past = call(
        row(**ANSWERED, personal="yes", wrapup_seconds="9"), row(**second, ended_at="2026-11-24T10:04:00")
    )
    first, other = past.story.legs.values()
    assert (first.end, other.end) == (LegEnd.TRANSFERRED, LegEnd.CALLER)
    assert other.held(other.ended_at or other.answered_at or first.ended_at).total_seconds() == 12.5  # type: ignore[arg-type]
    assert [(each.agent, each.personal, each.seconds) for each in past.wrapups] == [
        ("anna", True, 9.0),
        ("boris", True, None),
    ]
    assert counted(past)["transfers"] == 1


def test_a_further_line_without_a_talk_is_wrong() -> None:
    with pytest.raises(ValueError, match="further line"):
        call(row(**ANSWERED), row())


def test_columns_that_a_file_does_not_have_are_not_known() -> None:
    assert call(row()).story.data["imported"].keys() == {"digest"}  # type: ignore[union-attr]
    known = call(row(), columns="recording alone transfers").story.data["imported"]
    assert isinstance(known, dict)
    assert {key: known[key] for key in ("recording", "alone", "transfers")} == {
        "recording": "no",
        "alone": True,
        "transfers": 0,
    }


@pytest.mark.parametrize(
    ("text", "told"), [("yes", "yes"), ("no", "no"), ("", "no"), ("диск полон", "excused")]
)
def test_recordings(text: str, told: str) -> None:
    data = call(row(recording=text) if text else row(), columns="recording").story.data["imported"]
    assert isinstance(data, dict)
    assert data["recording"] == told


def test_the_same_rows_have_the_same_digest() -> None:
    assert call(row(**ANSWERED)).digest == call(row(**ANSWERED)).digest
    assert call(row(**ANSWERED)).digest != call(row(**ANSWERED, score="5")).digest


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"line": ""}, "line or number_called"),
        ({"queued_at": "2026-11-24T09:59:00"}, "queued_at is before came_at"),
        (ANSWERED | {"agent_ended_at": "2026-11-24T10:00:59"}, "agent_ended_at is before agent_answered_at"),
        ({"abandoned_at": "2026-11-24T10:02:00"}, "abandoned_at is given without queued_at"),
        ({"agent_answered_at": "2026-11-24T10:02:00"}, "agent_answered_at is given without agent"),
        ({"wrapup_seconds": "5"}, "wrapup_seconds is given without agent_answered_at"),
        ({"robot_completed": "maybe"}, "has to be yes or no"),
        ({"score": "6"}, "less than or equal to 5"),
        ({"came_at": "yesterday"}, "has to be"),
        ({"segment": "all"}, "pattern"),
    ],
)
def test_a_wrong_line_is_refused(cells: dict[str, str], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        row(**cells)
