"""The claim of an attempt: made once, by the process that is to run it, before anything of it runs.

A symbolic link whose target says who that is. It comes whole or not at all, in one call, and does
not wake who waits for output in the same folder, as a write into a file would. Where links cannot
be made it is a file.
"""

from __future__ import annotations

import os

from .wire import Message, encode


def path(folder: str, rank: int) -> str:
    """Where it lies in an attempt's folder; `service.backends.local.recovery` reads it."""
    return os.path.join(folder, f"claim.{rank}")


def make(order: Message) -> bool:
    """False when this attempt was started before, by whomever."""
    place = path(order["task"]["dir"], order["rank"])
    who = encode({"pid": os.getpid(), "created": order["created"]}).rstrip()
    try:
        _link(who.decode(), place, order["task"])
        return True
    except FileExistsError:
        return False
    except (OSError, NotImplementedError):
        return _write(place, who)  # no links on this filesystem, or not for this user


def _link(who: str, place: str, task: Message) -> None:
    try:
        os.symlink(who, place)
    except FileNotFoundError:
        if not task.get("ahead"):
            raise  # its home was taken away
        _make_folder(task["dir"])
        os.symlink(who, place)


def _make_folder(attempt: str) -> None:
    """The folders of a job that was sent before its turn: nobody has had a use for them yet."""
    for folder in (os.path.dirname(attempt), attempt):
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            pass


def is_there(folder: str, rank: int) -> bool:
    return os.path.lexists(path(folder, rank))


def _write(place: str, who: bytes) -> bool:
    try:
        file = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    os.write(file, who)
    os.close(file)
    return True
