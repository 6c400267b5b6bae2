"""What was learned is the same after a restart, and never of another base or of other programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.knowledge import edition, memory, recognition
from ivr.knowledge.base import KnowledgeBase, Surroundings
from ivr.knowledge.settings import ArticleRules, KnowledgeSettings
from tests.unit.knowledge.support import StoppedClock, article, write

SAID = (
    "примите показания счётчика",
    "пакозания щётчика передать",
    "у нас щиток искрит",
    "хочу пиццу",
    "здравствуйте до какова числа мне платить",
)


class Opened:
    """A base in a folder, opened as often as one likes; counts how often it was learned."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.kb = write(folder / "kb")
        self.kept = folder / "kept"
        self.lessons = 0
        learn = recognition.learn

        def counted(*given: object) -> object:
            self.lessons += 1
            return learn(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(edition, "learn", counted)

    def open(self) -> KnowledgeBase:
        known = KnowledgeSettings(rules=ArticleRules(phrases=3), memory_folder=self.kept)
        return KnowledgeBase.open(self.kb, known, Surroundings(clock=StoppedClock()))

    def entitle(self, title: str) -> None:
        (self.kb / "readings.submit.md").write_text(article("readings.submit", title=title), encoding="utf-8")

    @property
    def files(self) -> list[Path]:
        return sorted(self.kept.iterdir())


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opened:
    return Opened(tmp_path, monkeypatch)


def test_what_was_learned_once_is_told_alike(opened: Opened) -> None:
    first, second = opened.open(), opened.open()
    assert opened.lessons == 1
    for said in SAID:
        assert second.classify(said) == first.classify(said)
        assert second.search(said) == first.search(said)
    assert list(second.held_out()) == list(first.held_out())


def test_another_phrase_is_learned_anew(opened: Opened) -> None:
    opened.open()
    opened.entitle("Показания без квитанции")
    opened.open()
    assert opened.lessons == 2
    assert len(opened.files) == 2


def test_other_programs_learn_anew(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    opened.open()
    monkeypatch.setattr(memory, "_made_by", lambda: ["newer"])
    opened.open()
    assert opened.lessons == 2


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_file_cut_short_is_as_good_as_none(opened: Opened, share: float) -> None:
    first = opened.open()
    [file] = opened.files
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])
    second = opened.open()
    assert opened.lessons == 2
    assert file.read_bytes() == whole
    assert second.classify(SAID[0]) == first.classify(SAID[0])


def test_a_file_with_another_byte_is_as_good_as_none(opened: Opened) -> None:
    opened.open()
    [file] = opened.files
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    opened.open()
    assert opened.lessons == 2


def test_a_folder_that_can_t_be_written_costs_time_alone(opened: Opened) -> None:
    opened.kept.write_text("no folder")
    assert opened.open().classify(SAID[0]).topic == "readings.submit"
    assert opened.lessons == 1


def test_only_the_latest_files_stay(opened: Opened) -> None:
    for number in range(6):
        opened.entitle(f"Показания {number}")
        opened.open()
    assert len(opened.files) == 4
