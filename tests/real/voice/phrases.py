"""What callers say, drawn at random from `final.tsv`: phrases that nobody has developed against."""

from __future__ import annotations

import csv
import os
import random
from dataclasses import dataclass
from pathlib import Path

FINAL = Path(__file__).with_name("final.tsv")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to say something.

    Attributes:
        task: What it is said for: `reading`, `balance`, `question`, `operator`, or as an answer: `yes`, `no`,
            `done` (nothing else is wanted), `helped`.
        topic: Topic of the base for a question, else empty.
        text: The words.
    """

    task: str
    topic: str
    text: str


def phrases(task: str) -> list[Phrase]:
    """All that is said for a task."""
    with FINAL.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return [Phrase(row["task"], row["topic"], row["utterance"]) for row in rows if row["task"] == task]


def dice(what: str) -> random.Random:
    """Chance that is told: `VOICE_SEED` names a draw; without it the same people are drawn in every run."""
    seed = os.environ.get("VOICE_SEED", "1")
    print(f"VOICE_SEED={seed} ({what})")  # noqa: T201  shown by pytest with a failure
    return random.Random(f"{seed}/{what}")
