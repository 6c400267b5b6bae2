"""`ivr user` and `ivr web cert` as programs call them."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from ivr.access.service import Access
from ivr.access.settings import AccessSettings
from ivr.clock import SystemClock
from ivr.commands import user, web
from ivr.errors import Fault
from ivr.settings import CompanySettings
from ivr.store import Database, StoreSettings
from tests.contract.access.conftest import CHEAP, store

PASSWORD = "синий трамвай у реки"


@dataclass(frozen=True)
class Given:
    store: StoreSettings
    data_folder: Path
    access: AccessSettings = CHEAP
    company: CompanySettings = field(default_factory=CompanySettings)


@pytest.fixture
def given(template: Path, tmp_path: Path) -> Given:
    return Given(store(Path(shutil.copy(template, tmp_path / "ivr.db"))), tmp_path)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with capture_logs():
        yield


def run(given: Given, *arguments: str, stdin: str = f"{PASSWORD}\n", app: Any = user.app) -> Result:
    result = CliRunner().invoke(app, arguments, obj=given, input=stdin)
    if isinstance(result.exception, Exception):
        raise result.exception
    return result


def told(given: Given, *arguments: str, **more: Any) -> Any:
    result = run(given, *arguments, "--format", "json", **more)
    assert result.exit_code == 0
    return json.loads(result.stdout)


def add(given: Given, login: str = "boss", role: str = "administrator", *more: str) -> Any:
    return told(given, "add", login, "--name", "Борис Петрович", "--role", role, *more)


async def signs_in(given: Given, login: str, password: str) -> bool:
    database = await Database.open(given.store)
    access = Access(database, CHEAP, SystemClock(given.company.zone))
    try:
        done = await access.sign_in(login, password, "127.0.0.1")
    finally:
        access.close()
        await database.close()
    return done.holder.must_change


def test_the_first_administrator_is_made_and_signs_in(given: Given) -> None:
    made = add(given)
    assert made["role"] == "administrator"
    assert PASSWORD not in json.dumps(made, ensure_ascii=False)
    assert asyncio.run(signs_in(given, "boss", PASSWORD)) is True


def test_users_are_listed_and_changed(given: Given) -> None:
    add(
        given, "ivanova", "operator", "--extension", "201", "--skill", "clients", "--skill", "clients.billing"
    )
    changed = told(given, "set", "ivanova", "--extension", "", "--skill", "clients", "--role", "senior")
    assert changed["extension"] is None
    assert told(given, "list")["users"] == [changed]
    assert changed | {"skills": ["clients"], "role": "senior", "active": True} == changed
    assert told(given, "deactivate", "ivanova")["active"] is False
    assert "(inactive)" in run(given, "list").stdout
    assert told(given, "set", "ivanova", "--active")["active"] is True


def test_a_password_is_set_and_kept_when_asked(given: Given) -> None:
    add(given)
    told(given, "password", "boss", "--keep", stdin="kQ7-vagon-Lz\n")
    assert asyncio.run(signs_in(given, "boss", "kQ7-vagon-Lz")) is False
    assert told(given, "unlock", "boss") == {"login": "boss", "forgotten": False}


@pytest.mark.parametrize(
    ("arguments", "stdin", "words"),
    [
        (["add", "boss", "--name", "Другой"], PASSWORD, "There is a user of this login"),
        (["add", "Boss", "--name", "Другой"], PASSWORD, "login is malformed"),
        (["add", "other", "--name", "Другой"], "short\n", "at least 10 characters"),
        (["add", "other", "--name", "Другой"], "", "at least 10 characters"),
        (["deactivate", "boss"], "", "last administrator"),
        (["password", "nobody"], PASSWORD, "no such user"),
        (["unlock", "nobody"], "", "no such user"),
    ],
)
def test_what_is_wrong_is_told(given: Given, arguments: list[str], stdin: str, words: str) -> None:
    add(given)
    with pytest.raises(Fault, match=words):
        run(given, *arguments, stdin=stdin)


def test_a_certificate_is_made_in_the_data_folder(given: Given) -> None:
    made = told(given, "cert", "--host", "127.0.0.2", app=web.app)
    assert made["new_authority"] is True
    assert Path(made["certificate"]) == given.data_folder / "tls" / "server.pem"
    text = run(given, "cert", "--host", "operators.example.test", app=web.app).stdout
    assert "Authority (as before)" in text
    assert "certutil" in text
    with pytest.raises(Fault, match="is no host"):
        run(given, "cert", "--host", "x" * 70, app=web.app)
