"""Who may call: every route, every verb, unknown ones too, before anything else is looked at.

The token proves the caller. Host and Origin are checked as well, because a browser on this
machine can be made to send requests to loopback by any page it shows (DNS rebinding, forms);
it cannot leave out Origin, nor choose Host.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from jupyter_aml.model.errors import AmlError, Forbidden, Unauthorized


class Gate:
    """`host` is the address as clients must write it: ``127.0.0.1:40123``."""

    def __init__(self, token: str, host: str) -> None:
        self._expected = f"Bearer {token}".encode()
        self._host = host.encode()

    def refusal(
        self, *, authorization: Sequence[bytes], host: Sequence[bytes], origin: Sequence[bytes]
    ) -> AmlError | None:
        """Why not, or None. Each header is given as often as it was sent."""
        if origin:
            return Forbidden(
                "Requests from web pages are refused.",
                target="Origin",
                hint="Call the service from Jupyter Server, a kernel or a terminal.",
            )
        if len(host) != 1 or host[0] != self._host:
            return Forbidden(
                "The Host header does not name this service's address.",
                target="Host",
                hint="Use the url of service.json as it is.",
            )
        given = authorization[0] if len(authorization) == 1 else b""
        if not hmac.compare_digest(given, self._expected):
            return Unauthorized(
                "The token is missing or wrong.",
                target="Authorization",
                hint="Send the token of service.json: `Authorization: Bearer <token>`.",
            )
        return None
