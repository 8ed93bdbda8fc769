"""The least a cell can cost: workers on a Unix socket, with no service, no store, no supervision.

"exec" runs the code in place; "ipython" is IPython's own `run_cell`, which rich output needs;
"fork" forks a fresh process for each cell from one that has IPython loaded. Below them: memcpy,
a socket with pickle 5, a pipe. Run by `bench.engines` with our own interpreter.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from bench import workload
from bench.driver import Figures, ms_since, paced, serve

Send = Callable[[dict[str, Any]], None]


class _Out(io.TextIOBase):
    """stdout of a cell: whole lines go out at once."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._line = ""

    def write(self, text: str) -> int:
        self._line += text
        if self._line.endswith("\n"):
            self._send({"text": self._line})
            self._line = ""
        return len(text)


def _run_in_place(code: str) -> None:
    exec(code, {})


def _ipython() -> Callable[[str], object]:
    from IPython.core.interactiveshell import InteractiveShell

    # History is a thread and a database, and a zygote must have no thread.
    from traitlets.config import Config

    shell = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
    shell.run_cell("pass", store_history=False)  # what the first cell imports
    return lambda code: shell.run_cell(code, store_history=False)


def _forking(run: Callable[[str], object]) -> Callable[[str], object]:
    def forked(code: str) -> None:
        pid = os.fork()
        if pid == 0:
            run(code)
            os._exit(0)
        os.waitpid(pid, 0)

    return forked


def _work(kind: str, connection: socket.socket) -> None:
    """The worker process: one JSON line in, lines of output and a ``done`` out."""

    def send(message: dict[str, Any]) -> None:
        connection.sendall(json.dumps(message).encode() + b"\n")

    run = _run_in_place if kind == "exec" else _ipython()
    if kind == "fork":
        run = _forking(run)
    send({"ready": True})
    with contextlib.redirect_stdout(_Out(send)):
        for line in connection.makefile("rb"):
            run(json.loads(line)["code"])
            send({"done": True})


class _Worker:
    def __init__(self, kind: str) -> None:
        self._ours, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            self._ours.close()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                _work(kind, theirs)
            os._exit(0)
        theirs.close()
        self._lines = self._ours.makefile("rb")
        self._read()

    def run(self, code: str) -> Iterator[dict[str, Any]]:
        self._ours.sendall(json.dumps({"code": code}).encode() + b"\n")
        while "done" not in (message := self._read()):
            yield message

    def close(self) -> None:
        # Closing the socket would not do: workers forked later hold a copy of it.
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self._lines.close()
        self._ours.close()

    def _read(self) -> dict[str, Any]:
        return json.loads(self._lines.readline())


class Floor:
    """Operations of the floors."""

    def start(self) -> Figures:
        self._workers = {kind: _Worker(kind) for kind in ("exec", "ipython", "fork")}
        return {}

    def close(self) -> None:
        for worker in self._workers.values():
            worker.close()

    def cells(self, worker: str, count: int, gap_ms: float) -> Figures:
        return paced(count, gap_ms, lambda number: self._cell(worker, number))

    def _cell(self, worker: str, number: int) -> Figures:
        first = 0.0
        start = time.perf_counter()
        for _ in self._workers[worker].run(workload.cell(number)):
            first = first or ms_since(start)
        return {"first ms": first, "done ms": ms_since(start)}

    # -- data -----------------------------------------------------------------------------

    def memcpy(self, kind: str) -> Figures:
        """Into pages that were touched before."""
        import numpy

        source = workload.array("numpy")
        target = numpy.empty_like(source)
        numpy.copyto(target, source)
        rates: list[float] = []
        for _ in range(3):
            start = time.perf_counter()
            numpy.copyto(target, source)
            rates.append(workload.mb_per_second(start))
        best = sorted(rates)[1]
        return {"out MB/s": best, "back MB/s": best}

    def socket(self, kind: str) -> Figures:
        """pickle 5 out of band over a Unix socket, to another process and back."""
        value = workload.array(kind)
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            ours.close()
            _echo(theirs)
            os._exit(0)
        theirs.close()
        out: list[float] = []
        back: list[float] = []
        for _ in range(3):
            start = time.perf_counter()
            _send_pickled(ours, value)
            ours.recv(1)
            out.append(workload.mb_per_second(start))
            start = time.perf_counter()
            ours.sendall(b".")
            _receive_pickled(ours)
            back.append(workload.mb_per_second(start))
        ours.close()
        os.waitpid(pid, 0)
        return {"out MB/s": sorted(out)[1], "back MB/s": sorted(back)[1]}

    # -- lines ----------------------------------------------------------------------------

    def lines(self) -> Figures:
        """A child whose stdout is a pipe, block buffered."""
        command = [sys.executable, "-c", workload.lines_source()]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            descriptor = child.stdout.fileno()
            pieces = iter(lambda: os.read(descriptor, 65536), b"")
            return workload.count_lines(piece.decode() for piece in pieces)


def _echo(connection: socket.socket) -> None:
    for _ in range(3):
        value = _receive_pickled(connection)
        connection.sendall(b".")
        connection.recv(1)
        _send_pickled(connection, value)


def _send_pickled(connection: socket.socket, value: object) -> None:
    buffers: list[pickle.PickleBuffer] = []
    content = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    views = [buffer.raw() for buffer in buffers]
    head = json.dumps([len(content), *[view.nbytes for view in views]]).encode()
    connection.sendall(len(head).to_bytes(4, "big") + head + content)
    for view in views:
        connection.sendall(view)


def _receive_pickled(connection: socket.socket) -> Any:
    lengths = json.loads(_receive(connection, int.from_bytes(_receive(connection, 4), "big")))
    content = _receive(connection, lengths[0])
    return pickle.loads(content, buffers=[_receive(connection, n) for n in lengths[1:]])


def _receive(connection: socket.socket, count: int) -> bytearray:
    content = bytearray(count)
    view = memoryview(content)
    while view:
        view = view[connection.recv_into(view) :]
    return content


if __name__ == "__main__":
    serve(Floor())
