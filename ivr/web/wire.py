"""Bodies, queries and answers of the API as JSON; every refusal has one form.

`{"error": {"code", "message", "field", "fields", "wait_seconds"}}`: `message` is for the person, in Russian;
`field` is the first field that is wrong, by its path (`slots.0.from`), and `fields` are all of them.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Mapping
from typing import Any, TypeVar, get_origin

from aiohttp import web
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ivr.web import wording
from ivr.web.api.route import Download, Refused
from ivr.web.settings import LimitSettings

M = TypeVar("M", bound=BaseModel)
_ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_UNCLEAN = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f\\ud800-\\udfff]")
_LISTS = (list, tuple, set, frozenset)
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


class FieldError(BaseModel):
    """A field that is wrong, by its path, and why."""

    field: str
    message: str


class Error(BaseModel):
    """Why a request is refused."""

    code: str
    message: str
    field: str | None = None
    fields: list[FieldError] = []
    wait_seconds: float | None = None


class ErrorAnswer(BaseModel):
    """The body of every refusal."""

    error: Error


class Invalid(Refused):
    """Fields that don't fit the declared form.

    Attributes:
        fields: All of them.
    """

    def __init__(self, fields: list[FieldError]) -> None:
        first = fields[0]
        super().__init__(422, "invalid", first.message, first.field or None)
        self.fields = fields


class TooMany(Refused):
    """Too often; to be tried again.

    Attributes:
        wait_seconds: Not before.
    """

    def __init__(self, message: str, wait_seconds: float) -> None:
        super().__init__(429, "too-many", message)
        self.wait_seconds = wait_seconds


async def read_body(request: web.Request, model: type[M], limits: LimitSettings) -> M:
    """The JSON of a request.

    Raises:
        Refused: It is too large, too slow, no JSON, or does not have the declared form.
    """
    if request.content_type != "application/json":
        raise Refused(415, "not-json", wording.NOT_JSON)
    return parsed(await read_raw(request, limits), model)


async def read_raw(request: web.Request, limits: LimitSettings) -> bytes:
    """The body as it came.

    Raises:
        Refused: It is too large or too slow.
    """
    try:
        async with asyncio.timeout(limits.read_seconds):
            return await request.read()
    except TimeoutError:
        raise Refused(408, "too-slow", wording.TOO_SLOW) from None
    except web.HTTPRequestEntityTooLarge:
        raise Refused(413, "too-large", wording.TOO_LARGE) from None


def parsed(raw: bytes, model: type[M]) -> M:
    """JSON as a model; unknown fields and the character NUL, which no database takes, are refused.

    Raises:
        Refused: It is no JSON, or does not have the declared form.
    """
    if _ESCAPED_NUL.search(raw):
        raise Refused(400, "not-json", wording.NOT_JSON)
    try:
        return model.model_validate_json(raw, extra="forbid")
    except ValidationError as error:
        raise _invalid(error) from None


def read_query(request: web.Request, model: type[M]) -> M:
    """The parameters after `?`; one that is declared as a list may be given several times.

    Raises:
        Refused: They do not have the declared form.
    """
    given: dict[str, Any] = {}
    for name in request.query:
        values = request.query.getall(name)
        given[name] = values if _is_list(model, name) or len(values) > 1 else values[0]
    if not all(map(is_clean, (text for name in given for text in (name, *request.query.getall(name))))):
        raise Refused(400, "not-readable", wording.NOT_JSON)
    try:
        return model.model_validate(given, extra="forbid")
    except ValidationError as error:
        raise _invalid(error) from None


def is_clean(text: str) -> bool:
    """Whether a text of an address can be worked with: no control characters, no halves of characters."""
    return _UNCLEAN.search(text) is None


def answer(model: BaseModel | Download | None, status: int = 200) -> web.Response:
    """A model as JSON, a file, or 204."""
    if model is None:
        return web.Response(status=204)
    if isinstance(model, Download):
        return _file(model)
    return web.Response(
        text=model.model_dump_json(by_alias=True), status=status, content_type="application/json"
    )


def _file(download: Download) -> web.Response:
    way = "attachment" if download.policy is None else "inline"
    headers = {
        "Content-Type": f"{download.media_type}; charset=utf-8"
        if download.media_type.startswith("text/")
        else download.media_type,
        "Content-Disposition": f'{way}; filename="{download.name}"',
    }
    if download.policy is not None:
        headers["Content-Security-Policy"] = download.policy
    return web.Response(body=download.content, headers=headers)


def refusal(refused: Refused) -> web.Response:
    """The refusal as JSON."""
    error = Error(code=refused.code, message=refused.message, field=refused.field)
    if isinstance(refused, Invalid):
        error.fields = refused.fields
    response = web.Response(status=refused.status, content_type="application/json")
    if isinstance(refused, TooMany):
        error.wait_seconds = math.ceil(refused.wait_seconds)
        response.headers["Retry-After"] = str(math.ceil(refused.wait_seconds))
    response.text = ErrorAnswer(error=error).model_dump_json()
    return response


def _is_list(model: type[BaseModel], name: str) -> bool:
    by_alias = {each.alias or key: each for key, each in model.model_fields.items()}
    field = by_alias.get(name)
    return field is not None and _holds_list(field.annotation)


def _holds_list(annotation: Any) -> bool:
    return get_origin(annotation) in _LISTS or any(map(_holds_list, getattr(annotation, "__args__", ())))


def _invalid(error: ValidationError) -> Refused:
    details = error.errors(include_url=False, include_input=False)
    if details[0]["type"] == "json_invalid":
        return Refused(400, "not-json", wording.NOT_JSON)
    return Invalid([FieldError(field=_path(each), message=_message(each)) for each in details])


def _path(details: ErrorDetails) -> str:
    return ".".join(map(str, details["loc"]))


def _message(details: ErrorDetails) -> str:
    kind = details["type"]
    context: Mapping[str, Any] = details.get("ctx", {})
    if kind == "value_error" and _CYRILLIC.search(str(context.get("error", ""))):
        return str(context["error"])
    if kind in wording.INVALID:
        return wording.INVALID[kind].format_map(context)
    return wording.INVALID_KINDS.get(kind.partition("_")[0], wording.INVALID_ELSE)
