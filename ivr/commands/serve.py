"""`ivr serve`: the engine under its watchdog; `ivr engine`: the engine itself."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence

import typer

from ivr.commands.output import say
from ivr.settings import Settings


def serve(context: typer.Context) -> None:
    """Take calls until stopped: run the engine, kill it when it freezes, start it again when it ends."""
    settings: Settings = context.obj
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    say("Engine under its watchdog; SIGTERM lets running calls end, SIGHUP reads the scenarios anew.")
    watchdog = [sys.executable, "-m", "ivr.watchdog", settings.watchdog.model_dump_json()]
    pid_file = str(settings.data_folder / "engine.pid")
    os.execv(sys.executable, [*watchdog, pid_file, *engine_command(sys.argv[1:])])  # noqa: S606


def engine_command(arguments: Sequence[str]) -> list[str]:
    """The command line of the engine that belongs to one of `ivr serve`."""
    at = len(arguments) - 1 - list(reversed(arguments)).index("serve")
    return [sys.executable, "-m", "ivr", *arguments[:at], "engine", *arguments[at + 1 :]]


def engine(context: typer.Context) -> None:
    """Run the engine without a watchdog."""
    import uvloop

    from ivr.app.engine import Engine

    settings: Settings = context.obj
    os.umask(0o027)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(Engine(settings).run())
