"""`ivr asterisk`: Asterisk's configuration and its running."""

from __future__ import annotations

from typing import Protocol, cast

import typer

from ivr.asterisk.config import install
from ivr.asterisk.host import AsteriskHost, Status
from ivr.asterisk.settings import AsteriskSettings
from ivr.commands.output import Format, FormatOption, emit, say

app = typer.Typer(
    help="Render Asterisk's configuration; start, stop and look at Asterisk.", no_args_is_help=True
)


class HasAsterisk(Protocol):
    """The settings that the command line hands over in `ctx.obj`."""

    @property
    def asterisk(self) -> AsteriskSettings:
        """Those of Asterisk."""


@app.command()
def render(ctx: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """Write Asterisk's configuration files from the settings and the templates."""
    settings = _settings(ctx)
    files = AsteriskHost(settings).render()
    install(settings, files)
    names = sorted(files)
    document = {"folder": settings.etc_folder, "files": names}
    emit(document, f"{len(names)} files are in {settings.etc_folder}.", output)


@app.command()
def prepare(ctx: typer.Context) -> None:
    """Make sure that there is an Asterisk to run; a private one is made when none is installed."""
    AsteriskHost(_settings(ctx), say).prepare()


@app.command()
def up(ctx: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """Start Asterisk and wait until it is ready; nothing is done when it runs already."""
    host = AsteriskHost(_settings(ctx), say)
    running = host.up()
    if running.seconds == 0:
        say("Asterisk runs already; changed settings count after `ivr asterisk down` and `up`.")
    _emit(host.status(), output)


@app.command()
def down(ctx: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """Stop Asterisk; running calls may end within the limit of the settings."""
    ran = AsteriskHost(_settings(ctx), say).down()
    emit({"running": False, "ran": ran}, "Asterisk has stopped." if ran else "Asterisk did not run.", output)


@app.command()
def status(ctx: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """Show version, uptime, channels, trunks and modules; exit status 1 when something is not in order."""
    found = AsteriskHost(_settings(ctx)).status()
    _emit(found, output)
    if not found.in_order:
        raise typer.Exit(1)


def _settings(ctx: typer.Context) -> AsteriskSettings:
    return cast(HasAsterisk, ctx.obj).asterisk


def _emit(found: Status, output: Format) -> None:
    emit(found.document(), found.text(), output)
