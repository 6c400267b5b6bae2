"""`ivr kpi lint`: whether the profiles of the standards are right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ivr.commands.output import Format, FormatOption, emit
from ivr.errors import Fault
from ivr.kpi.profiles import examine
from ivr.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command to `ivr kpi`."""
    app.command("lint")(lint)


def lint(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Profiles, or folders of them; default: those of the settings")
    ] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Examine profiles of standards; exit status 1 when one is wrong."""
    settings: Settings = context.obj
    files = [file for path in paths or [settings.standards_folder] for file in _files(path)]
    faults = [fault for file in files for fault in examine(file)]
    document = {
        "profiles": len(files),
        "errors": [{"where": fault.where, "what": fault.what, "fix": fault.fix} for fault in faults],
    }
    lines = [f"{fault.where}: {fault.what} {fault.fix}".rstrip() for fault in faults]
    emit(document, "\n".join([*lines, f"{len(files)} profiles, {len(faults)} errors"]), output)
    if faults:
        raise typer.Exit(1)


def _files(path: Path) -> list[Path]:
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not files:
        raise Fault("There is no profile.", str(path), "Put the company's standard there as <id>.yaml.")
    return files
