"""Runs the programs of the system that start and drive Asterisk."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence


def run(command: Sequence[str], seconds: float) -> subprocess.CompletedProcess[str] | None:
    """Run a program to its end, without a shell; None when it is missing or takes longer."""
    try:
        return subprocess.run(  # noqa: S603 - the words come from the settings, which the owner writes
            command, capture_output=True, text=True, errors="replace", timeout=seconds
        )
    except (subprocess.TimeoutExpired, FileNotFoundError):
        return None


def succeeds(command: Sequence[str], seconds: float) -> bool:
    """Whether a program ends well and in time."""
    done = run(command, seconds)
    return done is not None and done.returncode == 0
