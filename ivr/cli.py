"""The door: the command `ivr`."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from ivr.commands import (
    asterisk,
    bench,
    blocklist,
    calls,
    customers,
    db,
    demo,
    desk,
    doctor,
    kb,
    kpi,
    models,
    outages,
    prompts,
    quality,
    recordings,
    requests,
    scenario,
    serve,
    speech,
    speech_checks,
    user,
    visits,
    web,
)
from ivr.commands.output import say
from ivr.errors import Fault
from ivr.logs import configure
from ivr.settings import load

app = typer.Typer(
    name="ivr",
    help="Contact-centre telephony and IVR engine for electricity retailers, on Asterisk.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(asterisk.app, name="asterisk")
app.add_typer(bench.app, name="bench")
app.add_typer(blocklist.app, name="blocklist")
app.add_typer(calls.app, name="calls")
app.add_typer(customers.app, name="customers")
app.add_typer(db.app, name="db")
app.add_typer(desk.app, name="desk")
app.add_typer(kb.app, name="kb")
app.add_typer(kpi.app, name="kpi")
app.add_typer(models.app, name="models")
app.add_typer(outages.app, name="outages")
app.add_typer(prompts.app, name="prompts")
app.add_typer(quality.app, name="quality")
app.add_typer(recordings.app, name="recordings")
app.add_typer(requests.app, name="requests")
app.add_typer(visits.callbacks_app, name="callbacks")
app.add_typer(visits.appointments_app, name="appointments")
app.add_typer(scenario.app, name="scenario")
speech_checks.register(speech.app)
app.add_typer(speech.app, name="speech")
app.add_typer(user.app, name="user")
app.add_typer(visits.visits_app, name="visits")
app.add_typer(web.app, name="web")
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
app.command("engine", hidden=True)(serve.engine)
app.command("listen", hidden=True)(serve.listen)
app.command("serve")(serve.serve)


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
