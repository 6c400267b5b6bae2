"""The web server: metrics and health; pages, API and live events where there is a site."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Self

from aiohttp import web

from ivr.errors import Fault
from ivr.web import headers, tls
from ivr.web.frame import errors_as_json
from ivr.web.gate import client_address
from ivr.web.health import Check, examine
from ivr.web.settings import WebSettings
from ivr.web.site import Site

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class WebServer:
    """Serves `/metrics`, `/healthz`, `/readyz` and a site; an async context manager."""

    def __init__(
        self,
        settings: WebSettings,
        *,
        exposition: Callable[[], bytes],
        checks: Mapping[str, Check],
        site: Site | None = None,
    ) -> None:
        """Set the routes up; nothing listens yet.

        Args:
            settings: Where to listen.
            exposition: Metrics in Prometheus' text format.
            checks: What must be in order before calls are taken, by name.
            site: Pages, API and live events.

        Raises:
            Fault: Passwords would go over a network in the clear.
        """
        if site is not None:
            _require_privacy(settings)
        self._settings = settings
        self._exposition = exposition
        self._checks = checks
        self._headers = headers.common(encrypted=settings.encrypted)
        application = web.Application(
            client_max_size=settings.limits.body_bytes, middlewares=[errors_as_json]
        )
        application.router.add_get("/metrics", self._metrics)
        application.router.add_get("/healthz", self._healthz)
        application.router.add_get("/readyz", self._readyz)
        if site is not None:
            site.install(application)
        application.on_response_prepare.append(self._add_headers)
        self._runner = web.AppRunner(
            application,
            access_log=None,
            keepalive_timeout=settings.limits.idle_seconds,
            shutdown_timeout=settings.stop_seconds,
            handle_signals=False,
        )

    async def start(self) -> None:
        """Listen.

        Raises:
            Fault: The address can't be listened on, or the certificate can't be used.
        """
        context = tls.server_context(self._settings.tls) if self._settings.tls else None
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._settings.host, self._settings.port, ssl_context=context)
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

    async def _add_headers(self, _request: web.Request, response: web.StreamResponse) -> None:
        for name, value in self._headers.items():
            response.headers.setdefault(name, value)
        response.headers.pop("Server", None)

    async def _metrics(self, request: web.Request) -> web.Response:
        address = client_address(request, behind_proxy=self._settings.behind_proxy)
        if not any(address in network for network in self._settings.metrics_from):
            raise web.HTTPForbidden(text="web.metrics_from names the networks that may read this.\n")
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


def _require_privacy(settings: WebSettings) -> None:
    if settings.on_loopback or settings.encrypted:
        return
    raise Fault(
        "Passwords and clients' data would cross the network in the clear, and no browser gives a page a "
        "microphone there.",
        f"web.host: {settings.host}",
        "Make a certificate (`ivr web cert --host …`) and set web.tls, or set web.behind_proxy where a proxy "
        "speaks https; or take the loopback, 127.0.0.1.",
    )
