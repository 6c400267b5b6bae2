"""Receipts that gateways of messages tell us: without a session, with the secret of their own address."""

from __future__ import annotations

import json
from typing import Any, Protocol
from urllib.parse import parse_qsl

from aiohttp import web

from ivr.web import wording
from ivr.web.api.route import Refused
from ivr.web.frame import Direct
from ivr.web.settings import LimitSettings
from ivr.web.wire import read_raw

_PATH = "/message-receipts/{gateway}/{secret}"
_FORM = "application/x-www-form-urlencoded"


class TakesReceipts(Protocol):
    """As `ivr.campaigns.channels.callbacks.Callbacks`."""

    def knows(self, gateway: str, secret: str) -> bool:
        """Whether somebody may post for a gateway."""

    async def take(self, gateway: str, told: Any) -> int:
        """Keep what is told. Raises StoreUnavailable: it is to be told again."""


class MessageReceipts:
    """`/message-receipts/{gateway}/{secret}`: JSON, a form, or the parameters of the address."""

    def __init__(self, takes: TakesReceipts, limits: LimitSettings) -> None:
        self._takes = takes
        self._limits = limits

    def calls(self) -> list[Direct]:
        """Both of them."""
        title = "A gateway of messages tells what became of one; no session, but the secret of its settings"
        return [
            Direct(method=method, path=_PATH, title=title, run=self.take, status=204, signed_in=False)
            for method in ("GET", "POST")
        ]

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Keep it. Raises Refused, StoreUnavailable."""
        gateway, secret = request.match_info["gateway"], request.match_info["secret"]
        if not self._takes.knows(gateway, secret):
            raise Refused(404, "not-found", wording.NOT_FOUND)
        await self._takes.take(gateway, await self._told(request))
        return web.Response(status=204)

    async def _told(self, request: web.Request) -> Any:
        if request.method == "GET":
            return dict(request.query)
        raw = await read_raw(request, self._limits)
        try:
            return dict(parse_qsl(raw.decode())) if request.content_type == _FORM else json.loads(raw)
        except ValueError:
            raise Refused(400, "not-json", wording.NOT_JSON) from None
