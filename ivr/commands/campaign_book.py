"""`ivr campaign create|import|start|pause|stop|report|list|refuse`: campaigns at a terminal.

They work on the database alone; an engine that runs picks up what was changed within a second.
"""

from __future__ import annotations

import asyncio
import getpass
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from ivr.app.campaign_office import CampaignOffice, campaign_office
from ivr.campaigns.entries import NewCampaign
from ivr.campaigns.importing.accounts import DebtFilter, months_before
from ivr.campaigns.importing.reasons import ImportReport
from ivr.campaigns.model import Campaign, Mode
from ivr.campaigns.report.course import Course, course
from ivr.campaigns.report.sheets import Paper, as_csv, as_xlsx
from ivr.campaigns.service import NotReady
from ivr.clock import SystemClock
from ivr.commands.opened import with_database
from ivr.commands.output import Format, FormatOption, emit, say
from ivr.errors import Fault
from ivr.settings import Settings
from ivr.store import Database

T = TypeVar("T")
Work = Callable[[CampaignOffice, Database], Awaitable[T]]
Name = Annotated[str, typer.Argument(help="Name of the campaign")]
Why = Annotated[str, typer.Option("--why", help="Reason, for the history of the campaign")]
Day = ["%Y-%m-%d"]
_NAME = r"^[a-z0-9][a-z0-9-]{1,63}$"


def register(app: typer.Typer) -> None:
    """Put the commands below `ivr campaign`."""
    app.command()(create)
    app.command("import")(take_over)
    app.command()(start)
    app.command()(pause)
    app.command()(stop)
    app.command()(report)
    app.command("list")(listed)


def create(
    context: typer.Context,
    name: Name,
    kind: Annotated[str, typer.Option(help="Kind, of campaigns/kinds.yaml")],
    first: Annotated[datetime, typer.Option("--from", formats=Day, help="First day")],
    last: Annotated[datetime, typer.Option("--to", formats=Day, help="Last day")],
    title: Annotated[str, typer.Option(help="For people; the kind's own if not said")] = "",
    mode: Annotated[Mode, typer.Option(help="How it dials")] = Mode.AGENTLESS,
    opens: Annotated[str, typer.Option(help="Not before, HH:MM in the subscriber's zone")] = "",
    closes: Annotated[str, typer.Option(help="Not after, HH:MM")] = "",
    lines: Annotated[int, typer.Option(min=1, help="Calls at once")] = 10,
    per_second: Annotated[float, typer.Option(min=0.01, help="Calls begun in a second")] = 2.0,
    queue: Annotated[str, typer.Option(help="Operators, for every mode but agentless")] = "",
    caller_id: Annotated[str, typer.Option(help="Name in the white list of the settings")] = "",
    field: Annotated[list[str] | None, typer.Option(help="name=value of the text; several times")] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Write a campaign down, as a draft."""

    async def work(office: CampaignOffice, _database: Database) -> Campaign:
        new = NewCampaign(
            name=name,
            kind=kind,
            title=title or office.kinds()[kind].title,
            first_day=first.date(),
            last_day=last.date(),
            mode=mode,
            opens=_hour(opens, "--opens"),
            closes=_hour(closes, "--closes"),
            lines=lines,
            calls_per_second=per_second,
            queue=queue,
            caller_id=caller_id,
            fields=_fields(field or []),
            by=getpass.getuser(),
        )
        return await office.service.create(new)

    _tell(context.obj, work, output)


def take_over(
    context: typer.Context,
    name: Name,
    file: Annotated[Path | None, typer.Argument(help="CSV or XLSX file of targets")] = None,
    debts: Annotated[
        float | None, typer.Option(help="Instead of a file: debtors of the own tables from so many roubles")
    ] = None,
    months: Annotated[
        int | None,
        typer.Option(min=1, max=120, help="With --debts: in debt for so many months or longer (debt_since)"),
    ] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Take targets over; each line that is left out is told on stderr, and the exit status is 1 then.

    Encoding (UTF-8, CP1251) and delimiter (; , tab) are found out. A repeat changes nothing.
    """
    if (file is None) == (debts is None):
        raise Fault(
            "Targets come from a file, or from debts.",
            "ivr campaign import",
            "Name one of them: FILE, --debts.",
        )
    done: list[ImportReport] = []

    async def work(office: CampaignOffice, _database: Database) -> Campaign:
        campaign = await _campaign(office, name)
        needs = office.kinds()[campaign.kind].needs
        if file is not None:
            done.append(await office.importing.file(campaign.campaign_id, file, needs))
        else:
            today = datetime.now(context.obj.company.zone).date()
            since = months_before(today, months) if months is not None else None
            wanted = DebtFilter(least=Decimal(str(debts)), since=since)
            done.append(await office.importing.debts(campaign.campaign_id, wanted, needs))
        return campaign

    campaign, counted = _run(context.obj, work)
    (told,) = done
    for each in told.complaints:
        say(f"{file or 'debts'}:{each.line}:{f' {each.field}:' if each.field else ''} {each.what} {each.fix}")
    counts = {one: getattr(told, one) for one in ("read", "new", "known", "repeated", "refused")}
    text = ", ".join(f"{count} {one}" for one, count in counts.items())
    if told.ignored:
        text += f"\ncolumns nobody knows: {', '.join(told.ignored)}"
    emit(_document(campaign, counted) | {"import": counts | {"ignored": list(told.ignored)}}, text, output)
    if told.refused:
        raise typer.Exit(1)


def start(context: typer.Context, name: Name, output: FormatOption = Format.TEXT) -> None:
    """Let it dial; exit status 1 when something stands in the way, which is told on stderr."""

    async def work(office: CampaignOffice, _database: Database) -> Campaign:
        campaign = await _campaign(office, name)
        try:
            return await office.service.start(campaign.campaign_id, getpass.getuser())
        except NotReady as error:
            for each in error.findings:
                say(f"{each.where}: {each.what} {each.fix}")
            raise typer.Exit(1) from error

    _tell(context.obj, work, output)


def pause(context: typer.Context, name: Name, why: Why = "", output: FormatOption = Format.TEXT) -> None:
    """Order no more calls; those under way go on."""

    async def work(office: CampaignOffice, _database: Database) -> Campaign:
        campaign = await _campaign(office, name)
        return await office.service.pause(campaign.campaign_id, why, getpass.getuser())

    _tell(context.obj, work, output)


def stop(context: typer.Context, name: Name, why: Why = "", output: FormatOption = Format.TEXT) -> None:
    """End it for good."""

    async def work(office: CampaignOffice, _database: Database) -> Campaign:
        campaign = await _campaign(office, name)
        return await office.service.stop(campaign.campaign_id, why, getpass.getuser())

    _tell(context.obj, work, output)


def report(
    context: typer.Context,
    name: Name,
    to: Annotated[
        Path | None, typer.Option("--to", help="File .xlsx or .csv with every attempt; holds personal data")
    ] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """What it has come to; with --to also a file with every attempt."""
    settings: Settings = context.obj

    async def work(office: CampaignOffice, database: Database) -> Campaign:
        campaign = await _campaign(office, name)
        if to is not None:
            await _write(settings, office, database, campaign, to)
        return campaign

    campaign, counted = _run(settings, work)
    emit(_document(campaign, counted), _text(campaign, counted), output)


def listed(context: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """All campaigns, the latest first."""

    async def work(office: CampaignOffice, database: Database) -> list[tuple[Campaign, Course]]:
        campaigns = await office.service.book.campaigns()
        return [(each, await _counted(database, each)) for each in campaigns]

    found = in_office(context.obj, work)
    text = "\n".join(_text(campaign, counted) for campaign, counted in found) or "no campaigns"
    emit({"campaigns": [_document(campaign, counted) for campaign, counted in found]}, text, output)


# --- in detail ------------------------------------------------------------------------------------------


def in_office(settings: Settings, work: Work[T]) -> T:
    """Do something with campaigns on the database of the settings. Raises Fault."""

    async def on(database: Database) -> T:
        return await work(campaign_office(settings, database, SystemClock(settings.company.zone)), database)

    return with_database(settings.store, on)


def _run(settings: Settings, work: Work[Campaign]) -> tuple[Campaign, Course]:
    async def counted(office: CampaignOffice, database: Database) -> tuple[Campaign, Course]:
        campaign = await work(office, database)
        return campaign, await _counted(database, campaign)

    return in_office(settings, counted)


def _tell(settings: Settings, work: Work[Campaign], output: Format) -> None:
    campaign, counted = _run(settings, work)
    emit(_document(campaign, counted), _text(campaign, counted), output)


async def _campaign(office: CampaignOffice, name: str) -> Campaign:
    """The campaign of a name.

    Raises:
        Fault: There is none.
    """
    found = await office.service.book.by_name(name)
    if found is None:
        known = ", ".join(each.name for each in await office.service.book.campaigns()) or "none"
        raise Fault(f"There is no campaign {name}.", "ivr campaign", f"There are: {known}.")
    return found


async def _counted(database: Database, campaign: Campaign) -> Course:
    now = datetime.now(UTC)
    return await database.read(partial(course, campaign_id=campaign.campaign_id, now=now))


async def _write(
    settings: Settings, office: CampaignOffice, database: Database, campaign: Campaign, to: Path
) -> None:
    zone = settings.company.zone
    counted = await _counted(database, campaign)
    paper = Paper.of(campaign, office.kinds(), counted, SystemClock(zone).now(), zone)
    parts = as_csv(paper, database) if to.suffix == ".csv" else as_xlsx(paper, database)
    with await asyncio.to_thread(to.open, "wb") as file:
        async for part in parts:
            await asyncio.to_thread(file.write, part)


def _document(campaign: Campaign, counted: Course) -> dict[str, Any]:
    states = Counter({state.value: count for state, count in counted.states.items()})
    return {
        "campaign": campaign.name,
        "state": campaign.state.value,
        "why": campaign.why,
        "kind": campaign.kind,
        "targets": {"total": counted.total, "done": states["done"], "waiting": states["waiting"]} | states,
        "attempts": {each.value: count for each, count in counted.dispositions.items()},
        "under_way": counted.open,
        "outcomes": dict(counted.outcomes),
        "abandon_rate": counted.abandoned,
    }


def _text(campaign: Campaign, counted: Course) -> str:
    told = f"{campaign.name}: {campaign.state}{f' ({campaign.why})' if campaign.why else ''}"
    over = counted.total - counted.left
    told += f", {over} of {counted.total} targets are over, {counted.open} calls under way"
    ends = ", ".join(f"{count} {each}" for each, count in counted.dispositions.items())
    return f"{told}; {ends}" if ends else told


def _hour(text: str, option: str) -> time | None:
    try:
        return time.fromisoformat(text) if text else None
    except ValueError:
        raise Fault(f"{text!r} is no time of the day.", option, "Write it as 09:30.") from None


def _fields(pairs: list[str]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            raise Fault(f"{pair!r} has no value.", "--field", "Write name=value.")
    return dict(pair.split("=", 1) for pair in pairs)
