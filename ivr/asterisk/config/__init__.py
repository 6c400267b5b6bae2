"""Asterisk's configuration, rendered from the settings by the templates of `asterisk-conf/`."""

from ivr.asterisk.config.render import install, render, required_modules
from ivr.asterisk.config.secret import Secrets, hearing_secret, manager_secret, workplace_secret

__all__ = [
    "Secrets",
    "hearing_secret",
    "install",
    "manager_secret",
    "render",
    "required_modules",
    "workplace_secret",
]
