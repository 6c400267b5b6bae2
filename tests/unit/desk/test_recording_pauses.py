"""Sensitive data stay out of the recording, and every pause of it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from ivr.calls.deeds import DeedKind
from ivr.calls.story import found
from ivr.desk.ports import ExchangeAway
from ivr.desk.recording_pauses import RecordingPauses
from ivr.desk.targets import PlaceKind
from tests.contract.ami.waiting import eventually
from tests.unit.desk.exchange import MONDAY
from tests.unit.desk.talking import (
    ANNA,
    CALL,
    Scene,
)


async def test_a_pause_ends_before_somebody_else_comes_into_the_call(scene: Scene) -> None:
    scene.leg("anna")
    await scene.talks.record(ANNA, CALL, False)
    await scene.talks.transfer(ANNA, CALL, PlaceKind.QUEUE, "clients")
    assert [one[:3] for one in scene.board.asked] == [
        ("record", CALL, False),
        ("record", CALL, True),
        ("transfer", CALL, "leg-0"),
    ]


async def test_a_pause_ends_by_itself_and_is_tried_again_while_asterisk_is_away(scene: Scene) -> None:
    pauses = RecordingPauses(cast(Any, scene.board), scene.book, scene.clock, seconds=60)
    await pauses.pause(CALL, "anna")
    scene.board.fault = ExchangeAway("away")
    await eventually(lambda: ("record", CALL, True) in scene.board.asked)
    assert scene.book.deeds == [
        (DeedKind.RECORDING_PAUSED, "anna", None),
        (DeedKind.RECORDING_RESUMED, None, None),
    ]
    await pauses.close()


async def test_a_pause_that_an_earlier_engine_began_ends_too(scene: Scene) -> None:
    story = found(CALL, MONDAY)
    story.recording_paused = True
    pauses = RecordingPauses(cast(Any, scene.board), scene.book, scene.clock, seconds=60)
    pauses.story_changed(story)
    await eventually(lambda: ("record", CALL, True) in scene.board.asked)
    await pauses.close()


async def test_a_call_that_has_ended_is_left_alone(scene: Scene) -> None:
    pauses = RecordingPauses(cast(Any, scene.board), scene.book, scene.clock, seconds=90_000)
    await pauses.pause(CALL, "anna")
    story = found(CALL, MONDAY)
    story.ended_at = MONDAY + timedelta(minutes=1)
    pauses.story_changed(story)
    await pauses.resume_before(CALL, "anna")
    assert scene.board.asked == [("record", CALL, False)]
    await pauses.close()
