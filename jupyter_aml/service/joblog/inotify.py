"""Linux's inotify through ctypes: one instance per service, one watch per attempt folder."""

from __future__ import annotations

import asyncio
import ctypes
import errno
import logging
import os
import struct
from collections.abc import Callable
from pathlib import Path

from jupyter_aml.service.joblog.watcher import Watch, Watcher

log = logging.getLogger(__name__)

IN_MODIFY = 0x002
IN_Q_OVERFLOW = 0x4000
IN_ONESHOT = 0x80000000
_NONBLOCK_CLOEXEC = os.O_NONBLOCK | os.O_CLOEXEC
_EVENT = struct.Struct("iIII")


class InotifyWatcher:
    """Reads the instance on the running event loop. Raises OSError when there is none left.

    A folder that finds no watch left (``fs.inotify.max_user_watches``) is given to `fallback`.
    """

    def __init__(self, *, fallback: Watcher) -> None:
        # PyDLL: calls of a few microseconds keep the interpreter's lock. Given up, it may take
        # the store's thread milliseconds to give it back.
        self._libc = ctypes.PyDLL(None, use_errno=True)
        self._fd: int = self._libc.inotify_init1(_NONBLOCK_CLOEXEC)
        if self._fd < 0:
            raise _last_error("inotify_init1")
        self._fallback = fallback
        self._armed: dict[int, _InotifyWatch] = {}
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._fd, self._read)

    def watch(self, folder: Path | str, wake: Callable[[], object]) -> Watch:
        watch = _InotifyWatch(self, folder, wake)
        try:
            watch.arm()
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            log.warning("no inotify watch left: %s is polled", folder)
            return self._fallback.watch(folder, wake)
        return watch

    def close(self) -> None:
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1
        self._armed.clear()
        self._fallback.close()

    def add(self, folder: Path | str, watch: _InotifyWatch) -> int:
        """Have the kernel tell of the next change in `folder`, once."""
        mask = IN_MODIFY | IN_ONESHOT
        number: int = self._libc.inotify_add_watch(self._fd, os.fsencode(folder), mask)
        if number < 0:
            raise _last_error(str(folder))
        self._armed[number] = watch
        return number

    def remove(self, number: int) -> None:
        if self._armed.pop(number, None) is not None and self._fd >= 0:
            self._libc.inotify_rm_watch(self._fd, number)

    def _read(self) -> None:
        try:
            data = os.read(self._fd, 65536)
        except BlockingIOError:
            return
        numbers: set[int] = set()
        offset = 0
        while offset < len(data):
            number, mask, _, length = _EVENT.unpack_from(data, offset)
            offset += _EVENT.size + length
            if mask & IN_Q_OVERFLOW:
                numbers.update(self._armed)
            elif mask & IN_MODIFY:
                numbers.add(number)
        for number in numbers:
            watch = self._armed.pop(number, None)  # one wake may close the watch of another
            if watch is not None:
                watch.fired()


class _InotifyWatch:
    """Armed for one change at a time.

    Of a quick job one change is all there is to hear, and then there is no watch to be taken away.
    """

    def __init__(
        self, watcher: InotifyWatcher, folder: Path | str, wake: Callable[[], object]
    ) -> None:
        self._watcher = watcher
        self._folder = folder
        self._wake = wake
        self._number = -1
        self._is_muted = False

    def mute(self) -> None:
        self._is_muted = True  # the kernel tells at most one more change

    def unmute(self) -> None:
        self._is_muted = False
        try:
            self.arm()
        except OSError as error:
            # the folder was removed under us (the job, or a person): nothing more can come
            log.warning("%s is not watched any more: %s", self._folder, error)

    def close(self) -> None:
        self._is_muted = True
        self._watcher.remove(self._number)

    def arm(self) -> None:
        if self._number < 0:
            self._number = self._watcher.add(self._folder, self)

    def fired(self) -> None:
        """The kernel told of a change, and tells of no other until it is asked again."""
        self._number = -1
        if not self._is_muted:
            self._wake()
        if not self._is_muted:  # there was nothing for it in that change
            self.unmute()
            self._wake()  # for what came before it was asked


def _last_error(what: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number), what)
