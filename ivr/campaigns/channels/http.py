"""SMS by the HTTP interface of a gateway, and messages for the company's own application and account."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import aiohttp

from ivr.campaigns.channels.gateways import Letter, NotSent, Unsure
from ivr.campaigns.channels.settings import SmsHttpSettings, WebhookSettings
from ivr.dialogue.ports import Clock

_SLOWER, _AWAY = 429, 503
_AWAY_SECONDS = 5.0
_LONGEST_PAUSE = 600.0


class SmsHttpGateway:
    """Posts one request a message; the gateway takes long texts apart."""

    def __init__(self, settings: SmsHttpSettings, session: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._session = session

    def parts(self, whole: str) -> int:
        """One request, however long."""
        return 1

    async def hand_over(self, letter: Letter, part: int) -> str:
        """Post it; gives the gateway's id. Raises NotSent, Unsure."""
        settings = self._settings
        values = {
            "number": letter.address.removeprefix("+"),
            "text": letter.text,
            "key": letter.key,
            "sender": settings.sender,
        }
        headers = {name: value.get_secret_value() for name, value in settings.headers.items()}
        body = json.dumps(_filled(settings.body, values), ensure_ascii=False).encode()
        answer = await _post(self._session, str(settings.url), body, headers, settings.timeout_seconds)
        error = found_at(answer, settings.error_path) if settings.error_path else None
        if error:
            raise NotSent("the gateway refuses it", final=True, code=str(error)[:64])
        given = found_at(answer, settings.id_path)
        return "" if given is None else str(given)[:128]

    async def run(self) -> None:
        """There is no connection to keep."""


class Webhook:
    """Posts messages as Standard Webhooks 1.0 has it, with webhook-id, webhook-timestamp, webhook-signature.

    The id is the message's key: the same message posted again bears it again.
    """

    def __init__(
        self, settings: WebhookSettings, session: aiohttp.ClientSession, clock: Clock, channel: str
    ) -> None:
        self._settings = settings
        self._session = session
        self._clock = clock
        self._channel = channel

    def parts(self, whole: str) -> int:
        """One."""
        return 1

    async def hand_over(self, letter: Letter, part: int) -> str:
        """Post it; its key is its id. Raises NotSent, Unsure."""
        told = {
            "type": f"message.{self._channel}",
            "timestamp": letter.written_at.isoformat(),
            "data": {"account": letter.address, "title": letter.subject, "text": letter.text},
        }
        body = json.dumps(told, ensure_ascii=False).encode()
        moment = int(self._clock.now().timestamp())
        headers = {
            "webhook-id": letter.key,
            "webhook-timestamp": str(moment),
            "webhook-signature": signature(
                self._settings.secret.get_secret_value(), letter.key, moment, body
            ),
        }
        await _post(self._session, str(self._settings.url), body, headers, self._settings.timeout_seconds)
        return letter.key

    async def run(self) -> None:
        """There is no connection to keep."""


def signature(secret: str, key: str, moment: int, body: bytes) -> str:
    """What the receiver computes, too: `v1,` and the HMAC-SHA256 of id, seconds and body in Base64."""
    signed = f"{key}.{moment}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret.encode(), signed, hashlib.sha256)).decode()


def found_at(answer: Any, path: str) -> Any:
    """What stands at a path such as `messages.0.id`; None: nothing."""
    found = answer
    for step in path.split("."):
        if isinstance(found, Mapping):
            found = found.get(step)
        elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found


def _filled(pattern: Any, values: Mapping[str, str]) -> Any:
    if isinstance(pattern, Mapping):
        return {name: _filled(value, values) for name, value in pattern.items()}
    if isinstance(pattern, list | tuple):
        return [_filled(value, values) for value in pattern]
    if not isinstance(pattern, str):
        return pattern
    for name, value in values.items():
        if pattern == f"{{{name}}}":
            return value
    return pattern.format_map(values) if "{" in pattern else pattern


async def _post(
    session: aiohttp.ClientSession, url: str, body: bytes, headers: Mapping[str, str], seconds: float
) -> Any:
    """The JSON of the answer, or None. Raises NotSent, Unsure."""
    every = {"Content-Type": "application/json; charset=utf-8", **headers}
    try:
        async with (
            asyncio.timeout(seconds),
            session.post(url, data=body, headers=every, allow_redirects=False) as response,
        ):
            content = await response.read()
            _check(response)
    except aiohttp.ClientConnectorError as error:
        raise NotSent("the gateway is away", pause=_AWAY_SECONDS, code=type(error).__name__) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise Unsure(f"http: {type(error).__name__}") from error
    return _json(content)


def _check(response: aiohttp.ClientResponse) -> None:
    status, code = response.status, f"http {response.status}"
    if status < 300:
        return
    if status in (_SLOWER, _AWAY):
        raise NotSent("the gateway wants it slower", pause=_pause(response), code=code)
    if status >= 500:
        raise Unsure(code)
    raise NotSent("the gateway refuses it", final=True, code=code)


def _pause(response: aiohttp.ClientResponse) -> float:
    """Retry-After (RFC 9110, 10.2.3) where it has seconds."""
    told = response.headers.get("Retry-After", "")
    return min(float(told), _LONGEST_PAUSE) if told.isdecimal() else _AWAY_SECONDS


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
