"""The process that compresses: it dies, its disk is full, the engine ends."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.archive.compressing import CompressorProcess, NotCompressed
from ivr.archive.encoder import NICENESS, Order
from ivr.archive.settings import SoundFormat
from tests.contract.archive.conftest import Place
from tests.contract.archive.test_archive import listed, small_disk
from tests.real.tones import whistle

__all__ = ["small_disk"]


@pytest.fixture
def compressor() -> Iterator[CompressorProcess]:
    one = CompressorProcess()
    yield one
    one.close()


@pytest.fixture
def order(tmp_path: Path) -> Order:
    source = tmp_path / "a.raw"
    source.write_bytes(bytes(32_000))
    return Order(str(source), str(tmp_path / "a.opus"), "opus", 24, 8000, 2, swapped=False)


def pid_of(compressor: CompressorProcess) -> int:
    assert compressor._process is not None
    return compressor._process.pid


def test_it_works_at_low_priority_and_is_used_again(compressor: CompressorProcess, order: Order) -> None:
    compressor.compress(order)
    first = pid_of(compressor)
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, first) == min(19, own + NICENESS)
    compressor.compress(order)
    assert pid_of(compressor) == first
    assert Path(order.target).stat().st_size > 0


def test_it_is_started_anew_when_it_has_died(compressor: CompressorProcess, order: Order) -> None:
    compressor.compress(order)
    os.kill(pid_of(compressor), signal.SIGKILL)
    os.waitid(os.P_PID, pid_of(compressor), os.WEXITED | os.WNOWAIT)
    with pytest.raises(NotCompressed, match="died"):
        compressor.compress(order)
    compressor.compress(order)


def test_a_file_that_can_not_be_read_ends_nothing(compressor: CompressorProcess, order: Order) -> None:
    Path(order.source).unlink()
    with pytest.raises(NotCompressed, match=r"a\.raw"):
        compressor.compress(order)
    first = pid_of(compressor)
    Path(order.source).write_bytes(bytes(32_000))
    compressor.compress(order)
    assert pid_of(compressor) == first


def test_nothing_is_started_after_the_end(compressor: CompressorProcess, order: Order) -> None:
    compressor.compress(order)
    compressor.close()
    with pytest.raises(NotCompressed, match="ends"):
        compressor.compress(order)
    assert compressor._process is None


async def test_a_full_disk_of_the_spool_leaves_the_source_until_there_is_room(
    place: Place, small_disk: Path, compressor: CompressorProcess
) -> None:
    place.spool = small_disk
    place.compressor = compressor  # type: ignore[assignment]
    call_id = await place.call()
    sound = whistle(440, 1.0).tobytes()
    file = place.record_apart(call_id, sound, sound)
    filler = small_disk / "filler"
    filler.write_bytes(bytes(30_000))
    archive = place.archive()
    archive.call_ended(call_id)
    await archive._take_batch(archive._due())
    assert place.seen.failed == ["disk-full"]
    assert file.exists()
    filler.unlink()
    place.clock.seconds = 11
    place.settings = place.settings.model_copy(update={"format": SoundFormat.OPUS})
    again = place.archive()
    again.call_ended(call_id)
    await again._take_batch(again._due())
    assert len(await listed(place)) == 1
    assert not file.exists()
