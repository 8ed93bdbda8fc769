"""Boot a package with an interpreter, ask it, and compare what two interpreters answered."""

from __future__ import annotations

import http.client
import json
import math
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from jupyter_aml.client.package import clean
from jupyter_aml.model.errors import JobFailed

_READY = re.compile(r"http://127\.0\.0\.1:(\d+)/score is ready")
_STEP_SECONDS = 0.02
_END_SECONDS = 10.0
_TAIL = 12
TOLERANCE = 1e-6
"""Relative: other builds of a numerical library add up in another order."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    @property
    def value(self) -> Any:
        """What the body says, where that is JSON; else its text."""
        try:
            return json.loads(self.body)
        except ValueError:
            return self.body.decode("utf-8", "replace")


def ask(folder: Path, python: str, request: str, *, seconds: float = 120.0) -> Answer:
    """The answer of the package in `folder` to `request`; "" asks only whether it is up.

    Raise `JobFailed` with its last lines if it does not come up within `seconds`.
    """
    with _booted(folder, python, seconds) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
        try:
            headers = {"Content-Type": "application/json"}
            if request:
                connection.request("POST", "/score", request.encode(), headers)
            else:
                connection.request("GET", "/")
            answer = connection.getresponse()
            return Answer(answer.status, answer.read())
        finally:
            connection.close()


def same(one: object, other: object) -> bool:
    """Whether two JSON values say the same; numbers within `TOLERANCE`."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=1e-9)
    if isinstance(one, list) and isinstance(other, list):
        pair = cast("list[object]", one), cast("list[object]", other)
        return len(pair[0]) == len(pair[1]) and all(map(same, *pair))
    if isinstance(one, dict) and isinstance(other, dict):
        first, second = cast("Mapping[str, object]", one), cast("Mapping[str, object]", other)
        return first.keys() == second.keys() and all(same(first[k], second[k]) for k in first)
    return one == other


@contextmanager
def _booted(folder: Path, python: str, seconds: float) -> Generator[int]:
    """The port on which it answers; its process is gone afterwards."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [python, "serve.py", "127.0.0.1:0"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env={**clean.environment(os.environ), "PYTHONDONTWRITEBYTECODE": "1"},
        )
        try:
            yield _port(process, said, seconds)
        finally:
            _end(process)


def _port(process: subprocess.Popen[bytes], said: IO[bytes], seconds: float) -> int:
    deadline = time.monotonic() + seconds
    while True:
        ended = process.poll() is not None  # asked first: what it said last is then complete
        text = _text(said)
        if found := _READY.search(text):
            return int(found[1])
        if ended or time.monotonic() > deadline:
            what = "ended before it was ready" if ended else f"was not ready within {seconds:.0f} s"
            lines = text.strip().splitlines()
            raise JobFailed(f"The server {what}.", target="serve.py", details=_last(lines))
        time.sleep(_STEP_SECONDS)


def _text(said: IO[bytes]) -> str:
    """What it has printed. Read at an offset of its own: the process shares the file's."""
    size = os.fstat(said.fileno()).st_size
    if hasattr(os, "pread"):
        return os.pread(said.fileno(), size, 0).decode("utf-8", "replace")
    said.seek(0)
    return said.read(size).decode("utf-8", "replace")


def _last(lines: Sequence[str]) -> list[str]:
    return list(lines[-_TAIL:])


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
