"""The demo company, started once for all tests that call it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.real.company import Company


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    company = Company(tmp_path_factory.mktemp("company"))
    company.prepare()
    asyncio.run(company.stack.up())
    try:
        yield company
    finally:
        asyncio.run(company.stack.down())
