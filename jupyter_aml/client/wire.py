"""What the service's answers mean: a body, or the error that it raised.

The contract is in docs/developer/contracts.md.
"""

from __future__ import annotations

import contextlib

import msgspec

from jupyter_aml.client.connection import Connection
from jupyter_aml.model.errors import (
    AmlError,
    ErrorEnvelope,
    Internal,
    Unauthorized,
    Unavailable,
    from_body,
)


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
    try:
        with contextlib.closing(Connection(url, timeout=timeout)) as connection:
            answer = connection.send(method, path, token, body)
            content = connection.receive_all(answer)
    except OSError as error:
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
