"""The door: the command `ivr`."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ivr.commands.deferred import Deferred
from ivr.commands.output import say
from ivr.errors import Fault

COMMANDS = (
    Deferred(
        "demo", "demo:demo", "Set the demo company up, start Asterisk and the engine, and place its calls."
    ),
    Deferred(
        "doctor",
        "doctor:doctor",
        "Look whether everything is in order for taking calls; exit status 1 when something is not.",
    ),
    Deferred("engine", "serve:engine", "Run the engine without a watchdog.", hidden=True),
    Deferred("listen", "serve:listen", "Run the recogniser without a watchdog.", hidden=True),
    Deferred(
        "serve",
        "serve:serve",
        "Take calls until stopped: run engine and recogniser, kill what freezes, start again what ends.",
    ),
    Deferred(
        "asterisk", "asterisk:app", "Render Asterisk's configuration; start, stop and look at Asterisk."
    ),
    Deferred("bench", "bench:app", "Measurements, each beside its baseline in the same run."),
    Deferred("blocklist", "blocklist:app", "Numbers that are kept away for a time."),
    Deferred("calls", "calls:app", "Calls: the last ones, and the story of one."),
    Deferred("campaign", "campaign:app", "Campaigns: calls out, and their pacing tried without telephony."),
    Deferred("customers", "customers:app", "Customers and the exchange with billing."),
    Deferred("db", "db:app", "The database: bring its tables up to date."),
    Deferred("desk", "desk:app", "What operators work with: shifts, lost callers, tasks."),
    Deferred("kb", "kb:app", "The knowledge base: examined, searched, measured."),
    Deferred("kpi", "kpi:app", "KPIs: the profiles of the standards and how they are kept."),
    Deferred("models", "models:app", "Models of speech recognition: list, install, check."),
    Deferred("outages", "outages:app", "Outages: where there is no electricity, why, until when."),
    Deferred("prompts", "prompts:app", "Prompts: build them ahead, list them for a studio, try a text."),
    Deferred("quality", "quality:app", "Quality: how turns went, what was not understood, transcripts."),
    Deferred("recordings", "recordings:app", "Recordings: list, find, verify, purge, hold, export, keys."),
    Deferred("requests", "requests:app", "Registered requests and how they stand."),
    Deferred("callbacks", "visits:callbacks_app", "Calls that were promised."),
    Deferred("appointments", "visits:appointments_app", "Visits to an office that are booked."),
    Deferred("satisfaction", "satisfaction:app", "Surveys of clients: what is due, what was answered."),
    Deferred("scenario", "scenario:app", "Scenarios: try them and test them without telephony."),
    Deferred("speech", "speech:app", "Speech: hear a file, check how numbers and answers are understood."),
    Deferred("user", "user:app", "Users: add, list, change, set passwords, deactivate, unlock."),
    Deferred("visits", "visits:visits_app", "Visits to clients with limited mobility."),
    Deferred("web", "web:app", "The web server: certificates for https."),
)
"""In the order of `ivr --help`; what is told of each is what it tells of itself."""


class Door(TyperGroup):
    """The group of all commands."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for command in COMMANDS:
            self.add_command(command)


app = typer.Typer(
    name="ivr",
    cls=Door,
    help="Contact-centre telephony and IVR engine for electricity retailers, on Asterisk.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def settings_of_the_call(
    context: typer.Context,
    settings: Annotated[
        Path | None, typer.Option(help="Settings file (YAML); default ivr.yaml if it is there.")
    ] = None,
    override: Annotated[
        list[str] | None,
        typer.Option("--set", help="One setting, as in --set web.port=8080; wins over file and environment."),
    ] = None,
) -> None:
    """Load the settings once, for every command."""
    from ivr.logs import configure  # `ivr --help` has no use for them
    from ivr.settings import load

    context.obj = load(settings, override or [])
    configure(context.obj.log)


def _end(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def main() -> None:
    """Run the command; a fault is told in words and ends with status 2."""
    signal.signal(signal.SIGTERM, _end)  # so that what was started is stopped
    try:
        app()
    except Fault as fault:
        say(f"ivr: {fault}")
        sys.exit(2)
