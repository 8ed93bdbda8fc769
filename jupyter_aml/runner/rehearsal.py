"""What a job's process does from its first order to its end, once, before anything is forked.

The first time costs more than all later ones together: caches of methods fill, code is specialized,
lazy things are made. Done here, every fork has that; left to the forks, each would do it again, and
copy the pages on which it is written.
"""

from __future__ import annotations

import os
import shutil
import sys

from . import environment, linux
from .cell import Cell
from .spare import Spare, is_alone
from .wire import Channel, Message, encode

_ROUNDS = 10
"""Python specializes code when it runs for the eighth time, and writes to it until then."""


def rehearse(cell: Cell, marker: linux.MarkerPlace, folder: str) -> None:
    """Afterwards this process is as it was; `folder` was made and is gone."""
    before = dict(os.environ)
    here = os.getcwd()
    umask = os.umask(0o077)
    streams = sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__
    files = os.dup(1), os.dup(2)
    try:
        for number in range(_ROUNDS):
            _round(cell, marker, os.path.join(folder, str(number)))
    finally:
        cell.forget()
        sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__ = streams  # type: ignore[misc]
        for fd, file in zip((1, 2), files, strict=True):
            os.dup2(file, fd)
            os.close(file)
        os.chdir(here)
        os.umask(umask)
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)
        shutil.rmtree(folder, ignore_errors=True)


def _round(cell: Cell, marker: linux.MarkerPlace, folder: str) -> None:
    os.makedirs(folder, 0o700)
    ours, theirs = Channel.pair()
    task = _task(folder)
    order: Message = {
        "op": "run", "rank": 0, "how": "fork", "created": 0.0, "env": {}, "threads": 1,
        "gpus": [], "umask": 0o077,
    }  # fmt: skip
    order["environ"] = environment.changes(environment.known("fork"), task, order)
    ours.send(order, task=encode(task)[:-1])
    Spare(theirs, cell, marker).once()
    is_alone(linux.thread_ids())
    ours.close()
    theirs.close()


def _task(folder: str) -> Message:
    """The smallest cell. Of a session, because the process goes on after it."""
    return {
        "job": "rehearsal", "attempt": 1, "rank": 0, "marker": linux.PLACEHOLDER, "kind": "cell",
        "dir": folder, "cwd": folder, "env": {}, "session": "rehearsal", "source": "print(1)",
        "execution_count": 1, "key": "", "imports": [], "collect": None,
    }  # fmt: skip
