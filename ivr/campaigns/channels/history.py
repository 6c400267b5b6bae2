"""What was done to reach a person: calls and messages of all campaigns in one row of events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, select

from ivr.archive.chain import What
from ivr.archive.tables import archive_log, recordings
from ivr.campaigns import rows as book
from ivr.campaigns.attempts_book import of_target
from ivr.campaigns.channels import receipts, rows
from ivr.campaigns.channels.model import Message, Part
from ivr.campaigns.model import Attempt, Campaign, Target
from ivr.campaigns.tables import campaign_targets


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording of a call, and how it is known that it is still the same.

    Attributes:
        recording_id: In the archive.
        sha256: Of its content.
        entry: Number of the entry of the archive's log with which it was taken over; 0: there is none.
        entry_hash: Of that entry: it stands in a chain with all entries before it.
    """

    recording_id: str
    seconds: float
    sha256: str
    entry: int = 0
    entry_hash: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptTold:
    """A receipt; `told_at` is by the gateway's clock and may be missing, `taken_at` by ours."""

    part: int
    state: str
    code: str
    told_at: datetime | None
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was made, or wanted."""

    campaign: Campaign
    attempt: Attempt
    recordings: Sequence[Recorded] = ()

    @property
    def at(self) -> datetime:
        """When it was written down, before it was dialled."""
        return self.attempt.written_at


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was sent, or wanted."""

    campaign: Campaign
    message: Message
    parts: Sequence[Part] = ()
    receipts: Sequence[ReceiptTold] = ()

    @property
    def at(self) -> datetime:
        """When it was written down, before it was handed over."""
        return self.message.written_at


Event = Call | Sent


@dataclass(frozen=True, slots=True)
class History:
    """All that was done to reach one person, the first event first.

    Attributes:
        targets: What the campaigns knew of the person.
    """

    person: str
    targets: Sequence[Target]
    events: Sequence[Event]


def of_person(connection: Connection, person: str, campaign_id: int | None = None) -> History:
    """The history of a person over all campaigns, or in one; a job for `Database.read`."""
    wanted = [campaign_targets.c.person == person]
    if campaign_id is not None:
        wanted.append(campaign_targets.c.campaign_id == campaign_id)
    query = select(*book.TARGET).where(*wanted).order_by(campaign_targets.c.id)
    targets = [book.target(row) for row in connection.execute(query)]
    events = [event for target in targets for event in _events(connection, target)]
    return History(person, targets, sorted(events, key=lambda each: each.at))


def people_of(connection: Connection, campaign_id: int, after: int, limit: int) -> list[tuple[int, str]]:
    """A part of a campaign's people, each with the number of the target, behind a target."""
    query = (
        select(campaign_targets.c.id, campaign_targets.c.person)
        .where(campaign_targets.c.campaign_id == campaign_id, campaign_targets.c.id > after)
        .order_by(campaign_targets.c.id)
        .limit(limit)
    )
    return [(row.id, row.person) for row in connection.execute(query)]


def _events(connection: Connection, target: Target) -> list[Event]:
    campaign = book.existing(connection, target.campaign_id)
    attempts = of_target(connection, target.target_id)
    recorded = _recorded(connection, [each.attempt_id for each in attempts])
    calls = [Call(campaign, each, recorded.get(each.attempt_id, ())) for each in attempts]
    sent = rows.listed(connection, target_id=target.target_id)
    return [*calls, *(_sent(connection, campaign, each) for each in sent)]


def _sent(connection: Connection, campaign: Campaign, message: Message) -> Sent:
    told = [
        ReceiptTold(row.part, row.state, row.code, row.told_at, row.taken_at)
        for row in receipts.of_message(connection, message.message_id)
    ]
    return Sent(campaign, message, rows.parts_of(connection, message.message_id), told)


def _recorded(connection: Connection, call_ids: Sequence[str]) -> Mapping[str, Sequence[Recorded]]:
    """The recordings of calls, with the entries of the archive's log that took them over."""
    taken = and_(archive_log.c.recording_id == recordings.c.id, archive_log.c.what == What.TAKEN.value)
    query = (
        select(
            recordings.c.call_id,
            recordings.c.id,
            recordings.c.seconds,
            recordings.c.sha256,
            archive_log.c.seq,
            archive_log.c.hash,
        )
        .select_from(recordings.outerjoin(archive_log, taken))
        .where(recordings.c.call_id.in_(call_ids))
        .order_by(recordings.c.started_at, archive_log.c.seq)
    )
    found: dict[str, dict[str, Recorded]] = {}
    for call_id, recording_id, seconds, sha256, seq, digest in connection.execute(query):
        one = Recorded(recording_id, seconds, sha256, seq or 0, digest or "")
        found.setdefault(call_id, {})[recording_id] = one
    return {call_id: list(each.values()) for call_id, each in found.items()}
