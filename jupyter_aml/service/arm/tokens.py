"""The bearer tokens of the compatible API: JWTs that this home signs and only this home accepts.

Azure refuses them: no key of Azure has signed them. The SDK decodes them (it reads ``aud``,
``tid`` and ``oid``), so they have the shape of Microsoft's.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from typing import Any

import msgspec

from jupyter_aml.model.errors import Unauthorized
from jupyter_aml.service.arm.scope import TENANT, USER

MANAGEMENT = "https://management.azure.com"
MACHINE_LEARNING = "https://ml.azure.com"
STORAGE = "https://storage.azure.com"
ARM_AUDIENCES = frozenset({MANAGEMENT, MACHINE_LEARNING})
"""Of these two the ARM routes take; a blob may take `STORAGE` as well."""

LIFETIME_SECONDS = 3600.0
SKEW_SECONDS = 30.0

_ISSUER = f"https://sts.windows.net/{TENANT}/"
_HINT = 'Set the variables of `eval "$(jupyter aml service env)"` and use DefaultAzureCredential.'


class _Claims(msgspec.Struct, kw_only=True):
    aud: str
    iss: str
    tid: str
    oid: str
    exp: float
    nbf: float


class Tokens:
    """Signs and verifies with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def issue(self, audience: str, now: float) -> tuple[str, int]:
        """A token for an audience, and when it ends (seconds since 1970)."""
        ends = int(now + LIFETIME_SECONDS)
        claims: dict[str, Any] = {
            "aud": audience,
            "iss": _ISSUER,
            "iat": int(now),
            "nbf": int(now),
            "exp": ends,
            "tid": TENANT,
            "oid": USER,
            "sub": USER,
            "appid": USER,
            "idtyp": "app",
            "uti": uuid.uuid4().hex,
            "ver": "1.0",
        }
        head = _encode(msgspec.json.encode({"typ": "JWT", "alg": "HS256"}))
        signed = f"{head}.{_encode(msgspec.json.encode(claims))}"
        return f"{signed}.{_encode(self._signature(signed))}", ends

    def verify(self, token: str, now: float, audiences: frozenset[str] = ARM_AUDIENCES) -> None:
        """Raises `Unauthorized` for a token that is not ours, not now, or not for this."""
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(_decode(signature), self._signature(signed)):
            raise Unauthorized(
                "The token was not made by this workspace.", target="Authorization", hint=_HINT
            )
        try:
            claims = msgspec.json.decode(_decode(signed.rpartition(".")[2]), type=_Claims)
        except msgspec.MsgspecError:
            raise Unauthorized("The token has no claims.", target="Authorization") from None
        if not claims.nbf - SKEW_SECONDS <= now < claims.exp:
            raise Unauthorized(
                "The token has expired.", target="Authorization", hint="Get a new one."
            )
        if claims.tid != TENANT or claims.iss != _ISSUER or claims.oid != USER:
            raise Unauthorized("The token is of another tenant.", target="Authorization")
        if claims.aud.rstrip("/") not in audiences:
            raise Unauthorized(
                f"The token is for {claims.aud}, not for this API.", target="Authorization"
            )

    def check(
        self, authorization: str, now: float, audiences: frozenset[str] = ARM_AUDIENCES
    ) -> None:
        """`verify` the value of an Authorization header. Raises `Unauthorized`."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthorized("There is no bearer token.", target="Authorization", hint=_HINT)
        self.verify(token.strip(), now, audiences)

    def _signature(self, signed: str) -> bytes:
        return hmac.new(self._key, signed.encode(), hashlib.sha256).digest()


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _decode(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:  # it was not ours then: nothing equals it
        return b""
