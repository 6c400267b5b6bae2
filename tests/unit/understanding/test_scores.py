from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ivr.speech.understanding.commands import command
from ivr.speech.understanding.scoring import SUBJECTS, score

SETS = Path(__file__).parents[2] / "quality"


def rows(name: str) -> list[dict[str, str]]:
    with (SETS / name).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize(("subject", "least"), [("numerals", 250), ("yesno", 250), ("commands", 200)])
def test_development_sets_are_understood(subject: str, least: int) -> None:
    result = score(rows(f"{subject}.dev.tsv"), SUBJECTS[subject])
    assert result.total >= least
    assert result.share >= 0.98, result.misses


def test_a_miss_is_told() -> None:
    result = score(
        [{"spoken": "пять", "digits": "6"}, {"spoken": "шесть", "digits": "6"}], SUBJECTS["numerals"]
    )
    assert result.share == 0.5
    assert [(miss.phrase, miss.expected, miss.understood) for miss in result.misses] == [("пять", "6", "5")]


def test_no_other_topic_is_taken_for_danger() -> None:
    """Danger leaves every menu: of the callers' phrases about anything else hardly one may sound like it."""
    others = [row["utterance"] for row in rows("topics.dev.tsv") if row["topic"] != "emergency.danger"]
    alarms = [text for text in others if (found := command(text)) and found.command == "danger"]
    assert len(alarms) <= len(others) * 0.005, alarms


def test_danger_is_heard_in_callers_own_words() -> None:
    dangers = [row["utterance"] for row in rows("topics.dev.tsv") if row["topic"] == "emergency.danger"]
    heard = [text for text in dangers if (found := command(text)) and found.command == "danger"]
    assert len(heard) >= len(dangers) * 0.9, set(dangers) - set(heard)
