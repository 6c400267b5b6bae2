"""Finds an Asterisk on this machine and runs it."""

from ivr.asterisk.host.asterisk import AsteriskHost, Running
from ivr.asterisk.host.status import Status, Trunk

__all__ = ["AsteriskHost", "Running", "Status", "Trunk"]
