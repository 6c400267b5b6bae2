"""An engine of its own process that sends by SMPP until it is killed: `dying URL PORT`."""

from __future__ import annotations

import asyncio
import sys

from ivr.campaigns.channels.settings import SmppSettings
from ivr.campaigns.channels.smpp.gateway import SmppGateway
from ivr.store import Database, StoreSettings
from tests.contract.campaigns.channels.office import Office, RestlessClock
from tests.contract.campaigns.channels.test_smpp import MOSCOW, until


async def main(url: str, port: int) -> None:
    """Send what waits."""
    database, clock = await Database.open(StoreSettings(url=url, busy_seconds=5)), RestlessClock()
    settings = SmppSettings(name="centre", host="127.0.0.1", port=port, system_id="ivr", sender="Energosbyt")
    receipts = Office(database, clock, gateway=None).receipts  # type: ignore[arg-type]
    gateway = SmppGateway(settings, clock, zone=MOSCOW, take_receipt=receipts.take)
    keeping = asyncio.create_task(gateway.run())
    await until(lambda: gateway.is_up)
    await Office(database, clock, gateway).work()
    await keeping


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
