"""The token of one attempt of one job: what its ``MLFLOW_TRACKING_TOKEN`` is.

It says which job it is of, signed with the home's secret, so that both ends check it and nothing
is kept. The service also asks whether that job still runs.
"""

from __future__ import annotations

import base64
import hmac

import msgspec


class Bearer(msgspec.Struct, frozen=True, kw_only=True):
    """Who a token is of, and what its run is called."""

    job: str
    attempt: int
    experiment: str
    title: str = ""


_decode = msgspec.json.Decoder(Bearer).decode


def sign(bearer: Bearer, secret: bytes) -> str:
    text = base64.urlsafe_b64encode(msgspec.json.encode(bearer)).rstrip(b"=")
    return f"{text.decode()}.{_signature(text, secret)}"


def read(token: str, secret: bytes) -> Bearer | None:
    """Who it is of; None for one that was not signed here."""
    text, _, signature = token.partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(text.encode(), secret).encode()):
        return None
    try:
        return _decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, msgspec.MsgspecError):
        return None


def _signature(text: bytes, secret: bytes) -> str:
    return hmac.digest(secret, b"mlflow:" + text, "sha256").hex()
