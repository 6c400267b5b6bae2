"""Every contract test of FastAGI runs on both event loops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import uvloop

from ivr.asterisk.agi import AgiSettings
from tests.contract.agi.speaking import Channel, Line


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop of the standard library, and the one that the engine runs on."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture
def settings() -> AgiSettings:
    return AgiSettings(port=0, header_seconds=5, command_seconds=2, hangup_grace_seconds=0.2)


@pytest.fixture
def line(tmp_path: Path, settings: AgiSettings) -> Line:
    return Line(Channel(), tmp_path, settings)
