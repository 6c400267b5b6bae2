from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.dialogue.problems import Severity
from ivr.errors import Fault
from ivr.knowledge.base import KnowledgeBase, Surroundings
from ivr.knowledge.settings import ArticleRules, KnowledgeSettings
from tests.unit.knowledge.support import MONDAY_MORNING, PHRASES, StoppedClock, article, write

SETTINGS = KnowledgeSettings(rules=ArticleRules(phrases=3))


def opened(folder: Path, clock: StoppedClock | None = None, **recognition: float) -> KnowledgeBase:
    changed = SETTINGS.recognition.model_copy(update=recognition)
    known = SETTINGS.model_copy(update={"recognition": changed})
    return KnowledgeBase.open(folder, known, Surroundings(clock=clock or StoppedClock()))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    return opened(write(tmp_path_factory.mktemp("base") / "kb"))


# --- topics ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "topic"),
    [
        ("примите показания счётчика", "readings.submit"),
        ("показание прибора учёта передать хочу", "readings.submit"),
        ("пакозания щётчика передать", "readings.submit"),
        ("здравствуйте до какова числа мне платить", "payment.deadline"),
        ("у нас щиток искрит", "emergency.danger"),
        ("акт свёрки организации", "corporate.settlement"),
        ("хочу пиццу", None),
        ("", None),
        ("абракадабра", None),
    ],
)
def test_topics_of_what_is_said(base: KnowledgeBase, said: str, topic: str | None) -> None:
    assert base.classify(said).topic == topic


def test_it_says_what_decided(base: KnowledgeBase) -> None:
    found = base.classify("когда мне платить за электроэнергию")
    reasons = {reason.text: reason.weight for reason in found.because}
    assert "платить" in reasons
    assert "до какого числа платить" in reasons
    assert all(weight > 0 for weight in reasons.values())


def test_candidates_are_ordered_and_the_first_is_the_topic(base: KnowledgeBase) -> None:
    found = base.classify("передать показания и срок оплаты")
    confidences = [candidate.confidence for candidate in found.candidates]
    assert confidences == sorted(confidences, reverse=True)
    assert {candidate.topic for candidate in found.candidates[:2]} == {"readings.submit", "payment.deadline"}


def test_topics_of_the_other_segment_count_less(base: KnowledgeBase) -> None:
    said = "акт сверки"
    own, other = base.classify(said, "corporate"), base.classify(said, "private")
    assert own.topic == "corporate.settlement"
    assert other.candidates[0].confidence < own.confidence


def test_danger_is_taken_at_a_lower_confidence_than_its_rivals(tmp_path: Path) -> None:
    folder = write(tmp_path / "kb")
    said = "когда платить провод показания"
    usual = opened(folder, urgent=1.0).classify(said)
    danger = {candidate.topic: candidate.confidence for candidate in usual.candidates}["emergency.danger"]
    assert usual.topic != "emergency.danger"
    assert opened(folder, urgent=danger - 0.01).classify(said).topic == "emergency.danger"


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_anything_may_be_said(said: str) -> None:
    base = _any_base()
    found = base.classify(said)
    assert found.topic is None or found.topic in base.topics
    assert 0 <= found.confidence <= 1 + 1e-6
    base.search(said)


_ANY: list[KnowledgeBase] = []


@pytest.fixture(scope="module", autouse=True)
def _shared(base: KnowledgeBase) -> None:
    _ANY[:] = [base]


def _any_base() -> KnowledgeBase:
    return _ANY[0]


# --- articles and search --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "id_"),
    [
        ("сроки оплаты", "payment.deadline"),
        ("оплаты срок", "payment.deadline"),
        ("опаты срог", "payment.deadline"),
        ("акты сверок", "corporate.settlement"),
        ("оператор прочтёт сверку", "corporate.settlement"),
    ],
)
def test_search_tolerates_endings_order_and_misspellings(base: KnowledgeBase, asked: str, id_: str) -> None:
    assert base.search(asked)[0].article.id == id_


@pytest.mark.parametrize("asked", ["", "!?", "здравствуйте", "жираф"])
def test_nothing_is_found_for_what_is_nowhere(base: KnowledgeBase, asked: str) -> None:
    assert base.search(asked) == []


@pytest.mark.parametrize("asked", ['"', "срок*", "NEAR(срок оплаты)", "title:срок", "срок OR", "0meter ^"])
def test_a_query_is_text_and_no_language(base: KnowledgeBase, asked: str) -> None:
    base.search(asked)


def test_articles_of_the_other_segment_are_not_found(base: KnowledgeBase) -> None:
    found = [hit.article.id for hit in base.search("акт сверки", "private")]
    assert "corporate.settlement" not in found
    assert base.article("corporate.settlement", "private") is None


def test_the_limit_is_kept(base: KnowledgeBase) -> None:
    assert len(base.search("показания оплаты провод сверки", limit=2)) == 2


def test_articles_are_told_on_their_days(tmp_path: Path) -> None:
    clock = StoppedClock()
    text = article("payment.deadline", valid_to="2026-11-23")
    base = opened(write(tmp_path / "kb", {"payment.deadline": text}), clock)
    assert base.article("payment.deadline") is not None
    clock.moment = MONDAY_MORNING + timedelta(days=1)
    assert base.article("payment.deadline") is None
    assert "payment.deadline" not in [hit.article.id for hit in base.search("срок оплаты")]


def test_the_article_of_the_topic_goes_before_those_of_its_parts(tmp_path: Path) -> None:
    part = article("payment.deadline", id="payment.deadline.pension", title="Пенсионерам")
    base = opened(write(tmp_path / "kb", {"payment.deadline.pension": part}))
    found = base.article("payment.deadline")
    assert found is not None
    assert found.id == "payment.deadline"


def test_all_that_may_be_told_is_known_ahead(tmp_path: Path) -> None:
    profiles = '{omsk: {spoken: В Омске иначе., sources: [{profile: omsk, clause: "п. 2"}]}}'
    base = opened(
        write(tmp_path / "kb", {"payment.deadline": article("payment.deadline", profiles=profiles)})
    )
    everything, of_omsk = list(base.texts()), list(base.texts("omsk"))
    assert {"В Омске иначе.", "Это скажет голос.", "срок оплаты"} <= set(everything)
    assert any("Школьная" in text for text in everything)
    assert len(everything) == len(set(everything))
    assert "В Омске иначе." in of_omsk
    assert not any("Школьная" in text for text in of_omsk)


def test_opening_hours_of_an_office_by_its_id(base: KnowledgeBase) -> None:
    assert base.opening("kovrov", "corporate", date(2026, 11, 23)) == (
        (time(8), time(12)),
        (time(13), time(17)),
    )
    assert base.opening("kovrov", "corporate", date(2026, 11, 28)) == ()
    assert base.opening("kirzhach", "corporate", date(2026, 11, 23)) is None
    assert base.opening("sharya", "private", date(2026, 11, 23)) is None
    assert base.opening("nowhere", "private", date(2026, 11, 23)) is None


# --- faults and reloading -------------------------------------------------------------------------------


def test_a_broken_article_is_left_out_and_the_others_serve(tmp_path: Path) -> None:
    base = opened(
        write(tmp_path / "kb", {"payment.deadline": article("payment.deadline", spoken="До 10 ч.")})
    )
    assert set(base.articles) == set(PHRASES) - {"payment.deadline"}
    assert [problem.code for problem in base.problems] == ["abbreviation"]
    assert base.article("payment.deadline") is None
    assert base.article("readings.submit") is not None


def test_a_reload_takes_what_is_new(tmp_path: Path) -> None:
    folder = write(tmp_path / "kb")
    base = opened(folder)
    (folder / "payment.deadline.md").write_text(article("payment.deadline", title="Новое"), encoding="utf-8")
    assert base.reload() == []
    found = base.article("payment.deadline")
    assert found is not None
    assert found.title == "Новое"


@pytest.mark.parametrize("name", ["payment.deadline.md", "topics.yaml", "offices.yaml"])
def test_a_broken_reload_keeps_the_old(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path / "kb")
    base = opened(folder)
    (folder / "readings.submit.md").write_text(article("readings.submit", title="Новое"), encoding="utf-8")
    (folder / name).write_text("---\nid: [\n", encoding="utf-8")
    problems = base.reload()
    assert {Path(problem.file).name for problem in problems if problem.severity is Severity.ERROR} >= {name}
    found = base.article("readings.submit")
    assert found is not None
    assert found.title != "Новое"
    assert base.problems == []


@pytest.mark.parametrize("name", ["", "empty"])
def test_a_folder_without_topics_is_a_fault(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(Fault, match=r"topics|folder"):
        opened(tmp_path / (name or "missing"))


def test_before_it_is_read_its_topics_are_known_and_no_article(tmp_path: Path) -> None:
    folder = write(tmp_path / "kb")
    base = KnowledgeBase(folder, SETTINGS, Surroundings(clock=StoppedClock()))
    assert (list(base.topics), list(base.articles)) == (list(opened(folder).topics), [])
    assert base.classify("примите показания счётчика").topic is None


def test_few_articles_are_enough(tmp_path: Path) -> None:
    folder = write(tmp_path / "kb")
    for file in folder.glob("*.md"):
        file.unlink()
    (folder / "off-topic.txt").unlink()
    base = opened(folder)
    assert base.search("показания") == []
    assert base.classify("передача показаний").topic == "readings.submit"


def test_the_phrases_learned_from_are_bounded(tmp_path: Path) -> None:
    base = opened(write(tmp_path / "kb"), most_phrases=10)
    assert len(list(base.held_out())) == 10
