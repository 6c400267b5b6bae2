"""A company whose operators work in the page: started once for the tests of a file."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Playwright, async_playwright

from tests.real.company import Company
from tests.real.instances import free_port
from tests.real.softphone import Softphone, softphone
from tests.real.workspace.staff import employ, operator

Telephone = AbstractAsyncContextManager[Softphone]

OPERATORS = {"anna": ("Анна Соколова", "201"), "boris": ("Борис Петров", "202")}


class DeskCompany(Company):
    """The company with operators who have workplaces, and a trunk to one telephone outside.

    Attributes:
        outside_port: Where the trunk sends outgoing calls: a softphone listens there while a test wants it.
    """

    def __init__(self, folder: Path, *changes: str) -> None:
        self.outside_port = free_port(socket.SOCK_DGRAM)
        trunk = (
            "{name: operator, mode: address, addresses: [127.0.0.1], max_channels: 200, "
            f'server: "127.0.0.1:{self.outside_port}", outbound_order: 1, caller_id: "+74832000000"}}'
        )
        super().__init__(
            folder,
            f"asterisk.trunks=[{trunk}]",
            "asterisk.queues={clients: {title: Операторы, members: []}, dispatcher: {members: []}}",
            "asterisk.rtp.media_address=127.0.0.1",
            "desk.work.lost.short_seconds=1",
            'desk.work.callbacks={hours_from: "00:00", hours_until: "23:59"}',
            *changes,
        )

    def hire(self, login: str, name: str, extension: str) -> None:
        """Make an operator with a workplace."""
        asyncio.run(employ(self.stack.settings, [operator(login, name, extension)]))

    def telephone(self, name: str, hertz: int) -> Telephone:
        """Somebody outside with a telephone of his own note, who calls in."""
        return softphone((self.sip.host, self.sip.port), name, hertz)

    def outside(self, hertz: int) -> Telephone:
        """Whoever is called out: every number rings here."""
        return softphone((self.sip.host, self.sip.port), "outside", hertz, port=self.outside_port)


@contextmanager
def staffed(company: DeskCompany) -> Iterator[None]:
    """The company runs while the block does; its operators are those of `OPERATORS`."""
    company.prepare()
    people = [operator(login, name, extension) for login, (name, extension) in OPERATORS.items()]
    asyncio.run(employ(company.stack.settings, people))
    try:
        asyncio.run(company.stack.up())
        yield
    finally:
        asyncio.run(company.stack.down())


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskCompany]:
    """Running, with Anna and Boris on the staff."""
    company = DeskCompany(tmp_path_factory.mktemp("desk"))
    with staffed(company):
        yield company


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as running:
        yield running
