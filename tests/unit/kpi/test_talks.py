"""Each measure of a talk by cases made by hand."""

from __future__ import annotations

import pytest

from ivr.calls.identifications import How, Identification
from ivr.calls.legs import LegEnd, LegRole
from ivr.calls.story import Story
from ivr.calls.wrapups import WrapUp
from ivr.dialogue.ports import EndingKind
from ivr.kpi.counting import count
from ivr.kpi.facts import NOTHING_ELSE, Circumstances, TalkFact
from ivr.kpi.measures import TALK_MEASURES
from tests.unit.kpi.stories import RULES, Tale, answered, at, outgoing

SECOND = 1_000_000


def talks(story: Story, known: Circumstances = NOTHING_ELSE) -> list[TalkFact]:
    counted = count(story, known, RULES)
    assert counted is not None
    assert all(set(talk.counted) <= set(TALK_MEASURES) for talk in counted.talks)
    return list(counted.talks)


def queued() -> Tale:
    return Tale().about("tariffs.current").robot(20, EndingKind.QUEUED).queued(20)


def summed_up(**told: object) -> Circumstances:
    values = {"call_id": "c1", "agent": "anna", "began_at": at(135), "saved_at": at(165), **told}
    return Circumstances(wrapups=[WrapUp(**values)])  # type: ignore[arg-type]


def test_a_talk_is_counted_without_its_holds() -> None:
    [talk] = talks(queued().answered(30).held(50, 65).leg_ended(130).ended(130))
    assert talk.agent == "anna"
    assert talk.counted["talk_us"] == 85 * SECOND
    assert talk.counted["hold_us"] == 15 * SECOND
    assert talk.counted["conversation_us"] == talk.counted["handling_us"] == 100 * SECOND
    assert "wrapped" not in talk.counted


def test_wrap_up_belongs_to_handling() -> None:
    [talk] = talks(answered(), summed_up())
    assert talk.counted["wrapup_us"] == 30 * SECOND
    assert talk.counted["handling_us"] == 130 * SECOND
    assert talk.counted["wrapped"] == 1


def test_a_wrap_up_of_no_length_is_known_and_one_without_times_is_not() -> None:
    [talk] = talks(answered(), summed_up(saved_at=at(135)))
    assert (talk.counted["wrapped"], talk.counted["wrapup_us"]) == (1, 0)
    [talk] = talks(answered(), summed_up(began_at=None))
    assert "wrapped" not in talk.counted


@pytest.mark.parametrize(
    ("segment", "topic", "personal", "kind"),
    [
        ("private", "readings.submit", True, "readings"),
        ("private", "tariffs.current", False, "general"),
        ("private", "tariffs.current", True, "personal"),
        ("corporate", "readings.submit", True, "corporate"),
    ],
)
def test_kinds_of_talks(segment: str, topic: str, personal: bool, kind: str) -> None:
    story = answered()
    story.segment = segment
    [talk] = talks(story, summed_up(topic=topic, personal=personal))
    assert talk.kind == kind
    assert talk.counted[kind] == 1
    assert talk.counted[f"{kind}_us"] == 100 * SECOND
    assert ("corporate_longest_us" in talk.counted) == (kind == "corporate")


def test_without_a_wrap_up_an_identification_shows_that_it_was_personal() -> None:
    found = Identification(
        call_id="c1", account_number="77", how=How.NAME_AND_ACCOUNT, agent="anna", at=at(60)
    )
    [talk] = talks(answered(), Circumstances(identifications=[found]))
    assert talk.kind == "personal"
    assert talk.counted["search_us"] == 25 * SECOND  # answered 35 s after the call came
    assert talk.counted["searched"] == 1


def test_the_search_ends_with_the_first_identification_and_attaching_is_none() -> None:
    def step(how: How, second: float, agent: str = "anna") -> Identification:
        return Identification(call_id="c1", account_number="77", how=how, agent=agent, at=at(second))

    steps = [
        step(How.ROBOT, 10, ""),
        step(How.ATTACHED, 40),
        step(How.NAME_AND_ADDRESS, 50),
        step(How.NAME_AND_ACCOUNT, 70),
    ]
    [talk] = talks(answered(), Circumstances(identifications=steps))
    assert talk.counted["search_us"] == 15 * SECOND
    [talk] = talks(answered(), Circumstances(identifications=steps[:2]))
    assert "searched" not in talk.counted


def test_a_transfer_makes_two_talks() -> None:
    tale = queued().answered(30).leg_ended(60, LegEnd.TRANSFERRED)
    first, second = talks(tale.answered(62, "boris", LegRole.TRANSFER).leg_ended(92, agent="boris").ended(92))
    assert (first.agent, second.agent) == ("anna", "boris")
    assert (first.counted["handed_on"], second.counted["handed_on"]) == (1, 0)
    assert second.counted["talk_us"] == 30 * SECOND


def test_a_colleague_who_is_only_asked_does_not_talk_with_the_caller() -> None:
    tale = queued().answered(30).answered(50, "boris", LegRole.CONSULT).leg_ended(70, agent="boris")
    assert [talk.agent for talk in talks(tale.leg_ended(90).ended(90))] == ["anna"]


def test_a_colleague_who_takes_over_talks_from_then_on() -> None:
    tale = queued().answered(30).answered(50, "boris", LegRole.CONSULT).leg_ended(70, LegEnd.TRANSFERRED)
    first, second = talks(tale.leg_ended(130, agent="boris").ended(130))
    assert first.counted["talk_us"] == 40 * SECOND
    assert second.counted["talk_us"] == 60 * SECOND


def test_the_wrap_up_of_who_talked_twice_counts_once() -> None:
    tale = queued().answered(30).leg_ended(60, LegEnd.LOST).queued(61)
    story = tale.story
    tale.answered(70, "boris").leg_ended(100, agent="boris")
    found = talks(tale.ended(100), summed_up(began_at=at(60), saved_at=at(70)))
    assert [talk.counted.get("wrapped", 0) for talk in found] == [1, 0]
    assert story.legs["c1-anna"].agent == "anna"


def test_talks_of_outgoing_calls_are_counted_apart() -> None:
    tale = outgoing().rang(0, role=LegRole.OUT).answered(10, "client", LegRole.CLIENT)
    [talk] = talks(tale.leg_ended(60, agent="client").leg_ended(60).ended(60))
    assert talk.agent == "anna"
    assert talk.counted == {"out_talks": 1, "out_talk_us": 50 * SECOND}


def test_a_talk_of_which_no_leg_is_known() -> None:
    story = Tale().story
    story.agent, story.agent_answered_at = "anna", at(30)
    tale = Tale()
    tale.story = story
    [talk] = talks(tale.ended(90))
    assert talk.counted["talk_us"] == 60 * SECOND


def test_talks_belong_to_the_half_hour_of_the_call() -> None:
    story = Tale(came=at(0).replace(minute=29, second=50)).queued(1).answered(20).leg_ended(50).ended(50)
    [talk] = talks(story)
    assert talk.half_hour == at(0)
    assert talk.answered_at == at(0).replace(minute=30, second=10)
