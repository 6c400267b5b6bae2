from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract.kpi_truth.company import Company
from tests.databases import sqlite_file

Found = Callable[..., Company]


@pytest.fixture
def found(tmp_path: Path) -> Found:
    """Founds a company in a zone, with an empty database."""

    def make(zone: str, profile: str = "bryansk") -> Company:
        file = tmp_path / "ivr.db"
        file.write_bytes(sqlite_file())
        return Company(tmp_path, f"sqlite:///{file}", zone, profile)

    return make
