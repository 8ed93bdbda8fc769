"""What a request got: status, header lines, body. And the answers of the server itself."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

JSON = b"content-type: application/json\r\n"
TEXT = b"content-type: text/html; charset=utf-8\r\n"
_SUCCEEDED = b"x-ms-run-function-failed: False\r\n"
_FAILED = b"x-ms-run-function-failed: True\r\n"

SCRIPT_FAILED = "An unexpected error occurred in scoring script. Check the logs for more info."


class Answer(NamedTuple):
    """`head` is whole header lines, each with its line end."""

    status: int
    head: bytes
    body: bytes


def of_value(value: Any, spent: str) -> Answer:
    """What `run` returned, as JSON; `spent` is its time in milliseconds. Raise TypeError."""
    body = json.dumps({} if value is None else value).encode()
    return Answer(200, b"%s%s%s" % (JSON, _SUCCEEDED, spent_line(spent)), body)


def spent_line(spent: str) -> bytes:
    """The header that tells how long `run` took."""
    return b"x-ms-run-fn-exec-ms: %s\r\n" % spent.encode()


def error(status: int, message: str, *, run_failed: bool = False) -> Answer:
    """An error of the server or, with `run_failed`, of the script."""
    body = json.dumps({"message": message}).encode()
    return Answer(status, JSON + (_FAILED if run_failed else _SUCCEEDED), body)
