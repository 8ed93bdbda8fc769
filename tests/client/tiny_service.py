"""A process that behaves as a service while it starts and stops; run by test_discovery.

``python tiny_service.py MODE --home HOME``: "good", "dies" (with words), "refuses" (with a
reason), "mute" (never answers), "busy" (refuses to stop). It counts its starts in HOME/starts.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psutil

MODE, _, HOME = sys.argv[1:4]
home = Path(HOME)


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        told = ["The database was damaged."] if MODE == "damaged" else []
        self.answer(200, {"state": "running", "pid": os.getpid(), "warnings": told})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if MODE == "busy" and not body["force"]:
            self.answer(409, {"error": {"code": "Conflict", "message": "1 job is running."}})
            return
        self.answer(200, {"state": "stopping"})
        (home / "service.json").unlink(missing_ok=True)
        self.wfile.flush()
        os._exit(0)

    def answer(self, status: int, value: object) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


with open(home / "starts", "a") as starts:
    starts.write("x")
if MODE == "dies":
    sys.exit("the database is damaged")
if MODE == "refuses":
    error = {"code": "Conflict", "message": "The database is newer.", "hint": "Install that again."}
    sys.exit("a warning\n" + json.dumps({"error": error}))
if MODE == "mute":
    time.sleep(60)
lock = open(home / "service.lock", "w")  # noqa: SIM115 - held until the process ends
fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
server = HTTPServer(("127.0.0.1", 0), Handler)
runtime = {
    "url": f"http://127.0.0.1:{server.server_address[1]}",
    "token": "t",
    "pid": os.getpid(),
    "created": psutil.Process().create_time(),
    "version": os.environ.get("TINY_VERSION", "99.0"),
    "api": int(os.environ.get("TINY_API", "1")),
    "host": os.uname().nodename,
    "home": HOME,
}
(home / "service.json.part").write_text(json.dumps(runtime))
os.rename(home / "service.json.part", home / "service.json")
server.serve_forever()
