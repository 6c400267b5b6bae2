"""The messages of AEAP's protocol `speech_to_text`, without I/O, as Asterisk's res_speech_aeap.c has them.

A message is one WebSocket text frame of JSON: `{"request": name, "id": …, …}` or `{"response": name, "id": …,
…}`; an error is a response with `error_msg`. Sound travels as binary frames.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

PROTOCOL: Final = "speech_to_text"
"""The WebSocket's sub-protocol."""

CODEC: Final = "slin"
"""16-bit signed little-endian PCM, mono, 8000 Hz."""


class BadMessage(Exception):
    """What arrived is no message of the protocol."""


@dataclass(frozen=True, slots=True)
class Setup:
    """The first request: codecs in the order of preference, and the custom fields of aeap.conf."""

    id: str
    codecs: tuple[str, ...]
    fields: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Get:
    """Asks for one setting, or for `results`."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Set:
    """Changes one setting: what the dialplan gives to `SPEECH_ENGINE(name)`, or the keys as `dtmf`."""

    id: str
    name: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unknown:
    """A request of another name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Taken:
    """Asterisk has taken a request of ours."""

    id: str


Message = Setup | Get | Set | Unknown | Taken


def parse(text: str) -> Message:
    """Read a message.

    Raises:
        BadMessage: It is none.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadMessage("no JSON") from error
    if not isinstance(document, dict) or not isinstance(document.get("id"), str):
        raise BadMessage("no object with an id")
    if "response" in document:
        return Taken(document["id"])
    return _request(document)


def setup_response(request: Setup) -> str:
    """Accept the connection."""
    return _text({"response": "setup", "id": request.id, "codecs": [{"name": CODEC}]})


def value_response(request: Get, value: object) -> str:
    """Answer a `get`."""
    return _text({"response": "get", "id": request.id, "params": {request.name: value}})


def set_response(request: Set) -> str:
    """Answer a `set`."""
    return _text({"response": "set", "id": request.id})


def refusal(name: str, request_id: str, reason: str) -> str:
    """Answer a request with an error."""
    return _text({"response": name, "id": request_id, "error_msg": reason})


def results_request(request_id: str, results: Sequence[Mapping[str, Any]]) -> str:
    """Push results: a running `SpeechBackground` ends at once. The last one is the dialplan's number 0."""
    return _text({"request": "set", "id": request_id, "params": {"results": results}})


def _request(document: Mapping[str, Any]) -> Message:
    name, request_id, params = document.get("request"), document["id"], document.get("params")
    if not isinstance(name, str):
        raise BadMessage("neither request nor response")
    match name, params:
        case "setup", _:
            return Setup(request_id, _codecs(document.get("codecs")), _fields(params or {}))
        case "get", [str(wanted), *_]:
            return Get(request_id, wanted)
        case "set", dict() if len(params) == 1:
            [(key, value)] = _fields(params).items()
            return Set(request_id, key, value)
    return Unknown(request_id, name)


def _codecs(given: Any) -> tuple[str, ...]:
    if not isinstance(given, list):
        raise BadMessage("no codecs")
    return tuple(str(one.get("name")) for one in given if isinstance(one, dict))


def _fields(given: Any) -> dict[str, str]:
    if not isinstance(given, dict):
        raise BadMessage("no parameters")
    if not all(isinstance(value, str) for value in given.values()):
        raise BadMessage("a parameter that is no text")
    return given


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
