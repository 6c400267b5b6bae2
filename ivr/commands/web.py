"""`ivr web`: certificates for https."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Protocol

import typer

from ivr.commands.output import Format, FormatOption, emit
from ivr.web.tls import MOST_DAYS, CertificateFiles, make_certificate

app = typer.Typer(help="The web server: certificates for https.", no_args_is_help=True)

_TRUST = """{state}: {authority}
Certificate for {hosts}, valid until {until:%Y-%m-%d}: {certificate}
Key: {key}

Settings:
  web:
    tls: {{certificate: {certificate}, key: {key}}}

Browsers have to trust the authority, once at each workplace:
  Windows (Chrome, Edge)    certutil -addstore -f Root ca.pem     (as administrator, or by group policy)
  Linux, Chrome             certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n ivr -i ca.pem
  Linux, all programs       cp ca.pem /usr/local/share/ca-certificates/ivr.crt; update-ca-certificates
  Firefox                   Settings, Certificates, Authorities, Import: trust for websites
Never give ca-key.pem away: who has it can pretend to be any site at these workplaces.
The same command renews the certificate; the authority stays. Then start the engine again.
"""


class WebContext(Protocol):
    """What these commands take from the settings of the call."""

    @property
    def data_folder(self) -> Path:
        """Where the certificate goes."""


@app.callback()
def _group() -> None:
    """Keep `cert` a command of its own while it is the only one."""


@app.command()
def cert(
    context: typer.Context,
    host: Annotated[list[str], typer.Option("--host", help="Name or address that browsers open; repeat")],
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="How long it is valid")] = MOST_DAYS,
    folder: Annotated[
        Path | None, typer.Option(help="Where it goes; default: tls in the data folder")
    ] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Make a certificate for https, signed by an authority of one's own; a repeat renews it."""
    settings: WebContext = context.obj
    files = CertificateFiles((folder or settings.data_folder / "tls").absolute())
    now = datetime.now(UTC)
    new = make_certificate(files.folder, host, now, days)
    paths = {"authority": files.authority, "certificate": files.certificate, "key": files.key}
    until = now + timedelta(days=days)
    told = {**paths, "hosts": host, "until": until, "new_authority": new}
    state = "New authority" if new else "Authority (as before)"
    emit(told, _TRUST.format(**paths, hosts=", ".join(host), until=until, state=state), output)
