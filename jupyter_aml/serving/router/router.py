"""The router itself: follows a table, gives each request to a deployment and its answer back.

Everything happens on one event loop and nothing here waits: a request is handed on in the call
that received its last byte.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from ..created import process_created
from .admission import Admission
from .client import Client
from .counters import BOUNDS_MS
from .deployment import Deployment
from .head import Head
from .reply import Refusal, first_line
from .request import Request
from .requestlog import RequestLog
from .table import Table
from .traffic import Bucket, Cycle, Sample

_FAST_SECONDS, _SLOW_SECONDS = 0.05, 1.0
_CLIENT_GONE = 499


class Router:
    """Deployments, clients, and the clock that watches over both."""

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time
    ) -> None:
        self.now = clock
        self.wall = wall
        self.clients: set[Client] = set()
        self.watchers: set[Callable[[dict[str, Any]], None]] = set()
        self.deployments: dict[str, Deployment] = {}
        self.refusals: Counter[str] = Counter()
        self.buffered = 0
        self.changes = 0
        self.is_leaving = False
        self._leaving: list[Deployment] = []
        self._log = RequestLog("", 0)
        self._timer: asyncio.TimerHandle | None = None
        self._is_fast = False
        prefix = os.urandom(10).hex()
        parts = (prefix[:8], prefix[8:12], prefix[12:16], prefix[16:20], "")
        self._guid = "-".join(parts).encode()
        self._numbers = itertools.count(1)
        self._pid, self._created = os.getpid(), process_created()

    def adopt(self, table: Table) -> None:
        """Follow a table from now on. No connection is dropped, no request lost."""
        self.table = table
        for name in [name for name in self.deployments if name not in table.deployments]:
            gone = self.deployments.pop(name)
            self._leaving.append(gone)
            gone.leave()
        for name, spec in table.deployments.items():
            if name in self.deployments:
                self.deployments[name].adopt(spec)
            else:
                self.deployments[name] = Deployment(name, spec, self)
        self.admission = Admission(table, self.wall)
        self._cycle = Cycle(table.traffic, self.deployments, Deployment.is_freer)
        self._mirrors = [
            (Sample(share), self.deployments[name]) for name, share in table.mirror.items() if share
        ]
        self._mirror_bytes = Bucket(table.mirror_bytes_per_second, self.now())
        self._rate = Bucket(table.limits.requests_per_second, self.now())
        if (table.request_log, table.request_log_bytes) != (self._log.path, self._log.most_bytes):
            self._log.close()
            self._log = RequestLog(table.request_log, table.request_log_bytes)
        self.changes += 1
        self.touch()

    def close(self) -> None:
        """Nothing more is written after this."""
        if self._timer is not None:
            self._timer.cancel()
        for deployment in (*self.deployments.values(), *self._leaving):
            deployment.leave()
        self._log.close()

    # ---- requests

    def take(self, head: Head, body: bytes, client: Client) -> Request:
        """Give a request to a deployment. Raise `Refusal` if there is none for it."""
        now = self.now()
        if not self._rate.take(1, now):
            rate = self.table.limits.requests_per_second
            raise Refusal(429, "TooManyRequests", f"More than {rate:g} a second.", retry_after=1)
        if head.pinned:
            deployment = self.deployments.get(head.pinned.decode("latin-1"))
        else:
            deployment = self._cycle.next()
        if deployment is None:
            raise Refusal(404, "NoDeployment", "No deployment of this endpoint has traffic.")
        request = Request(head, body, self.guid(), client, now)
        if not self._is_fast:
            self.touch()
        self.changes += 1
        deployment.submit(request)
        if self._mirrors and not head.pinned:
            self._mirror(request, now)
        return request

    def guid(self) -> bytes:
        """A new id, unique to this router and to others."""
        return b"%s%012x" % (self._guid, next(self._numbers))

    def _mirror(self, request: Request, now: float) -> None:
        for sample, deployment in self._mirrors:
            if deployment is request.deployment or not sample.take():
                continue
            if self._mirror_bytes.take(len(request.body) + len(request.head.raw), now):
                copy = Request(request.head, request.body, self.guid(), None, now)
                deployment.mirror(copy)
            else:
                deployment.counters.failures["MirrorSkipped"] += 1

    def finished(self, request: Request, status: int, lines: bytes, body: bytes) -> None:
        """Count, log and send an answer; what is not 2xx of a model is Azure's 424."""
        if not request.code and not 200 <= status < 300:
            request.code = "ModelError"
            if self.table.model_errors == "azure":
                reason = first_line(status)[13:-2]
                lines += b"ms-azureml-model-error-statuscode: %d\r\n" % status
                lines += b"ms-azureml-model-error-reason: %s\r\n" % reason
                status = 424
        deployment = request.deployment
        assert deployment is not None
        now = self.now()
        spent = now - request.started_at
        asker = request.asker
        if asker is None and not request.is_mirrored:
            status, request.code = _CLIENT_GONE, "ClientGone"
        counters = deployment.counters
        counters.end(now)
        counters.took(spent)
        counters.statuses[status] += 1
        counters.bytes_out += len(body)
        if request.code:
            counters.failures[request.code] += 1
        self.changes += 1
        if self._log.is_on:
            self._log_request(request, deployment.name, status, spent, len(body))
        if asker is not None:
            request.asker = None
            asker.answered(request, status, lines + deployment.line, body)

    def refused(self, head: Head | None, refusal: Refusal, guid: bytes) -> None:
        """Count and log what no deployment has seen."""
        self.refusals[refusal.code] += 1
        self.changes += 1
        if self._log.is_on:
            part = head.logged if head is not None else '"client_id":"","method":"","path":""'
            self._log.add(
                self.wall(),
                f'"id":"{guid.decode()}",{part},"deployment":"","instance":"","status":'
                f'{refusal.status},"code":"{refusal.code}","ms":0,"bytes_in":0,"bytes_out":0,'
                '"mirror":false',
            )
            self.touch()

    def _log_request(
        self, request: Request, deployment: str, status: int, spent: float, sent: int
    ) -> None:
        self._log.add(
            self.wall(),
            f'"id":"{request.guid.decode()}",{request.head.logged},"deployment":"{deployment}",'
            f'"instance":"{request.instance}","status":{status},"code":"{request.code}",'
            f'"ms":{spent * 1e3:.3f},"bytes_in":{len(request.body)},"bytes_out":{sent},'
            f'"mirror":{"true" if request.is_mirrored else "false"}',
        )

    # ---- watching

    def tell(self, **event: Any) -> None:
        """Push an event to whoever watches."""
        for watcher in list(self.watchers):
            watcher(event)

    def state(self) -> dict[str, Any]:
        """Everything, as the control socket says it."""
        now = self.now()
        return {
            "op": "state",
            "pid": self._pid,
            "created": self._created,
            "time": self.wall(),
            "port": self.table.port,
            "generation": self.table.generation,
            "connections": len(self.clients),
            "refusals": dict(self.refusals),
            "log_lines_lost": self._log.lost,
            "bounds_ms": BOUNDS_MS,
            "deployments": {
                name: deployment.told(now) for name, deployment in self.deployments.items()
            },
        }

    @property
    def is_idle(self) -> bool:
        """No request is on its way."""
        return all(each.is_idle for each in (*self.deployments.values(), *self._leaving))

    @property
    def is_ready(self) -> bool:
        """Would a request without a pinned deployment find an instance?"""
        shares = self.table.traffic.items()
        return any(self.deployments[name].ready for name, share in shares if share)

    def touch(self) -> None:
        """Something is in flight: look often."""
        if not self._is_fast:
            self._is_fast = True
            if self._timer is not None:
                self._timer.cancel()
            self._timer = asyncio.get_running_loop().call_later(_FAST_SECONDS, self._tick)

    def _tick(self) -> None:
        now = self.now()
        self._log.flush()
        for deployment in (*self.deployments.values(), *self._leaving):
            deployment.check(now)
        self._leaving = [each for each in self._leaving if not each.is_idle]
        for client in list(self.clients):
            client.check(now)
        self._is_fast = not self.is_idle
        self._timer = None
        if self._is_fast or self.clients:
            wait = _FAST_SECONDS if self._is_fast else _SLOW_SECONDS
            self._timer = asyncio.get_running_loop().call_later(wait, self._tick)
