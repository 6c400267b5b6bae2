"""`ivr doctor`: is everything there that an engine needs?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict

import typer

from ivr.app.doctor import Finding, checks, examine
from ivr.commands.output import Format, FormatOption, emit
from ivr.settings import Settings

LIMIT_SECONDS = 30.0


def doctor(context: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """Look whether everything is in order for taking calls; exit status 1 when something is not."""
    settings: Settings = context.obj
    findings = asyncio.run(examine(checks(settings), LIMIT_SECONDS))
    emit({"checks": [asdict(finding) for finding in findings]}, _table(findings), output)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _table(findings: Sequence[Finding]) -> str:
    width = max(len(finding.name) for finding in findings)
    return "\n".join(line for finding in findings for line in _lines(finding, width))


def _lines(finding: Finding, width: int) -> list[str]:
    mark = "✓ ok   " if finding.ok else "✗ wrong"
    lines = [f"{mark}  {finding.name:{width}}  {finding.detail}"]
    return lines if finding.ok else [*lines, f"{'':{width + 9}}  → {finding.fix}"]
