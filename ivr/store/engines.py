"""Running a job of SQLAlchemy Core without blocking the event loop.

SQLite's own driver is synchronous, and aiosqlite hands every statement of it to another thread. Here a
whole job goes to the thread at once, which costs a third of that. Drivers that are asynchronous (asyncpg,
aiosqlite) run the same job through `run_sync`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")
Job = Callable[[Connection], T]

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _json(value: object) -> str:
    return "null" if value is None else _encode(value)


class Runner(Protocol):
    """Runs a job in a transaction of its own, off the event loop."""

    async def run(self, job: Job[T]) -> T:
        """Run it; commit when it returns, roll back when it raises."""

    async def close(self) -> None:
        """Close all connections."""


class ThreadRunner:
    """A synchronous driver, on as many threads as there are connections."""

    def __init__(self, engine: Engine, connections: int, name: str) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix=name)

    async def run(self, job: Job[T]) -> T:
        """Run it on a thread; see `Runner`."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._in_transaction, job)

    def _in_transaction(self, job: Job[T]) -> T:
        with self._engine.begin() as connection:
            return job(connection)

    async def close(self) -> None:
        """Wait for the running job and close."""
        await asyncio.to_thread(self._threads.shutdown)
        self._engine.dispose()


class AsyncRunner:
    """An asynchronous driver."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    async def run(self, job: Job[T]) -> T:
        """Run it in a greenlet; see `Runner`."""
        async with self.engine.begin() as connection:
            return await connection.run_sync(job)

    async def close(self) -> None:
        """Close the connections."""
        await self.engine.dispose()


def _asynchronous(url: URL, **options: Any) -> AsyncRunner:
    from sqlalchemy.ext.asyncio import create_async_engine  # a third of a second that few installations need

    return AsyncRunner(create_async_engine(url, **options))


def _begin(url: URL, engine: Engine, statement: str, busy_seconds: float, read_only: bool) -> None:
    """Let SQLAlchemy, not the driver, begin transactions of SQLite, and set each connection up."""
    pragmas = [
        f"PRAGMA busy_timeout={round(busy_seconds * 1000)}",
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "PRAGMA foreign_keys=ON",
        *(["PRAGMA query_only=ON"] if read_only else []),
    ]

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)


def _sqlite(url: URL, connections: int, busy_seconds: float, read_only: bool) -> Runner:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    statement = "BEGIN" if read_only else "BEGIN IMMEDIATE"
    pool: dict[str, Any] = {
        "pool_size": connections,
        "max_overflow": 0,
        "json_serializer": _json,
        "hide_parameters": True,  # they are personal, and errors reach the log
    }
    if url.get_dialect().is_async:
        runner = _asynchronous(url, **pool)
        _begin(url, runner.engine.sync_engine, statement, busy_seconds, read_only)
        return runner
    engine = create_engine(url, **pool)
    _begin(url, engine, statement, busy_seconds, read_only)
    return ThreadRunner(engine, connections, "store-read" if read_only else "store-write")


def open_runner(
    url: URL, *, connections: int, lock_seconds: float, connect_seconds: float, read_only: bool
) -> Runner:
    """Prepare connections; none is opened yet.

    Args:
        url: Of SQLite (file) or PostgreSQL with asyncpg.
        connections: How many at most.
        lock_seconds: How long one statement of SQLite waits for a lock.
        connect_seconds: How long a server is waited for that opens a connection.
        read_only: Writing raises an error.
    """
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, connections, lock_seconds, read_only)
    return _asynchronous(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,
        json_serializer=_json,
        execution_options={"postgresql_readonly": read_only},
        connect_args={"timeout": connect_seconds, "command_timeout": 60},
    )
