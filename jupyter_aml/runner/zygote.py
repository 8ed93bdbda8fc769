"""A process that loads packages once and then forks spares that have them.

Only packages of this interpreter's site-packages: the user's own modules change. None of them may
have started a thread, because threads do not fork.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import os
import site
import sys
import sysconfig
from typing import NoReturn

from . import cell, environment, linux, worker
from .loop import Loop
from .wire import Channel, Message


class Zygote:
    """Says "ready" once, a "spare" with its descriptor for every "more", and who is "gone"."""

    def __init__(self, channel: Channel, shell: cell.Shell, marker: linux.MarkerPlace) -> None:
        self._channel = channel
        self._shell = shell
        self._marker = marker
        self._loop = Loop()
        self._children: set[int] = set()
        self._leaving = False

    def run(self) -> NoReturn:
        """Until told to end, or the node is gone."""
        self._loop.on_child(self._reap)
        self._loop.watch(self._channel.fileno(), self._hear)
        self._loop.run()
        os._exit(0)

    def _hear(self) -> None:
        messages = self._channel.drain()
        if messages is None:
            os._exit(0)
        for message in messages:
            if message["op"] == "load":
                self._load(message["modules"])
                self._fork()
            elif message["op"] == "more" and not self._leaving:
                self._fork()
            elif message["op"] == "end":
                self._leaving = True
                self._leave_if_empty()

    def _load(self, modules: list[str]) -> None:
        os.environ.update(dict.fromkeys(environment.THREADS, "1"))
        cell.draw_inline()
        loaded = [name for name in modules if installed(name) and self._import(name)]
        gc.collect()
        gc.freeze()
        refused = sorted(set(modules) - set(loaded))
        answer = {"op": "ready", "loaded": loaded, "refused": refused, "sites": sites()}
        self._channel.send(answer)

    def _import(self, name: str) -> bool:
        try:
            importlib.import_module(name)
        except BaseException as error:  # a package may raise anything, or try to exit
            print(f"cannot load {name} ahead: {error!r}", file=sys.stderr)
            return False
        if linux.threads() > 1:
            self._channel.send({"op": "unfit", "module": name})
            os._exit(0)
        return True

    def _fork(self) -> None:
        if linux.threads() > 1:  # started late by one of the packages
            self._leaving = True
            self._leave_if_empty()
            return
        spare = worker.fork(self._shell, self._marker, self._abandon)
        self._children.add(spare.pid)
        self._channel.send({"op": "spare", "pid": spare.pid}, fd=spare.channel.fileno())
        spare.channel.close()

    def _abandon(self) -> None:
        self._loop.abandon()
        self._channel.close()

    def _reap(self) -> None:
        while self._children:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if not pid:
                return
            self._children.discard(pid)
            message: Message = {
                "op": "gone",
                "pid": pid,
                "status": status,
                "cpu_seconds": usage.ru_utime + usage.ru_stime,
                "peak_rss": usage.ru_maxrss * 1024,
            }
            self._channel.send(message)
        self._leave_if_empty()

    def _leave_if_empty(self) -> None:
        if self._leaving and not self._children:
            self._loop.stop()


def main(
    channel: Channel, shell: cell.Shell, marker: linux.MarkerPlace, parent: int | None
) -> NoReturn:
    """In a process that was just made; `parent` is the pid of the node that forked it."""
    if parent is not None:
        linux.die_with(parent)
    linux.offer_to_oom_killer()
    os.chdir(os.sep)
    Zygote(channel, shell, marker).run()


def sites() -> list[str]:
    """Where this interpreter's packages are installed."""
    folders = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    folders.update(site.getsitepackages())
    if site.ENABLE_USER_SITE:
        folders.add(site.getusersitepackages())
    return sorted(folder for folder in folders if os.path.isdir(folder))


def installed(module: str) -> bool:
    """Whether its package lies in site-packages; not one in development, not the user's own."""
    try:
        spec = importlib.util.find_spec(module.partition(".")[0])
    except (ImportError, ValueError):
        return False
    if spec is None:
        return False
    places = [*(spec.submodule_search_locations or ()), spec.origin or ""]
    return any(place.startswith(folder + os.sep) for place in places for folder in sites())
