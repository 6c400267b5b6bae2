from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from ivr.asterisk.config import Secrets, render
from ivr.asterisk.settings import AsteriskSettings

TEMPLATES = Path(__file__).parents[4] / "asterisk-conf"


def secrets(manager: str = "s3cret") -> Secrets:
    return Secrets(SecretStr(manager), SecretStr("h3ard"), SecretStr("w0rk"))


Settings = Callable[..., AsteriskSettings]
Rendered = Callable[..., dict[str, str]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    def make(**changes: object) -> AsteriskSettings:
        values: dict[str, object] = {
            "data_folder": tmp_path / "asterisk",
            "prompts_folder": tmp_path / "prompts",
            "templates_folder": TEMPLATES,
            "trunks": [{"name": "main", "mode": "address", "addresses": ["192.0.2.0/28"]}],
            "lines": {"clients": {"numbers": ["4832000001"], "last_resort": "people"}},
            "queues": {"people": {}},
        }
        return AsteriskSettings.model_validate(values | changes)

    return make


@pytest.fixture
def rendered(settings: Settings) -> Rendered:
    def make(**changes: object) -> dict[str, str]:
        return render(settings(**changes), secrets())

    return make
