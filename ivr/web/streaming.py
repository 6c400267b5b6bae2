"""Files that are answered in parts: sound that a player seeks in, archives made on the way.

Ranges are those of RFC 9110, section 14: one range of bytes, with If-Range by the entity tag; several ranges
at once and anything unreadable are answered with the whole, as section 14.2 allows.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

import structlog
from aiohttp import web

from ivr.web.api.route import Flow, Ranged

log = structlog.get_logger(__name__)

_PART = 64 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)
_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Span:
    """Some bytes of a file: those from `start` up to, not including, `end`."""

    start: int
    end: int


class NotSatisfiable(Exception):
    """The range lies outside of the file."""


class Stalled(Exception):
    """The other side takes nothing any more."""


def span_of(header: str | None, size: int) -> Span | None:
    """What a `Range` header asks for; None: the whole.

    Args:
        header: Its value, or None.
        size: Bytes of the file.

    Raises:
        NotSatisfiable: There is none of it.
    """
    found = _RANGE.fullmatch(header.strip()) if header else None
    if found is None or max(map(len, found.groups())) > _MOST_DIGITS or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        span = Span(max(0, size - int(last)), size)
    else:
        if last and int(last) < int(first):
            return None
        span = Span(int(first), min(size, int(last) + 1) if last else size)
    if span.start >= span.end:
        raise NotSatisfiable
    return span


async def send(request: web.Request, made: Ranged | Flow, stall_seconds: float) -> web.StreamResponse:
    """Answer with a file.

    Args:
        request: What asked for it.
        made: The file.
        stall_seconds: Who takes nothing for so long is cut off.

    Raises:
        Refused: Its first part can't be read.
    """
    if isinstance(made, Ranged):
        return await _ranged(request, made, stall_seconds)
    return await _flow(request, made, stall_seconds)


async def _ranged(request: web.Request, file: Ranged, stall_seconds: float) -> web.StreamResponse:
    tag = f'"{file.tag}"'
    common = {"Accept-Ranges": "bytes", "ETag": tag, "Content-Type": file.media_type}
    same = request.headers.get("If-Range", tag) == tag
    try:
        span = span_of(request.headers.get("Range") if same else None, file.size)
    except NotSatisfiable:
        return web.Response(status=416, headers={**common, "Content-Range": f"bytes */{file.size}"})
    asked = span or Span(0, file.size)
    parts = _parts(file, asked)
    first = await anext(parts, b"")
    response = web.StreamResponse(status=206 if span else 200, headers=common)
    if span:
        response.headers["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{file.size}"
    response.content_length = asked.end - asked.start
    return await _pour(request, response, first, parts, stall_seconds)


async def _flow(request: web.Request, file: Flow, stall_seconds: float) -> web.StreamResponse:
    headers = {"Content-Type": file.media_type, "Content-Disposition": f'attachment; filename="{file.name}"'}
    first = await anext(file.parts, b"")
    return await _pour(request, web.StreamResponse(headers=headers), first, file.parts, stall_seconds)


async def _parts(file: Ranged, span: Span) -> AsyncGenerator[bytes, None]:
    at = span.start
    while at < span.end:
        part = await file.read(at, min(_PART, span.end - at))
        if not part:
            raise EOFError
        yield part
        at += len(part)


async def _pour(
    request: web.Request,
    response: web.StreamResponse,
    first: bytes,
    rest: AsyncGenerator[bytes, None],
    stall_seconds: float,
) -> web.StreamResponse:
    try:
        async with aclosing(rest):
            await response.prepare(request)
            await _write(response, first, stall_seconds)
            async for part in rest:
                await _write(response, part, stall_seconds)
            await response.write_eof()
    except ConnectionError:
        pass  # a player that seeks leaves, and asks anew
    except Stalled:
        _cut(request)  # a player that was stopped asks anew when it goes on
    except Exception as error:
        log.warning("api.broken-off", error=type(error).__name__)
        _cut(request)
    return response


async def _write(response: web.StreamResponse, part: bytes, stall_seconds: float) -> None:
    try:
        async with asyncio.timeout(stall_seconds):
            await response.write(part)
    except TimeoutError as error:
        raise Stalled from error


def _cut(request: web.Request) -> None:
    """Let the other side see that it has not got the whole."""
    if request.transport is not None:
        request.transport.abort()
