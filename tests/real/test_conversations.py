"""Real calls to the demo company: what callers do, what they hear, what is left on disk."""

from __future__ import annotations

import os

import pytest

from ivr.bench.sipp import ExpectHangup, Hangup, Load
from ivr.calls.story import Disposition
from ivr.dialogue.ports import EndingKind
from tests.real.company import MAIN, READINGS, Company
from tests.real.sipp import heard, operator

pytestmark = pytest.mark.real

AT_ONCE = 60 if os.environ.get("LOAD") == "full" else 20
"""Calls at once; `LOAD=full` is the size that is promised."""


async def test_a_reading_is_handed_in_by_keys(company: Company) -> None:
    zone = company.single_zones[1]
    caller = company.caller(MAIN, "1", f"{zone.account}#", "1", f"{zone.reading}#", "1")
    placed = await company.place(caller, listen=True)
    assert placed.tally.successful == 1, placed.tally.errors
    [(story, steps)] = await company.stories(1)
    assert (story.disposition, story.outcome) == (Disposition.SERVED, "reading-accepted")
    assert [step.heard for step in steps if step.state == "value"] == [str(zone.reading)]
    [row] = await company.readings(zone.account)
    assert (row["value"], row["call_id"]) == (zone.reading, story.call_id)
    for prompt in ("recording-notice", "goodbye"):
        assert heard(company.prompt(prompt), placed.recordings[0]) is not None, prompt
    assert company.transcripts()[story.call_id][-1] == ("robot", "Спасибо за звонок. До свидания!")


async def test_two_meters_with_two_zones_each(company: Company) -> None:
    zones = company.zones_of("320145679")
    assert len(zones) == 4
    keys = [key for zone in zones for key in (f"{zone.reading}#", "1")]
    placed = await company.place(company.caller(READINGS, "320145679#", "1", *keys))
    assert placed.tally.successful == 1, placed.tally.errors
    rows = await company.readings("320145679")
    assert [row["value"] for row in rows] == [zone.reading for zone in zones]
    assert len({(row["meter_serial"], row["zone"]) for row in rows}) == 4


async def test_a_wrong_account_thrice_leads_to_a_person(company: Company) -> None:
    async with operator(company.operator(), company.operator_folder()):
        placed = await company.place(company.caller(READINGS, *["999999999#"] * 3))
    assert placed.tally.successful == 1, placed.tally.errors
    [(story, steps)] = await company.stories(1)
    assert (story.disposition, story.ending) == (Disposition.ANSWERED, EndingKind.QUEUED)
    assert [step.outcome for step in steps if step.state == "find"] == ["unknown"] * 3


async def test_silence_throughout_leads_to_a_person(company: Company) -> None:
    async with operator(company.operator(), company.operator_folder()):
        placed = await company.place(company.caller(MAIN, end=ExpectHangup(150)), listen=True)
    assert placed.tally.successful == 1, placed.tally.errors
    [(story, steps)] = await company.stories(1)
    assert story.disposition is Disposition.ANSWERED
    assert [step.outcome for step in steps if step.state == "menu"] == ["no-input"]
    assert heard(company.prompt("to-operator"), placed.recordings[0]) is not None


async def test_a_reading_below_the_last_is_rejected_and_after_three_a_person_takes_over(
    company: Company,
) -> None:
    zone = company.single_zones[3]
    keys = [f"{zone.account}#", "1", *[f"{zone.last - 10}#"] * 3]
    async with operator(company.operator(), company.operator_folder()):
        placed = await company.place(company.caller(READINGS, *keys))
    assert placed.tally.successful == 1, placed.tally.errors
    [(story, steps)] = await company.stories(1)
    assert story.disposition is Disposition.ANSWERED
    assert [step.outcome for step in steps if step.state == "check"] == ["below_last"] * 3
    assert await company.readings(zone.account) == []


async def test_hanging_up_anywhere_leaves_nothing_over(company: Company) -> None:
    zone = company.single_zones[4]
    keys = ("1", f"{zone.account}#", "1", f"{zone.reading}#")
    await company.place(company.caller(MAIN, end=Hangup()))
    await company.stories(1)
    before, tasks = company.snapshot(), await company.metric("ivr_running_tasks")
    callers = [company.caller(MAIN, *keys[:count], end=Hangup()) for count in range(len(keys) + 1)]
    placed = await company.place(*callers, load=Load(calls=len(callers), per_second=5))
    assert placed.tally.successful == len(callers), placed.tally.errors
    stories = await company.stories(len(callers))
    assert {story.disposition for story, _ in stories} == {Disposition.LOST}
    assert {story.ending for story, _ in stories} == {EndingKind.HUNG_UP}
    assert {steps[-1].outcome for _, steps in stories} <= {"hangup"}
    assert len({max(steps, key=lambda step: step.started_at).state for _, steps in stories}) == len(callers)
    assert await company.readings(zone.account) == []
    await company.assert_no_leaks(before, tasks)


async def test_a_recognised_number_is_only_a_hint_and_spares_the_account_number(company: Company) -> None:
    zone = company.zones_of("320145678")[0]
    caller = company.caller(READINGS, "1", f"{zone.reading}#", "1", caller_id="+74832000001")
    placed = await company.place(caller)
    assert placed.tally.successful == 1, placed.tally.errors
    [(story, steps)] = await company.stories(1)
    assert story.disposition is Disposition.SERVED
    assert "number" not in {step.state for step in steps}


async def test_many_calls_at_once_are_all_served_and_leave_nothing_over(company: Company) -> None:
    zones = company.single_zones[10 : 10 + AT_ONCE]
    assert len(zones) == AT_ONCE
    await company.place(company.caller(MAIN, end=Hangup()))
    await company.stories(1)
    before, tasks = company.snapshot(), await company.metric("ivr_running_tasks")
    callers = [company.caller(READINGS, f"{zone.account}#", "1", f"{zone.reading}#", "1") for zone in zones]
    placed = await company.place(*callers, load=Load(calls=AT_ONCE, per_second=20))
    assert (placed.tally.successful, placed.tally.failed) == (AT_ONCE, 0), placed.tally.errors
    assert placed.tally.most_at_once == AT_ONCE
    taken = {row["account_number"]: row["value"] for row in await company.readings()}
    assert {zone.account: taken.get(zone.account) for zone in zones} == {
        zone.account: zone.reading for zone in zones
    }
    await company.stories(AT_ONCE)
    await company.assert_no_leaks(before, tasks)
