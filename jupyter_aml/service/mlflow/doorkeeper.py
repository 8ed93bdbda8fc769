"""In front of MLflow's application: who asks, which run is theirs, and what they logged.

An ASGI application around another. The token of each request is checked here as well as by the
service, since what follows on a connection passes the service unread. The job's run is there
before its first request is answered. Metrics go into the job's own frames too, so that whoever
follows the job sees them as if `aml.log` had reported them.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from jupyter_aml.service.mlflow.runs import JobRuns
from jupyter_aml.service.mlflow.token import Bearer, read

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_TAIL = 1 << 16
"""Bytes of an attempt's frames in which its last one stands, if it has ended."""
_LOGS = ("/runs/log-metric", "/runs/log-batch")
_REFUSED = b'{"error_code":"UNAUTHENTICATED","message":"The token is missing or wrong."}'


class Doorkeeper:
    """``open_requests`` and ``last_used`` tell whether anybody needs the server."""

    def __init__(self, app: Any, home: Path, secret: bytes, runs: JobRuns) -> None:
        self.home = home
        self.open_requests = 0
        self.last_used = time.monotonic()
        self._app = app
        self._secret = secret
        self._runs = runs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        self.open_requests += 1
        try:
            await self._answer(scope, receive, send)
        finally:
            self.open_requests -= 1
            self.last_used = time.monotonic()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        bearer = self._bearer(scope)
        if bearer is None:
            await _refuse(send)
            return
        await asyncio.to_thread(self._runs.make, bearer)
        if scope["method"] == "POST" and scope["path"].endswith(_LOGS):
            await self._logged(bearer, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _bearer(self, scope: Scope) -> Bearer | None:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        kind, _, token = (given[0] if len(given) == 1 else b"").decode("latin-1").partition(" ")
        return read(token, self._secret) if kind == "Bearer" else None

    async def _logged(self, bearer: Bearer, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on; if it was taken, tell the job's followers."""
        body = await _whole(receive)
        statuses: list[int] = []

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            await send(message)

        await self._app(scope, _once(body), note)
        if statuses == [200]:
            frames = self.home / "jobs" / bearer.job / str(bearer.attempt)
            await asyncio.to_thread(_report, frames, list(_metrics(body, bearer.job)))


async def _whole(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _once(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_REFUSED))]
    await send({"type": "http.response.start", "status": 401, "headers": headers})
    await send({"type": "http.response.body", "body": _REFUSED})


def _metrics(body: bytes, run: str) -> Iterator[dict[str, Any]]:
    """What a request logged to `run`, as frames; other runs (children) are not the job's own."""
    try:
        told: dict[str, Any] = json.loads(body)
        if (told.get("run_id") or told.get("run_uuid")) != run:
            return
        metrics: Iterable[dict[str, Any]] = told.get("metrics") or [told]
        for metric in metrics:
            if "key" in metric and "value" in metric:
                value = float(metric["value"])
                yield {
                    "k": "metric",
                    "name": str(metric["key"]),
                    "value": value if math.isfinite(value) else None,
                    "step": int(metric.get("step") or 0),
                }
    except (ValueError, TypeError, AttributeError):
        return  # MLflow took it; it has words for numbers that we do not know


def _is_over(folder: Path) -> bool:
    """Whether the attempt has ended: its node says so, or, of a session's cell, its last frame."""
    if (folder / "exit.0").exists():
        return True
    try:
        with (folder / "frames.0").open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
            lines = file.read().splitlines()
    except OSError:
        return False
    return any(line.startswith(b'{"k":"done"') and b'"exit":{' in line for line in lines)


def _report(folder: Path, frames: list[dict[str, Any]]) -> None:
    """Append to the frames of an attempt that still runs, one write for each."""
    if not frames or not folder.is_dir() or _is_over(folder):
        return
    opened = os.open(folder / "frames.0", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        for frame in frames:
            os.write(opened, json.dumps(frame).encode() + b"\n")
    finally:
        os.close(opened)
