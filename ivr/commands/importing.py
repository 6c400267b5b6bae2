"""What commands tell of files that they take over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import typer

from ivr.commands.output import Format, emit, say
from ivr.customers.files import BadLine
from ivr.customers.sheets import Imported


def bad_lines_of(file: Path) -> Callable[[BadLine], None]:
    """Tells each bad line of a file on stderr, with its place."""

    def report(bad: BadLine) -> None:
        say(f"{file}:{bad.line}:{f' {bad.column}:' if bad.column else ''} {bad.reason}")

    return report


def tell(done: Imported, output: Format) -> None:
    """Tell what became of a file.

    Raises:
        typer.Exit: With status 1, when lines were left out.
    """
    text = f"{done.added} added, {done.changed} changed, {done.unchanged} unchanged, {done.bad} bad lines"
    if done.ignored:
        text += f"\ncolumns nobody knows: {', '.join(done.ignored)}"
    emit(asdict(done), text, output)
    if done.bad:
        raise typer.Exit(1)
