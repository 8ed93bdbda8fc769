"""The authority and its leaf: strict, for loopback alone, private, renewed in time."""

from __future__ import annotations

import asyncio
import ssl
import stat
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from jupyter_aml.model.errors import Invalid
from jupyter_aml.service.arm import certificates

NOW = datetime.now(timezone.utc)


async def handshake(server: ssl.SSLContext, cafile: Path, name: str) -> None:
    """A real one over loopback, by a client that checks strictly. Raises `ssl.SSLError`."""
    client = ssl.create_default_context(cafile=str(cafile))
    client.verify_flags |= ssl.VERIFY_X509_STRICT

    async def hello(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    listening = await asyncio.start_server(hello, "127.0.0.1", 0, ssl=server)
    port = listening.sockets[0].getsockname()[1]
    try:
        _, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=client, server_hostname=name
        )
        writer.close()
    finally:
        listening.close()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "::1"])
async def test_strict_checks_pass_under_each_name(tmp_path: Path, name: str) -> None:
    server = certificates.server_context(tmp_path, NOW)

    await handshake(server, certificates.bundle(tmp_path), name)


@pytest.mark.filterwarnings("ignore")  # asyncio's streams tell of the refused handshake
async def test_no_other_name_is_vouched_for(tmp_path: Path) -> None:
    server = certificates.server_context(tmp_path, NOW)

    with pytest.raises(ssl.SSLCertVerificationError):
        await handshake(server, tmp_path / certificates.AUTHORITY, "management.azure.com")


@pytest.mark.filterwarnings("ignore")
async def test_a_stolen_key_vouches_for_nothing_but_loopback(tmp_path: Path) -> None:
    """What the name constraints are for: a leaf for another host, signed by our authority."""
    certificates.ensure(tmp_path, NOW)
    authority = x509.load_pem_x509_certificate((tmp_path / certificates.AUTHORITY).read_bytes())
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key((tmp_path / "ca.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    own = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "management.azure.com")])
    forged = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(authority.subject)
        .public_key(own.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(hours=1))
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("management.azure.com")]), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "forged.pem"
    path.write_bytes(
        forged.public_bytes(serialization.Encoding.PEM)
        + own.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)

    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        await handshake(server, tmp_path / certificates.AUTHORITY, "management.azure.com")


def test_constraints_and_usages_are_critical(tmp_path: Path) -> None:
    certificates.ensure(tmp_path, NOW)
    authority = x509.load_pem_x509_certificate((tmp_path / certificates.AUTHORITY).read_bytes())

    for kind in (x509.NameConstraints, x509.KeyUsage, x509.BasicConstraints):
        assert authority.extensions.get_extension_for_class(kind).critical


def test_everything_is_private(tmp_path: Path) -> None:
    folder = tmp_path / "arm"
    certificates.ensure(folder, NOW)
    certificates.bundle(folder)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_a_leaf_is_kept_while_it_lasts_and_made_anew_before_it_ends(tmp_path: Path) -> None:
    certificates.ensure(tmp_path, NOW)
    first = certificates.leaf_ends(tmp_path)

    certificates.ensure(tmp_path, NOW + timedelta(days=50))
    assert certificates.leaf_ends(tmp_path) == first
    authority = (tmp_path / certificates.AUTHORITY).read_bytes()
    certificates.ensure(tmp_path, NOW + timedelta(days=70))
    assert certificates.leaf_ends(tmp_path) > first
    assert (tmp_path / certificates.AUTHORITY).read_bytes() == authority


@pytest.mark.parametrize("name", ["ca.pem", "ca.key", "server.pem"])
async def test_what_is_damaged_is_made_anew(tmp_path: Path, name: str) -> None:
    certificates.ensure(tmp_path, NOW)
    (tmp_path / name).write_bytes(b"-----BEGIN nothing")

    server = certificates.server_context(tmp_path, NOW)

    await handshake(server, certificates.bundle(tmp_path), "localhost")


# -- the bundle -----------------------------------------------------------------------------


def test_the_bundle_holds_what_was_trusted_and_ours(tmp_path: Path) -> None:
    folder, theirs = tmp_path / "arm", tmp_path / "corporate.pem"
    certificates.ensure(folder, NOW)
    theirs.write_text("# the proxy's\nTHEIRS")

    path = certificates.bundle(folder, str(theirs))

    content = path.read_text()
    assert "THEIRS\n-----BEGIN CERTIFICATE" in content
    assert (folder / certificates.AUTHORITY).read_text() in content


def test_a_bundle_of_a_bundle_is_the_same(tmp_path: Path) -> None:
    folder, theirs = tmp_path / "arm", tmp_path / "corporate.pem"
    certificates.ensure(folder, NOW)
    theirs.write_text("THEIRS")
    first = certificates.bundle(folder, str(theirs))

    again = certificates.bundle(folder, str(first))

    assert again == first
    assert again.read_text().count("THEIRS") == 1
    theirs.write_text("NEWER")
    assert "NEWER" in certificates.bundle(folder, str(first)).read_text()
    ours = certificates.bundle(folder)
    assert certificates.bundle(folder, str(ours)) == ours


def test_a_folder_of_certificates_is_read_too(tmp_path: Path) -> None:
    folder, theirs = tmp_path / "arm", tmp_path / "certs"
    certificates.ensure(folder, NOW)
    theirs.mkdir()
    (theirs / "a.pem").write_text("ONE")
    (theirs / "b.crt").write_text("TWO")
    (theirs / "README").write_text("no certificate")

    content = certificates.bundle(folder, str(theirs)).read_text()

    assert "ONE\nTWO\n" in content
    assert "no certificate" not in content


def test_a_bundle_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    certificates.ensure(tmp_path / "arm", NOW)

    with pytest.raises(Invalid, match="cannot be read"):
        certificates.bundle(tmp_path / "arm", str(tmp_path / "none.pem"))
