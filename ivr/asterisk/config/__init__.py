"""Asterisk's configuration, rendered from the settings by the templates of `asterisk-conf/`."""

from ivr.asterisk.config.render import install, render, required_modules
from ivr.asterisk.config.secret import hearing_secret, manager_secret

__all__ = ["hearing_secret", "install", "manager_secret", "render", "required_modules"]
