"""`ivr outages`: the register of outages, imported or entered by hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import typer
from pydantic import ValidationError

from ivr.clock import SystemClock
from ivr.commands.importing import bad_lines_of, tell
from ivr.commands.opened import with_database
from ivr.commands.output import Format, FormatOption, emit
from ivr.customers.sheets import Imported, bad_lines, columns_of, in_zone
from ivr.errors import Fault
from ivr.outages.entries import OutageEntry, OutageRow
from ivr.outages.importing import import_outages
from ivr.outages.model import Outage, OutageKind
from ivr.outages.service import Outages
from ivr.settings import Settings
from ivr.store import Database

app = typer.Typer(help="Outages: where there is no electricity, why, until when.", no_args_is_help=True)
T = TypeVar("T")

ByOption = Annotated[str, typer.Option("--by", envvar="USER", help="Who enters it")]
_MOMENT = "YYYY-MM-DDTHH:MM or DD.MM.YYYY HH:MM, in the company's time zone"
_IMPORT_HELP = f"""Take outages over from a file; a repeat changes nothing.

CSV (UTF-8 or CP1251; ; , or tab) with a line a place, or JSON {{"outages": [{{…, "places": [{{…}}]}}]}} with
the same names. Each bad line is told on stderr and its outage left out.

\b
Columns:
{columns_of(OutageRow)}
"""


@app.command("import", help=_IMPORT_HELP)
def import_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV, or JSON with the ending .json")],
    source: Annotated[str, typer.Option(help="Whose ids the file's are")] = "file",
    by: ByOption = "unknown",
    output: FormatOption = Format.TEXT,
) -> None:
    """Take a file over; exit status 1 when lines were left out."""
    settings: Settings = context.obj

    async def work(outages: Outages) -> Imported:
        return await import_outages(outages, file, source, by, settings.company.zone, bad_lines_of(file))

    tell(_with_outages(settings, work), output)


@app.command("add")
def add(
    context: typer.Context,
    settlement: Annotated[str, typer.Option(help="Town or village")],
    street: Annotated[list[str] | None, typer.Option(help="Street; may be repeated; none: all of it")] = None,
    houses: Annotated[str, typer.Option(help="Houses, such as «1-15, 2к1, 20-40 чётные»")] = "",
    reason: Annotated[str, typer.Option(help="As it is told to callers")] = "",
    until: Annotated[str | None, typer.Option(help=f"Expected end: {_MOMENT}")] = None,
    kind: Annotated[OutageKind, typer.Option(help="planned or emergency")] = OutageKind.EMERGENCY,
    begins: Annotated[str | None, typer.Option(help=f"Default: now. {_MOMENT}")] = None,
    expires: Annotated[str | None, typer.Option(help=f"Told until then: {_MOMENT}")] = None,
    works: Annotated[str, typer.Option(help="Kind of works")] = "",
    organisation: Annotated[str, typer.Option(help="Who does them")] = "",
    responsible: Annotated[str, typer.Option(help="Position and name of the person in charge")] = "",
    phone: Annotated[str, typer.Option(help="For questions")] = "",
    by: ByOption = "unknown",
    external_id: Annotated[
        str | None, typer.Option("--id", help="With it a repeat changes this outage")
    ] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Enter an outage; callers are told at once."""
    settings: Settings = context.obj
    streets = street or [""]
    if houses and len(streets) != 1:
        raise Fault("Houses go with one street.", "--houses", "Enter each street with houses by itself.")
    zone = settings.company.zone
    given: dict[str, Any] = {
        "id": external_id,
        "kind": kind,
        "reason": reason,
        "works": works,
        "organisation": organisation,
        "responsible": responsible,
        "phone": phone,
        "begins_at": begins or SystemClock(zone).now(),
        "expected_end": until,
        "expires_at": expires,
        "places": [{"settlement": settlement, "street": each, "houses": houses} for each in streets],
    }
    entry = _entry(given, zone)
    written = _with_outages(settings, lambda outages: outages.enter(entry, "operator", by))
    emit(asdict(written), f"outage {written.id} {written.outcome.value}", output)


@app.command("close")
def close(
    context: typer.Context,
    outage: Annotated[int, typer.Argument(help="Id, as `ivr outages list` shows it")],
    output: FormatOption = Format.TEXT,
) -> None:
    """Declare an outage over; exit status 1 when none of this id goes on."""
    settings: Settings = context.obj
    done = _with_outages(settings, lambda outages: outages.close(outage))
    emit({"id": outage, "closed": done}, f"outage {outage} {'closed' if done else 'does not go on'}", output)
    if not done:
        raise typer.Exit(1)


@app.command("list")
def list_outages(
    context: typer.Context,
    over: Annotated[bool, typer.Option("--all", help="Also those that are over")] = False,
    output: FormatOption = Format.TEXT,
) -> None:
    """List the outages that callers are told."""
    settings: Settings = context.obj
    found = _with_outages(settings, lambda outages: outages.listed(over=over))
    text = "\n".join(_as_text(each) for each in found) or "no outages"
    emit({"outages": [asdict(each) for each in found]}, text, output)


def _with_outages(settings: Settings, work: Callable[[Outages], Awaitable[T]]) -> T:
    async def on(database: Database) -> T:
        return await work(Outages(database, settings.outages, SystemClock(settings.company.zone)))

    return with_database(settings.store, on)


def _entry(given: dict[str, Any], zone: ZoneInfo) -> OutageEntry:
    try:
        return OutageEntry.model_validate(given, context=in_zone(zone))
    except ValidationError as error:
        problems = "; ".join(f"{bad.column}: {bad.reason}" for bad in bad_lines(0, error))
        raise Fault(f"The outage cannot be entered: {problems}.", "ivr outages add", "See --help.") from error


def _as_text(outage: Outage) -> str:
    end = _when(outage.expected_end) if outage.expected_end else "?"
    over = f", closed {_when(outage.closed_at)}" if outage.closed_at else ""
    head = f"{outage.id}  {outage.kind.value}  {_when(outage.begins_at)} – {end}{over}  {outage.reason}"
    return "\n".join([head.rstrip(), *_places_as_text(outage)])


def _places_as_text(outage: Outage) -> Sequence[str]:
    return [
        "     " + ", ".join(filter(None, (each.settlement, each.street, each.houses)))
        for each in outage.places
    ]


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
