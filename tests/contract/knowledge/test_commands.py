from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ivr.commands import kb
from ivr.errors import Fault
from ivr.knowledge.misses import Misses
from ivr.knowledge.words import Dictionary
from ivr.settings import Settings, load
from ivr.store import Database, upgrade
from tests.unit.knowledge.support import MONDAY_MORNING, article, facts, write


@pytest.fixture
def given(tmp_path: Path) -> Settings:
    folder = write(tmp_path / "kb")
    data = tmp_path / "var"
    return load(None, [f"data_folder={data}", f"knowledge.folder={folder}", "knowledge.rules.phrases=3"])


def run(given: Settings, *arguments: object) -> Result:
    return CliRunner().invoke(
        kb.app, [str(argument) for argument in (*arguments, "--format", "json")], obj=given
    )


def document(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout[result.stdout.index("{\n") :])


def test_a_good_base_passes_and_a_broken_one_does_not(given: Settings, tmp_path: Path) -> None:
    assert document(run(given, "lint")) == {"errors": [], "warnings": []}
    broken = write(tmp_path / "broken", {"payment.deadline": article("payment.deadline", sources="[]")})
    result = run(given, "lint", broken)
    assert result.exit_code == 1
    errors = json.loads(result.stdout)["errors"]
    places = [(Path(error["file"]).name, error["code"]) for error in errors]
    assert places == [("payment.deadline.md", "too-short"), ("topics.yaml", "no-article")]
    assert {"file", "line", "column", "code", "message"} <= errors[0].keys()
    with pytest.raises(Fault):
        CliRunner().invoke(kb.app, ["lint", str(tmp_path / "nothing")], obj=given, catch_exceptions=False)


def test_forbidden_phrases_of_the_scenarios_are_those_of_the_articles(
    given: Settings, tmp_path: Path
) -> None:
    rude = write(
        tmp_path / "rude", {"payment.deadline": article("payment.deadline", spoken="Вы обязаны платить.")}
    )
    result = run(given, "lint", rude)
    assert "forbidden-phrase" in {error["code"] for error in json.loads(result.stdout)["errors"]}


def test_articles_are_searched(given: Settings) -> None:
    (first, *_) = document(run(given, "search", "сроком оплаты"))["articles"]
    assert first.pop("score") > 0
    assert first == {
        "id": "payment.deadline",
        "topic": "payment.deadline",
        "title": "Статья о payment.deadline",
    }
    assert document(run(given, "search", "жираф")) == {"articles": []}


def test_utterances_are_classified_in_their_order(given: Settings, tmp_path: Path) -> None:
    file = tmp_path / "said.tsv"
    file.write_text("topic\tutterance\n\tпередать показания\n\n\tзакажите пиццу\n", encoding="utf-8-sig")
    results = document(run(given, "classify", file))["results"]
    assert [(one["utterance"], one["topic"]) for one in results] == [
        ("передать показания", "readings.submit"),
        ("закажите пиццу", None),
    ]
    assert all(0 <= one["confidence"] <= 1 for one in results)
    assert results[0]["because"]


def test_the_recognition_is_scored(given: Settings, tmp_path: Path) -> None:
    file = tmp_path / "said.tsv"
    lines = ("срок оплаты\tpayment.deadline", "искрит щиток\treadings.submit", "закажите пиццу\t")
    file.write_text("\n".join(("utterance\ttopic", *lines)), encoding="utf-8")
    found = document(run(given, "score", file))
    assert (found["accuracy"], found["refusal"]) == (0.5, 1.0)
    assert found["confusions"] == [{"topic": "readings.submit", "taken_for": "emergency.danger", "count": 1}]
    held_out = document(run(given, "score"))
    assert held_out["on_topic"] > 0


def test_misses_are_listed(given: Settings) -> None:
    async def note() -> None:
        database = await Database.open(given.store)
        await upgrade(database)
        kept = Misses(database, Dictionary(), similar_percent=75)
        await kept.note(facts(), "солнечные панели", None, MONDAY_MORNING)
        await database.close()

    assert document(run(given, "misses")) == {"questions": []}
    asyncio.run(note())
    (question,) = document(run(given, "misses"))["questions"]
    assert (question["text"], question["topic"], question["count"]) == ("солнечные панели", None, 1)
