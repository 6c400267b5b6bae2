"""Variables of a channel that are sent only when they change."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.asterisk.agi.session import AgiSession


class ChannelVariables:
    """What has been set on one channel."""

    def __init__(self, session: AgiSession) -> None:
        self._session = session
        self._known: dict[str, str] = {}

    async def keep(self, wanted: Mapping[str, str]) -> None:
        """Set those that have another value, all by one command; raises as `AgiSession.execute`."""
        changed = {name: value for name, value in wanted.items() if self._known.get(name) != value}
        if changed:
            await self._session.execute("MSet", *(f"{name}={value}" for name, value in changed.items()))
            self._known |= changed
