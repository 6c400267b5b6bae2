from __future__ import annotations

from pathlib import Path

import pytest

from ivr.errors import Fault
from ivr.knowledge.scoring import Judged, Score
from ivr.knowledge.utterances import Utterance, read


def file(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "said.tsv"
    path.write_bytes(text.encode(encoding))
    return path


def test_marks_further_columns_and_empty_lines_do_not_matter(tmp_path: Path) -> None:
    text = '\ufeffid\tutterance\ttopic\r\n1\tгде "свет\toutage.now\r\n\r\n\t\t\r\n2\tпицца\t\r\n3\tбаланс\r\n'
    assert read(file(tmp_path, text), with_topics=True) == [
        Utterance('где "свет', "outage.now"),
        Utterance("пицца"),
        Utterance("баланс"),
    ]


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        ("", "utf-8", "'utterance' is missing"),
        ("text\ttopic\nа\tб\n", "utf-8", "'utterance' is missing.*there: text, topic"),
        ("utterance\nсвет\n", "utf-8", "'topic' is missing"),
        ("utterance\ttopic\nсвет\t\n", "cp1251", "not in UTF-8"),
    ],
)
def test_what_can_not_be_read_is_told(tmp_path: Path, text: str, encoding: str, said: str) -> None:
    with pytest.raises(Fault, match=said):
        read(file(tmp_path, text, encoding), with_topics=True)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="can't be read"):
        read(tmp_path / "nothing.tsv")


def test_the_score_counts_each_side() -> None:
    judged = [Judged("1", "a", "a"), Judged("2", "a", "b"), Judged("3", "", ""), Judged("4", "", "a")]
    found = Score.of([*judged, Judged("5", "a", "b"), Judged("6", "a", "")])
    assert (found.accuracy, found.refusal) == (1 / 4, 1 / 2)
    assert found.confusions[0] == ("a", "b", 2)
    assert Score.of([]).accuracy is Score.of([]).refusal is None
