"""Answers as they come over a connection: cut anywhere, ended too early, not HTTP at all."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys

import pytest

from jupyter_aml.client.connection import Answer, Connection
from tests.client.fake_service import FakeService

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n"
_PIECES = [b"hello\n", b"x" * 300, b"\r\n", b"0"]
_CHUNKED = (
    _HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n"
    + b"".join(b"%x;ext=1\r\n%b\r\n" % (len(piece), piece) for piece in _PIECES)
    + b"0\r\n\r\n"
)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_chunks_are_read_wherever_they_are_cut(size: int) -> None:
    answer = Answer()
    body = b""
    for at in range(0, len(_CHUNKED), size):
        assert not answer.is_over
        answer.feed(_CHUNKED[at : at + size])
        body += answer.take()
    assert (answer.status, body) == (200, b"".join(_PIECES))
    assert answer.is_over
    assert answer.is_reusable


def test_a_body_of_known_length_ends_with_its_last_byte() -> None:
    answer = Answer()
    answer.feed(_HEAD + b"Content-Length: 4\r\n\r\nab")
    assert (answer.take(), answer.is_over) == (b"ab", False)
    answer.feed(b"cd")
    assert (answer.take(), answer.is_over, answer.is_reusable) == (b"cd", True, True)


@pytest.mark.parametrize(
    "head", [b"HTTP/1.0 200 OK\r\n", b"HTTP/1.1 200 OK\r\nConnection: close\r\n"]
)
def test_a_connection_that_its_service_closes_is_not_used_again(head: bytes) -> None:
    answer = Answer()
    answer.feed(head + b"Content-Length: 0\r\n\r\n")
    assert answer.is_over
    assert not answer.is_reusable


@pytest.mark.parametrize("arrived", [b"", _HEAD, _CHUNKED[:-2]])
def test_an_answer_that_ends_too_early_is_a_broken_connection(arrived: bytes) -> None:
    answer = Answer()
    if arrived:
        answer.feed(arrived)
    with pytest.raises(ConnectionError):
        answer.feed(b"")


def test_what_is_no_answer_is_a_broken_connection() -> None:
    with pytest.raises(ConnectionError, match="no HTTP"):
        Answer().feed(b"SSH-2.0-OpenSSH_9.2\r\n")
    with pytest.raises(ConnectionError, match="no HTTP"):
        Answer().feed(_HEAD + b"Transfer-Encoding: chunked\r\n\r\nmany\r\n")


def test_more_than_was_asked_for_is_a_broken_connection() -> None:
    answer = Answer()
    answer.feed(_CHUNKED)
    with pytest.raises(ConnectionError):
        answer.feed(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("path", ["/jobs/a b", "/jobs/a\r\nX-Header: 1", "/jobs/ä"])
def test_no_address_can_carry_a_header(service: FakeService, path: str) -> None:
    with (
        contextlib.closing(Connection(service.url)) as connection,
        pytest.raises(ValueError, match="character"),
    ):
        connection.send("GET", path, "token", None)


def test_the_first_request_loads_no_second_http_library(service: FakeService) -> None:
    """It would cost the first cell of a kernel more than the rest of the client together."""
    code = (
        "import sys\n"
        "from jupyter_aml.client.client import client_of, service_home\n"
        "client_of(service_home(), start=False).service.status()\n"
        "print(sorted({'http.client', 'email', 'ssl', 'asyncio'} & set(sys.modules)))\n"
    )
    env = {**os.environ, "JUPYTER_AML_HOME": str(service.home)}
    told = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert told.stdout.strip() == "[]", told.stderr
