"""Lint of the scenario language: rules over whole flows, by data-flow and graphs; nothing is run."""

from ivr.dialogue.lint.linter import Linter, lint_files

__all__ = ["Linter", "lint_files"]
