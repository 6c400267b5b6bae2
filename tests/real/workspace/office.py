"""An office in which things break: clients, operators, and the ledger as the database has it."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from ivr.access.model import Role, User
from tests.real.company import MAIN
from tests.real.recorded import spooled
from tests.real.softphone import TelephoneCall
from tests.real.tones import seconds_of
from tests.real.workspace.conftest import OPERATORS, DeskCompany
from tests.real.workspace.staff import employ

CLIENT = 500
"""The clients' note, hertz."""
STEP_SECONDS = 0.8
STAFF = OPERATORS | {
    "vera": ("Вера Ильина", "203"),
    "gleb": ("Глеб Жуков", "204"),
    "dina": ("Дина Орлова", "205"),
}
CHIEF = "chief"
"""The administrator."""

Row = Mapping[str, Any]
_clients = count(1)


class Office(DeskCompany):
    """A company whose database can be looked into."""

    @asynccontextmanager
    async def client(self, number: str, hertz: int = CLIENT) -> AsyncIterator[TelephoneCall]:
        """Somebody calls and asks for a person."""
        async with self.telephone(f"client{next(_clients)}", hertz) as telephone:
            call = await telephone.call(MAIN, number)
            await asyncio.wait_for(call.answered.wait(), 10)
            await asyncio.sleep(self.notice_seconds + STEP_SECONDS)
            call.press("0")
            try:
                yield call
            finally:
                if not call.ended.is_set():
                    call.hang_up()

    async def until_waiting(self, callers: int, seconds: float = 20) -> None:
        """Wait until so many callers are in the operators' queue of Asterisk."""
        async with asyncio.timeout(seconds):
            while await self._waiting() != callers:  # noqa: ASYNC110  # Asterisk is asked
                await asyncio.sleep(0.1)

    async def _waiting(self) -> int:
        shown = await asyncio.to_thread(self.stack.asterisk.cli, "queue show clients")
        return int(shown.partition(" has ")[2].split()[0])

    def select(self, query: str, *values: object) -> list[Row]:
        """Rows of the database."""
        with closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query, values)]

    @property
    def _file(self) -> str:
        return self.stack.settings.store.url.partition("///")[2]

    def expire(self, login: str) -> None:
        """The limit of a user's sessions is reached at this moment."""
        ended = "UPDATE sessions SET ends_at = ? WHERE login = ? AND ended_at IS NULL"
        now = datetime.now(UTC).replace(tzinfo=None).isoformat(sep=" ")
        with closing(sqlite3.connect(self._file, timeout=10)) as connection, connection:
            connection.execute(ended, (now, login))

    def legs(self, call_id: str) -> list[Row]:
        """The legs of a call, the first to ring first."""
        return self.select("SELECT * FROM call_legs WHERE call_id = ? ORDER BY rang_at", call_id)

    def recorded(self, call_id: str, note: int) -> float:
        """For how long a note is in the recording of a call until now, seconds."""
        spool = self.stack.settings.asterisk.recordings_spool
        return sum(seconds_of(part.mixed, note) for part in spooled(spool, call_id))

    def wrapped_up(self, call_id: str) -> list[str]:
        """Who has written down what a call was about, once for each time."""
        return [row["agent"] for row in self.select("SELECT agent FROM wrapups WHERE call_id = ?", call_id)]

    @property
    def watchdog_pid(self) -> int:
        """Of the engine's watchdog."""
        told = Path(f"/proc/{self.stack.engine_pid}/status").read_text()
        return int(told.partition("PPid:")[2].split()[0])

    async def kill_asterisk(self) -> None:
        """With no time for anything; ends when it is gone."""
        process = int((self.stack.settings.asterisk.data_folder / "asterisk.pid").read_text().split()[0])
        end = os.pidfd_open(process)
        try:
            os.kill(process, signal.SIGKILL)
            assert (await asyncio.to_thread(select.select, [end], [], [], 10))[0]
        finally:
            os.close(end)

    def members(self) -> dict[str, bool]:
        """The telephones in the operators' queue of Asterisk, and whether callers are kept away from each."""
        shown = self.stack.asterisk.cli("queue show clients").splitlines()
        rows = [line for line in shown if "(PJSIP/" in line]
        return {row.partition("(PJSIP/")[2].partition(")")[0]: "(paused" in row for row in rows}

    async def ended(self, call_id: str) -> tuple[Row, list[Row]]:
        """A call and its legs, once all of it has ended and is written."""

        def written() -> bool:
            rows = self.select("SELECT stage FROM calls WHERE call_id = ?", call_id)
            over = [row["stage"] for row in rows] == ["ended"]
            return over and all(leg["ended_at"] for leg in self.legs(call_id))

        await self.until(written, 20)
        [call] = self.select("SELECT * FROM calls WHERE call_id = ?", call_id)
        return call, self.legs(call_id)


def told(leg: Row) -> tuple[str, str, str]:
    """Who, as what, and how it ended."""
    return leg["agent"], leg["role"], leg["end"]


def in_order(legs: list[Row]) -> bool:
    """Whether every leg rang, was answered and ended, and one after the other."""
    instants = [leg[step] for leg in legs for step in ("rang_at", "answered_at", "ended_at")]
    known = [datetime.fromisoformat(each) for each in instants if each]
    return len(known) == len(instants) and known == sorted(known)


def kill_browser(folder: Path) -> None:
    """Kill every process of the Chromium whose profile is in this folder, at once."""
    sign = f"--user-data-dir={folder / 'profile'}".encode()
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            process = int(entry.name)
            if sign in (entry / "cmdline").read_bytes().split(b"\0"):
                os.kill(process, signal.SIGKILL)


async def until(condition: Callable[[], object], seconds: float = 12) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # other processes raise no event
            await asyncio.sleep(0.1)


@contextmanager
def office(folder: Path, *changes: str, others: Iterable[User] = ()) -> Iterator[Office]:
    """One that is open while the block runs; nobody is offered a call-back, silence is noticed soon."""
    place = Office(
        folder,
        "asterisk.workplaces.lost_seconds=2",
        "desk.agents.missed_ring_seconds=1",
        "desk.waiting.offer_seconds=3600",
        *changes,
    )
    place.prepare()
    asyncio.run(employ(place.stack.settings, (*_people(), *others)))
    try:
        asyncio.run(place.stack.up())
        yield place
    finally:
        asyncio.run(place.stack.down())


def _people() -> Iterator[User]:
    for login, (name, extension) in STAFF.items():
        yield User(login=login, name=name, role=Role.OPERATOR, extension=extension, skills=("clients",))
    yield User(login=CHIEF, name="Ольга Старшая", role=Role.ADMINISTRATOR, extension="230", skills=())
