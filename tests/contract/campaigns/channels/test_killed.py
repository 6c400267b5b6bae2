"""The engine is killed (SIGKILL) between submit and answer."""

from __future__ import annotations

import asyncio
import sys

from ivr.campaigns.channels.model import MessageState
from ivr.store import Database, StoreSettings
from tests.contract.campaigns.channels.centre import Does, centre
from tests.contract.campaigns.channels.office import Office, RestlessClock, Scripted
from tests.contract.campaigns.channels.test_smpp import until


async def test_killed_between_submit_and_answer_the_rest_is_sent_and_nothing_twice(
    database: Database, settings: StoreSettings
) -> None:
    clock, gateway = RestlessClock(), Scripted()
    heir = Office(database, clock, gateway)
    for target in (1, 2, 3):
        await heir.write(target, text=f"номер {target}")
    async with centre() as found:
        found.does = [0, Does.SILENCE, Does.SILENCE]
        arguments = ("-m", "tests.contract.campaigns.channels.dying", settings.url, str(found.port))
        engine = await asyncio.create_subprocess_exec(sys.executable, *arguments)
        try:
            await until(lambda: found.asked == 3)
            async with asyncio.timeout(30):
                while await answered(heir) < 1:  # noqa: ASYNC110  # another process writes it
                    await asyncio.sleep(0.02)
        finally:
            engine.kill()
            await engine.wait()
    await heir.write(4, text="номер 4")
    clock.pass_by(1_000)
    await heir.work()
    states = {message.target_id: message.state for message in await heir.messages()}
    assert sorted(states.values()) == sorted(
        [MessageState.SENT, MessageState.UNKNOWN, MessageState.UNKNOWN, MessageState.SENT]
    )
    assert states[4] is MessageState.SENT
    assert [text for text, _ in gateway.taken] == ["номер 4"]


async def answered(office: Office) -> int:
    return sum(message.state is MessageState.SENT for message in await office.messages())
