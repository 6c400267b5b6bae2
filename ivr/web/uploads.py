"""Files that are sent to the server: kept on the disk, never whole in memory."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from ivr.web import wording
from ivr.web.api.route import Refused, Upload

MEDIA_TYPE = "application/octet-stream"
_PART = 256 * 1024


@asynccontextmanager
async def received(request: web.Request, most: int, stall_seconds: float) -> AsyncIterator[Upload]:
    """The file of a request; it is deleted at the end, unless it was moved away.

    Args:
        request: What came.
        most: Bytes that are taken.
        stall_seconds: Longest time in which nothing may come.

    Raises:
        Refused: It is no file, too large, or too slow.
    """
    if request.content_type != MEDIA_TYPE:
        raise Refused(415, "not-a-file", wording.NOT_A_FILE)
    if (request.content_length or 0) > most:
        raise _too_large(most)
    handle, name = await asyncio.to_thread(tempfile.mkstemp, prefix="ivr-upload-")
    path = Path(name)
    try:
        size = await _receive(request, handle, most, stall_seconds)
        yield Upload(path=path, size=size)
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)


async def _receive(request: web.Request, handle: int, most: int, stall_seconds: float) -> int:
    size = 0
    with os.fdopen(handle, "wb") as file:
        while part := await _part(request, stall_seconds):
            size += len(part)
            if size > most:
                raise _too_large(most)
            await asyncio.to_thread(file.write, part)
    return size


async def _part(request: web.Request, stall_seconds: float) -> bytes:
    try:
        async with asyncio.timeout(stall_seconds):
            return await request.content.read(_PART)
    except TimeoutError:
        raise Refused(408, "too-slow", wording.TOO_SLOW) from None


def _too_large(most: int) -> Refused:
    return Refused(413, "too-large", wording.FILE_TOO_LARGE.format(most=most // 1_000_000))
