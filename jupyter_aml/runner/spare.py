"""A process that waits for work: it is there before the job comes, so the job starts at once.

Made by a node or a zygote (`main`), or by becoming another interpreter (`resume`). Runs one task
and ends; as a session, cell after cell until it is told to end.
"""

from __future__ import annotations

import json
import os
import resource
import threading
import time
from typing import NoReturn

from . import (
    claim,
    environment,
    interrupts,
    json_text,
    linux,
    native_threads,
    start,
    variables,
)
from .cell import ERROR, Cell, Measure, finish
from .wire import Channel, Message, encode

_SOON = 0.02
"""Seconds: where jobs come this fast, rehearsing would take time from the one that runs."""
_MUCH = 512 << 20
_SMALL_ORDER = encode({"op": "run", "rank": 0, "gpus": [], "task": {"created": 0.5}})[:-1]


class Spare:
    def __init__(self, channel: Channel, cell: Cell, marker: linux.MarkerPlace) -> None:
        self._channel = channel
        self._cell = cell
        self._marker = marker
        self._settled = False
        self._renewed = False
        self._threads: set[str] = set()
        """Those from before the cell's first line, where this process was forked for the cell."""

    def wait(self) -> NoReturn:
        """Take orders until one ends this process, or the node is gone."""
        if not self._settled and not self._channel.has_news(_SOON):
            self._rehearse()
        while True:
            self.once()

    def _rehearse(self) -> None:
        """Nothing is under way: write to the pages that a job writes to, which copies them."""
        json_text.loads(_SMALL_ORDER)
        start.set_environ(environment.blank())
        start.renew()
        self._renewed = True
        self._cell.rehearse()
        variables.rehearse()

    def once(self) -> None:
        """Wait for one order and carry it out."""
        order = self._channel.receive()
        interrupts.drop()
        if order is None or order["op"] == "end":
            self._leave(0)
        self._obey(order)

    def resume(self, order: Message) -> NoReturn:
        """Go on with an order that another program on this pid has claimed and settled."""
        self._settled = True
        self._run(order)
        self.wait()

    def _obey(self, order: Message) -> None:
        kept = bool(order["task"].get("session"))
        lives = kept and self._settled  # it has run cells, whose variables are not to be lost
        try:
            if not claim.make(order):
                self._channel.send({"op": "refused"})
                if not kept:
                    self._leave(0)
                return
            files = start.open_streams(order)  # whoever hears of the claim finds them
            if not kept:  # a quick cell's end is told soon, and the claim is there to be seen
                self._channel.send({"op": "claimed", "rss": _peak()})
            self._become(order)
        except OSError as error:
            self._report({"op": "failed", "message": _words(error), "lives": lives})
            if lives:
                return  # a full disk, mostly: nothing of this cell was begun
            os._exit(ERROR)
        self._run(order, files)

    def _become(self, order: Message) -> None:
        """Returns only if the cell runs in this very process."""
        if self._settled:  # a session: its folder and its variables are the user's by now
            start.set_environ(environment.about(order["task"], order["rank"]))
            self._marker.write(order["task"]["marker"])
            return
        start.settle(order, self._marker)
        self._settled = True
        if order["task"]["kind"] == "command":
            start.run_command(order["task"]["command"])
        if order["how"] == "exec":
            self._channel.set_inheritable()
            start.run_interpreter(order, self._channel.fileno())
        if not self._renewed:
            start.renew()
        start.adapt(order)
        if order["task"].get("session"):
            return
        if order["how"] == "preloaded":
            self._threads = linux.thread_ids()
        elif order["how"] == "fork":
            self._threads = {str(os.getpid())}  # nothing has started another one

    def _run(self, order: Message, files: tuple[int, int] | None = None) -> None:
        kept = bool(order["task"].get("session"))
        measure = _meter() if kept else None
        ahead = order["how"] == "preloaded"
        try:
            ran = self._cell.run(order["task"], order["rank"], files, ahead=ahead, measure=measure)
        except OSError as error:  # of our own files; the program's errors are its result
            self._report(
                {"op": "lost", "message": f"its output could not be kept: {_words(error)}"}
            )
            os._exit(ERROR)
        leaving = self._cell.shell.leaving or not kept
        if ran.modules or kept:  # else the end of this process says it all
            self._report({"op": "ended", **ran._asdict(), "leaving": leaving})
        if leaving:
            self._leave(ran.code)
        self._marker.write(linux.PLACEHOLDER)  # between cells it is nobody's
        variables.let_go()

    def _report(self, message: Message) -> None:
        try:
            self._channel.send(message)
        except OSError:
            pass  # the node is gone; the results are on disk

    def _leave(self, code: int) -> NoReturn:
        if self._settled:  # a program ran here: end it as an interpreter would
            finish()
        if self._threads and code == 0 and is_alone(self._threads):
            self._report({"op": "over", "cpu_seconds": _cpu_seconds(), "peak_rss": _peak()})
        os._exit(code)


def main(channel: Channel, cell: Cell, marker: linux.MarkerPlace, parent: int | None) -> NoReturn:
    """In a process that was just made. `parent` is the pid of who forked it, if it was forked."""
    linux.offer_to_oom_killer()
    serve(channel, cell, marker, parent)


def serve(channel: Channel, cell: Cell, marker: linux.MarkerPlace, parent: int | None) -> NoReturn:
    """The same below a zygote, which has offered itself and with it what it forks."""
    if parent is None:
        interrupts.begin()
    else:
        os.setsid()
        linux.die_with(parent)
    Spare(channel, cell, marker).wait()


def resume(fd: int, channel: int) -> NoReturn:
    """In an interpreter that `start.run_interpreter` started."""
    with open(fd, encoding="utf-8") as file:
        order = json.load(file)
    interrupts.begin()
    Spare(Channel.of(channel), Cell(), linux.MarkerPlace()).resume(order)


def _meter() -> Measure:
    """Measures what is used from now on, for a cell whose process lives on.

    The memory is the most that this process ever had.
    """
    before = _cpu_seconds()

    def measure(code: int) -> Message:
        spent = round(_cpu_seconds() - before, 4)
        return {
            "code": code,
            "cpu_seconds": spent,
            "peak_memory": _peak(),
            "ended": time.time_ns() // 1_000_000 / 1000,
        }

    return measure


def _cpu_seconds() -> float:
    """Of this process and of those that it has waited for."""
    reaped = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + reaped.ru_utime + reaped.ru_stime


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def is_alone(threads: set[str]) -> bool:
    """Whether nothing of the job can run here any more, and this process will soon be gone.

    Its memory alone takes the kernel milliseconds to give back, or seconds if there is much of it.
    Its `threads` from before the cell are numerical libraries' own, which wait for work.
    """
    if not linux.thread_ids() <= threads and threading.active_count() == 1:
        native_threads.stop()
    if not linux.thread_ids() <= threads or _peak() > _MUCH:
        return False
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return True
    return False


def _words(error: OSError) -> str:
    return f"{error.strerror}: {error.filename}" if error.strerror else str(error)
