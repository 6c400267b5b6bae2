"""https over a second address of the loopback, with a certificate of one's own."""

from __future__ import annotations

import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientConnectorCertificateError, ClientSession, TCPConnector
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ivr.errors import Fault
from ivr.store import Database
from ivr.web.settings import TlsSettings, WebSettings
from ivr.web.tls import MOST_DAYS, CertificateFiles, make_certificate, server_context
from tests.contract.web.site import PASSWORD, SETTINGS, running

SECOND = "127.0.0.2"
NOW = datetime.now(UTC)


@pytest.fixture
def files(tmp_path: Path) -> CertificateFiles:
    made = CertificateFiles(tmp_path / "tls")
    assert make_certificate(made.folder, [SECOND, "operators.example.test"], NOW)
    return made


def tls(files: CertificateFiles) -> TlsSettings:
    return TlsSettings(certificate=files.certificate, key=files.key)


def trusting(files: CertificateFiles) -> TCPConnector:
    return TCPConnector(ssl=ssl.create_default_context(cafile=files.authority))


async def test_who_trusts_the_authority_is_served_by_https(
    database: Database, pages: Path, files: CertificateFiles
) -> None:
    settings = SETTINGS.model_copy(update={"host": SECOND, "tls": tls(files)})
    async with running(database, pages, settings=settings) as run:
        url = f"https://{SECOND}:{run.web.port}"
        async with ClientSession(connector=trusting(files)) as http:
            body = {"login": "ivanova", "password": PASSWORD}
            async with http.post(f"{url}/api/session", json=body, headers={"Origin": url}) as answer:
                assert answer.status == 200
                assert "Secure" in answer.headers["Set-Cookie"]
                assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
            plain = {"Origin": url.replace("https", "http")}
            async with http.post(f"{url}/api/session", json=body, headers=plain) as answer:
                assert answer.status == 403
        async with ClientSession() as stranger:
            with pytest.raises(ClientConnectorCertificateError):
                await stranger.get(url)
    assert server_context(tls(files)).minimum_version is ssl.TLSVersion.TLSv1_2


def test_what_browsers_ask_of_a_certificate(files: CertificateFiles) -> None:
    server, authority = x509.load_pem_x509_certificates(files.certificate.read_bytes())
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["operators.example.test"]
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == [SECOND]
    usage = server.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert server.not_valid_after_utc - server.not_valid_before_utc <= timedelta(days=MOST_DAYS)
    server.verify_directly_issued_by(authority)
    constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)
    for key in (files.key, files.authority_key):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_renewal_keeps_the_authority(files: CertificateFiles) -> None:
    authority, certificate = files.authority.read_bytes(), files.certificate.read_bytes()
    assert not make_certificate(files.folder, ["другой.example"], NOW, days=30)
    assert files.authority.read_bytes() == authority
    assert files.certificate.read_bytes() != certificate
    server = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["xn--c1abqtis.example"]


@pytest.mark.parametrize("broken", ["certificate", "key", "both"])
async def test_files_that_do_not_fit_are_named(
    database: Database, pages: Path, files: CertificateFiles, broken: str
) -> None:
    if broken == "both":
        files.key.unlink()
    else:
        (files.certificate if broken == "certificate" else files.key).write_text("no PEM")
    settings = SETTINGS.model_copy(update={"tls": tls(files)})
    with pytest.raises(Fault, match="ivr web cert"):
        async with running(database, pages, settings=settings):
            raise AssertionError


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "operators.example.test"])
async def test_passwords_do_not_cross_a_network_in_the_clear(
    database: Database, pages: Path, host: str
) -> None:
    settings = SETTINGS.model_copy(update={"host": host})
    with pytest.raises(Fault, match="ivr web cert"):
        async with running(database, pages, settings=settings):
            raise AssertionError


def test_what_counts_as_the_loopback() -> None:
    assert WebSettings(host="localhost").on_loopback
    assert WebSettings(host="::1").on_loopback
    assert not WebSettings(host="10.0.0.1").on_loopback


async def test_behind_a_proxy_addresses_are_as_it_has_noted(database: Database, pages: Path) -> None:
    settings = SETTINGS.model_copy(update={"behind_proxy": True})
    async with running(database, pages, settings=settings) as run, ClientSession() as http:
        async with http.get(f"{run.url}/metrics") as metrics:
            assert metrics.status == 200
        outside = {"X-Forwarded-For": "127.0.0.1, 203.0.113.5"}
        async with http.get(f"{run.url}/metrics", headers=outside) as metrics:
            assert metrics.status == 403
        secure = {"Origin": f"https://127.0.0.1:{run.web.port}", **outside}
        body = {"login": "ivanova", "password": PASSWORD}
        async with http.post(f"{run.url}/api/session", json=body, headers=secure) as answer:
            assert answer.status == 200
            assert "Secure" in answer.headers["Set-Cookie"]
        (session,) = await run.access.sessions.of("ivanova")
        assert session.address == "203.0.113.5"


async def test_nobody_forges_his_address_without_a_proxy(database: Database, pages: Path) -> None:
    async with running(database, pages) as run:
        browser = run.browser()
        browser.own = {"X-Forwarded-For": "203.0.113.5"}
        await browser.sign_in("ivanova")
        (session,) = await run.access.sessions.of("ivanova")
        assert session.address == "127.0.0.1"
