"""The certificate of the compatible API: an authority of this user, and a leaf that it signs.

The SDK insists on TLS. The authority can vouch for this machine's loopback names and nothing
else (critical name constraints), its key never leaves the home, and both pass strict checks
(RFC 5280: key identifiers, key usages). Needs ``cryptography``, of the extra [azure].
"""

from __future__ import annotations

import hashlib
import ipaddress
import ssl
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from jupyter_aml.model.errors import Invalid
from jupyter_aml.service.private_files import write_private

NAMES = ("localhost",)
ADDRESSES = ("127.0.0.1", "::1")
AUTHORITY_DAYS = 3650
LEAF_DAYS = 90
RENEW_DAYS = 30
"""A leaf with less than this left is made anew."""

AUTHORITY = "ca.pem"
_AUTHORITY_KEY = "ca.key"
_LEAF = "server.pem"
"""The leaf, then its key."""
_ORIGIN = "# with: "
"""First line of a bundle: the file that ours was added to, "" for the one of certifi."""

_Pair = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def server_context(folder: Path, now: datetime) -> ssl.SSLContext:
    """What the listener speaks TLS with. Makes what is missing, expired or nearly so."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    renew(folder, now, context)
    return context


def renew(folder: Path, now: datetime, context: ssl.SSLContext) -> None:
    """`ensure`, and let `context` show what is there now to whoever connects from here on."""
    ensure(folder, now)
    context.load_cert_chain(folder / _LEAF)


def ensure(folder: Path, now: datetime) -> None:
    """The authority and a leaf that lasts are in `folder` afterwards."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority = _read_authority(folder, now)
    if authority is None:
        authority = _make_authority(now)
        write_private(folder / _AUTHORITY_KEY, _key_pem(authority[1]))
        write_private(folder / AUTHORITY, _pem(authority[0]))
    if not _leaf_lasts(folder / _LEAF, authority[0], now):
        leaf, key = _make_leaf(authority, now)
        write_private(folder / _LEAF, _pem(leaf) + _key_pem(key))


def leaf_ends(folder: Path) -> datetime:
    """When the leaf ends. Raises `OSError` without one."""
    return x509.load_pem_x509_certificate((folder / _LEAF).read_bytes()).not_valid_after_utc


def bundle(folder: Path, existing: str = "") -> Path:
    """A file of authorities: those the caller trusts already, and ours.

    `existing` is what REQUESTS_CA_BUNDLE says (a file or a folder), "" for certifi's. One that
    is ours already is made again of what it was made of. Raises `Invalid` if it cannot be read.
    """
    origin = _origin(folder, existing)
    ours = (folder / AUTHORITY).read_bytes()
    theirs = _authorities(origin)
    name = hashlib.sha256(origin.encode()).hexdigest()[:12]
    path = folder / f"bundle-{name}.pem"
    content = f"{_ORIGIN}{origin}\n".encode() + theirs.rstrip() + b"\n" + ours
    if not path.exists() or path.read_bytes() != content:
        write_private(path, content)
    return path


def _origin(folder: Path, existing: str) -> str:
    if not existing or Path(existing).absolute().parent != folder.absolute():
        return str(Path(existing).absolute()) if existing else ""
    try:
        first = Path(existing).read_text().partition("\n")[0]
    except (OSError, UnicodeDecodeError):
        return ""
    return first.removeprefix(_ORIGIN) if first.startswith(_ORIGIN) else ""


def _authorities(origin: str) -> bytes:
    if not origin:
        import certifi

        return Path(certifi.where()).read_bytes()
    path = Path(origin)
    try:
        if path.is_dir():
            files = [p for p in sorted(path.iterdir()) if p.suffix in (".pem", ".crt", ".0")]
            return b"\n".join(file.read_bytes().rstrip() for file in files)
        return path.read_bytes()
    except OSError as error:
        raise Invalid(
            f"The certificates that this machine trusts cannot be read: {error}.",
            target=origin,
            hint="Correct REQUESTS_CA_BUNDLE, or unset it.",
        ) from None


def _read_authority(folder: Path, now: datetime) -> _Pair | None:
    """The one that is there, None when it is missing, damaged or ends before a new leaf would."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / AUTHORITY).read_bytes())
        key = serialization.load_pem_private_key((folder / _AUTHORITY_KEY).read_bytes(), None)
    except (OSError, ValueError):
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        return None
    lasts = certificate.not_valid_after_utc - now > timedelta(days=LEAF_DAYS)
    return (certificate, key) if lasts and certificate.public_key() == key.public_key() else None


def _leaf_lasts(path: Path, authority: x509.Certificate, now: datetime) -> bool:
    try:
        content = path.read_bytes()
        leaf = x509.load_pem_x509_certificate(content)
        leaf.verify_directly_issued_by(authority)
        serialization.load_pem_private_key(content, None)
    except (OSError, ValueError, TypeError, InvalidSignature):
        return False
    begins, ends = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    return begins <= now and ends - now > timedelta(days=RENEW_DAYS)


def _make_authority(now: datetime) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("jupyter_aml local authority")
    constraints = x509.NameConstraints(
        permitted_subtrees=[
            *(x509.DNSName(one) for one in NAMES),
            *(x509.IPAddress(ipaddress.ip_network(one)) for one in ADDRESSES),
        ],
        excluded_subtrees=None,
    )
    made = (
        _builder(name, name, key, now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(constraints, critical=True)
        .add_extension(_identifier_of(key), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made, key


def _make_leaf(authority: _Pair, now: datetime) -> _Pair:
    issuer, issuer_key = authority
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName(
        [
            *(x509.DNSName(one) for one in NAMES),
            *(x509.IPAddress(ipaddress.ip_address(one)) for one in ADDRESSES),
        ]
    )
    purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    made = (
        _builder(_name("localhost"), issuer.subject, key, now, LEAF_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(purposes, critical=False)
        .add_extension(names, critical=False)
        .add_extension(_identifier_of(issuer_key), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    return made, key


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _identifier_of(issuer: ec.EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
