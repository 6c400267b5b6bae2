"""Campaigns and targets as rows; jobs for the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ivr.campaigns.entries import Added, HistoryLine, NewCampaign, NewTarget, Page, Progress
from ivr.campaigns.faults import NameTaken, NoCampaign, NotNow
from ivr.campaigns.model import Campaign, CampaignState, Disposition, Mode, Target, TargetState
from ivr.campaigns.tables import (
    campaign_attempts,
    campaign_history,
    campaign_people,
    campaign_targets,
    campaigns,
)

TARGET = [campaign_targets.c.id, *(campaign_targets.c[each.name] for each in fields(Target)[1:])]
"""Columns of a target, in the order of its fields."""

_CAMPAIGN = [campaigns.c.id, *(campaigns.c[each.name] for each in fields(Campaign)[1:])]
_DRAFTED = (CampaignState.DRAFT, CampaignState.PAUSED)
STEPS: Mapping[CampaignState, frozenset[CampaignState]] = {
    CampaignState.DRAFT: frozenset({CampaignState.RUNNING, CampaignState.STOPPED}),
    CampaignState.RUNNING: frozenset({CampaignState.PAUSED, CampaignState.STOPPED, CampaignState.DONE}),
    CampaignState.PAUSED: frozenset({CampaignState.RUNNING, CampaignState.STOPPED, CampaignState.DONE}),
    CampaignState.STOPPED: frozenset(),
    CampaignState.DONE: frozenset({CampaignState.RUNNING}),
}
"""What may follow a state. DONE runs on when it was given new targets; STOPPED is for good."""


def campaign(row: Row[Any]) -> Campaign:
    """A campaign from its columns."""
    told = row._asdict()
    told["campaign_id"] = told.pop("id")
    return Campaign(**told | {"state": CampaignState(told["state"]), "mode": Mode(told["mode"])})


def target(row: Row[Any]) -> Target:
    """A target from the columns TARGET."""
    told = row._asdict()
    told["target_id"] = told.pop("id")
    told["state"] = TargetState(told["state"])
    told["numbers"], told["zones"] = tuple(told["numbers"]), tuple(told["zones"])
    return Target(**told)


def query() -> Select[Any]:
    """All campaigns."""
    return select(*_CAMPAIGN)


_BY_ID = query().where(campaigns.c.id == bindparam("campaign"))


def find(connection: Connection, campaign_id: int) -> Campaign | None:
    """A campaign by its number."""
    row = connection.execute(_BY_ID, {"campaign": campaign_id}).first()
    return None if row is None else campaign(row)


def find_by_name(connection: Connection, name: str) -> Campaign | None:
    """A campaign by its name."""
    row = connection.execute(query().where(campaigns.c.name == name)).first()
    return None if row is None else campaign(row)


def every(connection: Connection) -> list[Campaign]:
    """All campaigns, the newest first."""
    return [campaign(row) for row in connection.execute(query().order_by(campaigns.c.id.desc()))]


def create(connection: Connection, new: NewCampaign, now: datetime) -> Campaign:
    """Write a draft down. Raises NameTaken; IntegrityError when another process takes it meanwhile."""
    if find_by_name(connection, new.name) is not None:
        raise NameTaken(new.name)
    told = {**_told(new), "state": CampaignState.DRAFT, "why": ""}
    campaign_id: int = connection.execute(
        insert(campaigns).values(told).returning(campaigns.c.id)
    ).scalar_one()
    note(connection, campaign_id, HistoryLine(now, new.by, CampaignState.DRAFT, ""))
    return existing(connection, campaign_id)


def revise(connection: Connection, campaign_id: int, new: NewCampaign, now: datetime) -> Campaign:
    """Change a campaign that does not run. Raises NoCampaign, NameTaken, NotNow."""
    before = _locked(connection, campaign_id)
    if before.state not in _DRAFTED:
        raise NotNow(
            before.state,
            f"The campaign {before.name} is {before.state}; it can't be changed now.",
            "Pause it first; one that is over stays as it was.",
        )
    if new.name != before.name and find_by_name(connection, new.name) is not None:
        raise NameTaken(new.name)
    connection.execute(update(campaigns).where(campaigns.c.id == campaign_id).values(_told(new)))
    note(connection, campaign_id, HistoryLine(now, new.by, before.state, "changed"))
    return existing(connection, campaign_id)


def set_state(connection: Connection, campaign_id: int, line: HistoryLine) -> Campaign:
    """Take a step; one that is taken already changes nothing. Raises NoCampaign, NotNow."""
    before = _locked(connection, campaign_id)
    if before.state is line.state:
        return before
    if line.state not in STEPS[before.state]:
        raise NotNow(
            before.state,
            f"The campaign {before.name} is {before.state}; it can't become {line.state}.",
            "Make a new campaign." if not STEPS[before.state] else "",
        )
    why = "" if line.state is CampaignState.RUNNING else line.why[:500]
    connection.execute(
        update(campaigns).where(campaigns.c.id == campaign_id).values(state=line.state, why=why)
    )
    note(connection, campaign_id, line)
    return existing(connection, campaign_id)


def note(connection: Connection, campaign_id: int, line: HistoryLine) -> None:
    """Add a line to the history."""
    told = {**asdict(line), "why": line.why[:500], "campaign_id": campaign_id}
    connection.execute(insert(campaign_history).values(told))


def history(connection: Connection, campaign_id: int) -> list[HistoryLine]:
    """All steps, the first one first."""
    columns = [campaign_history.c[each.name] for each in fields(HistoryLine)]
    mine = campaign_history.c.campaign_id == campaign_id
    rows = connection.execute(select(*columns).where(mine).order_by(campaign_history.c.id))
    return [HistoryLine(row.at, row.by, CampaignState(row.state), row.why) for row in rows]


def existing(connection: Connection, campaign_id: int) -> Campaign:
    """A campaign that there is. Raises NoCampaign."""
    found = find(connection, campaign_id)
    if found is None:
        raise NoCampaign(campaign_id)
    return found


def _locked(connection: Connection, campaign_id: int) -> Campaign:
    """The campaign, which no other process changes, claims from or dials for until the transaction ends."""
    connection.execute(select(campaigns.c.id).where(campaigns.c.id == campaign_id).with_for_update())
    return existing(connection, campaign_id)


def _told(new: NewCampaign) -> dict[str, Any]:
    return {each.name: getattr(new, each.name) for each in fields(NewCampaign) if each.name != "by"}


# --- targets ---


def add_targets(connection: Connection, campaign_id: int, new: Sequence[NewTarget], now: datetime) -> Added:
    """Write those down who are new to it. Raises NoCampaign, NotNow, ZoneInfoNotFoundError."""
    state = existing(connection, campaign_id).state
    if state is CampaignState.STOPPED:
        raise NotNow(state, "The campaign is stopped; it takes no more targets.", "Make a new campaign.")
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    people = [{"person": person} for person in sorted({each.person for each in new})]
    known = _known(connection, campaign_id, [each["person"] for each in people])
    fresh = {each.person: each for each in reversed(new) if each.person not in known}
    if not fresh:
        return Added(0, len(new))
    connection.execute(dialect.insert(campaign_people).on_conflict_do_nothing(), people)
    rows = [_target_row(campaign_id, fresh[person], now) for person in sorted(fresh)]
    put = dialect.insert(campaign_targets).on_conflict_do_nothing().returning(campaign_targets.c.id)
    written = len(connection.execute(put, rows).all())
    return Added(written, len(new) - written)


def _known(connection: Connection, campaign_id: int, people: Sequence[str]) -> set[str]:
    mine = campaign_targets.c.campaign_id == campaign_id
    asked = select(campaign_targets.c.person).where(mine, campaign_targets.c.person.in_(people))
    return set(connection.execute(asked).scalars())


def _target_row(campaign_id: int, new: NewTarget, now: datetime) -> dict[str, Any]:
    return {
        "campaign_id": campaign_id,
        "person": new.person,
        "account": new.account,
        "numbers": list(new.numbers),
        "zones": list(new.zones),
        "fields": dict(new.fields),
        "state": TargetState.WAITING,
        "east": east(new.zones, now),
        "due_at": new.due_at or now,
        "tries": 0,
        "outcome": "",
    }


_zone = lru_cache(maxsize=128)(ZoneInfo)
"""ZoneInfo itself keeps eight; a Russian mobile may lie in eleven."""


def east(zones: Iterable[str], now: datetime) -> int:
    """Minutes that the easternmost zone is ahead of UTC now. Raises ZoneInfoNotFoundError."""
    offsets = (now.astimezone(_zone(zone)).utcoffset() for zone in zones)
    return max((int(offset.total_seconds()) // 60 for offset in offsets if offset), default=0)


def find_target(connection: Connection, target_id: int) -> Target | None:
    """A target by its number."""
    row = connection.execute(select(*TARGET).where(campaign_targets.c.id == target_id)).first()
    return None if row is None else target(row)


def targets(
    connection: Connection, campaign_id: int, after: int, limit: int, state: TargetState | None
) -> Page[Target]:
    """A part of a campaign's targets, in the order in which they were added."""
    wanted = [campaign_targets.c.campaign_id == campaign_id, campaign_targets.c.id > after]
    if state is not None:
        wanted.append(campaign_targets.c.state == state)
    asked = select(*TARGET).where(*wanted).order_by(campaign_targets.c.id).limit(limit)
    found = [target(row) for row in connection.execute(asked)]
    return Page(found, found[-1].target_id if len(found) == limit else None)


def progress(connection: Connection, campaign_id: int) -> Progress:
    """How far a campaign is."""
    of_targets, made = campaign_targets.c, campaign_attempts.c
    states = connection.execute(
        select(of_targets.state, func.count())
        .where(of_targets.campaign_id == campaign_id)
        .group_by(of_targets.state)
    )
    standing = {TargetState(state): count for state, count in states}
    ends = connection.execute(
        select(made.disposition, func.count(), func.count(made.answered_at))
        .where(made.campaign_id == campaign_id)
        .group_by(made.disposition)
    ).all()
    ended = {Disposition(name): count for name, count, _ in ends if name is not None}
    return Progress(
        total=sum(standing.values()),
        targets=standing,
        attempts=ended,
        open=sum(count for name, count, _ in ends if name is None),
        answered=sum(answered for _, _, answered in ends),
        abandoned=ended.get(Disposition.ABANDONED, 0),
    )
