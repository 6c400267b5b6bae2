"""Lint: what is wrong with scenarios that could be loaded, found without running anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ivr.dialogue.lint.rules import FLOW_RULES, SET_RULES
from ivr.dialogue.lint.scope import Scope
from ivr.dialogue.loader import Loaded, home_of, load
from ivr.dialogue.problems import Problem
from ivr.dialogue.scenarios import check
from ivr.dialogue.settings import DialogueSettings
from ivr.dialogue.variables import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Linter:
    """Examines sets of scenarios; fits `Environment.lint`.

    Attributes:
        lines: Flows that take the calls of lines, besides those that no other flow calls.
        queues: Names of the queues; None when they are not known.
        topics: Topics of the knowledge base; None when they are not known.
    """

    lines: frozenset[str] = frozenset()
    queues: frozenset[str] | None = None
    topics: frozenset[str] | None = None
    settings: DialogueSettings = field(default_factory=DialogueSettings)

    def __call__(self, loaded: Loaded, world: World) -> list[Problem]:
        """The errors and warnings of a set, by file and line."""
        scope = Scope(loaded, world, self.lines, self.queues, self.topics, self.settings)
        problems = {problem for rule in SET_RULES for problem in rule(scope)}
        for flow in loaded.flows.values():
            problems.update(problem for rule in FLOW_RULES for problem in rule(scope, flow))
        return sorted(problems)


def lint_files(paths: Sequence[Path], world_of: Callable[[Loaded], World], linter: Linter) -> list[Problem]:
    """Examine files and folders: syntax, schema, names, types and all rules.

    A single file or a sub-folder is examined together with the flows around it, which it may call and be
    called by; only what is wrong with the file itself, and with the company's files beside it, is told.

    Args:
        paths: Files and folders of scenarios.
        world_of: What flows are checked against: actions, calendars, filters.
        linter: The rules.
    """
    asked = load(list(paths))
    told = {flow.document.file for flow in asked.flows.values()}
    told |= {document.file for document in asked.documents.values()}
    together = _with_neighbours(asked, paths)
    world = world_of(together)
    found = [*check(together, world), *linter(together, world)]
    return sorted({*asked.problems, *(problem for problem in found if problem.file in told)})


def _with_neighbours(asked: Loaded, paths: Sequence[Path]) -> Loaded:
    """The same with the other flows of the company."""
    folders = {home_of(path.parent if path.is_file() else path) for path in paths if path.exists()}
    neighbours = load(sorted(folders))
    return Loaded(
        flows={**neighbours.flows, **asked.flows},
        prompts=asked.prompts,
        calendars=asked.calendars,
        forbidden=asked.forbidden,
        everywhere=asked.everywhere,
        documents=asked.documents,
    )
