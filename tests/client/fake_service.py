"""A service in a thread that honours docs/developer/contracts.md, and misbehaves on request.

What a job does is the test's: ``service.behave`` is called in a thread with each new `FakeJob`.
Jobs outlive a `stop` and a second `start`, as they do in reality.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from jupyter_aml._version import __version__
from jupyter_aml.client import liveness
from jupyter_aml.model.api import API_VERSION

NOW = "2026-11-21T12:00:00.000Z"
FINAL = ("Completed", "Failed", "Canceled")
SECONDS = 60.0
"""Within which whatever a test waits for has happened, on the busiest machine too."""


@dataclass
class FakeJob:
    """One job: `add` events, then `end` it."""

    name: str
    spec: dict[str, Any]
    status: str = "Queued"
    events: list[dict[str, Any]] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)
    is_canceled: threading.Event = field(default_factory=threading.Event)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def add(self, kind: str, **fields: Any) -> None:
        with self.changed:
            seq = len(self.events) + 1
            self.events.append({"seq": seq, "time": NOW, "kind": kind, **fields})
            if kind == "status":
                self.status = fields["status"]
            self.changed.notify_all()

    def move(self, status: str, reason: str = "") -> None:
        self.add("status", status=status, reason=reason)

    def end(self, status: str = "Completed", **fields: Any) -> None:
        """``result``, ``error`` and what else the job then has."""
        self.fields.update(fields)
        self.move(status)

    def body(self) -> dict[str, Any]:
        spec = {**self.spec, "variables": {**self.spec.get("variables", {}), "pickle": ""}}
        return {
            "name": self.name,
            "spec": spec,
            "status": self.status,
            "createdAt": NOW,
            "lastSeq": len(self.events),
            **self.fields,
        }


def completes(job: FakeJob) -> None:
    job.move("Running")
    job.add("stdout", text="hello\n")
    job.end()


class FakeService:
    def __init__(self, home: Path) -> None:
        self.home = home
        self.jobs: dict[str, FakeJob] = {}
        self.behave: Callable[[FakeJob], None] = completes
        self.requests: list[str] = []
        self.preferences: dict[str, Any] = {}
        self.computes: dict[str, dict[str, Any]] = {}
        self.environments: dict[str, dict[str, Any]] = {}
        self.sessions: list[dict[str, Any]] = []
        self.version = __version__
        self.is_busy = False
        self.cut_after: int | None = None
        """Break the next stream off after this many lines, once."""
        self.refuse: dict[str, Any] | None = None
        """The error that the next job is refused with."""
        self.token = "token-1"
        self._server: ThreadingHTTPServer | None = None
        self._threads: list[threading.Thread] = []
        self._starts = 0

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> FakeService:
        service = self

        class Bound(_Handler):
            fake = service

        self._server = _Server(("127.0.0.1", 0), Bound)
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        thread.start()
        self._threads.append(thread)
        self._begin()
        return self

    def succeed(self) -> None:
        """Another service got the port of this one. It is never free: it could go to a stranger."""
        assert self._server is not None
        self._server.break_all()
        self._begin()

    def _begin(self) -> None:
        self._starts += 1
        self.token = f"token-{self._starts}"
        self.write_runtime()

    def write_runtime(self, **changes: Any) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        runtime = {
            "url": self.url,
            "token": self.token,
            "pid": os.getpid(),
            "created": liveness.started_at(os.getpid()),
            "version": self.version,
            "api": API_VERSION,
            "host": liveness.host(),
            "bootId": liveness.boot_id(),
            "home": str(self.home),
            "startedAt": NOW,
            **changes,
        }
        unfinished = self.home / "service.json.part"
        unfinished.write_text(json.dumps(runtime))
        unfinished.replace(self.home / "service.json")

    def stop(self) -> None:
        """As a kill does: connections break in the middle, jobs go on."""
        server, self._server = self._server, None
        (self.home / "service.json").unlink(missing_ok=True)
        if server is not None:
            server.shutdown()
            server.break_all()
            server.server_close()

    def close(self) -> None:
        self.stop()
        for job in self.jobs.values():
            job.is_canceled.set()
            with job.changed:
                job.changed.notify_all()
        for thread in self._threads:
            thread.join(SECONDS)

    def submit(self, body: dict[str, Any]) -> FakeJob:
        name = body["name"]
        if name not in self.jobs:
            job = self.jobs[name] = FakeJob(name, body["spec"])
            job.move("Queued")
            thread = threading.Thread(target=self.behave, args=(job,), daemon=True)
            thread.start()
            self._threads.append(thread)
        return self.jobs[name]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *arguments: Any) -> None:
        self.open: set[Any] = set()
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Connections break here on purpose."""

    def break_all(self) -> None:
        for request in list(self.open):
            self.shutdown_request(request)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    fake: FakeService

    def log_message(self, format: str, *arguments: Any) -> None:
        """Tests read `requests`."""

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
            self.wfile.flush()
        except (OSError, ValueError):
            self.close_connection = True

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def do_PATCH(self) -> None:
        self._answer("PATCH")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def _answer(self, method: str) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        parts = urlsplit(self.path)
        self.fake.requests.append(f"{method} {self.path}")
        if self.headers["Authorization"] != f"Bearer {self.fake.token}":
            return self._error(401, "Unauthorized", "The token is wrong.")
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        path = [unquote(part) for part in parts.path.removeprefix("/v1/").split("/")]
        return self._route(method, path, query, body)

    def _route(self, method: str, path: list[str], query: dict[str, str], body: Any) -> None:
        fake = self.fake
        match [method, *path]:
            case ["GET", "service"]:
                self._json({"state": "running", "pid": os.getpid(), "home": str(fake.home)})
            case ["POST", "service", "stop"]:
                if fake.is_busy and not body["force"]:
                    return self._error(409, "Conflict", "1 job is running.")
                self._json({"state": "stopping"})
            case ["GET", "preferences"]:
                self._json(fake.preferences)
            case ["PUT", "preferences"]:
                fake.preferences = body
                self._json(body)
            case ["GET", "workspaces"]:
                self._json({"value": [{"name": "local", "kind": "local"}], "current": "local"})
            case ["GET", "sessions"]:
                self._json({"value": fake.sessions})
            case ["GET", "compute"]:
                self._json({"value": list(fake.computes.values())})
            case ["GET", "compute", name] if name in fake.computes:
                self._json(fake.computes[name])
            case ["POST", "jobs"] | ["POST", "jobs", "run"]:
                self._submit(path, body)
            case ["POST", "jobs", "many"]:
                self._json({"value": [fake.submit(job).body() for job in body["jobs"]]})
            case ["GET", "environments", name] if name in fake.environments:
                self._json(fake.environments[name])
            case ["GET", "jobs"]:
                self._json({"value": [_summary(job) for job in fake.jobs.values()]})
            case ["PATCH", "jobs", name] if name in fake.jobs:
                told = {key: value for key, value in body.items() if value is not None}
                fake.jobs[name].spec.update(told)
                self._json(fake.jobs[name].body())
            case [_, "jobs", name, *rest] if name in fake.jobs:
                self._job(fake.jobs[name], method, rest, query)
            case _:
                self._error(404, "NotFound", f"There is no {'/'.join(path)}.")
        return None

    def _submit(self, path: list[str], body: Any) -> None:
        if self.fake.refuse is not None:
            return self._error(**self.fake.refuse)
        job = self.fake.submit(body)
        if path == ["jobs"]:
            return self._json(job.body())
        self._begin_stream()
        self._line({"job": job.body()})
        if self._events(job, 0, wait=True):
            self._line({"job": job.body()})
            self._end_stream()
        return None

    def _job(self, job: FakeJob, method: str, rest: list[str], query: dict[str, str]) -> None:
        if rest == ["events"]:
            self._begin_stream()
            wait = query.get("wait", "true") == "true"
            if self._events(job, int(query.get("after", 0)), wait=wait):
                self._end_stream()
        elif rest == ["cancel"]:
            if job.status not in FINAL:
                job.move("CancelRequested")
            job.is_canceled.set()
            self._json(job.body())
        elif rest == ["result"]:
            folder = Path(job.fields["result"]["path"]).parent
            data = (folder / "result.pkl").read_bytes()
            buffers = folder / "result.buf"
            self._bytes(data + (buffers.read_bytes() if buffers.exists() else b""))
        else:
            assert method == "GET"
            self._json(job.body())

    # -- streams ----------------------------------------------------------------------------

    def _begin_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _line(self, value: Any) -> None:
        data = json.dumps(value, separators=(",", ":")).encode() + b"\n"
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
        self.wfile.flush()

    def _end_stream(self) -> None:
        self.wfile.write(b"0\r\n\r\n")

    def _events(self, job: FakeJob, after: int, *, wait: bool) -> bool:
        """False if the stream was to break."""
        sent = 0
        while True:
            with job.changed:
                while wait and len(job.events) <= after and job.status not in FINAL:
                    if not job.changed.wait(0.5):
                        self._line({})
                present = job.events[after:]
            for event in present:
                if self.fake.cut_after is not None and sent >= self.fake.cut_after:
                    self.fake.cut_after = None
                    self.wfile.write(b'30\r\n{"seq":')
                    self.close_connection = True
                    return False
                self._line(event)
                sent += 1
                after = event["seq"]
            if not wait or (job.status in FINAL and after == len(job.events)):
                return True

    # -- answers ----------------------------------------------------------------------------

    def _json(self, value: Any, status: int = 200) -> None:
        self._bytes(json.dumps(value).encode(), status)

    def _bytes(self, data: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _error(self, status: int, code: str, message: str, **more: Any) -> None:
        self._json({"error": {"code": code, "message": message, **more}}, status)


def _summary(job: FakeJob) -> dict[str, Any]:
    return {"name": job.name, "type": "cell", "displayName": "", "status": job.status}
