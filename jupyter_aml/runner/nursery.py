"""The nursery: loads IPython once and forks nodes that share its pages.

Single-threaded for as long as it lives. Nodes outlive it; while it lives it also ends what a
killed node leaves behind.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from typing import Any

from . import environment, fork_hooks, interrupts, large_pages, link, linux, node, process_table
from .cell import Cell
from .crew import Settings
from .loop import Loop
from .process_table import MARKER
from .rehearsal import rehearse
from .start import BOOT
from .wire import Lines, Message, encode

_ALONE = 60.0
"""Seconds without a connection and without a node, after which it ends by itself."""
_LOOK_ROUND = 2.0


class Nursery:
    def __init__(self, path: str, *, forks: bool) -> None:
        self._path = path
        self._umask = os.umask(0o077)
        self._loop = Loop()
        self._table = process_table.table()
        self._marker = linux.MarkerPlace()
        environment.clean(os.environ)
        self._cell = _cell(self._marker, f"{path}.rehearsal") if forks else None
        self._nodes: dict[int, str] = {}
        self._peers: dict[int, socket.socket] = {}
        self._listener = link.listen(path)
        self._inode = os.stat(path).st_ino
        self._used_at = self._loop.now()

    def run(self) -> None:
        linux.adopt_orphans()
        self._loop.on_child(self._reap)
        self._loop.watch(self._listener.fileno(), self._accept)
        self._loop.call_later(_LOOK_ROUND, self._look_round)
        self._loop.run()
        if self._ours():
            os.unlink(self._path)

    # -- who asks

    def _accept(self) -> None:
        peer, _ = self._listener.accept()
        lines = Lines()
        self._peers[peer.fileno()] = peer
        self._loop.watch(peer.fileno(), lambda: self._receive(peer, lines))

    def _receive(self, peer: socket.socket, lines: Lines) -> None:
        try:
            data = peer.recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            self._loop.unwatch(peer.fileno())
            del self._peers[peer.fileno()]
            peer.close()
            return
        for line in lines.feed(data):
            answer = self._answer(json.loads(line))
            try:
                peer.sendall(encode(answer))
            except OSError:
                pass  # it left; what it asked for is done

    def _answer(self, message: Message) -> Message:
        if message["op"] == "leave":
            self._loop.stop()
            return {"op": "leave", "pid": os.getpid()}  # who asked may wait until that is gone
        if message["op"] != "node":
            return {"op": "error", "message": f"unknown op {message['op']!r}"}
        try:
            pid = self._start(_settings(message, self._umask))
        except (OSError, TypeError) as error:  # it cannot listen, or a field is unknown
            return {"op": "error", "name": message.get("name", ""), "message": str(error)}
        created = self._table.created(pid)
        return {"op": "node", "name": message["name"], "pid": pid, "created": created}

    # -- nodes

    def _start(self, settings: Settings) -> int:
        """Returns when the node listens. Raises `OSError` if it could not."""
        ready, when_ready = os.pipe()
        if self._cell is None:
            pid = _spawn(settings, when_ready)
        else:
            pid = self._fork(settings, ready, when_ready)
        os.close(when_ready)
        with open(ready, "rb") as file:
            listens = bool(file.read(1))
        if not listens:
            raise OSError(f"node {settings.name} could not start: see {settings.log}")
        self._nodes[pid] = settings.name
        return pid

    def _fork(self, settings: Settings, ready: int, when_ready: int) -> int:
        pid = os.fork()
        if pid:
            return pid
        code = 1
        try:
            os.setsid()
            os.close(ready)
            self._abandon()
            node.main(settings, self._cell, self._marker, lambda: _say_ready(when_ready))
            code = 0
        except BaseException:  # also what no one expects is to be found in the node's log
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _abandon(self) -> None:
        self._loop.abandon()
        self._listener.close()
        for peer in self._peers.values():
            peer.close()

    def _reap(self) -> None:
        reaped = False
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if not pid:
                break
            reaped = True
            self._nodes.pop(pid, None)
        self._used_at = self._loop.now()
        if reaped:
            self._end_orphans()

    def _end_orphans(self) -> None:
        """What a dead node's descendants were is this process's child now, if it lives.

        Called after every death, not only a node's: a killed process may have forked a moment
        before, and that child comes here with its parent's SIGCHLD.
        """
        pending = [pid for pid in self._table.children(os.getpid()) if pid not in self._nodes]
        while pending:
            pid = pending.pop()
            pending.extend(self._table.children(pid))
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def _look_round(self) -> None:
        if self._peers or self._nodes:
            self._used_at = self._loop.now()
        if not self._ours() or self._loop.now() - self._used_at > _ALONE:
            self._loop.stop()
        self._loop.call_later(_LOOK_ROUND, self._look_round)

    def _ours(self) -> bool:
        """Whether the socket's file is still this nursery's."""
        try:
            return os.stat(self._path).st_ino == self._inode
        except OSError:
            return False


def main(path: str) -> None:
    """Serve on the socket at `path`. Started with the marker's placeholder in its environment."""
    if MARKER not in os.environ:
        os.environ[MARKER] = linux.PLACEHOLDER
        os.execv(sys.executable, [sys.executable, BOOT, "nursery", path])  # noqa: S606  itself
    interrupts.begin()  # whatever is forked here holds SIGINT too, until it runs a cell
    _no_stdin()
    Nursery(path, forks=linux.FORKS).run()


def node_main(text: str, when_ready: int) -> None:
    """A node where processes are not forked: in an interpreter of its own."""
    os.umask(0o077)
    settings = Settings(**json.loads(text))
    node.main(settings, None, linux.MarkerPlace(), lambda: _say_ready(when_ready))


def _no_stdin() -> None:
    """Nobody types into a job."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)


def _cell(marker: linux.MarkerPlace, folder: str) -> Cell:
    """What every cell runs in, made before anything is forked. `folder` is free for a moment."""
    cell = Cell()
    fork_hooks.end()
    rehearse(cell, marker, folder)
    if linux.threads() > 1:
        raise RuntimeError("a thread was started before the first fork")
    gc.collect()
    gc.freeze()  # the collector would write to every shared page
    large_pages.collapse()
    return cell


def _settings(message: Message, umask: int) -> Settings:
    given: dict[str, Any] = {name: value for name, value in message.items() if name != "op"}
    for name in ("affinity", "gpus"):
        given[name] = tuple(given.get(name) or ())
    return Settings(**given, umask=umask)


def _spawn(settings: Settings, when_ready: int) -> int:
    text = json.dumps(settings.__dict__)
    process = subprocess.Popen(
        [sys.executable, BOOT, "node", text, str(when_ready)],
        stdin=subprocess.DEVNULL,
        pass_fds=[when_ready],
        start_new_session=True,
    )
    process.returncode = 0  # reaped with all other children
    return process.pid


def _say_ready(when_ready: int) -> None:
    os.write(when_ready, b"1")
    os.close(when_ready)
