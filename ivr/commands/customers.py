"""`ivr customers`: billing's files in, readings out, one account shown, an invented company made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from ivr.clock import SystemClock
from ivr.commands.importing import bad_lines_of
from ivr.commands.opened import with_database
from ivr.commands.output import Format, FormatOption, emit, say
from ivr.customers.demo import write_demo
from ivr.customers.importing import Imported, import_file
from ivr.customers.model import Account
from ivr.customers.own import OwnTables
from ivr.customers.rows import AccountRow, MeterRow, columns_of
from ivr.customers.settings import CustomersSettings
from ivr.readings import outbox
from ivr.readings.export import Exported, export_readings
from ivr.settings import Settings
from ivr.store import Database

app = typer.Typer(help="Customers and the exchange with billing.", no_args_is_help=True)
T = TypeVar("T")

_IMPORT_HELP = f"""Take billing's CSV files over; a repeat changes nothing.

Encoding (UTF-8, CP1251) and delimiter (; , tab) are found out. The first line names the columns. Name the
file of accounts before that of meters. Each bad line is told on stderr and left out.

\b
A file of accounts:
{columns_of(AccountRow)}

\b
A file of meters, one line a tariff zone:
{columns_of(MeterRow)}
"""


@app.command("import", help=_IMPORT_HELP)
def import_files(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="CSV files, accounts first")],
    output: FormatOption = Format.TEXT,
) -> None:
    """Take billing's CSV files over; exit status 1 when lines were left out."""
    settings: Settings = context.obj
    done = with_database(settings.store, lambda database: _import(database, files, settings.customers))
    _tell_imported(done, output)
    if any(each.bad for each in done):
        raise typer.Exit(1)


@app.command("demo")
def demo_company(
    context: typer.Context,
    folder: Annotated[Path, typer.Option("--output", help="Folder of the CSV files")],
    accounts: Annotated[int, typer.Option(min=2, max=9_999, help="How many accounts")] = 200,
    into_database: Annotated[
        bool, typer.Option("--import/--files-only", help="Import them, or only write the files")
    ] = True,
    output: FormatOption = Format.TEXT,
) -> None:
    """Make an invented company's customers."""
    settings: Settings = context.obj
    month = SystemClock(settings.company.zone).now().date().replace(day=1)
    files = write_demo(folder, accounts, month)
    say(f"written: {files[0]}, {files[1]}")
    if into_database:
        _tell_imported(
            with_database(settings.store, lambda database: _import(database, files, settings.customers)),
            output,
        )


@app.command("show")
def show_account(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="Account number")],
    output: FormatOption = Format.TEXT,
) -> None:
    """Show an account of our own tables, personal data included; exit status 1 when there is none."""
    settings: Settings = context.obj
    found = with_database(settings.store, lambda database: OwnTables(database).by_number(number)).accounts
    if not found:
        say(f"no account has the number {number}")
        raise typer.Exit(1)
    emit({"account": asdict(found[0])}, _as_text(found[0]), output)


@app.command("export-readings")
def export(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Option("--output", help="Folder; default from the settings")] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Write the readings that billing has not had yet into a new CSV file."""
    settings: Settings = context.obj
    target = folder or settings.readings.export_folder
    clock = SystemClock(settings.company.zone)

    async def work(database: Database) -> list[Exported]:
        return await export_readings(database, target, clock)

    done = with_database(settings.store, work)
    text = "\n".join(f"{each.file}: {each.readings} readings" for each in done) or "nothing to export"
    emit({"files": [asdict(each) for each in done]}, text, output)


@app.command("deliveries")
def deliveries(
    context: typer.Context,
    retry_dead: Annotated[bool, typer.Option(help="Try again what was given up")] = False,
    output: FormatOption = Format.TEXT,
) -> None:
    """Count the readings on their way to billing; exit status 1 when some were given up."""
    settings: Settings = context.obj
    clock = SystemClock(settings.company.zone)

    async def work(database: Database) -> dict[str, dict[str, int]]:
        if retry_dead:
            await database.write(lambda connection: outbox.revive(connection, clock.now()))
        return await database.read(outbox.count)

    counts = with_database(settings.store, work)
    lines = (f"{channel} {state}: {n}" for channel, of in sorted(counts.items()) for state, n in of.items())
    emit({"deliveries": counts}, "\n".join(lines) or "no readings", output)
    if any(outbox.DeliveryState.DEAD in of for of in counts.values()):
        raise typer.Exit(1)


async def _import(database: Database, files: Sequence[Path], settings: CustomersSettings) -> list[Imported]:
    done = []
    for file in files:
        done.append(await import_file(database, file, settings, bad_lines_of(file)))
    return done


def _tell_imported(done: Sequence[Imported], output: Format) -> None:
    lines = []
    for each in done:
        lines.append(
            f"{each.file}: {each.kind}: {each.added} added, {each.changed} changed, "
            f"{each.unchanged} unchanged, {each.bad} bad lines"
        )
        if each.ignored:
            lines.append(f"{each.file}: columns nobody knows: {', '.join(each.ignored)}")
    emit({"files": [asdict(each) for each in done]}, "\n".join(lines), output)


def _as_text(account: Account) -> str:
    address = account.address
    street = f"{address.street_type} {address.street}".strip()
    lines = [
        f"{account.number}  {account.name}  ({account.kind}, {account.segment})",
        f"  {address.settlement}, {street}, {address.house} {address.flat}".rstrip(),
        f"  phones: {', '.join(account.phones) or '-'}",
        f"  balance: {account.balance} of {account.balance_as_of}",
    ]
    for meter in account.meters:
        lines.append(f"  meter {meter.serial}, {meter.digits} digits")
        lines.extend(
            f"    {zone.code}: {zone.last_value} on {zone.last_date}, usually {zone.usual_monthly} a month"
            for zone in meter.zones
        )
    return "\n".join(lines)
