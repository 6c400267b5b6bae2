"""`ivr serve`: engine and recogniser under their watchdog; `ivr engine` and `ivr listen`: each by itself."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import Annotated

import typer

from ivr.commands.output import say
from ivr.settings import Settings
from ivr.watchdog import Child


class Role(StrEnum):
    """What a machine does."""

    ALL = "all"
    AGI = "agi"  # takes calls
    SPEECH = "speech"  # hears callers


def serve(
    context: typer.Context,
    role: Annotated[
        Role, typer.Option(help="What this machine does: agi takes calls, speech hears.")
    ] = Role.ALL,
) -> None:
    """Take calls until stopped: run engine and recogniser, kill what freezes, start again what ends."""
    settings: Settings = context.obj
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    say("Under the watchdog; SIGTERM lets running calls end, SIGHUP reads the scenarios anew.")
    watchdog = [sys.executable, "-m", "ivr.watchdog", settings.watchdog.model_dump_json()]
    watched = [child.model_dump_json() for child in children(settings, role, sys.argv[1:])]
    os.execv(sys.executable, [*watchdog, *watched])  # noqa: S606


def children(settings: Settings, role: Role, arguments: Sequence[str]) -> list[Child]:
    """The processes of a role, in the order in which they are stopped."""
    engine = Child(
        name="engine",
        command=tuple(child_command("engine", arguments)),
        pid_file=settings.data_folder / "engine.pid",
    )
    recogniser = Child(
        name="recogniser",
        command=tuple(child_command("listen", arguments)),
        pid_file=settings.data_folder / "recogniser.pid",
        essential=role is Role.SPEECH,
        signal_when_other_ends=signal.SIGUSR1,
    )
    return {Role.ALL: [engine, recogniser], Role.AGI: [engine], Role.SPEECH: [recogniser]}[role]


def child_command(command: str, arguments: Sequence[str]) -> list[str]:
    """The command line of a child that belongs to one of `ivr serve`: with the same settings."""
    at = len(arguments) - 1 - list(reversed(arguments)).index("serve")
    return [sys.executable, "-m", "ivr", *arguments[:at], command]


def engine(context: typer.Context) -> None:
    """Run the engine without a watchdog."""
    from ivr.app.engine import Engine

    _run(Engine(context.obj).run)


def listen(context: typer.Context) -> None:
    """Run the recogniser without a watchdog."""
    from ivr.app.listening import ListeningServer

    _run(ListeningServer(context.obj).run)


def collect_seldom() -> None:
    """Look for cycles of garbage a thirtieth as often.

    Thousands of calls in memory make each search long, and hardly anything of ours is in a cycle: a third
    more events are taken in (`ivr bench events`).
    """
    gc.set_threshold(20_000, 20, 50)


def _run(work: Callable[[], Awaitable[None]]) -> None:
    import uvloop

    async def main() -> None:
        await work()

    os.umask(0o027)
    collect_seldom()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
