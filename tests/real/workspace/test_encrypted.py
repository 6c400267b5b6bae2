"""Pages by https and telephones by wss, with the certificate of `ivr web cert`, on another address."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.async_api import async_playwright

from ivr.web.tls import CertificateFiles
from tests.real.company import MAIN
from tests.real.instances import free_port
from tests.real.workspace.conftest import DeskCompany
from tests.real.workspace.workplace import workplace

pytestmark = pytest.mark.real

HOST = "127.0.0.2"
ANNA, CLIENT = 740, 440


class EncryptedCompany(DeskCompany):
    """The company whose pages and telephones are reached by TLS alone."""

    def __init__(self, folder: Path) -> None:
        self.files = CertificateFiles(folder / "tls")
        self.phones = free_port(socket.SOCK_STREAM)
        certificate, key = self.files.certificate, self.files.key
        super().__init__(
            folder,
            f"web.host={HOST}",
            f"web.tls={{certificate: {certificate}, key: {key}}}",
            f"asterisk.websocket.tls_host={HOST}",
            f"asterisk.websocket.tls_port={self.phones}",
            f"asterisk.websocket.certificate={certificate}",
            f"asterisk.websocket.key={key}",
        )

    @property
    def trust(self) -> str:
        """The flag by which Chromium takes the server's key for one that it trusts."""
        certificate = x509.load_pem_x509_certificate(self.files.certificate.read_bytes())
        key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        pin = base64.b64encode(hashlib.sha256(key).digest()).decode()
        return f"--ignore-certificate-errors-spki-list={pin}"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EncryptedCompany]:
    company = EncryptedCompany(tmp_path_factory.mktemp("encrypted"))
    made = company.ivr("web", "cert", "--host", HOST, "--folder", str(company.files.folder))
    assert made.returncode == 0, made.stderr
    company.prepare()
    company.hire("anna", "Анна Соколова", "201")
    with company.running():
        yield company


async def test_whoever_trusts_the_authority_trusts_pages_and_telephones(company: EncryptedCompany) -> None:
    trusting = ssl.create_default_context(cafile=company.files.authority)
    for port in (company.stack.settings.web.port, company.phones):
        _, writer = await asyncio.open_connection(HOST, port, ssl=trusting, server_hostname=HOST)
        assert writer.get_extra_info("ssl_object").version() in {"TLSv1.2", "TLSv1.3"}
        writer.close()
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.open_connection(HOST, port, ssl=True, server_hostname=HOST)


async def test_a_call_is_answered_in_a_page_by_https(company: EncryptedCompany, tmp_path: Path) -> None:
    async with (
        async_playwright() as playwright,
        workplace(playwright, company.stack.url, "anna", ANNA, tmp_path, company.trust) as anna,
        company.telephone("client", CLIENT) as client,
    ):
        sockets: list[str] = []
        anna.page.on("websocket", lambda socket: sockets.append(socket.url))
        await anna.sign_in()
        await anna.ready()
        [cookie] = await anna.context.cookies()
        assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Strict")
        port = company.stack.settings.web.port
        assert f"wss://{HOST}:{company.phones}/ws" in sockets
        assert {url.partition("/api")[0] for url in sockets if "/api" in url} == {f"wss://{HOST}:{port}"}
        call = await client.call(MAIN, "+74832000001")
        async with asyncio.timeout(10):
            await call.answered.wait()
        await asyncio.sleep(company.notice_seconds + 1)
        call.press("0")
        call_id = await anna.answer()
        async with asyncio.timeout(10):
            while not call.hears(ANNA):  # noqa: ASYNC110  # sound raises no event
                await asyncio.sleep(0.1)
        await anna.hang_up()
        async with asyncio.timeout(20):
            await call.ended.wait()
        [(story, _)] = await company.stories(1)
        assert (story.call_id, story.agent) == (call_id, "anna")
