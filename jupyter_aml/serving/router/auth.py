"""Who may ask: keys and tokens, compared in constant time."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import math

from .table import Auth

FOREVER = math.inf


class Guard:
    """Made from one table."""

    def __init__(self, auth: Auth, endpoint: str) -> None:
        self._auth = auth
        self._endpoint = endpoint
        self._token_key = bytes.fromhex(auth.token_key)

    def until(self, authorization: bytes, now: float) -> float:
        """Until when this header opens the endpoint, in seconds since 1970; 0: it does not."""
        if self._auth.mode == "none":
            return FOREVER
        scheme, _, secret = authorization.partition(b" ")
        secret = secret.strip()
        if scheme.lower() != b"bearer" or not secret:
            return 0.0
        if self._auth.mode == "key":
            return FOREVER if self._is_key(secret) else 0.0
        return self._token_until(secret, now)

    def _is_key(self, secret: bytes) -> bool:
        """Every key is compared, so that the time does not say which one it was."""
        digest = hashlib.sha256(secret).hexdigest()
        matches = [hmac.compare_digest(digest, key) for key in self._auth.keys]
        return any(matches)

    def _token_until(self, token: bytes, now: float) -> float:
        payload, _, signature = token.partition(b".")
        signed = hmac.new(self._token_key, payload, hashlib.sha256).digest()
        try:
            given = base64.urlsafe_b64decode(signature + b"=" * (-len(signature) % 4))
            if not hmac.compare_digest(signed, given):
                return 0.0
            read = json.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
            expires = float(read["exp"])
        except (binascii.Error, ValueError, KeyError, TypeError):
            return 0.0
        return expires if read.get("endpoint") == self._endpoint and expires > now else 0.0
