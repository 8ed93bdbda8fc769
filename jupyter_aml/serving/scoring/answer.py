"""What a request got: status, header lines, body. And the answers of the server itself."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

JSON = b"content-type: application/json\r\n"
TEXT = b"content-type: text/html; charset=utf-8\r\n"
_SUCCEEDED = b"x-ms-run-function-failed: False\r\n"
_SPENT = b"x-ms-run-fn-exec-ms: %.3f\r\n"
_OF_VALUE = JSON + _SUCCEEDED + _SPENT
_FAILED = b"x-ms-run-function-failed: True\r\n"

SCRIPT_FAILED = "An unexpected error occurred in scoring script. Check the logs for more info."


class Answer(NamedTuple):
    """`head` is whole header lines, each with its line end."""

    status: int
    head: bytes
    body: bytes


def of_value(value: Any, spent: float) -> Answer:
    """What `run` returned, as JSON; `spent` is its time in seconds. Raise TypeError."""
    body = json.dumps({} if value is None else value).encode()
    return Answer(200, _OF_VALUE % (spent * 1e3), body)


def spent_line(spent: float) -> bytes:
    """The header that tells how long `run` took."""
    return _SPENT % (spent * 1e3)


def error(status: int, message: str, *, run_failed: bool = False) -> Answer:
    """An error of the server or, with `run_failed`, of the script."""
    body = json.dumps({"message": message}).encode()
    return Answer(status, JSON + (_FAILED if run_failed else _SUCCEEDED), body)
