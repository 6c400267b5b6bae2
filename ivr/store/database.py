"""The database: reads on a small pool, writes gathered by one writer into few durable transactions."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass
from time import monotonic
from typing import Any, Self, TypeVar

import structlog
from sqlalchemy import URL, Connection, make_url, text
from sqlalchemy.exc import ArgumentError

from ivr.errors import Fault
from ivr.store.engines import Job, Runner, open_runner
from ivr.store.faults import StoreUnavailable, is_locked, is_unavailable, unavailable
from ivr.store.settings import StoreSettings

T = TypeVar("T")
_log = structlog.get_logger(__name__)
_LOCK_TRY_SECONDS = (
    0.25  # the writer asks for the lock again so often, so that no job waits past its own limit
)


@dataclass(eq=False, slots=True)
class _Waiting:
    """A write job and the caller that waits for it."""

    job: Job[Any]
    done: asyncio.Future[Any]
    deadline: float


@dataclass(frozen=True, slots=True)
class _Failed:
    error: Exception


@dataclass(slots=True)
class WriteStatistics:
    """Counters since the database was opened; `seconds` were spent in transactions, `waiting` is now."""

    transactions: int = 0
    jobs: int = 0
    failed_jobs: int = 0
    unavailable: int = 0
    seconds: float = 0.0
    waiting: int = 0


def _run_batch(jobs: list[Job[Any]], connection: Connection) -> list[Any]:
    """Run each job in its own savepoint; a bad one fails alone. Raises when the database itself fails."""
    if len(jobs) == 1:
        return [jobs[0](connection)]
    return [_run_one(job, connection) for job in jobs]


def _run_one(job: Job[Any], connection: Connection) -> Any:
    """The savepoint is our own: SQLAlchemy compiles each of its own anew, a seventh of a campaign's call."""
    connection.exec_driver_sql("SAVEPOINT job")
    try:
        result = job(connection)
        connection.exec_driver_sql("RELEASE SAVEPOINT job")
    except Exception as error:
        if is_unavailable(error):
            raise
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT job")
        return _Failed(error)
    return result


class Database:
    """Opened once, shared by all rooms.

    A job is a plain function of a SQLAlchemy `Connection`. It must not commit, and must have no effect but
    through the connection: a write job is run again when its transaction had to be given up.
    """

    def __init__(self, settings: StoreSettings, url: URL, reader: Runner, writer: Runner) -> None:
        self._settings = settings
        self._url = url
        self._reader = reader
        self._writer = writer
        self._queue: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None
        self.statistics = WriteStatistics()

    @classmethod
    async def open(cls, settings: StoreSettings) -> Self:
        """Connect, and start the writer. The tables are made by `ivr.store.upgrading`.

        Raises:
            Fault: The URL is wrong.
            StoreUnavailable: The database cannot be reached.
        """
        url = _checked_url(settings.url)
        busy = settings.busy_seconds
        try:
            writer = open_runner(
                url,
                connections=1,
                lock_seconds=min(busy, _LOCK_TRY_SECONDS),
                connect_seconds=busy,
                read_only=False,
            )
            reader = open_runner(
                url,
                connections=settings.read_connections,
                lock_seconds=busy,
                connect_seconds=busy,
                read_only=True,
            )
        except OSError as error:
            raise unavailable(error, _place(url)) from error
        database = cls(settings, url, reader, writer)
        database._task = asyncio.create_task(database._write_forever(), name="store-writer")
        try:
            await database.write(lambda connection: None)
        except BaseException:
            await database.close()
            raise
        return database

    @property
    def place(self) -> str:
        """File or URL, without a password."""
        return _place(self._url)

    async def read(self, job: Job[T]) -> T:
        """Run a job that only reads, in a transaction of its own.

        Raises:
            StoreUnavailable: The database cannot be read now.
        """
        try:
            return await self._reader.run(job)
        except Exception as error:
            if is_unavailable(error):
                raise unavailable(error, self.place) from error
            raise

    async def write(self, job: Job[T]) -> T:
        """Run a job that writes; return once it is durable.

        Jobs that wait together share a transaction and its one `fsync`. A caller that is cancelled leaves
        its job running.

        Raises:
            StoreUnavailable: Nothing was written: the database is locked, full or gone, or too much waits.
            Exception: What the job raised; nothing of it was written.
        """
        if self._closing or len(self._queue) >= self._settings.queue_limit:
            raise StoreUnavailable("The database takes no more writes.", self.place, "Try again later.")
        done = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(job, done, monotonic() + self._settings.busy_seconds))
        self._wake.set()
        result: T = await done
        return result

    async def probe(self) -> None:
        """Write a row as it is: a disk that is full or a lock shows only in writing.

        Raises:
            StoreUnavailable: The database cannot be written now.
        """
        await self.write(_rewrite)

    async def close(self) -> None:
        """Finish the waiting writes, then close all connections."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._writer.close()
        await self._reader.close()

    async def _write_forever(self) -> None:
        while not (self._closing and not self._queue):
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                await self._write_batch()

    async def _write_batch(self) -> None:
        count = min(len(self._queue), self._settings.batch_limit)
        batch = [self._queue.popleft() for _ in range(count)]
        jobs = [waiting.job for waiting in batch]
        started = monotonic()
        try:
            results = await self._writer.run(lambda connection: _run_batch(jobs, connection))
        except asyncio.CancelledError:
            self._fail(batch, StoreUnavailable("The database is being closed.", self.place))
            raise
        except Exception as error:
            self._settle_failure(batch, error)
        else:
            self._settle(batch, results)
        self.statistics.seconds += monotonic() - started
        self.statistics.waiting = len(self._queue)

    def _settle(self, batch: list[_Waiting], results: list[Any]) -> None:
        self.statistics.transactions += 1
        self.statistics.jobs += len(batch)
        for waiting, result in zip(batch, results, strict=True):
            if isinstance(result, _Failed):
                self._fail([waiting], result.error)
            elif not waiting.done.done():
                waiting.done.set_result(result)

    def _settle_failure(self, batch: list[_Waiting], error: Exception) -> None:
        """The transaction was rolled back: wait for the lock again, or tell everybody."""
        if is_locked(error):
            now = monotonic()
            self._queue.extendleft(reversed([each for each in batch if each.deadline > now]))
            batch = [each for each in batch if each.deadline <= now]
        if not batch:
            return
        if is_unavailable(error):
            self.statistics.unavailable += len(batch)
            _log.warning("store.unavailable", jobs=len(batch), error=type(error).__name__)
            self._fail(batch, unavailable(error, self.place), error)
        else:
            self._fail(batch, error)

    def _fail(self, batch: list[_Waiting], error: Exception, cause: Exception | None = None) -> None:
        self.statistics.failed_jobs += len(batch)
        for waiting in batch:
            if waiting.done.done():
                _log.warning("store.job_failed_unheard", error=type(error).__name__)
                continue
            own = error if cause is None else unavailable(cause, self.place)
            own.__cause__ = cause
            waiting.done.set_exception(own)


def _rewrite(connection: Connection) -> None:
    connection.execute(text("UPDATE alembic_version SET version_num = version_num"))


def _place(url: URL) -> str:
    return (
        url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
    )


def _checked_url(text: str) -> URL:
    fix = "Write sqlite:///FILE or postgresql+asyncpg://USER@HOST/NAME."
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise Fault("The URL of the database cannot be read.", "store.url", fix) from error
    if url.drivername not in {"sqlite", "sqlite+pysqlite", "sqlite+aiosqlite", "postgresql+asyncpg"}:
        raise Fault(f"The driver {url.drivername} is not supported.", "store.url", fix)
    if url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}:
        raise Fault("A database in memory would not outlive the program.", "store.url", fix)
    return url
