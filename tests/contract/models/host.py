"""A host of models on the loopback: ranges, and the faults of the network on demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer


@dataclass
class Host:
    """What is served.

    Attributes:
        files: Path → content.
        cuts: Bytes after which each of the next answers breaks off.
        ranges: Whether parts of a file are served.
        headers: Added to each answer.
        statuses: Statuses that the next requests are refused with.
        asked: The Range header of each request.
    """

    files: Mapping[str, bytes]
    cuts: list[int] = field(default_factory=list)
    ranges: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)
    asked: list[str | None] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Serve a file, or a fault."""
        self.asked.append(request.headers.get("Range"))
        if self.statuses:
            return web.Response(status=self.statuses.pop(0))
        content = self.files.get(request.path)
        if content is None:
            return web.Response(status=404)
        start = self._start(request)
        if start and start >= len(content):
            return web.Response(status=416)
        return await self._send(request, content, start)

    def _start(self, request: web.Request) -> int:
        if not self.ranges:
            return 0
        return request.http_range.start or 0

    async def _send(self, request: web.Request, content: bytes, start: int) -> web.StreamResponse:
        part = content[start:]
        headers = {"Content-Length": str(len(part)), **self.headers}
        if self.ranges:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        response = web.StreamResponse(status=206 if self.ranges else 200, headers=headers)
        await response.prepare(request)
        if self.cuts:
            await response.write(part[: self.cuts.pop(0)])
            assert request.transport is not None
            request.transport.close()
            return response
        await response.write(part)
        return response


async def serving(host: Host) -> TestServer:
    """The host, listening."""
    app = web.Application()
    app.router.add_get("/{path:.*}", host.answer)
    server = TestServer(app)
    await server.start_server()
    return server
