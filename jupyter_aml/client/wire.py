"""What goes over the wire: one HTTP connection to the service, its headers, its errors.

The contract is in docs/developer/contracts.md. ``http.client`` is imported by the first request:
it costs as much as the rest of the client together.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from jupyter_aml.model.api import API_PREFIX
from jupyter_aml.model.errors import (
    AmlError,
    ErrorEnvelope,
    Internal,
    Unauthorized,
    Unavailable,
    from_body,
)

if TYPE_CHECKING:
    from http.client import HTTPConnection

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 120.0
"""For the head of an answer: taking a snapshot of a large folder is the slowest."""


def connect(url: str, *, timeout: float = ANSWER_SECONDS) -> HTTPConnection:
    """A new connection. Raise OSError if nobody listens there."""
    from http.client import HTTPConnection

    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=CONNECT_SECONDS)
    connection.connect()
    # `http.client` has set TCP_NODELAY; the timeout is from here on that of an answer.
    connection.sock.settimeout(timeout)
    return connection


def headers(token: str, *, has_body: bool) -> dict[str, str]:
    found = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
    if has_body:
        found["Content-Type"] = "application/json"
    return found


def ask(
    url: str,
    token: str,
    method: str,
    path: str,
    body: bytes | None = None,
    *,
    timeout: float = 10.0,
) -> bytes:
    """One request on a connection of its own.

    Raise the error that the service answered with, or `Unavailable` if it did not answer.
    """
    from http.client import HTTPException

    try:
        connection = connect(url, timeout=timeout)
        with contextlib.closing(connection):
            sent = headers(token, has_body=body is not None)
            connection.request(method, API_PREFIX + path, body, sent)
            answer = connection.getresponse()
            content = answer.read()
    except (OSError, HTTPException) as error:
        raise no_answer(error) from error
    if answer.status >= 400:
        raise error_of(answer.status, content)
    return content


def error_of(status: int, content: bytes) -> AmlError:
    """The exception that an answer stands for: the class that the service raised."""
    try:
        return from_body(msgspec.json.decode(content, type=ErrorEnvelope).error)
    except msgspec.DecodeError:
        text = content[:500].decode("utf-8", "replace")
    if status == 401:
        return Unauthorized("The service refused the token.", details=[text])
    return Internal(f"The service answered {status} without saying why.", details=[text])


def no_answer(error: BaseException | None, *, hint: str = "") -> Unavailable:
    """Nobody answered; `error` says how."""
    return Unavailable(
        "The compute service does not answer.",
        hint=hint or "See how it is: jupyter aml service status",
        details=[f"{type(error).__name__}: {error}"] if error else [],
    )
