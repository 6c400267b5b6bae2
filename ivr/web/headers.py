"""What browsers are told to be careful about (OWASP, HTTP Security Response Headers)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_YEAR = 31_536_000


def common(*, encrypted: bool) -> Mapping[str, str]:
    """Headers of every answer; `Cache-Control` and the policy of contents can be set by the answer itself."""
    headers = {
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), payment=(), usb=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cache-Control": "no-store",
    }
    if encrypted:
        headers["Strict-Transport-Security"] = f"max-age={_YEAR}"
    return headers


def page_policy(phone_sockets: Sequence[str]) -> str:
    """The policy of contents of the pages: nothing but our own files, no code and no style within them.

    Args:
        phone_sockets: Addresses at which the browser telephone speaks SIP, `wss://host:port`.
    """
    connect = " ".join(["'self'", *phone_sockets])
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "media-src 'self' blob:",
            f"connect-src {connect}",
            "manifest-src 'self'",
            "worker-src 'self'",
            "frame-ancestors 'none'",
            "form-action 'self'",
            "base-uri 'none'",
        ]
    )
