"""Real calls out: how each ends, who answered, and what is known of it afterwards."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from ivr.asterisk.host import AsteriskHost
from ivr.asterisk.settings import AsteriskSettings
from ivr.bench.sipp import Endpoint
from ivr.calls.records import parse
from ivr.calls.story import CallKind, Disposition
from ivr.campaigns.model import Who
from ivr.campaigns.ports import MachineOrder, NotDialled
from tests.contract.aeap.scripted import ScriptedHearing
from tests.real.campaigns.exchange import (
    LEFT,
    MESSAGE,
    Exchange,
    exchange,
    spoken,
)
from tests.real.campaigns.subscribers import SPEAKING, Temper, Town, number_of, town
from tests.real.exchange import GREETER, MACHINE, YES, until
from tests.real.recorded import spooled
from tests.real.softphone import FRAME, softphone
from tests.real.tones import RATE, seconds_of, whistle

pytestmark = pytest.mark.real


UNANSWERED = {
    Temper.BUSY: 17,
    Temper.NO_ANSWER: 19,
    Temper.REJECTS: 21,
    Temper.UNKNOWN: 1,
    Temper.CONGESTED: 34,
}
"""Q.850 causes, as of RFC 3398, 8.2.6.1."""


async def test_a_call_that_nobody_took_ends_with_its_cause(ours: Exchange, people: Town) -> None:
    ids = {temper: await ours.dial(number_of(1, temper), ring_seconds=2) for temper in UNANSWERED}
    ends = await ours.ends(*ids.values())
    assert {temper: (end.cause, end.answered) for temper, end in zip(ids, ends, strict=True)} == {
        temper: (cause, False) for temper, cause in UNANSWERED.items()
    }
    assert all(ours.ear.told(attempt_id) == ["ended"] for attempt_id in ids.values())
    assert people.count().called == {number_of(1, temper): 1 for temper in UNANSWERED}
    stories = [ours.story(attempt_id) for attempt_id in ids.values()]
    assert {story.disposition for story in stories} == {Disposition.UNREACHED}
    assert [story.cause for story in stories] == list(UNANSWERED.values())


async def test_who_answered_is_told(ours: Exchange, people: Town, settings: AsteriskSettings) -> None:
    ids = {temper: await ours.dial(number_of(2, temper)) for temper in SPEAKING}
    brief = await ours.dial(number_of(2, Temper.BRIEF))
    ends = dict(zip(ids, await ours.ends(*ids.values()), strict=True))
    assert {temper: end.who for temper, end in ends.items()} == {
        Temper.PERSON: Who.PERSON,
        Temper.MACHINE: Who.MACHINE,
        Temper.ANNOUNCEMENT: Who.ANNOUNCEMENT,
        Temper.FAX: Who.FAX,
    }
    assert all(end.answered and not end.told for end in ends.values())
    [hasty] = await ours.ends(brief)
    assert hasty.answered
    assert hasty.who is None
    person = ids[Temper.PERSON]
    assert ours.results == {
        person: "told",
        ids[Temper.MACHINE]: "machine",
        ids[Temper.ANNOUNCEMENT]: "announcement",
    }
    story = ours.story(person)
    assert (story.kind, story.disposition, story.about_id) == (CallKind.CAMPAIGN, Disposition.SERVED, "1")
    assert story.answered_at
    assert not people.count().repeated
    records = parse((settings.log_folder / "calls.csv").read_text().splitlines())
    assert not records.bad
    mine = [record for record in records.records if record.call_id == person]
    assert [(record.kind, record.answered, record.trunk) for record in mine] == [
        (CallKind.CAMPAIGN, True, "town")
    ]


async def test_a_talk_is_recorded_from_its_notice_on(
    ours: Exchange, people: Town, settings: AsteriskSettings
) -> None:
    attempt_id = await ours.dial(number_of(3, Temper.PERSON))
    await ours.ends(attempt_id)
    [part] = spooled(settings.recordings_spool, attempt_id)
    assert seconds_of(part.others, MESSAGE) >= 0.4
    assert seconds_of(part.client, MESSAGE) == 0


async def test_a_machine_is_left_a_message_after_its_tone(ours: Exchange, people: Town) -> None:
    attempt_id = await ours.dial(number_of(4, Temper.MACHINE), machine=MachineOrder.LEAVE_MESSAGE)
    ours.kind = "restriction"
    [end] = await ours.ends(attempt_id)
    assert (end.who, end.told) == (Who.MACHINE, True)
    assert ours.results[attempt_id] == "message-left"
    spoke_until = ours.ear.times["answered", attempt_id].timestamp() + 4.4
    assert ours.begun[attempt_id].timestamp() > spoke_until, "the message was said into the greeting"


@pytest.mark.parametrize("pause", [0.1, 2.0], ids=["at once", "after two seconds"])
async def test_the_whole_message_is_left_after_the_tone(
    ours: Exchange, settings: AsteriskSettings, place: Endpoint, pause: float
) -> None:
    """The tone may come while the words of the greeting are still being recognised."""
    greeting = array("h", [MACHINE] * int(3.0 * RATE) + [0] * int(pause * RATE))
    says = greeting + whistle(1000, 0.4)
    heard_before: list[int] = []
    ours.kind = "restriction"
    sip = (str(settings.sip.host), settings.sip.port)
    async with softphone(sip, "machine", 1000, port=place.port) as phone:
        attempt_id = await ours.dial(number_of(11, Temper.PERSON), machine=MachineOrder.LEAVE_MESSAGE)
        call = await phone.rung()
        call.says = says

        def recorded_from(frame: int) -> None:
            if frame == len(says) // FRAME:
                heard_before.append(len(call.sound))

        call.on_frame = recorded_from
        call.answer()
        [end] = await ours.ends(attempt_id)
        recorded = call.sound[heard_before[0] :]
    assert (end.who, end.told) == (Who.MACHINE, True)
    assert seconds_of(call.sound[: heard_before[0]], LEFT) == 0, "the message was said into greeting or tone"
    assert seconds_of(recorded, LEFT) >= 0.5
    waited = ours.begun[attempt_id] - ours.ear.times["answered", attempt_id]
    assert waited.total_seconds() < len(says) / RATE + 3, "it was not the tone that it waited for"


async def test_whoever_greets_at_length_is_a_person(ours: Exchange, place: Endpoint, tmp_path: Path) -> None:
    greeting = spoken(tmp_path / "greeting.wav", [(GREETER, 2.6)])
    async with town(place, tmp_path / "town", {Temper.PERSON: greeting}):
        attempt_id = await ours.dial(number_of(5, Temper.PERSON))
        [end] = await ours.ends(attempt_id)
    assert end.who is Who.PERSON
    assert ours.results[attempt_id] == "told"


async def test_a_machine_that_greets_like_a_person_is_found_out_by_its_words(
    ours: Exchange, place: Endpoint, tmp_path: Path
) -> None:
    ours.asks = True
    greeting = spoken(tmp_path / "greeting.wav", [(YES, 0.5), (0, 2.5), (MACHINE, 2.0)])
    async with town(place, tmp_path / "town", {Temper.PERSON: greeting}):
        attempt_id = await ours.dial(number_of(10, Temper.PERSON))
        [end] = await ours.ends(attempt_id)
    assert (end.who, end.told) == (Who.MACHINE, False)
    assert ours.results[attempt_id] == "machine"


async def test_where_nobody_listens_everybody_is_a_person(
    settings: AsteriskSettings, host: AsteriskHost, people: Town, tmp_path: Path
) -> None:
    async with exchange(settings, tmp_path, ScriptedHearing(full=True)) as ours:
        ids = [await ours.dial(number_of(12, temper)) for temper in (Temper.PERSON, Temper.MACHINE)]
        ends = await ours.ends(*ids)
    assert [end.who for end in ends] == [Who.PERSON, Who.PERSON]
    assert [ours.results[each] for each in ids] == ["told", "told"]


async def test_whoever_says_nothing_is_a_person(ours: Exchange, place: Endpoint, tmp_path: Path) -> None:
    async with town(place, tmp_path / "town", {Temper.PERSON: spoken(tmp_path / "s.wav", [(0, 0.5)])}):
        attempt_id = await ours.dial(number_of(6, Temper.PERSON))
        [end] = await ours.ends(attempt_id)
    assert end.who is Who.PERSON
    assert ours.results[attempt_id] == "told"


async def test_without_an_engine_a_person_is_told_that_it_broke_off(
    ours: Exchange, people: Town, settings: AsteriskSettings
) -> None:
    ours.attempts.clear()
    attempt_id = await ours.dial(number_of(7, Temper.PERSON))
    del ours.attempts[attempt_id]
    [end] = await ours.ends(attempt_id)
    assert (end.answered, end.who) == (True, Who.PERSON)
    assert not ours.results


async def test_a_call_is_hung_up_on_order_and_only_once(ours: Exchange, people: Town) -> None:
    attempt_id = await ours.dial(number_of(8, Temper.NO_ANSWER), ring_seconds=60)
    await until(lambda: bool(people.count().called))
    await ours.dialler.hang_up(attempt_id)
    [end] = await ours.ends(attempt_id)
    assert not end.answered
    await ours.dialler.hang_up(attempt_id)


async def test_an_order_is_withdrawn_unless_it_was_carried_out(ours: Exchange, people: Town) -> None:
    ended = await ours.dial(number_of(11, Temper.BUSY))
    await ours.ends(ended)
    rings = await ours.dial(number_of(12, Temper.NO_ANSWER))
    await until(lambda: len(people.count().called) == 2)
    now = datetime.now(UTC)
    for carried_out in (ended, rings):
        assert not await ours.dialler.withdraw(carried_out, now)
    never = str(uuid4())
    assert await ours.dialler.withdraw(never, now)
    await ours.link.originate(
        never,
        Channel=f"PJSIP/{number_of(13, Temper.BUSY)}@trunk-town.campaign",
        Context="campaign",
        Exten="robot",
        Priority=1,
    )
    await ours.ends(rings)
    assert number_of(13, Temper.BUSY) not in people.count().called
    await ours.dialler.hang_up(never)


async def test_a_trunk_that_is_not_there_ends_the_call_without_an_answer(ours: Exchange) -> None:
    attempt_id = await ours.dial(number_of(9, Temper.PERSON), trunk="nowhere")
    [end] = await ours.ends(attempt_id)
    assert not end.answered
    assert end.cause == 44


@pytest.mark.parametrize("number", ["", "112&PJSIP/200", "+7483\r\nAction: Logoff", "abc"])
async def test_what_is_no_number_is_not_dialled(ours: Exchange, number: str) -> None:
    with pytest.raises(NotDialled):
        await ours.dial(number)
