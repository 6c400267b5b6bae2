from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from ivr.dialogue.ports import CallFacts, Result, Value
from ivr.knowledge.actions import actions
from ivr.knowledge.base import KnowledgeBase, Surroundings
from ivr.knowledge.settings import KnowledgeSettings, TopicSettings
from tests.unit.customers.test_disclosure import assert_fits
from tests.unit.knowledge.support import MOSCOW, StoppedClock, article, facts, write

OVERRIDE = '{vladimir: {spoken: Во Владимире иначе., sources: [{profile: vladimir, clause: "п. 2"}]}}'


class KeptMisses:
    """Remembers what is noted."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, str, str | None]] = []

    async def note(self, facts: CallFacts, text: str, topic: str | None, asked_at: datetime) -> bool:
        self.noted.append((facts.call_id, text, topic))
        return True


class Scenario:
    """Calls actions as the interpreter does, and checks that the data have the declared shape."""

    def __init__(self, folder: Path, sure: float = 0.55) -> None:
        texts = {"payment.deadline": article("payment.deadline", profiles=OVERRIDE)}
        self.clock = StoppedClock()
        known = KnowledgeSettings(recognition=TopicSettings(sure=sure))
        self.base = KnowledgeBase.open(write(folder, texts), known, Surroundings(clock=self.clock))
        self.misses = KeptMisses()
        self._actions = {each.name: each for each in actions(self.base, self.misses, self.clock)}

    async def do(self, name: str, of: CallFacts | None = None, **inputs: Value) -> Result:
        action = self._actions[f"knowledge.{name}"]
        assert inputs.keys() == action.inputs.keys()
        result = await action.run(of or facts(), **inputs)
        shape = action.outcomes[result.outcome]
        if shape is None:
            assert result.data is None
        else:
            assert_fits(result.data, shape)
        return result

    def at(self, day: int, hour: int) -> None:
        self.clock.moment = datetime(2026, 11, day, hour, tzinfo=MOSCOW)


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return Scenario(tmp_path_factory.mktemp("actions") / "kb")


async def test_a_sure_topic_comes_with_what_the_flow_needs(scenario: Scenario) -> None:
    found = await scenario.do("recognise", text="до какого числа платить")
    assert found.outcome == "sure"
    assert isinstance(found.data, dict)
    assert found.data.pop("confidence") > 55
    assert found.data == {
        "topic": "payment.deadline",
        "title": "Срок оплаты",
        "about": "срок оплаты",
        "article": "payment.deadline",
        "resolve": "inform",
        "personal": False,
    }


async def test_a_doubtful_topic_is_a_question_between_two(tmp_path: Path) -> None:
    doubtful = Scenario(tmp_path / "kb", sure=1.0)
    found = await doubtful.do("recognise", text="передать показания и срок оплаты")
    assert found.outcome == "two"
    assert isinstance(found.data, dict)
    topics = {found.data["first"]["topic"], found.data["second"]["topic"]}
    assert topics == {"readings.submit", "payment.deadline"}
    danger = await doubtful.do("recognise", text="искрит щиток")
    assert danger.outcome == "sure"


@pytest.mark.parametrize("text", ["закажите пиццу", "нет", "да, конечно", "нет спасибо"])
async def test_none_of_the_topics(scenario: Scenario, text: str) -> None:
    assert await scenario.do("recognise", text=text) == Result("none")


@pytest.mark.parametrize(
    ("profile", "spoken"), [("vladimir", "Во Владимире иначе."), ("bryansk", "Это скажет голос.")]
)
async def test_the_answer_is_that_of_the_profile(scenario: Scenario, profile: str, spoken: str) -> None:
    for found in (
        await scenario.do("article", facts(profile=profile), topic="payment.deadline"),
        await scenario.do("search", facts(profile=profile), text="сроков оплаты"),
    ):
        assert isinstance(found.data, dict)
        assert (found.outcome, found.data["spoken"]) == ("found", spoken)


async def test_no_article_no_answer(scenario: Scenario) -> None:
    assert await scenario.do("article", topic="nothing.here") == Result("none")
    assert await scenario.do("search", text="жираф") == Result("none")


@pytest.mark.parametrize(
    ("day", "hour", "segment", "outcome", "today"),
    [
        (23, 10, "private", "open", False),
        (23, 7, "private", "closed", True),
        (23, 12, "corporate", "closed", True),
        (29, 12, "private", "closed", False),
    ],
)
async def test_office_hours_now(
    scenario: Scenario, day: int, hour: int, segment: str, outcome: str, today: bool
) -> None:
    scenario.at(day, hour)
    found = await scenario.do("offices", facts(segment), town="офис в Коврове")
    assert isinstance(found.data, dict)
    assert found.outcome == outcome
    assert (found.data["until"] is not None) is (outcome == "open")
    assert found.data["opens_today"] is today
    assert found.data["in_town"] == "в Коврове"
    assert found.data["count"] == 1
    assert found.data["offices"] == [
        {"id": "kovrov", "name": "Офис на Школьной улице", "address": "улица Школьная, дом пять"}
    ]
    assert set(found.data["spoken"]) <= set(scenario.base.texts())


async def test_an_office_without_hours_or_not_for_the_caller(scenario: Scenario) -> None:
    scenario.at(23, 10)
    unpublished = await scenario.do("offices", facts(profile="kostroma"), town="Шарья")
    assert unpublished.outcome == "unpublished"
    not_served = await scenario.do("offices", facts("corporate"), town="Киржач")
    assert not_served.outcome == "closed"
    assert (await scenario.do("offices", town="Тмутаракань")).outcome == "unknown"


async def test_towns_are_those_of_the_profile(scenario: Scenario) -> None:
    assert await scenario.do("towns") == Result("known", ["Ковров", "Киржач"])
    assert await scenario.do("towns", facts(profile="omsk")) == Result("none")


async def test_a_miss_is_noted_with_its_topic(scenario: Scenario) -> None:
    await scenario.do("missed", text="солнечные панели", topic="")
    await scenario.do("missed", text="не то", topic="payment.deadline")
    assert scenario.misses.noted == [
        ("call-1", "солнечные панели", None),
        ("call-1", "не то", "payment.deadline"),
    ]
