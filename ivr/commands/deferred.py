"""Commands that are loaded when they are called: each needs other libraries, and `--help` needs none."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand
from typer.main import get_command, get_group


class Deferred(TyperCommand):
    """What `--help` tells of a command, until it is called."""

    def __init__(self, name: str, place: str, told: str, *, hidden: bool = False) -> None:
        """Note where the command is.

        Args:
            name: The word that calls it.
            place: Module of `ivr.commands` and what to take of it, as in `visits:callbacks_app`: a `Typer`
                with commands of its own, or the function that is the command.
            told: Its line in the list of commands.
            hidden: Whether it is left out of that list.
        """
        super().__init__(name, help=told, hidden=hidden)
        self._place = place

    def load(self) -> Any:
        """The command itself."""
        module, _, attribute = self._place.partition(":")
        found = getattr(import_module(f"ivr.commands.{module}"), attribute)
        return get_group(found) if isinstance(found, typer.Typer) else get_command(_alone(found))

    def make_context(self, *arguments: Any, **named: Any) -> Any:
        """Begin the call with the command itself; see click's `Command.make_context`."""
        return self.load().make_context(*arguments, **named)


def _alone(function: Any) -> typer.Typer:
    app = typer.Typer(add_completion=False)
    app.command()(function)
    return app
