"""How the engine signs in at Asterisk's manager interface, and helps Asterisk on where that waits in vain."""

from __future__ import annotations

from contextlib import suppress

from ivr.asterisk.ami import AmiLink, AmiLogin, AmiSettings
from ivr.asterisk.config import manager_secret
from ivr.asterisk.desk import SNAPSHOT_VARIABLES
from ivr.asterisk.host import AsteriskHost
from ivr.asterisk.settings import AsteriskSettings
from ivr.asterisk.stuck import StuckChannels
from ivr.errors import Fault
from ivr.kpi.metrics import Metrics
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


def open_stuck(settings: AsteriskSettings, link: AmiLink, metrics: Metrics) -> StuckChannels:
    """Watch for channels that don't end. An Asterisk that a dead engine has left stopped goes on."""
    host = AsteriskHost(settings)
    with suppress(Fault):
        host.resume()
    return StuckChannels(link, host.nudge, metrics.channel_helped_on)
