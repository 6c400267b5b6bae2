"""`ivr kpi`: profiles of the standards, and what was kept of them."""

from __future__ import annotations

import typer

from ivr.commands import kpi_checks

app = typer.Typer(help="KPIs: the profiles of the standards and how they are kept.", no_args_is_help=True)
kpi_checks.register(app)


@app.callback()
def _group() -> None:
    """Keep `lint` a command of its own while it is the only one."""
