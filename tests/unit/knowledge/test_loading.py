from __future__ import annotations

from pathlib import Path

import pytest

from ivr.knowledge.loading import load
from tests.unit.knowledge.support import PHRASES, article, write

GOOD = article("payment.deadline")


@pytest.mark.parametrize(
    ("text", "line", "column", "code"),
    [
        ("Просто текст", 1, 1, "front-matter"),
        ("---\nid: payment.deadline\n", 1, 1, "front-matter"),
        ("---\n- один\n---\nтекст", 1, 1, "front-matter"),
        (GOOD.replace("personal: false", "personal: no"), 6, 11, "type"),
        (GOOD.replace("owner:", "owner: ["), 8, 11, "yaml"),
        (GOOD.replace("owner:", "ovner:"), 7, 1, "unknown-key"),
        (GOOD.replace("valid_from: 2026-01-01", "valid_from: первого января"), 8, 13, "date"),
        (GOOD.replace("segment: any", "segment: всем"), 5, 10, "segment"),
        (article("payment.deadline", sources="[]"), 16, 10, "too-short"),
        (article("payment.deadline", sources="-"), 2, 1, "missing-key"),
        (article("payment.deadline", sources='[{profile: omsk, clause: ""}]'), 16, 36, "string-too-short"),
        (article("payment.deadline", topic="payment.dedline"), 3, 8, "unknown-topic"),
        (article("payment.deadline", id="payment.other"), 2, 5, "file-name"),
        (article("payment.deadline", id="-"), 2, 1, "missing-key"),
        (GOOD.replace("title:", "id: payment.deadline\ntitle:"), 4, 1, "duplicate-key"),
        (GOOD.rpartition("---\n")[0] + "---\n", 17, 1, "no-full-answer"),
    ],
)
def test_a_broken_article_is_told_by_place_and_left_out(
    tmp_path: Path, text: str, line: int, column: int, code: str
) -> None:
    loaded = load(write(tmp_path / "kb", {"payment.deadline": text}))
    told = {(problem.line, problem.column, problem.code) for problem in loaded.problems}
    assert (line, column, code) in told, loaded.problems
    assert {Path(problem.file).name for problem in loaded.problems} == {"payment.deadline.md"}
    assert set(loaded.articles) == set(PHRASES) - {"payment.deadline"}


def test_files_that_are_no_text_are_told(tmp_path: Path) -> None:
    folder = write(tmp_path / "kb")
    (folder / "bad.encoding.md").write_bytes("---\nid: x\nтекст".encode("cp1251"))
    (folder / "bad.size.md").write_text("x" * 600_000, encoding="utf-8")
    (folder / "bad.folder.md").mkdir()
    codes = {Path(problem.file).stem: problem.code for problem in load(folder).problems}
    assert codes == {"bad.encoding": "encoding", "bad.size": "too-large", "bad.folder": "unreadable"}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_byte_order_marks_and_line_endings_do_not_matter(tmp_path: Path, ending: str) -> None:
    text = "\ufeff" + article("payment.deadline").replace("\n", ending)
    folder = write(tmp_path / "kb")
    (folder / "payment.deadline.md").write_bytes(text.encode())
    loaded = load(folder)
    assert loaded.problems == []
    assert loaded.articles["payment.deadline"].full == "Это прочтёт оператор."


def test_an_override_replaces_what_it_names(tmp_path: Path) -> None:
    profiles = '{omsk: {spoken: В Омске иначе., sources: [{profile: omsk, clause: "п. 2"}]}}'
    loaded = load(
        write(tmp_path / "kb", {"payment.deadline": article("payment.deadline", profiles=profiles)})
    )
    known = loaded.articles["payment.deadline"]
    assert known.answer("omsk").spoken == "В Омске иначе."
    assert known.answer("omsk").full == known.answer("bryansk").full == "Это прочтёт оператор."
    assert [source.clause for source in known.answer("omsk").sources] == ["п. 2"]
    assert known.answer("bryansk").spoken == "Это скажет голос."


@pytest.mark.parametrize("name", ["topics.yaml", "synonyms.yaml", "offices.yaml"])
def test_a_broken_file_of_the_base_is_told(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path / "kb")
    (folder / name).write_text("- list\n", encoding="utf-8")
    assert name in {Path(problem.file).name for problem in load(folder).problems}


def test_a_topic_twice_is_told(tmp_path: Path) -> None:
    folder = write(tmp_path / "kb")
    file = folder / "topics.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("payment.deadline", "readings.submit"), "utf-8")
    assert "duplicate-id" in {problem.code for problem in load(folder).problems}
