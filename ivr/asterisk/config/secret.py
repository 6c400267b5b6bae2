"""The secrets that Asterisk, our processes and the operators' telephones share."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from ivr.asterisk.settings import AsteriskSettings


@dataclass(frozen=True, slots=True)
class Secrets:
    """Of one instance.

    Attributes:
        manager: Of the manager's users.
        hearing: What Asterisk shows to the recogniser.
        workplaces: From which the passwords of the operators' telephones are derived.
    """

    manager: SecretStr
    hearing: SecretStr
    workplaces: SecretStr

    @classmethod
    def of(cls, settings: AsteriskSettings) -> Secrets:
        """Those of the settings; what is not set there is made once and kept in the data folder."""
        return cls(manager_secret(settings), hearing_secret(settings), _workplaces(settings))

    def password(self, endpoint: str) -> str:
        """SIP password of a workplace's telephone, `op-201` or `desk-201`: HMAC-SHA256 over its name."""
        key = self.workplaces.get_secret_value().encode()
        return hmac.new(key, endpoint.encode(), hashlib.sha256).hexdigest()


def manager_secret(settings: AsteriskSettings) -> SecretStr:
    """The secret of the manager's users: that of the settings, or one made once and kept.

    It is kept in `manager.secret` of the data folder, readable by the owner alone.
    """
    return settings.manager.secret or _kept(settings.data_folder / "manager.secret")


def hearing_secret(settings: AsteriskSettings) -> SecretStr:
    """What Asterisk shows to the recogniser: as `manager_secret`, kept in `hearing.secret`."""
    return settings.hearing.secret or _kept(settings.data_folder / "hearing.secret")


def workplace_secret(settings: AsteriskSettings, endpoint: str) -> SecretStr:
    """SIP password of a workplace's telephone, `op-201` or `desk-201`; the name of the endpoint is the user.

    It stays the same for as long as `workplaces.secret` of the data folder does.
    """
    return SecretStr(Secrets.of(settings).password(endpoint))


def _workplaces(settings: AsteriskSettings) -> SecretStr:
    return settings.workplaces.secret or _kept(settings.data_folder / "workplaces.secret")


def _kept(file: Path) -> SecretStr:
    file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_hex(16))
    return SecretStr(file.read_text())
