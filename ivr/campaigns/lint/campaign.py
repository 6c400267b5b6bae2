"""One campaign before it is started: whether it has what its kind needs, in words that may be said."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from ivr.campaigns.entries import NewCampaign
from ivr.campaigns.kinds import Kind, Kinds
from ivr.campaigns.lint.wording import forbidden_words, unspeakable_in
from ivr.campaigns.model import Campaign
from ivr.campaigns.needed import FieldKind, Owner
from ivr.dialogue.schema.files import ForbiddenPhrase
from ivr.errors import Fault
from ivr.kpi.profiles import Profile

EVENT = ("starts", "date")
"""Fields that say when that happens of which a notice tells."""


def lint_campaign(
    kinds: Kinds,
    campaign: Campaign | NewCampaign,
    *,
    forbidden: Collection[ForbiddenPhrase] = (),
    profile: Profile | None = None,
) -> list[Fault]:
    """Everything that keeps a campaign from being started; nothing when it may be.

    Args:
        kinds: The company's.
        campaign: To be started.
        forbidden: Phrases that are never said.
        profile: Standard that is kept.
    """
    try:
        kind = kinds[campaign.kind]
    except Fault as fault:
        return [fault]
    where = f"campaign {campaign.name}"
    return [
        *_missing(kind, campaign.fields, where),
        *_unknown(kind, campaign.fields, where),
        *_wording(kind, campaign.fields, forbidden, where),
        *_late(kind, campaign, profile, where),
    ]


def _missing(kind: Kind, fields: Mapping[str, Any], where: str) -> Iterator[Fault]:
    for each, why in kind.missing(Owner.CAMPAIGN, fields):
        clause = f" The standard wants it stated ({each.clause})." if each.clause else ""
        yield Fault(f"The field «{each.title}» ({each.name}): {why}.{clause}", where, f"Fill in {each.name}.")


def _unknown(kind: Kind, fields: Mapping[str, Any], where: str) -> Iterator[Fault]:
    known = {each.name for each in kind.needed(Owner.CAMPAIGN)}
    for name in fields.keys() - known:
        fix = f"Leave it out; there are {', '.join(sorted(known)) or 'none'}."
        yield Fault(f"The kind {kind.id!r} has no field {name!r} of a campaign.", where, fix)


def _wording(
    kind: Kind, fields: Mapping[str, Any], forbidden: Collection[ForbiddenPhrase], where: str
) -> Iterator[Fault]:
    for each in kind.needed(Owner.CAMPAIGN):
        text = str(fields.get(each.name) or "")
        if each.kind not in {FieldKind.TEXT, FieldKind.NAME}:
            continue
        for message in forbidden_words(text, forbidden):
            yield Fault(f"The field «{each.title}» ({each.name}): {message}.", where, "Say it another way.")
        for found in unspeakable_in(text):
            what = f"The field «{each.title}» ({each.name}): a voice reads {found!r} wrongly."
            yield Fault(what, where, "Write it out in Russian words.")


def _late(
    kind: Kind, campaign: Campaign | NewCampaign, profile: Profile | None, where: str
) -> Iterator[Fault]:
    """Calls that come after what they tell of, or later before it than the standard has it."""
    latest = latest_day(kind, campaign.fields, profile)
    if latest is not None and campaign.last_day > latest:
        event = _event(kind, campaign.fields)
        ahead = f"{(event - latest).days} days before it" if event and event != latest else "before it"
        what = f"The campaign lasts until {campaign.last_day}, but has to tell {ahead} of what is on {event}."
        yield Fault(what, where, f"Let it end on {latest} at the latest.")


def latest_day(kind: Kind, fields: Mapping[str, Any], profile: Profile | None) -> date | None:
    """The last day on which that may be told which the fields name; None: nothing has a day of its own."""
    event = _event(kind, fields)
    if event is None or not kind.notice:
        return None
    notices = [one for one in profile.notices if one.kind == kind.notice] if profile is not None else []
    return event - timedelta(days=max((one.days_before or 0 for one in notices), default=0))


def _event(kind: Kind, fields: Mapping[str, Any]) -> date | None:
    for name in EVENT:
        needed = kind.fields.get(name)
        if needed is None or needed.of is not Owner.CAMPAIGN:
            continue
        try:
            value = needed.value(fields.get(name))
        except ValueError:
            return None
        return value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None
    return None
