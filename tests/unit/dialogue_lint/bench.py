"""Scenarios in a text with the places of their faults marked, and what lint says of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ivr.dialogue.lint import Linter, lint_files
from ivr.dialogue.loader import Loaded
from ivr.dialogue.ports import Action, CallFacts, Kind, Result, Shape
from ivr.dialogue.problems import Problem, Severity
from ivr.dialogue.variables import World
from tests.unit.dialogue_lint.examples import MARK

TEXT, NUMBER = Shape(Kind.TEXT), Shape(Kind.NUMBER)
ZONE = Shape(Kind.RECORD, {"code": TEXT, "last": NUMBER})
METER = Shape(Kind.RECORD, {"id": TEXT, "digits": NUMBER, "zones": Shape(Kind.LIST, item=ZONE)})
ACCOUNT = Shape(Kind.RECORD, {"street": TEXT, "debt": NUMBER, "meters": Shape(Kind.LIST, item=METER)})

PROMPTS = """
prompts:
  recording-notice: {text: Разговор записывается., law: true}
  one-moment: Одну минуту.
"""
CALENDARS = """
calendars:
  office: {hours: {mon-fri: 08:00-20:00}}
"""
FORBIDDEN = """
phrases:
  - {phrase: вы обязаны, instead: «Вам нужно»}
  - {phrase: нет, alone: true}
  - {phrase: вас беспоко*}
  - {phrase: моё мнение}
"""

Finding = tuple[str, int, int, str]
"""File, line, column, code."""


async def _never(_facts: CallFacts, **_arguments: object) -> Result:
    raise AssertionError("lint runs nothing")


ACTIONS: Mapping[str, Action] = {
    action.name: action
    for action in (
        Action(
            name="customers.find_account",
            inputs={"number": TEXT},
            outcomes={"found": ACCOUNT, "unknown": None},
            run=_never,
        ),
        Action(
            name="readings.accept",
            inputs={"meter": METER, "value": NUMBER},
            outcomes={"accepted": Shape(Kind.RECORD, {"period": TEXT}), "refused": None},
            run=_never,
            personal=True,
        ),
    )
}


def findings(folder: Path, files: Mapping[str, str], lines: frozenset[str] = frozenset()) -> list[Problem]:
    """What lint says of files with those texts, marks removed."""
    company = {"prompts": PROMPTS, "calendars": CALENDARS, "forbidden-phrases": FORBIDDEN}
    for name, text in {**company, **files}.items():
        (folder / f"{name}.yaml").write_text(MARK.sub("", text), encoding="utf-8")
    linter = Linter(
        lines=lines, queues=frozenset({"clients"}), topics=frozenset({"readings.submit", "balance.debt"})
    )
    return lint_files([folder], world_of, linter)


def world_of(loaded: Loaded) -> World:
    """The actions above, and the calendars of the set."""
    return World(loaded.flows, ACTIONS, frozenset(loaded.calendars))


def found(folder: Path, files: Mapping[str, str]) -> list[Finding]:
    """The places and codes that lint finds."""
    return [(Path(one.file).stem, one.line, one.column, one.code) for one in findings(folder, files)]


def marked(files: Mapping[str, str]) -> list[Finding]:
    """The places and codes that the text marks."""
    places: list[Finding] = []
    for name, text in files.items():
        for number, line in enumerate(text.splitlines(), start=1):
            removed = 0
            for match in MARK.finditer(line):
                places.append((name, number, match.start() - removed + 1, match["code"]))
                removed += len(match.group())
    return sorted(places)


def warnings(problems: list[Problem]) -> set[str]:
    """The codes of the warnings."""
    return {problem.code for problem in problems if problem.severity is Severity.WARNING}
