"""`ivr campaign refuse`, `refusals`, `lift`: who does not want to be called."""

from __future__ import annotations

import getpass
from typing import Annotated, Any

import typer

from ivr.app.campaign_office import CampaignOffice
from ivr.campaigns.channels.model import Channel
from ivr.campaigns.importing.phones import BadNumber, e164
from ivr.campaigns.rules.refusals import Refusal
from ivr.campaigns.rules.scopes import ALL, CALL, DEBT, of_kind
from ivr.commands.campaign_book import in_office
from ivr.commands.output import Format, FormatOption, emit
from ivr.customers.numbers import is_well_formed
from ivr.errors import Fault
from ivr.settings import Settings
from ivr.store import Database

Who = Annotated[str, typer.Argument(help="Telephone, or number of an account")]


def register(app: typer.Typer) -> None:
    """Put the commands below `ivr campaign`."""
    app.command()(refuse)
    app.command("refusals")(listed)
    app.command()(lift)


def refuse(
    context: typer.Context,
    who: Who,
    scope: Annotated[
        str, typer.Option(help="all, call (no messages), debt, a channel of messages, or kind:<a kind>")
    ] = ALL,
    source: Annotated[str, typer.Option(help="Where it was told: letter, operator, …")] = "letter",
    reference: Annotated[str, typer.Option(help="Such as the number of the letter")] = "",
    output: FormatOption = Format.TEXT,
) -> None:
    """Write down that somebody does not want to be called; it holds at once, a repeat changes nothing."""
    settings: Settings = context.obj
    account, number = _whom(settings, who)

    async def work(office: CampaignOffice, _database: Database) -> None:
        _require_scope(office, scope)
        await office.refusals.refuse(
            person=f"account:{account}" if account else "",
            number=number,
            scope=scope,
            source=source,
            reference=reference,
            by=getpass.getuser(),
        )

    in_office(settings, work)
    emit({"refused": True, "scope": scope}, f"refused: {scope}", output)


def listed(context: typer.Context, who: Who = "", output: FormatOption = Format.TEXT) -> None:
    """The refusals of somebody under all his accounts and numbers, or the latest; the newest first."""
    settings: Settings = context.obj
    account, number = _whom(settings, who) if who else ("", "")

    async def work(office: CampaignOffice, _database: Database) -> list[Refusal]:
        whom = await office.refusals.known_as(account=account, number=number) if who else None
        return list(await office.refusals.listed(whom))

    found = in_office(settings, work)
    text = "\n".join(map(_line, found)) or "no refusals"
    emit({"refusals": [_document(each) for each in found]}, text, output)


def lift(
    context: typer.Context,
    refusal: Annotated[int, typer.Argument(help="Its number in `ivr campaign refusals`")],
    why: Annotated[str, typer.Option(help="Where it is known from, such as the number of a letter")],
    output: FormatOption = Format.TEXT,
) -> None:
    """Take a refusal back; it stays on the list as such."""

    async def work(office: CampaignOffice, _database: Database) -> Refusal:
        lifted = await office.refusals.lift(refusal, getpass.getuser(), why)
        if lifted is None:
            raise Fault(
                f"There is no refusal {refusal} in force.",
                "ivr campaign lift",
                "`ivr campaign refusals` lists them.",
            )
        return lifted

    lifted = in_office(context.obj, work)
    emit(_document(lifted), _line(lifted), output)


def _require_scope(office: CampaignOffice, scope: str) -> None:
    known = [ALL, CALL, DEBT, *Channel]
    if not office.kinds.absent:
        known += [of_kind(kind.id) for kind in office.kinds()]
    if scope not in known:
        raise Fault(f"Nothing can be refused as {scope!r}.", "--scope", f"Take one of {', '.join(known)}.")


def _whom(settings: Settings, who: str) -> tuple[str, str]:
    """Account and number, one of them empty."""
    if is_well_formed(who, settings.customers.account_number):
        return who, ""
    try:
        return "", e164(who, settings.campaigns.imports.countries)
    except BadNumber as error:
        raise Fault(
            "That is neither a telephone nor the number of an account.",
            "ivr campaign",
            "Write +79123456789.",
        ) from error


def _document(refusal: Refusal) -> dict[str, Any]:
    moments = {"at": refusal.at, "until": refusal.until, "lifted_at": refusal.lifted_at}
    return {
        "id": refusal.id,
        "person": refusal.person,
        "number": refusal.number,
        "scope": refusal.scope,
        "source": refusal.source,
        "reference": refusal.reference,
        "by": refusal.by,
        "lifted_by": refusal.lifted_by,
        "lifted_why": refusal.lifted_why,
        **{name: None if moment is None else moment.isoformat() for name, moment in moments.items()},
    }


def _line(refusal: Refusal) -> str:
    whom = " ".join(filter(None, (refusal.person, refusal.number)))
    told = f"{refusal.id}: {refusal.at:%Y-%m-%d %H:%M} {whom}: {refusal.scope}, {refusal.source}"
    told += f" {refusal.reference}" if refusal.reference else ""
    told += f", until {refusal.until:%Y-%m-%d %H:%M}" if refusal.until else ""
    if refusal.lifted_at is None:
        return told
    return f"{told}; lifted {refusal.lifted_at:%Y-%m-%d %H:%M} by {refusal.lifted_by}: {refusal.lifted_why}"
