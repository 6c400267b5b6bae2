"""The company's own knowledge base: lint, the recognition of topics, what it takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.app.knowledge import forbidden_in
from ivr.clock import SystemClock
from ivr.dialogue.problems import Severity
from ivr.knowledge import utterances
from ivr.knowledge.base import KnowledgeBase, Surroundings
from ivr.knowledge.scoring import Judged, Score
from ivr.knowledge.settings import KnowledgeSettings
from ivr.knowledge.words import tokens
from ivr.kpi.profiles import load_profiles
from tests.unit.knowledge.support import MOSCOW

ROOT = Path(__file__).parents[3]
DEVELOPMENT = ROOT / "tests/quality/topics.dev.tsv"
LEAST_RIGHT = 0.90
LEAST_REFUSED = 0.85
LEAST_DANGER = 0.95


@pytest.fixture(scope="module")
def base() -> KnowledgeBase:
    around = Surroundings(
        clock=SystemClock(MOSCOW),
        profiles=frozenset(load_profiles(ROOT / "metrics/standards")),
        forbidden=forbidden_in(ROOT / "scenarios/forbidden-phrases.yaml"),
    )
    return KnowledgeBase.open(ROOT / "kb", KnowledgeSettings(), around)


@pytest.fixture(scope="module")
def judged(base: KnowledgeBase) -> list[Judged]:
    """What the development set is taken for; what has become a phrase of an article meanwhile is left out."""
    said = utterances.read(DEVELOPMENT, with_topics=True)
    assert {one.topic for one in said} == {*base.topics, ""}
    phrases = {" ".join(tokens(text)) for article in base.articles.values() for text in article.phrases}
    unseen = [one for one in said if " ".join(tokens(one.text)) not in phrases]
    assert len(unseen) > 0.9 * len(said)
    return [Judged(one.text, one.topic, base.classify(one.text).topic or "") for one in unseen]


def test_every_topic_has_its_articles_and_lint_finds_no_errors(base: KnowledgeBase) -> None:
    assert [str(problem) for problem in base.problems if problem.severity is Severity.ERROR] == []
    assert {article.topic for article in base.articles.values()} == set(base.topics)


def test_topics_are_recognised_and_other_talk_is_refused(judged: list[Judged]) -> None:
    found = Score.of(judged)
    assert found.accuracy is not None
    assert found.accuracy >= LEAST_RIGHT, found.confusions
    assert found.refusal is not None
    assert found.refusal >= LEAST_REFUSED, found.confusions


def test_danger_to_life_is_hardly_ever_missed(judged: list[Judged]) -> None:
    danger = [one for one in judged if one.topic == "emergency.danger"]
    caught = [one for one in danger if one.taken_for == one.topic]
    assert len(caught) / len(danger) >= LEAST_DANGER


def test_hours_of_an_office_are_known_for_both_kinds_of_clients(base: KnowledgeBase) -> None:
    kovrov = [office for office in base.offices("vladimir") if office.town == "Ковров"]
    assert kovrov
    assert all(office.week("private") for office in kovrov)
    assert all(office.hours is None for office in base.offices("kostroma"))
