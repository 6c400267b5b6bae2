"""The secrets that Asterisk and our processes share."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from pydantic import SecretStr

from ivr.asterisk.settings import AsteriskSettings


def manager_secret(settings: AsteriskSettings) -> SecretStr:
    """The secret of the manager's users: that of the settings, or one made once and kept.

    It is kept in `manager.secret` of the data folder, readable by the owner alone.
    """
    return settings.manager.secret or _kept(settings.data_folder / "manager.secret")


def hearing_secret(settings: AsteriskSettings) -> SecretStr:
    """What Asterisk shows to the recogniser: as `manager_secret`, kept in `hearing.secret`."""
    return settings.hearing.secret or _kept(settings.data_folder / "hearing.secret")


def _kept(file: Path) -> SecretStr:
    file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_hex(16))
    return SecretStr(file.read_text())
