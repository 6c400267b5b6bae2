from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ivr.campaigns.dispositions import Way, disposition_of
from ivr.campaigns.model import Disposition, Who
from ivr.campaigns.ports import CallEnd

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def ended(cause: int, *, answered: bool = False, who: Who | None = None, told: bool = False) -> CallEnd:
    return CallEnd(NOW, cause, answered, who, told)


@pytest.mark.parametrize(
    ("cause", "disposition"),
    [
        (0, Disposition.NO_ANSWER),
        (1, Disposition.UNKNOWN_NUMBER),
        (16, Disposition.NO_ANSWER),
        (17, Disposition.BUSY),
        (19, Disposition.NO_ANSWER),
        (21, Disposition.REJECTED),
        (28, Disposition.UNKNOWN_NUMBER),
        (34, Disposition.CONGESTION),
        (99, Disposition.FAULT),
    ],
)
def test_without_an_answer_the_cause_decides(cause: int, disposition: Disposition) -> None:
    assert disposition_of(ended(cause), Way()) is disposition


@pytest.mark.parametrize(
    ("who", "told", "disposition"),
    [
        (None, False, Disposition.PERSON),
        (Who.PERSON, True, Disposition.PERSON),
        (Who.MACHINE, False, Disposition.MACHINE),
        (Who.MACHINE, True, Disposition.MESSAGE_LEFT),
        (Who.FAX, False, Disposition.FAX),
        (Who.ANNOUNCEMENT, False, Disposition.ANNOUNCEMENT),
    ],
)
def test_with_an_answer_it_is_who_answered(who: Who | None, told: bool, disposition: Disposition) -> None:
    assert disposition_of(ended(17, answered=True, who=who, told=told), Way()) is disposition


def test_an_announcement_before_the_answer_is_one_too() -> None:
    assert disposition_of(ended(20, who=Who.ANNOUNCEMENT), Way()) is Disposition.ANNOUNCEMENT


@pytest.mark.parametrize(
    ("way", "disposition"),
    [
        (Way(queue=True, reached=True), Disposition.ABANDONED),
        (Way(queue=True, reached=True, connected=True), Disposition.PERSON),
        (Way(queue=True), Disposition.PERSON),
        (Way(reached=True), Disposition.PERSON),
    ],
)
def test_abandoned_is_who_was_reached_and_met_nobody(way: Way, disposition: Disposition) -> None:
    assert disposition_of(ended(16, answered=True, who=Who.PERSON), way) is disposition
