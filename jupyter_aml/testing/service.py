"""A real daemon process on a private home, for tests that must not be fooled."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from jupyter_aml.model.errors import AmlError, ErrorEnvelope, from_body
from jupyter_aml.testing import leaks
from jupyter_aml.testing.waiting import eventually_sync

START_SECONDS = 60.0
STOP_SECONDS = 60.0


class ServiceProcess:
    """``python -m jupyter_aml.service`` under the test's control. Knows no client of ours.

    As a context manager it runs inside, and at the end nothing of it may be left.
    """

    def __init__(
        self,
        home: Path,
        *arguments: str,
        environment: dict[str, str] | None = None,
        python: str = sys.executable,
    ):
        self.home = home
        self._python = python
        self._arguments = arguments
        self._environment = environment or {}
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""
        self.token = ""

    def __enter__(self) -> ServiceProcess:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        left = self.left_over()
        assert not left, f"left running: {left}\n{self.log()}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> float:
        """Start it; return the seconds until it answered. Raises the error it ended with."""
        began = time.monotonic()
        self._process = subprocess.Popen(
            [
                self._python,
                "-m",
                "jupyter_aml.service",
                "--home",
                str(self.home),
                *self._arguments,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "JUPYTER_AML_HOME": str(self.home), **self._environment},
            start_new_session=True,
        )
        eventually_sync(self._answers, seconds=START_SECONDS)
        return time.monotonic() - began

    def request(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> Any:
        """The decoded answer. Raises the `AmlError` that the service answered."""
        status, content = self.raw(method, path, body, headers)
        if status >= 400:
            raise from_body(msgspec.json.decode(content, type=ErrorEnvelope).error)
        return json.loads(content)

    def raw(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and body of the answer, whatever it is."""
        connection = self._connect()
        try:
            encoded = None if body is None else json.dumps(body).encode()
            connection.request(method, "/v1" + path, encoded, headers or self.headers())
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def lines(self, method: str, path: str, body: object = None) -> Iterator[Any]:
        """The decoded lines of a stream, as they come; close the iterator to go away."""
        connection = self._connect()
        try:
            encoded = None if body is None else json.dumps(body).encode()
            connection.request(method, "/v1" + path, encoded, self.headers())
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()
            while line := answer.readline():
                yield json.loads(line)
        finally:
            connection.close()

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}

    def kill(self) -> None:
        """``kill -9``: what it started goes on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._wait()

    def terminate(self) -> int:
        """SIGTERM; jobs go on. The exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._wait()

    def stop(self) -> None:
        """End the service and everything that runs; a service that is gone is no error."""
        if self._process is None:
            return
        if self._process.poll() is None:
            try:
                self.request("POST", "/service/stop", {"force": True})
            except (OSError, http.client.HTTPException, AmlError):
                self._process.terminate()
        self._wait()

    def left_over(self) -> list[str]:
        """What it left running, which is ended now."""
        return leaks.end(leaks.processes_of(self.home))

    def log(self) -> str:
        path = self.home / "service.log"
        return path.read_text() if path.exists() else ""

    def _wait(self) -> int:
        assert self._process is not None
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"the service did not end:\n{self.log()}") from None
        finally:
            for pipe in (self._process.stdout, self._process.stderr):
                if pipe is not None:
                    pipe.close()
        return self._process.returncode

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            assert self._process.stderr is not None
            said = self._process.stderr.read().decode()
            self._wait()
            raise AssertionError(f"the service ended at once: {said}")
        try:
            found = json.loads((self.home / "service.json").read_bytes())
        except FileNotFoundError:
            return False
        if found["pid"] != self._process.pid:
            return False  # the file of the service before
        self.url, self.token = found["url"], found["token"]
        return self.raw("GET", "/service")[0] == 200
