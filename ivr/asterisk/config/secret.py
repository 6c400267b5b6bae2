"""The secret of the manager interface."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress

from pydantic import SecretStr

from ivr.asterisk.settings import AsteriskSettings


def manager_secret(settings: AsteriskSettings) -> SecretStr:
    """The secret of the manager's users: that of the settings, or one made once and kept.

    It is kept in `manager.secret` of the data folder, readable by the owner alone.
    """
    if settings.manager.secret is not None:
        return settings.manager.secret
    file = settings.data_folder / "manager.secret"
    file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_hex(16))
    return SecretStr(file.read_text())
