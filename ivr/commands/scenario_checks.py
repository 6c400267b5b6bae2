"""`ivr scenario lint`, `graph`, `schema`: what can be said of scenarios without running them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import graphviz
import typer

from ivr.app.actions import declared
from ivr.app.scenarios import campaign_problems, environment, linter
from ivr.commands.output import Format, FormatOption, emit
from ivr.dialogue.graph import drawing
from ivr.dialogue.json_schema import json_schema
from ivr.dialogue.lint import lint_files
from ivr.dialogue.loader import home_of, load
from ivr.dialogue.problems import Problem, ScenarioFault, Severity
from ivr.errors import Fault
from ivr.settings import Settings

PICTURES = ("svg", "png", "pdf")


def register(app: typer.Typer) -> None:
    """Add the commands to `ivr scenario`."""
    app.command("lint")(lint)
    app.command("graph")(graph)
    app.command("schema")(schema)


def lint(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files of flows, or folders of them")],
    output: FormatOption = Format.TEXT,
) -> None:
    """Examine scenarios; exit status 1 when there are errors, warnings alone do not count."""
    _require(paths)
    settings: Settings = context.obj
    world_of = environment(settings, declared(settings)).world
    homes = {home_of(path if path.is_dir() else path.parent) for path in paths}
    problems = lint_files(paths, world_of, linter(settings, next(iter(homes))))
    problems += [problem for home in homes for problem in _of_campaigns(settings, home, paths)]
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    warnings = [problem for problem in problems if problem.severity is Severity.WARNING]
    document = {
        "errors": [problem.document() for problem in errors],
        "warnings": [problem.document() for problem in warnings],
    }
    lines = [_line(problem) for problem in problems]
    emit(document, "\n".join([*lines, f"{len(errors)} errors, {len(warnings)} warnings"]), output)
    if errors:
        raise typer.Exit(1)


def _of_campaigns(settings: Settings, home: Path, paths: Sequence[Path]) -> list[Problem]:
    """What is wrong with the kinds of campaigns, as far as it stands in the files that were asked for."""
    problems = campaign_problems(settings, home, load([home]))
    return [problem for problem in problems if any(Path(problem.file).is_relative_to(path) for path in paths)]


def graph(
    file: Annotated[Path, typer.Argument(help="File of a flow")],
    target: Annotated[Path, typer.Option("--output", "-o", help="Picture: .svg, .png or .pdf")],
) -> None:
    """Draw a flow."""
    _require([file])
    kind = target.suffix.removeprefix(".")
    if kind not in PICTURES:
        raise Fault("This is no kind of picture.", str(target), f"Name a file with {', '.join(PICTURES)}.")
    loaded = load([file])
    flow = next((flow for flow in loaded.flows.values() if flow.document.file == str(file)), None)
    if flow is None:
        raise ScenarioFault(loaded.problems) if loaded.problems else Fault("This is no flow.", str(file))
    try:
        target.write_bytes(drawing(flow, loaded.prompts).pipe(format=kind))
    except graphviz.ExecutableNotFound:
        raise Fault("Graphviz is not there.", "dot", "Install the package graphviz.") from None


def schema(
    target: Annotated[Path, typer.Option("--output", "-o", help="File to write")],
) -> None:
    """Write the JSON Schema of the language, for editors."""
    target.write_text(json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _line(problem: Problem) -> str:
    place = f"{problem.file}:{problem.line}:{problem.column}"
    return f"{place}: {problem.severity}: {problem.message} [{problem.code}]"


def _require(paths: Sequence[Path]) -> None:
    for path in paths:
        if not path.exists():
            raise Fault("There is no such file or folder.", str(path), "Name a file of a flow, or a folder.")
