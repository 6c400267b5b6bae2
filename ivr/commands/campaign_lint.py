"""`ivr campaign lint`: kinds of campaigns with their flows, and campaigns that are not over."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from ivr.app.campaign_office import campaign_office
from ivr.app.scenarios import campaign_problems
from ivr.campaigns.kinds import KINDS_FILE
from ivr.campaigns.lint import lint_campaign
from ivr.campaigns.model import Campaign, CampaignState
from ivr.clock import SystemClock
from ivr.commands.opened import with_database
from ivr.commands.output import Format, FormatOption, emit
from ivr.dialogue.loader import Loaded, load
from ivr.dialogue.problems import Problem, Severity
from ivr.errors import Fault
from ivr.kpi.profiles import load_profiles
from ivr.settings import Settings
from ivr.store import Database

_OVER = frozenset({CampaignState.STOPPED, CampaignState.DONE})


@dataclass(frozen=True, slots=True)
class _Wrong:
    """What keeps a campaign from being started."""

    campaign: str
    fault: Fault


def register(app: typer.Typer) -> None:
    """Put the command below `ivr campaign`."""
    app.command()(lint)


def lint(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of scenarios: its kinds alone are examined")
    ] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Examine kinds, their flows, and campaigns that are not over; exit status 1 when one has an error."""
    settings: Settings = context.obj
    home = folder or settings.scenarios.folder
    if not (home / KINDS_FILE).exists():
        raise Fault(
            "There are no kinds of campaigns.", str(home / KINDS_FILE), "Name a folder that has them."
        )
    loaded = load([home])
    problems = campaign_problems(settings, home, loaded)
    errors = [each for each in problems if each.severity is Severity.ERROR]
    wrong = _campaigns(settings, loaded) if folder is None and not errors else []
    document = {
        "errors": [each.document() for each in errors],
        "warnings": [each.document() for each in problems if each.severity is Severity.WARNING],
        "campaigns": [
            {"campaign": each.campaign, "what": each.fault.what, "fix": each.fault.fix} for each in wrong
        ],
    }
    lines = [
        *map(_line, problems),
        *(f"{each.campaign}: {each.fault.what} {each.fault.fix}" for each in wrong),
    ]
    count = f"{len(errors)} errors, {len(problems) - len(errors)} warnings, {len(wrong)} faults of campaigns"
    emit(document, "\n".join([*lines, count]), output)
    if errors or wrong:
        raise typer.Exit(1)


def _campaigns(settings: Settings, loaded: Loaded) -> list[_Wrong]:
    profile = load_profiles(settings.standards_folder).get(settings.company.profile)

    async def work(database: Database) -> list[_Wrong]:
        office = campaign_office(settings, database, SystemClock(settings.company.zone))

        def faults(campaign: Campaign) -> list[Fault]:
            return lint_campaign(office.kinds(), campaign, forbidden=loaded.forbidden, profile=profile)

        return [
            _Wrong(campaign.name, fault)
            for campaign in await office.service.book.campaigns()
            if campaign.state not in _OVER
            for fault in faults(campaign)
        ]

    return with_database(settings.store, work)


def _line(problem: Problem) -> str:
    place = f"{problem.file}:{problem.line}:{problem.column}"
    return f"{place}: {problem.severity}: {problem.message} [{problem.code}]"
