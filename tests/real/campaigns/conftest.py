"""One Asterisk for the tests of a module, with a trunk to the town."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ivr.asterisk.host import AsteriskHost
from ivr.asterisk.settings import AsteriskSettings
from ivr.bench.sipp import Endpoint
from tests.real.campaigns.exchange import Exchange, campaign_settings, exchange, said
from tests.real.campaigns.subscribers import SPEAKING, Town, town
from tests.real.instances import free_port, running


@pytest.fixture(scope="module")
def place() -> Endpoint:
    """Where the trunk leads to."""
    return Endpoint("127.0.0.1", free_port(socket.SOCK_DGRAM))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, place: Endpoint) -> AsteriskSettings:
    return campaign_settings(tmp_path_factory.mktemp("exchange"), str(place))


@pytest.fixture(scope="module")
def host(settings: AsteriskSettings) -> Iterator[AsteriskHost]:
    with running(settings) as host:
        yield host


@pytest.fixture
async def ours(settings: AsteriskSettings, host: AsteriskHost, tmp_path: Path) -> AsyncIterator[Exchange]:
    async with exchange(settings, tmp_path) as made:
        yield made


@pytest.fixture
async def people(place: Endpoint, tmp_path: Path) -> AsyncIterator[Town]:
    sounds = {temper: said(tmp_path / "sounds", temper) for temper in SPEAKING}
    async with town(place, tmp_path / "town", sounds) as subscribers:
        yield subscribers
