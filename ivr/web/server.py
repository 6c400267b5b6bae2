"""The web server: metrics and health."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Self

from aiohttp import web

from ivr.errors import Fault
from ivr.web.health import Check, examine
from ivr.web.settings import WebSettings

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)
    response.headers.pop("Server", None)


class WebServer:
    """Serves `/metrics`, `/healthz` and `/readyz`; an async context manager."""

    def __init__(
        self,
        settings: WebSettings,
        *,
        exposition: Callable[[], bytes],
        checks: Mapping[str, Check],
    ) -> None:
        """Set the routes up; nothing listens yet.

        Args:
            settings: Where to listen.
            exposition: Metrics in Prometheus' text format.
            checks: What must be in order before calls are taken, by name.
        """
        self._settings = settings
        self._exposition = exposition
        self._checks = checks
        application = web.Application()
        application.router.add_get("/metrics", self._metrics)
        application.router.add_get("/healthz", self._healthz)
        application.router.add_get("/readyz", self._readyz)
        application.on_response_prepare.append(_add_headers)
        self._runner = web.AppRunner(
            application, access_log=None, shutdown_timeout=settings.stop_seconds, handle_signals=False
        )

    async def start(self) -> None:
        """Listen.

        Raises:
            Fault: The address can't be listened on.
        """
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._settings.host, self._settings.port)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise Fault(
                f"The web server can't listen there: {error.strerror or error}.",
                f"{self._settings.host}:{self._settings.port}",
                "Stop the program that uses the port, or set web.port to another.",
            ) from error

    async def stop(self) -> None:
        """Let open requests end, then close."""
        await self._runner.cleanup()

    @property
    def port(self) -> int:
        """The port listened on."""
        port: int = self._runner.addresses[0][1]
        return port

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _metrics(self, _request: web.Request) -> web.Response:
        return web.Response(body=self._exposition(), headers={"Content-Type": _METRICS_TYPE})

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _readyz(self, _request: web.Request) -> web.Response:
        found = await examine(self._checks, self._settings.check_seconds)
        failing = [{"name": name, "detail": state.detail} for name, state in found.items() if not state.ok]
        body = {
            "status": "not ready" if failing else "ready",
            "not_ready": failing,
            "checks": [
                {"name": name, "ok": state.ok, "detail": state.detail} for name, state in found.items()
            ],
        }
        return web.json_response(body, status=503 if failing else 200)
