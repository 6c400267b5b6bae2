"""Personal data of campaigns that are long over are erased, and nothing that was counted is."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, Table, select

from ivr.campaigns import retention
from ivr.campaigns.book import CampaignBook
from ivr.campaigns.channels import rows as outbox
from ivr.campaigns.channels.model import Channel, Moment
from ivr.campaigns.channels.rows import NewMessage
from ivr.campaigns.channels.tables import messages
from ivr.campaigns.model import Campaign, CampaignState, Disposition
from ivr.campaigns.retention import Retention
from ivr.campaigns.rules.refusals import Refusals
from ivr.campaigns.settings import RetentionSettings
from ivr.campaigns.tables import campaign_attempts, campaign_people, campaign_targets
from ivr.store import Database
from tests.contract.campaigns.samples import ClockByHand, attempted, claimed, person, run
from tests.unit.campaigns.rules.samples import MOSCOW

NOON = datetime(2026, 11, 24, 12, tzinfo=MOSCOW)
OVER = datetime(2026, 11, 30, tzinfo=MOSCOW) + timedelta(days=61)
PERSONAL = ("Анна", "000000001", "000000002", "79000000001", "79000000002", "1200.50", "долго ждал")


@pytest.fixture
def clock() -> ClockByHand:
    return ClockByHand(NOON)


@pytest.fixture
def sweeping(database: Database, clock: ClockByHand) -> Retention:
    return Retention(database, clock, RetentionSettings(days=60))


async def called(book: CampaignBook, database: Database, clock: ClockByHand, name: str) -> Campaign:
    """A campaign that has talked with two persons and written to each."""
    campaign = await run(book, [person(1), person(2)], name)
    for _ in range(2):
        target = await claimed(book, clock, campaign)
        attempt = await attempted(book, target)
        await book.ended(attempt.attempt_id, Disposition.PERSON, 16, clock.now())
        await book.result(attempt.attempt_id, "promised", {"words": "долго ждал"})
        new = NewMessage(
            campaign_id=campaign.campaign_id,
            target_id=target.target_id,
            person=target.person,
            channel=Channel.SMS,
            moment=Moment.AFTER,
            address=target.numbers[0],
            subject="Анна Ивановна",
            text="Анна Ивановна, 1200.50",
            key=f"{name}-{target.target_id}",
        )
        await database.write(lambda connection, new=new: outbox.write(connection, new, clock.now()))  # type: ignore[misc]
    return campaign


async def test_after_its_term_nothing_personal_is_left_and_the_figures_are(
    book: CampaignBook,
    database: Database,
    clock: ClockByHand,
    sweeping: Retention,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "_AT_ONCE", 1)
    campaign = await called(book, database, clock, "debts")
    await book.set_state(campaign.campaign_id, CampaignState.STOPPED, "", "vera")
    await Refusals(database, clock).refuse(person="account:000000001", source="letter", by="vera")
    before = await book.progress(campaign.campaign_id)
    clock.moment = OVER - timedelta(days=1)
    assert await sweeping.sweep() == 0
    clock.moment = OVER
    assert await sweeping.sweep() == 2
    assert await sweeping.sweep() == 0
    left = await database.read(_everything)
    assert [word for word in PERSONAL if word in left] == []
    assert await book.progress(campaign.campaign_id) == before
    attempts = (await book.attempts(campaign.campaign_id)).items
    assert [each.outcome for each in attempts] == ["promised", "promised"]
    assert len(await Refusals(database, clock).listed()) == 1


async def test_what_is_live_or_young_stays_and_persons_of_it_are_known(
    book: CampaignBook, database: Database, clock: ClockByHand, sweeping: Retention
) -> None:
    over = await called(book, database, clock, "over")
    live = await run(book, [person(1)], "live")
    await book.set_state(over.campaign_id, CampaignState.STOPPED, "", "vera")
    clock.moment = OVER
    assert await sweeping.sweep() == 2
    (target,) = (await book.targets(live.campaign_id)).items
    assert target.numbers == person(1).numbers
    persons = await database.read(lambda connection: _all(connection, campaign_people))
    assert persons == "[('account:000000001',)]"


def _everything(connection: Connection) -> str:
    kept = (campaign_targets, campaign_attempts, campaign_people, messages)
    return " ".join(_all(connection, table) for table in kept)


def _all(connection: Connection, table: Table) -> str:
    return str([tuple(row) for row in connection.execute(select(table))])
