"""A server with a site on an empty database."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ivr.store import Database
from tests.contract.access.conftest import store, template  # noqa: F401  a fixture
from tests.contract.web.site import IMPATIENT, Running, add_users, running


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    (folder / "lib").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Рабочее место</title>", encoding="utf-8")
    (folder / "lib" / "phone.js").write_text("export const ring = 1;\n" * 100, encoding="utf-8")
    (folder / ".secret").write_text("hidden", encoding="utf-8")
    (tmp_path / "outside.txt").write_text("outside", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def with_users(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    """A SQLite database with the users of `site`."""
    file = Path(shutil.copy(template, tmp_path_factory.mktemp("users") / "ivr.db"))

    async def add() -> None:
        opened = await Database.open(store(file))
        await add_users(opened)
        await opened.close()

    asyncio.run(add())
    return file


@pytest.fixture
async def database(with_users: Path, tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(store(Path(shutil.copy(with_users, tmp_path / "ivr.db"))))
    yield opened
    await opened.close()


@pytest.fixture
async def site(database: Database, pages: Path) -> AsyncIterator[Running]:
    async with running(database, pages) as run:
        yield run


@pytest.fixture
async def impatient(database: Database, pages: Path) -> AsyncIterator[Running]:
    """A server that waits for nobody; a busy machine is too slow for it."""
    async with running(database, pages, settings=IMPATIENT) as run:
        yield run
