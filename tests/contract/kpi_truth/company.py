"""A company whose history comes from elsewhere, asked through the real commands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from typer.testing import CliRunner

from ivr.cli import app
from ivr.errors import Fault
from tests.truth.answers import Figure, always, figures
from tests.truth.script import Call, History, Talk
from tests.truth.world import LINES

EXACT = 1e-6
PROJECT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Company:
    """Its settings and its database stand in a folder of their own."""

    folder: Path
    url: str
    zone: str
    profile: str = "bryansk"

    def __post_init__(self) -> None:
        lines = [
            {
                "name": name,
                "title": name,
                "numbers": [number],
                "scenario": "reception",
                "segment": "any",
                "profile": self.profile,
                "queue": "clients",
            }
            for name, number in LINES.items()
        ]
        settings = {
            "company": {"time_zone": self.zone, "profile": self.profile},
            "store": {"url": self.url},
            "data_folder": str(self.folder),
            "lines": lines,
            "asterisk": {"queues": {"clients": {"members": []}}},
            "log": {"level": "WARNING"},
        }
        with self._settings.open("w", encoding="utf-8") as file:
            YAML(typ="safe").dump(settings, file)

    @property
    def _settings(self) -> Path:
        return self.folder / "ivr.yaml"

    def ivr(self, *arguments: str) -> Any:
        """What the command answers.

        Raises:
            Fault: As the command tells it.
        """
        done = CliRunner().invoke(app, ["--settings", str(self._settings), *arguments, "--format", "json"])
        if isinstance(done.exception, Fault):
            raise done.exception
        assert done.exit_code == 0, (done.output, done.exception)
        return json.loads(done.stdout)

    def take_over(self, text: str) -> Mapping[str, Any]:
        """Import a table."""
        file = self.folder / "history.csv"
        file.write_text(text, encoding="utf-8")
        told: Mapping[str, Any] = self.ivr("kpi", "import-calls", str(file))
        return told

    def report(self, first: date, last: date, *more: str) -> Mapping[str, Any]:
        """The report of these days."""
        period = ("--standard", self.profile, "--from", str(first), "--to", str(last))
        told: Mapping[str, Any] = self.ivr("kpi", "report", *period, *more)
        return told


def told(kpis: Sequence[Mapping[str, Any]]) -> Mapping[str, Figure]:
    """The figures of a report by id."""
    return {kpi["id"]: Figure(kpi["value"], kpi["calls"]) for kpi in kpis}


@dataclass(frozen=True)
class Truth:
    """What the figures of a history are."""

    history: History
    noted: Callable[[Talk], bool] = always
    without: frozenset[str] = frozenset()

    def of(
        self, first: date, last: date, counts: Callable[[Call], bool] | None = None
    ) -> Mapping[str, Figure]:
        """The figures of the calls of these days, or of some of them."""
        calls = [call for call in self.history.within(first, last) if counts is None or counts(call)]
        found = figures(self.history.calls, calls, noted=self.noted)
        return {name: figure for name, figure in found.items() if name not in self.without}


def differences(expected: Mapping[str, Figure], found: Mapping[str, Figure]) -> list[str]:
    """Where a report tells something else than the truth."""
    return [
        f"{name}: {found.get(name)} instead of {figure}"
        for name, figure in expected.items()
        if not alike(figure, found.get(name))
    ]


def alike(expected: Figure, found: Figure | None) -> bool:
    """To the call, and to a microsecond (or a millionth)."""
    if found is None or found.calls != expected.calls:
        return False
    if expected.value is None or found.value is None:
        return expected.value is found.value
    return abs(expected.value - found.value) <= EXACT


def keys(calls: Iterable[Call], of: Callable[[Call], str]) -> list[str]:
    """Keys of a breakdown, in order."""
    return sorted({of(call) for call in calls})
