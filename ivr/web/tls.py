"""Certificates for https: an authority of the company's own, made by `ivr web cert`, or given files.

Limits: browsers take no certificate of a server that is valid for more than 825 days (Apple, support article
103769), and they need the names in subjectAltName (RFC 9110, section 4.3.4) and serverAuth.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ivr.errors import Fault
from ivr.web.settings import TlsSettings

MOST_DAYS = 825
_AUTHORITY_DAYS = 3_650
_BEFORE = timedelta(minutes=5)
_NAME = "ivr local certificate authority"


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Where an authority and a server's certificate are kept, in one folder."""

    folder: Path

    @property
    def authority(self) -> Path:
        """What browsers have to trust."""
        return self.folder / "ca.pem"

    @property
    def authority_key(self) -> Path:
        """Its private key."""
        return self.folder / "ca-key.pem"

    @property
    def certificate(self) -> Path:
        """`web.tls.certificate`."""
        return self.folder / "server.pem"

    @property
    def key(self) -> Path:
        """`web.tls.key`."""
        return self.folder / "server-key.pem"


def make_certificate(folder: Path, hosts: Sequence[str], now: datetime, days: int = MOST_DAYS) -> bool:
    """Write a certificate for these hosts, and an authority where there is none yet.

    Args:
        folder: Holds the files of `CertificateFiles`; made where it is not there.
        hosts: Names and addresses that browsers will open.
        now: Aware.
        days: How long the certificate is valid, at most 825.

    Returns:
        Whether the authority is new, so that browsers have to be told to trust it.

    Raises:
        Fault: A file can't be read or written, or a host is none.
    """
    files = CertificateFiles(folder)
    names = [_name(host) for host in hosts]
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = not files.authority.exists()
        if new:
            _make_authority(files, now)
        _make_server(files, names, now, min(days, MOST_DAYS))
    except (OSError, ValueError) as error:
        raise Fault(
            f"The certificate can't be made: {error}.",
            str(folder),
            "Make the folder writable; remove ca.pem and ca-key.pem where they are broken.",
        ) from error
    return new


def server_context(settings: TlsSettings) -> ssl.SSLContext:
    """What a server speaks https with: TLS 1.2 and later (RFC 9325).

    Raises:
        Fault: The files are missing or do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.certificate, settings.key)
    except (OSError, ssl.SSLError) as error:
        raise Fault(
            f"The certificate can't be used: {error}.",
            f"{settings.certificate}, {settings.key}",
            "Give PEM files that belong together in web.tls, or make some with `ivr web cert`.",
        ) from error
    return context


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(host.encode("idna").decode())
    except UnicodeError as error:
        raise Fault(f"{host!r} is no host.", "--host", "Give a name or an address.") from error


def _make_authority(files: CertificateFiles, now: datetime) -> None:
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _NAME)])
    signs = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _builder(name, name, key, now, _AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(signs, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_key(files.authority_key, key)
    files.authority.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _make_server(
    files: CertificateFiles, names: Sequence[x509.GeneralName], now: datetime, days: int
) -> None:
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    signer = serialization.load_pem_private_key(files.authority_key.read_bytes(), password=None)
    if not isinstance(signer, EllipticCurvePrivateKey):
        raise ValueError("the authority's key is of another kind")
    key = generate_private_key(SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ivr")])
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    server_auth = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    certificate = (
        _builder(subject, authority.subject, key, now, days)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(server_auth, critical=False)
        .add_extension(issuer_key, critical=False)
        .sign(signer, hashes.SHA256())
    )
    _write_key(files.key, key)
    chain = certificate.public_bytes(serialization.Encoding.PEM) + files.authority.read_bytes()
    files.certificate.write_bytes(chain)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BEFORE)
        .not_valid_after(now - _BEFORE + timedelta(days=days))
    )


def _write_key(file: Path, key: EllipticCurvePrivateKey) -> None:
    """Written for the owner alone, never readable by others for a moment."""
    content = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
