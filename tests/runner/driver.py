"""A fake service: starts a nursery and nodes, speaks their sockets, reads what jobs leave."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import pickle
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import psutil

PLACEHOLDER = "0" * 32
PATIENCE = 30.0

Message = dict[str, Any]


def wait_for(condition: Callable[[], Any], what: str = "", seconds: float = PATIENCE) -> Any:
    """The first truth that `condition` returns; fails loudly after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        truth = condition()
        if truth:
            return truth
        assert time.monotonic() < deadline, f"waited {seconds} s in vain: {what}"
        time.sleep(0.005)


class Peer:
    """One connection; reads JSON lines."""

    def __init__(self, path: Path) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(path))
        self.sock.settimeout(PATIENCE)
        self._buffer = b""
        self.past: list[Message] = []

    def send(self, **message: Any) -> None:
        self.sock.sendall(json.dumps(message).encode() + b"\n")

    def read(self) -> Message:
        while b"\n" not in self._buffer:
            data = self.sock.recv(1 << 20)
            if not data:
                raise EOFError
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        message: Message = json.loads(line)
        self.past.append(message)
        return message

    def until(self, op: str, **fields: Any) -> Message:
        """Read on to the next message like this."""
        while True:
            message = self.read()
            if message["op"] == op and all(message.get(k) == v for k, v in fields.items()):
                return message

    def close(self) -> None:
        self.sock.close()


class Job:
    """One attempt of a job, seen from outside: its files and its messages."""

    def __init__(self, node: Node, task: Message) -> None:
        self.node = node
        self.task = task
        self.name = task["job"]
        self.dir = Path(task["dir"])

    @property
    def marker(self) -> str:
        return self.task["marker"]

    def wait(self) -> Message:
        """The message of its end, refusals included."""
        for message in self.node.peer.past:
            if message["op"] in ("exited", "refused") and message["job"] == self.name:
                return message
        while True:
            message = self.node.peer.read()
            if message["op"] in ("exited", "refused") and message["job"] == self.name:
                return message

    def started(self) -> Message:
        for message in self.node.peer.past:
            if message["op"] == "started" and message["job"] == self.name:
                return message
        return self.node.peer.until("started", job=self.name)

    def cancel(self, reason: str = "Canceled", grace: float = 20) -> None:
        self.node.peer.send(op="cancel", job=self.name, attempt=1, reason=reason, grace=grace)

    def stdout(self, rank: int = 0) -> str:
        return (self.dir / f"stdout.{rank}").read_text()

    def stderr(self, rank: int = 0) -> str:
        return (self.dir / f"stderr.{rank}").read_text()

    def prints(self, text: str) -> None:
        """Wait until it has. A session's cell is told as started before its files are there."""
        path = self.dir / "stdout.0"
        wait_for(lambda: path.exists() and text in path.read_text(), f"{text!r} in the output")

    def frames(self, rank: int = 0) -> list[Message]:
        text = (self.dir / f"frames.{rank}").read_text()
        return [json.loads(line) for line in text.splitlines()]

    def frame(self, kind: str, rank: int = 0) -> Message:
        [frame] = [frame for frame in self.frames(rank) if frame["k"] == kind]
        return frame

    def shown(self) -> list[tuple[str, str]]:
        """(kind, text) in the order in which a reader shows them."""
        streams = {name: (self.dir / f"{name}.0").read_bytes() for name in ("stdout", "stderr")}
        at = {"stdout": 0, "stderr": 0}
        found: list[tuple[str, str]] = []

        def show(name: str, end: int) -> None:
            if end > at[name]:
                found.append((name, streams[name][at[name] : end].decode()))
                at[name] = end

        for frame in self.frames():
            show("stdout", frame.get("so", 0))
            show("stderr", frame.get("se", 0))
            if frame["k"] not in ("mark", "done", "metric", "progress"):
                data = frame.get("data") or {"text/plain": frame.get("evalue", "")}
                found.append((frame["k"], data.get("text/plain", "")))
        show("stdout", len(streams["stdout"]))
        show("stderr", len(streams["stderr"]))
        return found

    def result(self) -> Message:
        """What `result.pkl` holds, its signature checked."""
        blob = (self.dir / "result.pkl").read_bytes()
        digest = hmac.new(bytes.fromhex(self.task["key"]), blob[32:], hashlib.sha256).digest()
        assert hmac.compare_digest(digest, blob[:32])
        lengths = self.frame("done")["result"]["lengths"]
        whole = (self.dir / "result.buf").read_bytes() if lengths else b""
        buffers, offset = [], 0
        for length in lengths:
            offset = -(-offset // 64) * 64
            buffers.append(whole[offset : offset + length])
            offset += length
        return pickle.loads(blob[32:], buffers=buffers)

    def variables(self) -> Message:
        return self.result()["variables"]


class Node:
    def __init__(self, service: Service, name: str, answer: Message) -> None:
        self.service = service
        self.name = name
        self.pid: int = answer["pid"]
        self.created: float = answer["created"]
        self.socket = service.run / f"{name}.sock"
        self.peer = Peer(self.socket)
        self.hello = self.peer.read()

    def reconnect(self) -> Message:
        """As the next service would: the state it finds."""
        self.peer.close()
        past = self.peer.past
        self.peer = Peer(self.socket)
        self.peer.past = [*past]
        self.hello = self.peer.read()
        return self.hello

    def task(self, kind: str, **fields: Any) -> Message:
        name = fields.pop("job", None) or f"job_{secrets.token_hex(4)}"
        folder = self.service.jobs / name / "1"
        work = self.service.jobs / name / "work"
        folder.mkdir(parents=True, exist_ok=True)
        work.mkdir(exist_ok=True)
        task: Message = {
            "op": "run", "job": name, "attempt": 1, "rank": 0, "marker": secrets.token_hex(16),
            "kind": kind, "dir": str(folder), "cwd": str(work), "env": {},
            "python": sys.executable, "affinity": None, "memory": 0, "gpus": None, "threads": 1,
            "session": "", "session_idle": 600,
        }  # fmt: skip
        if kind == "cell":
            task |= {
                "source": "", "pickle": "", "inputs": "", "segment": None, "imports": [],
                "collect": None, "execution_count": 7, "key": secrets.token_hex(32),
                "preload": [], "path0": "",
            }  # fmt: skip
        task.update(fields)
        return task

    def submit(self, task: Message) -> Job:
        self.peer.send(**task)
        return Job(self, task)

    def cell(self, source: str, variables: Message | None = None, **fields: Any) -> Job:
        if variables:
            fields["pickle"] = base64.b64encode(cloudpickle.dumps(variables, protocol=5)).decode()
        return self.submit(self.task("cell", source=source, **fields))

    def command(self, command: str, **fields: Any) -> Job:
        return self.submit(self.task("command", command=command, **fields))

    def children(self, *, recursive: bool = False) -> list[psutil.Process]:
        """Those included that ended and are not reaped yet."""
        return psutil.Process(self.pid).children(recursive=recursive)

    def spare(self) -> psutil.Process:
        """The process that waits for the next job; its parent is the nest. For a node that loads
        nothing ahead, while no job runs.

        An ended job's process may be there still when the end was told, as may one that was
        killed: it is no spare, and may be seen before the next one is made.
        """
        spare = wait_for(self._find_spare, "a nest with one spare, and nothing beside")
        self.peer.send(op="state")
        self.peer.until("state")  # by now the node has heard of it
        return spare

    def _find_spare(self) -> psutil.Process | None:
        try:
            nest = self._only_helper(self.children())
            if nest is None:
                return None
            spare = self._only_helper(nest.children())
            # Until the node is told of a spare, the nest holds an end of the channel between them.
            return spare if _sockets(nest.pid) == 1 else None
        except psutil.NoSuchProcess:
            return None

    def _only_helper(self, children: list[psutil.Process]) -> psutil.Process | None:
        """The one that is no job's, if there is one and it lives."""
        jobs = {(m["pid"], m["created"]) for m in self.peer.past if m["op"] == "started"}
        helpers = [child for child in children if (child.pid, child.create_time()) not in jobs]
        alive = len(helpers) == 1 and helpers[0].status() != psutil.STATUS_ZOMBIE
        return helpers[0] if alive else None

    def open_fds(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def leave(self) -> None:
        self.peer.send(op="leave")
        wait_for(lambda: not psutil.pid_exists(self.pid), f"end of node {self.name}")


def _sockets(pid: int) -> int:
    folder = Path(f"/proc/{pid}/fd")
    try:
        return sum(os.readlink(file).startswith("socket:") for file in folder.iterdir())
    except FileNotFoundError:  # one was closed meanwhile, or the process is gone
        return 0


class Service:
    """Everything under one short folder: sockets have short paths."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="jaml-"))
        self.run = self.folder
        self.jobs = self.folder / "jobs"
        self.nodes: list[Node] = []
        self.socket = self.run / "nursery.sock"
        env = {
            **os.environ,
            "JUPYTER_AML_HOME": str(home),
            "JUPYTER_AML_MARKER": PLACEHOLDER,
            **environment,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_aml.runner", "nursery", str(self.socket)],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            env=env,
            cwd=self.folder,
        )
        wait_for(self.socket.exists, "the nursery's socket")
        self.nursery = Peer(self.socket)

    def node(self, name: str = "", **fields: Any) -> Node:
        name = name or f"n{len(self.nodes)}"
        asked: Message = {
            "name": name, "socket": str(self.run / f"{name}.sock"),
            "log": str(self.folder / f"{name}.log"), "affinity": [], "memory": 0, "gpus": [],
            "threads": 1, "max_jobs": 4, "disk": str(self.folder),
        }  # fmt: skip
        self.nursery.send(op="node", **{**asked, **fields})
        answer = self.nursery.read()
        assert answer["op"] == "node", answer
        node = Node(self, name, answer)
        self.nodes.append(node)
        return node

    def log(self, name: str = "n0") -> str:
        return (self.folder / f"{name}.log").read_text()

    def close(self) -> None:
        """End everything, by force where it does not by itself; fail if a node had a fault."""
        logs = "".join(self.log(node.name) for node in self.nodes)
        for node in self.nodes:
            node.peer.close()
        self.nursery.close()
        family = self._family()
        # The nursery last: while it lives it reaps the others, which init takes its time for.
        for process in sorted(family, key=lambda process: process.pid == self.process.pid):
            if process.pid == self.process.pid:
                psutil.wait_procs([other for other in family if other is not process], timeout=1)
            try:
                os.kill(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        psutil.wait_procs(family, timeout=PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)
        assert "Traceback" not in logs, logs

    def _family(self) -> list[psutil.Process]:
        """The nursery, the nodes, also those that lost it, and all below them."""
        found: dict[int, psutil.Process] = {}
        for pid in (self.process.pid, *(node.pid for node in self.nodes)):
            try:
                root = psutil.Process(pid)
                family = [root, *root.children(recursive=True)]
            except psutil.NoSuchProcess:
                continue
            found.update({process.pid: process for process in family})
        return list(found.values())
