"""`ivr listen` with a hearing that recognises by rules: takes the options of `ivr` for the settings."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from ivr.app.listening import ListeningServer
from ivr.app.stack import Stack
from ivr.logs import configure
from ivr.settings import Settings, load
from ivr.watchdog import Child
from tests.contract.aeap.scripted import ScriptedHearing
from tests.real.exchange import TEXTS


class ScriptedStack(Stack):
    """Asterisk, the engine, and a recogniser that needs no model, both under the watchdog.

    Attributes:
        program: What is run as `ivr` for the engine.
    """

    program = "ivr"

    def serve_command(self) -> list[str]:
        """As `ivr serve`, with another program for the recogniser."""
        from ivr.commands.serve import Role, children

        engine, recogniser = children(self.settings, Role.ALL, [*self.arguments, "serve"])
        own = (sys.executable, "-m", "tests.real.scripted_recogniser", *self.arguments)
        program = tuple(self.program if each == "ivr" else each for each in engine.command)
        watched: Sequence[Child] = (
            engine.model_copy(update={"command": program}),
            recogniser.model_copy(update={"command": own}),
        )
        watchdog = [sys.executable, "-m", "ivr.watchdog", self.settings.watchdog.model_dump_json()]
        return [*watchdog, *(child.model_dump_json() for child in watched)]

    async def up(self) -> None:
        """Wait for the recogniser, too."""
        await super().up()
        await self.hears()


async def _scripted(_settings: Settings) -> ScriptedHearing:
    return ScriptedHearing(TEXTS)


def main() -> None:
    """Hear until stopped."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--settings", type=Path)
    parser.add_argument("--set", action="append", default=[])
    options = parser.parse_args()
    settings = load(options.settings, options.set)
    configure(settings.log)
    asyncio.run(ListeningServer(settings, _scripted).run())


if __name__ == "__main__":
    main()
