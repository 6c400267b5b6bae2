"""How the engine signs in at Asterisk's manager interface."""

from __future__ import annotations

from ivr.asterisk.ami import AmiLogin, AmiSettings
from ivr.asterisk.config import manager_secret
from ivr.asterisk.desk import SNAPSHOT_VARIABLES
from ivr.settings import Settings


def with_secret(settings: Settings) -> AmiSettings:
    """The manager's settings, with the users and the secret that Asterisk's configuration has."""
    manager = settings.asterisk.manager
    secret = manager_secret(settings.asterisk)

    def login(given: AmiLogin, user: str) -> AmiLogin:
        return given if given.secret.get_secret_value() else AmiLogin(user=user, secret=secret)

    return settings.ami.model_copy(
        update={
            "events": login(settings.ami.events, manager.events_user),
            "actions": login(settings.ami.actions, manager.actions_user),
            "snapshot_variables": SNAPSHOT_VARIABLES,
        }
    )
