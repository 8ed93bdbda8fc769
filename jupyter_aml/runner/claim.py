"""The claim of an attempt: made once, by the process that is to run it, before anything of it runs.

A symbolic link whose target says who that is. It comes whole or not at all, in one call, and does
not wake who waits for output in the same folder, as a write into a file would. Where links cannot
be made it is a file.
"""

from __future__ import annotations

import os
from functools import lru_cache

from .wire import Message, encode


def path(folder: str, rank: int) -> str:
    """Where it lies in an attempt's folder; `service.backends.local.recovery` reads it."""
    return f"{folder}{os.sep}claim.{rank}"


def make(order: Message) -> bool:
    """False when this attempt was started before, by whomever. Raises OSError of a full disk."""
    place = path(order["task"]["dir"], order["rank"])
    who = _who(os.getpid(), order["created"])
    if order["task"].get("ahead"):
        _make_folders(order["task"]["dir"])
    try:
        os.symlink(who, place)
        return True
    except FileExistsError:
        return False
    except (OSError, NotImplementedError):
        return _write(place, who)  # no links on this filesystem, or not for this user


def _make_folders(attempt: str) -> None:
    """Of a job that was sent before its turn: nobody has had a use for them yet."""
    for folder in (os.path.dirname(attempt), attempt):
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            pass


@lru_cache(maxsize=1)
def _who(pid: int, created: float) -> str:
    """The same for all cells of a session."""
    return encode({"pid": pid, "created": created}).decode().rstrip()


def is_there(folder: str, rank: int) -> bool:
    return os.path.lexists(path(folder, rank))


def _write(place: str, who: str) -> bool:
    try:
        file = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    os.write(file, who.encode())
    os.close(file)
    return True
