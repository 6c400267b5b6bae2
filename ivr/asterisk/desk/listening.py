"""Listening to a talk, whispering to the operator, joining: ChanSpy on the operator's channel.

The supervisor's telephone runs `ChanSpy` in the dialplan (asterisk-conf/extensions_desk.conf.j2), a context a
mode; another mode is one `Redirect` there. Nothing of the talk is touched, so it goes on as it was whatever
becomes of the listener. His channel carries no call id: it is no leg of anything.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import Final

import structlog

from ivr.asterisk.ami import ActionRefused, AmiLink, Event, LinkLost, Snapshot
from ivr.asterisk.desk.channels import LISTENER_VARIABLE
from ivr.asterisk.desk.settings import SwitchboardSettings
from ivr.desk.ports import CallNotThere, ExchangeAway, PhoneKind
from ivr.desk.ports_listening import ListeningEar, ListenMode, ListenOrder

log = structlog.get_logger(__name__)

_NO_CHANNEL: Final = re.compile(r"no such channel|does not exist", re.IGNORECASE)
_NOT_UP: Final = "channel not up"
"""So a channel is called that still leaves its place in the dialplan for the one of the order before."""

_ON_ITS_WAY_SECONDS: Final = 0.05
_ASKED_AGAIN: Final = 20
_NORMAL_CLEARING: Final = 16
_LEG: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_TALK_VARIABLE: Final = "IVR_HEARD"
"""Whose recording gets a part: our id of the call, under a name by which the channel is no leg of it."""

_ANSWER_AT_ONCE: Final = r"<sip:localhost>\;answer-after=0"
"""`Call-Info` with which telephones on the desk answer by themselves (Yealink, Snom, Grandstream, …)."""


class _OnItsWay(ExchangeAway):
    """The channel is not where the order before has sent it."""


class AsteriskListening:
    """The `ListeningPost` of `ivr.desk.ports_listening` over the manager interface."""

    def __init__(self, link: AmiLink, settings: SwitchboardSettings) -> None:
        self._link = link
        self._settings = settings

    def watch(self, ear: ListeningEar) -> None:
        """Tell this one from now on; once, before the link is started."""

        def answered(event: Event) -> None:
            ear.began(event["ActionID"])

        def failed(event: Event) -> None:
            ear.ended(event["ActionID"])

        def gone(event: Event) -> None:
            ear.ended(event["Uniqueid"])

        async def resync(snapshot: Snapshot) -> None:
            ear.seen([one.uniqueid for one in snapshot.channels if LISTENER_VARIABLE in one.variables])

        self._link.on("OriginateResponse", answered, {"Response": {"Success"}})
        self._link.on("OriginateResponse", failed, {"Response": {"Failure"}})
        self._link.on("Hangup", gone)
        self._link.on_resync(resync)

    async def listen(self, order: ListenOrder) -> None:
        """As `ListeningPost.listen`."""
        told = {
            LISTENER_VARIABLE: order.leg_id,
            _TALK_VARIABLE: order.call_id,
            "PJSIP_HEADER(add,X-Ivr-Listen)": order.order_id,
        }
        if order.phone.kind is PhoneKind.DESK:
            told["PJSIP_HEADER(add,Call-Info)"] = _ANSWER_AT_ONCE
        try:
            await self._link.originate(
                order.order_id,
                Channel=order.phone.device,
                Context=_context(order.mode),
                Exten=_extension(order.leg_id),
                Priority=1,
                Timeout=int(self._settings.operator_seconds * 1000),
                Variable=[f"{name}={value}" for name, value in told.items()],
            )
        except (ActionRefused, LinkLost, TimeoutError) as error:
            raise ExchangeAway(str(error) or "no answer") from error

    async def set_mode(self, order_id: str, leg_id: str, mode: ListenMode) -> None:
        """As `ListeningPost.set_mode`."""
        place = (order_id, _context(mode), _extension(leg_id))
        for _ in range(_ASKED_AGAIN):
            with suppress(_OnItsWay):
                await self._redirect(*place)
                return
            await asyncio.sleep(_ON_ITS_WAY_SECONDS)
        await self._redirect(*place)

    async def stop(self, order_id: str) -> None:
        """As `ListeningPost.stop`."""
        try:
            await self._act("Hangup", Channel=order_id, Cause=_NORMAL_CLEARING)
        except CallNotThere:
            log.debug("listening.gone-already")

    async def _redirect(self, order_id: str, context: str, extension: str) -> None:
        await self._act("Redirect", Channel=order_id, Context=context, Exten=extension, Priority=1)

    async def _act(self, action: str, **fields: str | int) -> None:
        try:
            await self._link.actions.action(action, **fields)
        except ActionRefused as refusal:
            if _NO_CHANNEL.search(refusal.reason):
                raise CallNotThere(refusal.reason) from refusal
            raise (_OnItsWay if _NOT_UP in refusal.reason else ExchangeAway)(str(refusal)) from refusal
        except (LinkLost, TimeoutError) as error:
            raise ExchangeAway("no answer") from error


def _context(mode: ListenMode) -> str:
    return f"desk-hear-{mode.value}"


def _extension(leg_id: str) -> str:
    if not _LEG.fullmatch(leg_id):
        raise ValueError("not a leg")
    return leg_id
