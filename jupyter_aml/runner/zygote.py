"""A process that loads packages once and then forks spares that have them.

Only packages of this interpreter's site-packages: the user's own modules change. None of them may
have started a thread, because threads do not fork; OpenBLAS's end first (`native_threads.rest`).
"""

from __future__ import annotations

import gc
import importlib
import os
import select
import signal
import sys
from typing import NoReturn

from . import environment, fork_hooks, interrupts, linux, native_threads, sites, spare, worker
from .cell import Cell, draw_inline
from .wire import Bare, Channel

_MORE, _END = b"more", b"end"  # inside of a message: read without decoding it
_GONE = b'{"op":"gone","pid":%d,"status":%d,"cpu_seconds":%f,"peak_rss":%d}\n'


class Zygote:
    """Says "ready" once, a "spare" for every "more", and who is "gone".

    With "more" comes the end of a channel that the new spare shall have. Between two forks as
    little as can be is done here, because each page that is written to is copied again after a
    fork: no objects where numbers do, no JSON where a format does.
    """

    def __init__(self, channel: Channel, cell: Cell, marker: linux.MarkerPlace) -> None:
        self._channel = channel
        self._cell = cell
        self._marker = marker
        self._loaded: list[str] = []
        self._leaving = self._over = False
        self._wake = (-1, -1)
        self._me = os.getpid()

    def run(self) -> NoReturn:
        """Until told to end, or the node is gone."""
        order = self._channel.receive()
        if order is not None and order["op"] == "load":
            self._load(order["modules"])
            self._serve()
        os._exit(0)

    def _serve(self) -> None:
        wake, when_child = self._wake = os.pipe()
        os.set_blocking(when_child, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # the default would not write to the pipe
        signal.set_wakeup_fd(when_child, warn_on_full_buffer=False)
        events = select.poll()
        events.register(wake, select.POLLIN)
        events.register(self._channel.fileno(), select.POLLIN)
        while not self._over:
            for fd, _ in events.poll():
                if fd == wake:
                    os.read(wake, 512)
                    self._reap()
                else:
                    self._obey(*self._channel.receive_raw())

    def _obey(self, words: bytes, fd: int) -> None:
        if not words:
            os._exit(0)
        if _MORE in words:
            self._fork(fd)
        if _END in words:
            self._leaving = True
            self._reap()

    def _load(self, modules: list[str]) -> None:
        draw_inline()
        if modules:
            native_threads.before_loading(environment.THREADS)
        self._loaded = [name for name in modules if sites.installed(name) and self._import(name)]
        if self._loaded:
            native_threads.find()
        gc.collect()
        gc.freeze()
        refused = sorted(set(modules) - set(self._loaded))
        ready = {
            "op": "ready",
            "loaded": self._loaded,
            "refused": refused,
            "sites": sites.folders(),
        }
        self._channel.send(ready)

    def _import(self, name: str) -> bool:
        try:
            importlib.import_module(name)
        except BaseException as error:  # a package may raise anything, or try to exit
            print(f"cannot load {name} ahead: {error!r}", file=sys.stderr)
            return False
        if not native_threads.rest():
            self._channel.send({"op": "unfit", "module": name})
            os._exit(0)
        return True

    def _fork(self, fd: int) -> None:
        if self._loaded and linux.threads() > 1:  # one of the packages has started it late
            self._leaving = True
        if not self._leaving:
            pid = fork_hooks.fork()
            if pid == 0:
                worker.live(lambda: self._become_spare(fd))
            self._channel.send_raw(b'{"op":"spare","pid":%d}\n' % pid)
        os.close(fd)

    def _become_spare(self, fd: int) -> NoReturn:
        self._abandon()
        spare.serve(Bare(fd), self._cell, self._marker, self._me)

    def _abandon(self) -> None:
        signal.set_wakeup_fd(-1)
        interrupts.bare.signal(signal.SIGCHLD, interrupts.bare.SIG_DFL)
        for fd in self._wake:
            os.close(fd)
        self._channel.close()

    def _reap(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                self._over = self._leaving
                return
            if not pid:
                return
            seconds = usage.ru_utime + usage.ru_stime
            figures = (pid, status, seconds, usage.ru_maxrss * 1024)
            self._channel.send_raw(_GONE % figures)


def main(channel: Channel, cell: Cell, marker: linux.MarkerPlace, parent: int | None) -> NoReturn:
    """In a process that was just made; `parent` is the pid of the node that forked it."""
    if parent is not None:
        linux.die_with(parent)
    linux.offer_to_oom_killer()
    os.chdir(os.sep)
    Zygote(channel, cell, marker).run()
