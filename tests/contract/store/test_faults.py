"""A database that is locked, full, gone or not ours."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
import sqlalchemy as sa

from ivr.errors import Fault
from ivr.store import Database, StoreSettings, StoreUnavailable, upgrade
from tests.contract.store.test_database import insert, notes, texts

DISK_BYTES = 8 * 1024 * 1024
"""Of the small disk: room for an empty database with all tables."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", folder], check=False)
    if mount.returncode:
        pytest.skip("this machine does not let us mount a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


async def test_a_locked_database_is_waited_for(sqlite_settings: StoreSettings) -> None:
    database = await Database.open(sqlite_settings)
    await database.write(notes.create)
    other = sqlite3.connect(database.place, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    write = asyncio.create_task(database.write(insert("patient")))
    await asyncio.sleep(0.4)  # longer than one try for the lock
    assert not write.done()
    other.execute("COMMIT")
    await write
    assert await database.read(texts) == {"patient"}
    other.close()
    await database.close()


async def test_a_database_locked_for_too_long_fails_the_job_not_the_writer(tmp_path: Path) -> None:
    database = await Database.open(StoreSettings(url=f"sqlite:///{tmp_path / 'ivr.db'}", busy_seconds=0.3))
    await database.write(notes.create)
    other = sqlite3.connect(database.place, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    results = await asyncio.gather(*(database.write(insert(t)) for t in "abc"), return_exceptions=True)
    assert all(isinstance(result, StoreUnavailable) for result in results)
    fault = results[0]
    assert isinstance(fault, StoreUnavailable)
    assert str(tmp_path / "ivr.db") in str(fault)
    assert "lock" in fault.fix
    assert await database.read(texts) == set()
    other.execute("ROLLBACK")
    other.close()
    await database.write(insert("later"))
    assert await database.read(texts) == {"later"}
    await database.close()


async def test_a_full_disk_fails_the_job_and_nothing_is_half_written(small_disk: Path) -> None:
    database = await Database.open(StoreSettings(url=f"sqlite:///{small_disk / 'ivr.db'}", busy_seconds=1))
    await database.write(notes.create)
    await database.write(insert("before"))
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="space"):
        ballast.write_bytes(b"x" * (2 * DISK_BYTES))

    def large(connection: sa.Connection) -> None:
        insert("first half")(connection)
        insert("x" * 300_000)(connection)

    with pytest.raises(StoreUnavailable) as caught:
        await database.write(large)
    assert "space" in caught.value.fix
    together = await asyncio.gather(database.write(large), database.write(large), return_exceptions=True)
    assert all(isinstance(result, StoreUnavailable) for result in together)
    assert await database.read(texts) == {"before"}
    ballast.unlink()
    await database.write(insert("after"))
    assert await database.read(texts) == {"before", "after"}
    await database.close()


async def test_a_probe_tells_a_full_disk_and_a_lock(small_disk: Path) -> None:
    settings = StoreSettings(url=f"sqlite:///{small_disk / 'ivr.db'}", busy_seconds=0.3)
    database = await Database.open(settings)
    await upgrade(database)
    await database.probe()
    other = sqlite3.connect(database.place, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreUnavailable, match="locked"):
        await database.probe()
    other.execute("COMMIT")
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="No space left"):
        ballast.write_bytes(b"x" * (2 * DISK_BYTES))
    with pytest.raises(StoreUnavailable, match="full"):
        await database.probe()
    ballast.unlink()
    await database.probe()
    other.close()
    await database.close()


async def test_more_writes_than_the_limit_are_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ivr.db'}"
    database = await Database.open(StoreSettings(url=url, queue_limit=3))
    await database.write(notes.create)
    results = await asyncio.gather(*(database.write(insert(t)) for t in "abcde"), return_exceptions=True)
    assert sum(isinstance(result, StoreUnavailable) for result in results) == 2
    assert len(await database.read(texts)) == 3
    await database.close()
    with pytest.raises(StoreUnavailable):
        await database.write(insert("after closing"))


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    file = tmp_path / "ivr.db"
    file.write_text("not a database, but long enough to look at" * 100)
    started = monotonic()
    with pytest.raises(StoreUnavailable, match=r"ivr\.db"):
        await Database.open(StoreSettings(url=f"sqlite:///{file}"))
    assert monotonic() - started < 60


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="file"):
        await Database.open(StoreSettings(url=f"sqlite:///{tmp_path / 'file' / 'ivr.db'}"))


async def test_a_server_that_is_not_there_is_told_without_the_password(unused_port: int) -> None:
    url = f"postgresql+asyncpg://ivr:geheim@127.0.0.1:{unused_port}/ivr"
    with pytest.raises(StoreUnavailable) as caught:
        await Database.open(StoreSettings(url=url))
    assert str(unused_port) in str(caught.value)
    assert "geheim" not in str(caught.value)
    assert "geheim" not in repr(StoreSettings(url=url))


REFUSAL = b"SFATAL\0VFATAL\0C53300\0Mtoo many clients\0\0"
"""Fields of PostgreSQL's ErrorResponse (documentation, 55.8)."""


async def slow_server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A PostgreSQL that takes its time, longer than a writer waits for one try of a lock, and is full."""
    await reader.readexactly(8)  # SSLRequest
    writer.write(b"N")
    await reader.read(1)
    await asyncio.sleep(0.5)
    writer.write(b"E" + (len(REFUSAL) + 4).to_bytes(4, "big") + REFUSAL)
    writer.close()


async def test_a_slow_server_is_waited_for() -> None:
    async with await asyncio.start_server(slow_server, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(StoreUnavailable, match="too many clients"):
            await Database.open(StoreSettings(url=f"postgresql+asyncpg://ivr@127.0.0.1:{port}/ivr"))


async def test_a_server_that_says_nothing_is_told_in_words() -> None:
    silent = asyncio.Event()

    async def says_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await silent.wait()
        writer.close()

    async with await asyncio.start_server(says_nothing, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"postgresql+asyncpg://ivr@127.0.0.1:{port}/ivr"
        with pytest.raises(StoreUnavailable, match="Timeout"):
            await Database.open(StoreSettings(url=url, busy_seconds=0.3))
        silent.set()


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/db", "sqlite://", "sqlite:///:memory:"])
async def test_a_wrong_url_is_a_fault_of_the_setting(url: str) -> None:
    with pytest.raises(Fault) as caught:
        await Database.open(StoreSettings(url=url))
    assert caught.value.where == "store.url"


async def test_a_database_of_a_newer_program_is_left_alone(sqlite_settings: StoreSettings) -> None:
    database = await Database.open(sqlite_settings)
    await upgrade(database)
    await database.write(
        lambda c: c.execute(sa.text("UPDATE alembic_version SET version_num='9999'")).close()
    )
    with pytest.raises(Fault, match="9999"):
        await upgrade(database)
    await database.close()
