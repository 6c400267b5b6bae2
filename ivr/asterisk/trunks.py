"""Whether the carriers' ends of the trunks answer, as Asterisk asks them (`qualify` of outgoing trunks)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ivr.asterisk.ami import AmiLink, Event, Snapshot

_PREFIX: Final = "trunk-"
_STATUS: Final = {"Reachable": True, "Unreachable": False, "Removed": False}


class TrunkWatch:
    """Knows of each trunk that is asked whether it answers; None: not known yet."""

    def __init__(self, link: AmiLink, names: Iterable[str]) -> None:
        """Subscribe. Args: names, of the trunks that Asterisk asks."""
        self._answers: dict[str, bool | None] = dict.fromkeys(names)
        link.on_resync(self._resync)
        link.on("ContactStatus", self._changed)

    @property
    def answers(self) -> Mapping[str, bool | None]:
        """By name."""
        return dict(self._answers)

    def _changed(self, event: Event) -> None:
        self._note(event["EndpointName"], _STATUS.get(event["ContactStatus"]))

    def _resync(self, snapshot: Snapshot) -> None:
        for device, state in snapshot.devices.items():
            self._note(device.removeprefix("PJSIP/"), state != "UNAVAILABLE")

    def _note(self, endpoint: str, answers: bool | None) -> None:
        name = endpoint.removeprefix(_PREFIX)
        if endpoint.startswith(_PREFIX) and name in self._answers and answers is not None:
            self._answers[name] = answers
