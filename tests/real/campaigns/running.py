"""A company whose engine dials a town of SIPp's subscribers; campaigns are written into its book."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from ivr.bench.sipp import Endpoint
from ivr.campaigns.book import CampaignBook
from ivr.campaigns.entries import NewCampaign, NewTarget, Progress
from ivr.campaigns.model import Attempt, Campaign, CampaignState, Target
from ivr.clock import SystemClock
from ivr.store import Database
from tests.real.campaigns.subscribers import Temper, number_of
from tests.real.company import Company
from tests.real.instances import free_port
from tests.real.scripted_recogniser import ScriptedStack

_MIDDAY = 13
QUICK: dict[str, dict[str, object] | int] = {
    "trunks": {"town": {"lines": 30, "calls_per_second": 10}},
    "caller_ids": {"debt": {"number": "+74832111111", "label": "Энергосбыт"}},
    "ring_seconds": 5,
    "retries": {"most_tries": 1},
    "dialling": {"sweep_seconds": 1, "missing_seconds": 5, "result_seconds": 5},
}
"""Settings of a company that calls everybody once."""
BY_RULES = partial(Company, hears=True)
"""A company whose recogniser needs no model."""


@dataclass
class Dialling:
    """The company, and where its trunk finds the subscribers."""

    company: Company
    place: Endpoint

    @asynccontextmanager
    async def book(self) -> AsyncIterator[CampaignBook]:
        """The book, beside the engine that works with it."""
        patient = self.company.stack.settings.store.model_copy(update={"busy_seconds": 30})
        database = await Database.open(patient)
        try:
            yield CampaignBook(database, SystemClock(self.company.stack.settings.company.zone))
        finally:
            await database.close()

    async def campaign(
        self,
        name: str,
        targets: Sequence[NewTarget],
        per_second: float = 10,
        *,
        overrides: Mapping[str, Any] | None = None,
    ) -> int:
        """Write a campaign about debt down and let it run."""
        today = datetime.now(self.company.stack.settings.company.zone).date()
        async with self.book() as book:
            made = await book.create(
                NewCampaign(
                    name=name,
                    kind="debt",
                    title="Долги",
                    first_day=today - timedelta(days=1),
                    last_day=today + timedelta(days=2),
                    by="test",
                    lines=30,
                    calls_per_second=per_second,
                    fields={"pay_by": (today + timedelta(days=5)).isoformat()},
                    overrides=overrides or {},
                )
            )
            await book.add_targets(made.campaign_id, targets)
            await book.set_state(made.campaign_id, CampaignState.RUNNING, "", "test")
        return made.campaign_id

    def debtors(self, tempers: Sequence[Temper], first: int) -> list[NewTarget]:
        """People who owe something, each with a number of that temper; their places are from `first` on."""
        with (self.company.folder / "billing" / "accounts.csv").open(encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file, delimiter=";") if Decimal(row["balance"]) < 0]
        return [
            NewTarget(
                person=f"number:{number_of(first + place, temper)}",
                numbers=(number_of(first + place, temper),),
                zones=(zone_of_midday(),),
                account=rows[place % len(rows)]["number"],
                fields={"name": "Иван Петрович", "amount": "100"},
            )
            for place, temper in enumerate(tempers)
        ]

    async def progress(self, campaign_id: int) -> tuple[Campaign, Progress]:
        """How it stands."""
        async with self.book() as book:
            campaign = await book.campaign(campaign_id)
            assert campaign is not None
            return campaign, await book.progress(campaign_id)

    async def done(self, campaign_id: int, seconds: float) -> Progress:
        """Wait until nobody is left."""
        async with asyncio.timeout(seconds):
            while True:
                campaign, progress = await self.progress(campaign_id)
                if campaign.state is not CampaignState.RUNNING and not progress.open:
                    return progress
                await asyncio.sleep(0.5)

    async def attempts(self, campaign_id: int) -> list[Attempt]:
        """All of them."""
        async with self.book() as book:
            return list((await book.attempts(campaign_id, limit=10_000)).items)

    async def targets(self, campaign_id: int) -> list[Target]:
        """All of them."""
        async with self.book() as book:
            return list((await book.targets(campaign_id, limit=10_000)).items)

    async def until_dialled(self, campaign_id: int, attempts: int) -> None:
        """Wait until so many attempts have been written."""
        async with asyncio.timeout(60):
            while len(await self.attempts(campaign_id)) < attempts:  # noqa: ASYNC110  # of another process
                await asyncio.sleep(0.1)

    # --- what happens to it ---

    def kill_engine(self) -> None:
        """Its watchdog starts another one."""
        self.company.signal_engine(signal.SIGKILL)

    def freeze_asterisk(self, stop: bool) -> None:
        """Nothing is answered on its links, as when they are cut; and on again."""
        pid = (self.company.stack.settings.asterisk.data_folder / "asterisk.pid").read_text().split()[0]
        os.kill(int(pid), signal.SIGSTOP if stop else signal.SIGCONT)


@contextmanager
def dialling(
    folder: Path,
    *,
    overrides: Sequence[str] = (),
    program: str = "ivr",
    company_of: Callable[..., Company] = BY_RULES,
    **changes: object,
) -> Iterator[Dialling]:
    """The company runs while the block does.

    Args:
        folder: Of its own.
        overrides: Of any setting.
        program: What is run as the engine's `ivr`.
        company_of: Makes the company of its folder and settings; by default one that hears by rules.
        changes: Of the settings of campaigns.
    """
    place = Endpoint("127.0.0.1", free_port(socket.SOCK_DGRAM))
    trunks = [
        {"name": "operator", "mode": "address", "addresses": ["127.0.0.1"]},
        {
            "name": "town",
            "mode": "address",
            "addresses": ["192.0.2.7"],
            "server": str(place),
            "outbound_order": 1,
        },
    ]
    settings = {**QUICK, **changes}
    company = company_of(
        folder,
        f"asterisk.trunks={json.dumps(trunks)}",
        *(f"campaigns.{name}={json.dumps(value, ensure_ascii=False)}" for name, value in settings.items()),
        *overrides,
    )
    if isinstance(company.stack, ScriptedStack):
        company.stack.program = program
    company.prepare()
    with company.running():
        yield Dialling(company, place)


def zone_of_midday() -> str:
    """A zone where it is about one o'clock now, so that calling is lawful whenever the test runs."""
    offset = (_MIDDAY - datetime.now(UTC).hour + 12) % 24 - 12
    return f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT"
