"""`ivr demo`: the invented company, from nothing to a reading that was handed in by telephone."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer

from ivr.app.demo import Demonstration, Shown
from ivr.commands.output import say
from ivr.settings import Settings


def demo(
    context: typer.Context,
    once: Annotated[
        bool, typer.Option("--once", help="Place the calls, check what came of them, and end.")
    ] = False,
    folder: Annotated[Path, typer.Option(help="Where the demonstration keeps its data.")] = Path("var/demo"),
) -> None:
    """Set the demo company up, start Asterisk and the engine, and place its calls."""
    settings: Settings = context.obj
    demonstration = Demonstration(settings, folder.absolute(), say)
    shown = asyncio.run(_show(demonstration, once=once))
    if not shown.ok:
        for fault in shown.faults:
            say(f"NOT AS IT SHOULD BE: {fault}")
        raise typer.Exit(1)


async def _show(demonstration: Demonstration, *, once: bool) -> Shown:
    await demonstration.prepare()
    try:
        await demonstration.start()
        shown = await demonstration.show()
        if not once:
            say(demonstration.invitation())
            await _until_stopped()
        return shown
    finally:
        say("Stopping the engine and Asterisk.")
        await demonstration.stop()


async def _until_stopped() -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
