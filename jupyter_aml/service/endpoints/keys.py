"""The secrets of one endpoint: two keys, and what its tokens are signed with. A file, 0600.

They are in no database, log or command line; the router is given hashes of the keys.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from pathlib import Path

import msgspec

from jupyter_aml.model.endpoint import EndpointKeys, EndpointToken
from jupyter_aml.model.errors import Invalid
from jupyter_aml.service.private_files import write_private

FILE = "keys.json"
TOKEN_SECONDS = 12 * 3600
_GIVEN = re.compile(r"[\x21-\x7e]{16,256}")


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    primary: str
    secondary: str
    token_key: str
    """Hex."""

    @property
    def public(self) -> EndpointKeys:
        """What the person is shown."""
        return EndpointKeys(primary_key=self.primary, secondary_key=self.secondary)

    @property
    def hashes(self) -> list[str]:
        """What the router compares with."""
        return [hashlib.sha256(key.encode()).hexdigest() for key in (self.primary, self.secondary)]

    def token(self, endpoint: str, now: float) -> EndpointToken:
        """A token of this endpoint alone."""
        ends = int(now) + TOKEN_SECONDS
        body = _text(msgspec.json.encode({"endpoint": endpoint, "exp": ends}))
        signed = hmac.digest(bytes.fromhex(self.token_key), body.encode(), "sha256")
        return EndpointToken(
            access_token=f"{body}.{_text(signed)}",
            expiry_time_utc=ends,
            refresh_after_time_utc=ends - TOKEN_SECONDS // 4,
        )

    def renewed(self, which: str, value: str) -> Secrets:
        """With another key in the place `which`; an empty `value` draws one. Raises `Invalid`."""
        if value and not _GIVEN.fullmatch(value):
            raise Invalid(
                "This cannot be a key.",
                target="keyValue",
                hint="A key has 16 to 256 characters without spaces; leave it out to draw one.",
            )
        new = value or _draw()
        if which == "primary":
            return msgspec.structs.replace(self, primary=new)
        return msgspec.structs.replace(self, secondary=new)


def draw() -> Secrets:
    return Secrets(primary=_draw(), secondary=_draw(), token_key=secrets.token_hex(32))


def write(folder: Path, kept: Secrets) -> None:
    """Whole or not at all; on the disk when it returns."""
    write_private(folder / FILE, msgspec.json.encode(kept))


def read(folder: Path) -> Secrets:
    """Raises `FileNotFoundError` where none were written."""
    return msgspec.json.decode((folder / FILE).read_bytes(), type=Secrets)


def _draw() -> str:
    return secrets.token_urlsafe(32)


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
