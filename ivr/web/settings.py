"""Settings of the web server."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

_LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TlsSettings(_Settings):
    """What `ivr web cert` makes, or a certificate of the company's own."""

    certificate: Path = Field(description="PEM file of the certificate, with those between it and the root.")
    key: Path = Field(description="PEM file of its private key, without a password.")


class LimitSettings(_Settings):
    """What one request, one user and strangers may ask of the server."""

    body_bytes: int = Field(65_536, ge=1_024, description="Longest body of a request, bytes.")
    read_seconds: float = Field(
        10.0,
        gt=0,
        description="Longest time that a body may take to come, or the next part of a file, seconds.",
    )
    idle_seconds: float = Field(
        30.0,
        gt=0,
        description="A connection is cut when no whole request has come on it, or nothing of a file has been "
        "taken, for so long, seconds; live events are none of those.",
    )
    answer_seconds: float = Field(15.0, gt=0, description="Longest time for an answer, seconds.")
    user_per_second: float = Field(20.0, gt=0, description="Requests a second of one user, on average.")
    user_burst: int = Field(100, ge=1, description="Requests of one user at once.")
    stranger_per_second: float = Field(
        5.0, gt=0, description="Requests a second without a valid session from one address, on average."
    )
    stranger_burst: int = Field(60, ge=1, description="Requests without a valid session from one address.")


class EventSettings(_Settings):
    """Live events."""

    kept: int = Field(5_000, ge=0, description="Events kept for pages that come back after a gap.")
    queue: int = Field(500, ge=1, description="Events that may wait for a slow page; then it reads anew.")
    stall_seconds: float = Field(20.0, gt=0, description="A page that takes nothing so long is cut, seconds.")
    beat_seconds: float = Field(
        10.0, gt=0, description="How often each page is told that the server is there, seconds."
    )
    check_seconds: float = Field(
        10.0, gt=0, description="How often it is checked that the sessions of open pages still hold, seconds."
    )
    figures_seconds: float = Field(
        0.5, gt=0, description="Least time between two tellings of today's figures to who leads, seconds."
    )
    sockets_per_user: int = Field(8, ge=1, description="Open pages of one user; the oldest is cut.")


class WebSettings(_Settings):
    """Where pages, API, metrics and health are served."""

    host: str = Field(
        "127.0.0.1",
        description="Address to listen on. Pages on any but the loopback need web.tls or web.behind_proxy.",
    )
    port: int = Field(8080, ge=0, le=65535, description="TCP port; 0 takes a free one.")
    tls: TlsSettings | None = Field(None, description="Certificate and key; with them https is spoken.")
    behind_proxy: bool = Field(
        False,
        description="A proxy in front speaks https, keeps Host and appends to X-Forwarded-For; nobody else "
        "can reach the port.",
    )
    origin: str = Field(
        "",
        pattern=r"^(https?://[^/\s]+)?$",
        description="Address of the pages as browsers have it, where Host does not tell it.",
    )
    metrics_from: tuple[IPv4Network | IPv6Network, ...] = Field(
        _LOOPBACK, description="Networks that may read /metrics."
    )
    limits: LimitSettings = Field(LimitSettings(), description="Limits of requests.")
    events: EventSettings = Field(EventSettings(), description="Live events.")
    check_seconds: float = Field(2.0, gt=0, description="Time limit of one readiness check, seconds.")
    stop_seconds: float = Field(3.0, ge=0, description="Time that open requests get at a stop, seconds.")

    @property
    def encrypted(self) -> bool:
        """Whether browsers reach the pages by https."""
        return self.tls is not None or self.behind_proxy

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can connect."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False
