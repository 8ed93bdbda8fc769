"""Real scoring processes and a real router, as the service starts them."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import socket
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jupyter_aml
from jupyter_aml.testing.waiting import eventually_sync

BOOT = Path(jupyter_aml.__file__).parent / "serving" / "boot.py"
KEY = "the-key"


@dataclass
class Instance:
    """One scoring process and its files."""

    process: subprocess.Popen[bytes]
    folder: Path
    config: dict[str, Any]

    @property
    def state(self) -> dict[str, Any]:
        path = self.folder / "state.json"
        return json.loads(path.read_text()) if path.exists() else {"state": ""}

    @property
    def console(self) -> str:
        return (self.folder / "console.log").read_text()

    def wait_until(self, state: str, *, seconds: float = 60.0) -> dict[str, Any]:
        eventually_sync(lambda: self.state["state"] == state, seconds=seconds)
        return self.state


@dataclass
class Processes:
    """Starts processes below a folder; `stop` ends every one of them."""

    folder: Path
    port: int = 0
    """Any, until a router has one."""
    instances: dict[str, Instance] = field(default_factory=dict[str, Instance])
    started: list[subprocess.Popen[bytes]] = field(default_factory=list[Any])
    router: subprocess.Popen[bytes] | None = None

    def score(self, name: str, source: str, **more: Any) -> Instance:
        """Start an instance of a script; started again, it has the same files."""
        folder = self.folder / name
        for each in (folder / "code", folder / "model"):
            each.mkdir(parents=True, exist_ok=True)
        (folder / "code" / "score.py").write_text(textwrap.dedent(source))
        config = {
            "model_dir": str(folder / "model"),
            "code_dir": str(folder / "code"),
            "socket": str(folder / "s"),
            "state": str(folder / "state.json"),
            "begun": str(folder / "begun"),
            "console": str(folder / "console.log"),
            **more,
        }
        path = folder / "config.json"
        path.write_text(json.dumps(config))
        self.instances[name] = Instance(self._start("score", path), folder, config)
        return self.instances[name]

    def route(self, table: dict[str, Any]) -> None:
        """Start the router of a table."""
        self.write(table)
        config = {"table": str(self.folder / "table.json"), "control": str(self.folder / "ctl")}
        path = self.folder / "router.json"
        path.write_text(json.dumps({**config, "console": str(self.folder / "router.log")}))
        self.router = self._start("router", path)
        eventually_sync(self._answers, seconds=60)
        self.port = self.control(op="state")["port"]

    def write(self, table: dict[str, Any]) -> None:
        whole = {
            "endpoint": "e",
            "port": self.port,
            "auth": {"keys": [hashlib.sha256(KEY.encode()).hexdigest()]},
            "request_log": str(self.folder / "requests.log"),
            **table,
        }
        temporary = self.folder / "table.json.new"
        temporary.write_text(json.dumps(whole))
        temporary.replace(self.folder / "table.json")

    def spec(self, *names: str, **more: Any) -> dict[str, Any]:
        """A deployment of these instances."""
        places = {
            name: {key: self.instances[name].config[key] for key in ("socket", "begun")}
            for name in names
        }
        patient = {"timeout_ms": 60000, "hold_seconds": 60}  # no machine is so slow
        return {"instances": places, "max_concurrent": 64, **patient, **more}

    def control(self, **message: Any) -> dict[str, Any]:
        """One op, one answer."""
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(60)
            link.connect(str(self.folder / "ctl"))
            link.sendall(json.dumps(message).encode() + b"\n")
            with link.makefile("rb") as lines:
                return json.loads(lines.readline())

    def ask(self, body: str = "1", **headers: str) -> tuple[int, bytes]:
        """One request on a connection of its own."""
        with contextlib.closing(
            http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        ) as link:
            link.request("POST", "/score", body, {"Authorization": f"Bearer {KEY}", **headers})
            answer = link.getresponse()
            return answer.status, answer.read()

    def wait_ready(self, deployment: str, count: int) -> None:
        def ready() -> bool:
            told = self.control(op="state")["deployments"][deployment]["instances"]
            return sum(each["state"] == "ready" for each in told.values()) == count

        eventually_sync(ready, seconds=60)

    def stop(self) -> None:
        for process in self.started:
            process.kill()
            process.wait()
            if process.stderr is not None:
                process.stderr.close()

    def _answers(self) -> bool:
        assert self.router is not None
        assert self.router.poll() is None, (self.folder / "router.log").read_text()
        try:
            return self.control(op="state")["op"] == "state"
        except OSError:
            return False

    def _start(self, part: str, config: Path) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(BOOT), part, str(config)]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)
        self.started.append(process)
        return process
