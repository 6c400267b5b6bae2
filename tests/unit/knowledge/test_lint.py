from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ivr.dialogue.problems import Severity
from ivr.knowledge.lint import Linter
from ivr.knowledge.loading import load
from ivr.knowledge.settings import ArticleRules
from tests.unit.knowledge.support import PHRASES, article, write

TOPIC = "payment.deadline"
PROFILES = frozenset({"bryansk", "omsk"})


def no_refusals(text: str) -> Iterator[str]:
    if "нельзя" in text:
        yield "forbidden"


def problems(folder: Path, text: str | None = None) -> list[tuple[str, str, int, Severity]]:
    loaded = load(write(folder, {} if text is None else {TOPIC: text}))
    assert loaded.problems == []
    rules = Linter(ArticleRules(phrases=3), lambda: date(2026, 11, 23), PROFILES, no_refusals)
    return [(Path(each.file).name, each.code, each.line, each.severity) for each in rules(loaded)]


def test_a_good_base_has_no_problems(tmp_path: Path) -> None:
    assert problems(tmp_path / "kb") == []


ERROR, WARNING = Severity.ERROR, Severity.WARNING


@pytest.mark.parametrize(
    ("changes", "code", "severity"),
    [
        ({"spoken": "слово " * 70 + "слово."}, "spoken-too-long", ERROR),
        ({"spoken": "электроэнергоснабжение " * 30 + "слово."}, "spoken-too-long", ERROR),
        ({"spoken": "Платите за кВт·ч."}, "abbreviation", ERROR),
        ({"spoken": "Приходите на ул. ленина."}, "abbreviation", ERROR),
        ({"spoken": "Позвоните в ЖКХ."}, "abbreviation", ERROR),
        ({"spoken": "До 25 числа."}, "abbreviation", ERROR),
        ({"spoken": "Так нельзя."}, "forbidden-phrase", ERROR),
        ({"spoken": '"Звоните ☎ нам."'}, "unspeakable", ERROR),
        ({"sources": "[{profile: tomsk, clause: п. 1}]"}, "unknown-profile", ERROR),
        (
            {"profiles": "{omsk: {spoken: Так нельзя., sources: [{profile: omsk, clause: п. 1}]}}"},
            "forbidden-phrase",
            ERROR,
        ),
        ({"profiles": "{tomsk: {sources: [{profile: omsk, clause: п. 1}]}}"}, "unknown-profile", ERROR),
        ({"valid_to": "2025-12-31"}, "validity", ERROR),
        ({"valid_to": "2026-11-22"}, "expired", WARNING),
        ({"valid_from": "2026-12-01"}, "not-yet-valid", WARNING),
        ({"phrases": "[одна, две]"}, "few-phrases", WARNING),
        ({"phrases": "[одна, две, Две!]"}, "doubled-phrase", WARNING),
    ],
)
def test_each_rule(tmp_path: Path, changes: dict[str, str], code: str, severity: Severity) -> None:
    found = problems(tmp_path / "kb", article(TOPIC, **changes))
    lines = article(TOPIC, **changes).splitlines()
    at_key = next(
        number for number, text in enumerate(lines, 1) if text.startswith(f"{next(iter(changes))}:")
    )
    assert (f"{TOPIC}.md", code, at_key, severity) in found
    assert {(each[1], each[3]) for each in found} == {(code, severity)}


def test_personal_and_segment_are_those_of_the_topic(tmp_path: Path) -> None:
    folder = write(tmp_path / "kb")
    text = article("corporate.settlement", personal="false", segment="private")
    (folder / "corporate.settlement.md").write_text(text, encoding="utf-8")
    rules = Linter(ArticleRules(phrases=3), lambda: date(2026, 11, 23))
    assert {problem.code for problem in rules(load(folder))} == {"personal", "segment"}


def test_a_phrase_of_another_topic_is_told(tmp_path: Path) -> None:
    taken = PHRASES["readings.submit"][0]
    found = problems(tmp_path / "kb", article(TOPIC, phrases=f"[одна, две, три, {taken}]"))
    assert [(file, code) for file, code, _, _ in found] == [("readings.submit.md", "doubled-phrase")]


def test_a_topic_without_an_article_is_told(tmp_path: Path) -> None:
    folder = write(tmp_path / "kb")
    (folder / f"{TOPIC}.md").unlink()
    rules = Linter(ArticleRules(phrases=3), lambda: date(2026, 11, 23))
    (problem,) = rules(load(folder))
    assert (Path(problem.file).name, problem.code) == ("topics.yaml", "no-article")
    assert TOPIC in problem.message
