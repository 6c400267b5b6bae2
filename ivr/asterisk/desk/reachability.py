"""Which telephones can be rung, from Asterisk's states of devices and what it tells of contacts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ivr.desk.ports import Phone

_GONE: Final = frozenset({"Removed", "Unreachable"})
_DEAD_STATES: Final = frozenset({"UNAVAILABLE", "INVALID", "UNKNOWN"})
_UNSEEN: Final = "?"
"""Stands for a contact that was there before anybody watched."""


def reachable_devices(states: Mapping[str, str]) -> frozenset[str]:
    """Telephones of workplaces that can be rung.

    Args:
        states: State by device, as `DeviceStateList` tells (`NOT_INUSE`, `UNAVAILABLE`, …).
    """
    return frozenset(
        device for device, state in states.items() if Phone.of(device) and state not in _DEAD_STATES
    )


class Contacts:
    """Counts the contacts of each telephone: a page that is loaded again comes before its old self goes."""

    def __init__(self) -> None:
        self._uris: dict[str, set[str]] = {}

    def reset(self, reachable: Iterable[str]) -> None:
        """What there is, by device, after a time in which nobody watched."""
        self._uris = {device: {_UNSEEN} for device in reachable}

    def seen(self, endpoint: str, uri: str, status: str) -> tuple[str, bool] | None:
        """A contact's state, as `ContactStatus` tells.

        Returns:
            Device and whether it can be rung now, when that has changed; None otherwise.
        """
        device = f"PJSIP/{endpoint}"
        if Phone.of(device) is None:
            return None
        uris = self._uris.setdefault(device, set())
        before = bool(uris)
        uris.discard(_UNSEEN)
        if status in _GONE:
            uris.discard(uri)
        else:
            uris.add(uri)
        return (device, bool(uris)) if bool(uris) != before else None
