"""Numbers that are kept away, for a time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ivr.calls.blocklist import BlockList
from ivr.calls.followup_settings import BlockListSettings
from tests.contract.desk_work.bench import PHONE, Bench

DAY = 24 * 3600.0


async def test_a_number_is_refused_until_its_time_is_over(bench: Bench) -> None:
    blocklist = bench.work.blocklist
    until = bench.clock.now() + timedelta(days=2)
    block = await blocklist.add("8 (4832) 00-00-01", "угрозы", "olga", until)
    assert (block.phone, block.until, block.hits) == (PHONE, until, 0)
    assert blocklist.is_blocked(PHONE)
    assert not blocklist.is_blocked("+74832000002")
    bench.clock.pass_by(2 * DAY)
    assert not blocklist.is_blocked(PHONE)
    assert await blocklist.listed() == []


async def test_withheld_numbers_are_never_blocked(bench: Bench) -> None:
    for text in ("", "anonymous", "+7", "12"):
        with pytest.raises(ValueError, match="telephone number"):
            await bench.work.blocklist.add(text, "угрозы", "olga")
    assert not bench.work.blocklist.is_blocked("")


async def test_a_second_block_changes_the_first_and_lifting_ends_it(bench: Bench) -> None:
    blocklist = bench.work.blocklist
    first = await blocklist.add(PHONE, "угрозы", "olga")
    second = await blocklist.add(PHONE, "снова", "irina", bench.clock.now() + timedelta(days=1))
    assert (second.id, second.reason, second.blocked_by) == (first.id, "снова", "irina")
    assert await blocklist.lift(first.id, "olga")
    assert not await blocklist.lift(first.id, "olga")
    assert not blocklist.is_blocked(PHONE)
    assert (await blocklist.add(PHONE, "опять", "olga")).id != first.id


@pytest.mark.parametrize("days", [0, -1, 366])
async def test_the_end_is_ahead_and_not_for_ever(bench: Bench, days: int) -> None:
    with pytest.raises(ValueError, match="within 365 days"):
        await bench.work.blocklist.add(PHONE, "угрозы", "olga", bench.clock.now() + timedelta(days=days))
    assert not bench.work.blocklist.is_blocked(PHONE)


async def test_what_another_process_changes_is_known_soon(bench: Bench) -> None:
    await bench.settle()
    other = BlockList(bench.database, BlockListSettings(), bench.clock)
    block = await other.add(PHONE, "угрозы", "cli")
    assert not bench.work.blocklist.is_blocked(PHONE)
    bench.clock.pass_by(31)
    await bench.until(lambda: bench.work.blocklist.is_blocked(PHONE))
    await other.lift(block.id, "cli")
    await bench.settle()
    bench.clock.pass_by(31)
    await bench.until(lambda: not bench.work.blocklist.is_blocked(PHONE))


async def test_refused_calls_are_counted(bench: Bench) -> None:
    await bench.work.blocklist.add(PHONE, "угрозы", "olga")
    bench.work.blocklist.refused(PHONE)
    bench.work.blocklist.refused(PHONE)
    await bench.until(lambda: hits(bench, 2))


async def hits(bench: Bench, count: int) -> bool:
    (block,) = await bench.work.blocklist.listed()
    return block.hits == count and block.hit_at == bench.clock.now()
