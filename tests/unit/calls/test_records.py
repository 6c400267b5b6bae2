from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.calls.records import COLUMNS, parse
from ivr.calls.story import CallKind, Disposition, Origin

LINE = (
    "c1,private,demo,2026-11-24T07:00:00Z,2026-11-24T07:02:30Z,"
    "yes,,FAILURE,clients,TIMEOUT,PJSIP/anna,16,inbound\n"
)


def test_a_line_becomes_a_story_without_invented_instants() -> None:
    parsed = parse([LINE])
    assert parsed.bad == []
    (record,) = parsed.records
    assert record.started_at == datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
    assert (record.answered, record.cause) == (True, 16)
    story = record.story()
    record.complete(story)
    assert (story.origin, story.line, story.queue) == (Origin.IMPORTED, "private", "clients")
    assert story.ended_at == datetime(2026, 11, 24, 7, 2, 30, tzinfo=UTC)
    assert story.disposition is Disposition.ANSWERED
    assert story.answered_at is story.queued_at is story.agent_answered_at is None


@pytest.mark.parametrize(
    ("answered", "disposition"), [("yes", Disposition.ANSWERED), ("no", Disposition.UNREACHED)]
)
def test_a_call_that_we_made_does_not_come_back_as_one_that_came(
    answered: str, disposition: Disposition
) -> None:
    line = f"c3,,demo,2026-11-24T07:00:00Z,2026-11-24T07:02:30Z,{answered},,,,,PJSIP/op-201,16,callback"
    (record,) = parse([line]).records
    story = record.story()
    record.complete(story)
    assert (story.kind, story.disposition) == (CallKind.CALLBACK, disposition)


def test_broken_lines_are_named_and_good_ones_go_in() -> None:
    parsed = parse(
        [
            LINE,
            "c2,private\n",
            "\n",
            LINE.replace("c1,", ","),
            LINE.replace("2026-11-24T07:02:30Z", "yesterday"),
            LINE.replace("07:00:00Z", "07:00:00"),
            LINE.replace("c1", "c9"),
            LINE[:40],
            LINE.replace("inbound", "sideways"),
        ]
    )
    assert [record.call_id for record in parsed.records] == ["c1", "c9"]
    assert [(bad.line, bad.reason) for bad in parsed.bad] == [
        (2, f"2 columns instead of {len(COLUMNS)}"),
        (4, "no call id"),
        (5, "ended_at is no instant"),
        (6, "started_at has no time zone"),
        (8, f"5 columns instead of {len(COLUMNS)}"),
        (9, "'sideways' is not a valid CallKind"),
    ]


@given(st.lists(st.text(max_size=60), max_size=5))
def test_no_text_breaks_the_parser(lines: list[str]) -> None:
    parse(lines)
