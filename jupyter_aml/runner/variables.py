"""Variables that travel with a cell, and those it leaves.

Both ways a protocol-5 pickle, with large buffers out of band in a file of their own. What a cell
leaves is pickled value by value in one pass, so that one value that cannot be pickled is named and
the others still come back, and so that each one's size is known.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import itertools
import mmap
import os
import pickle
import struct
import sys
import time
import weakref
from collections.abc import Iterable
from types import FunctionType
from typing import Any

from .wire import Message

try:
    # It also takes functions and classes of the notebook.
    from cloudpickle import Pickler as _Pickler  # pyright: ignore[reportAssignmentType]
except ImportError:

    class _Pickler(pickle.Pickler):
        """Refuses what could not be loaded elsewhere: it would spoil the whole result."""

        def reducer_override(self, obj: Any) -> Any:
            if isinstance(obj, type | FunctionType) and obj.__module__ == "__main__":
                raise pickle.PicklingError(
                    f"{obj.__qualname__} is defined in the notebook, and its environment "
                    "lacks cloudpickle: pip install cloudpickle"
                )
            return NotImplemented


_ALIGN = 64
_OUT_OF_BAND = 1 << 20
_MOST_VALUE = 64 << 20
"""A last value that was only shown, and takes more beside the variables, is not stored."""
_PROTOCOL = 5
_TRIES = 100


def load(task: Message) -> dict[str, Any]:
    """The variables that came with a cell. Raises whatever unpickling them raises."""
    blob = base64.b64decode(task.get("pickle") or "")
    if not blob and task.get("inputs"):
        with open(task["inputs"], "rb") as file:
            blob = file.read()
    if not blob:
        return {}
    return pickle.loads(blob, buffers=_buffers(task.get("segment")))  # noqa: S301  the user's own


def _buffers(segment: Message | None) -> list[memoryview]:
    """Views of the segment: not copied, and writable without changing the file."""
    if not segment or not segment["lengths"]:
        return []
    with open(segment["path"], "rb") as file:
        if os.fstat(file.fileno()).st_size == 0:
            view = memoryview(b"")
        elif _hold(file.fileno()):
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
            _segments.append((weakref.ref(mapped), os.dup(file.fileno())))
            view = memoryview(mapped)
        else:
            view = memoryview(bytearray(file.read()))
    ends = _offsets(segment["lengths"])
    return [
        view[offset : offset + length]
        for offset, length in zip(ends, segment["lengths"], strict=True)
    ]


_segments: list[tuple[weakref.ref[mmap.mmap], int]] = []
"""What is mapped, and a descriptor of each."""


def let_go() -> None:
    """Give back the segments of which no array is left; called between the cells of a session.

    Whoever lets go of a segment last frees its pages, 20 ms of work for 100 MB: a cell that sets
    its `x` anew shall not wait for that. Until here the descriptor keeps them.
    """
    gone = [descriptor for mapped, descriptor in _segments if mapped() is None]
    _segments[:] = [(mapped, kept) for mapped, kept in _segments if kept not in gone]
    for descriptor in gone:
        os.close(descriptor)


def _hold(descriptor: int) -> bool:
    """Keep the segment's owner from writing into it again. False if that cannot be.

    The lock is the open file's, of which a map keeps a duplicate: it ends after the map (when the
    last array of it is gone, in a session perhaps hours later), or with this process.
    """
    try:
        import fcntl
    except ImportError:
        return False  # Windows
    for _ in range(_TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            time.sleep(0.001)  # its owner looks, for a few microseconds, whether anybody reads it
        except OSError:
            break  # a filesystem without locks
    return False


def _offsets(lengths: list[int]) -> list[int]:
    """Where each buffer begins: at the next multiple of 64 after the one before."""
    found, end = [], 0
    for length in lengths:
        found.append(-(-end // _ALIGN) * _ALIGN)
        end = found[-1] + length
    return found


class Result:
    """A pickle of ``{"variables": {...}, "exception": ..., "value": ...}`` in the making.

    Every value is a dump of one pickler, whose memo goes on, so a value that two variables share is
    still one after loading. A dump is ``PROTO … STOP``; with its last byte turned into SETITEM it
    puts itself into the dictionary below it.
    """

    def __init__(self) -> None:
        self.names: dict[str, int] = {}
        self.kept: dict[str, str] = {}
        self.buffers: list[memoryview] = []
        self.empty = True
        """Nothing to fetch: no variable came, nothing was raised, nothing shown."""
        self._parts: list[bytes] = []

    def put(
        self, values: dict[str, Any], error: BaseException | None, value: tuple[Any, ...] = ()
    ) -> None:
        """Afterwards `names` and `kept` have each name of `values`, one or the other.

        `error` and `value` come along if they can, a large `value` only as one of `values`.
        """
        if error is not None and not _can_be_loaded(error):
            error = None
        extras: dict[str, Any] = {"exception": error}
        if value:
            extras["value"] = value[0]
        while not self._try(values, extras):
            pass
        self.empty = not self.names and extras == {"exception": None}

    def write(self, folder: str, key: str) -> None:
        """``result.pkl``, signed, and ``result.buf`` beside it. Raises `OSError` if they cannot."""
        signature = self.sign(key)
        if self.buffers:
            lengths = [buffer.nbytes for buffer in self.buffers]
            pieces = zip(_offsets(lengths), self.buffers, strict=True)
            _write(os.path.join(folder, "result.buf"), pieces)
        parts = [signature, *self._parts]
        starts = itertools.accumulate(map(len, parts[:-1]), initial=0)
        _write(os.path.join(folder, "result.pkl"), zip(starts, parts, strict=True))

    def sign(self, key: str) -> bytes:
        digest = hmac.new(bytes.fromhex(key), digestmod=hashlib.sha256)
        for part in self._parts:
            digest.update(part)
        return digest.digest()

    def _try(self, values: dict[str, Any], extras: dict[str, Any]) -> bool:
        """False when a value was found that cannot be pickled: the memo then holds half of it."""
        self.names, self.buffers = {}, []
        self._parts = [_OPEN]
        stream = io.BytesIO()
        pickler = _Pickler(stream, _PROTOCOL, buffer_callback=self._in_band)
        for name, value in values.items():
            if name in self.kept:
                continue
            before = sum(buffer.nbytes for buffer in self.buffers)
            try:
                self._parts.append(_item(name, _dump(pickler, stream, value)))
            except Exception as reason:  # whatever a foreign __reduce__ raises
                self.kept[name] = f"{type(value).__name__} cannot be pickled: {reason}"
                return False
            out_of_band = sum(buffer.nbytes for buffer in self.buffers) - before
            self.names[name] = len(self._parts[-1]) + out_of_band
        self._parts.append(_CLOSE_VARIABLES)
        for name in list(extras):
            before = len(self.buffers)
            try:
                part = _item(name, _dump(pickler, stream, extras[name]))
            except Exception:  # a foreign __reduce__ again; the person has seen its text
                extras[name] = None
                if name == "value":
                    del extras[name]
                return False
            size = len(part) + sum(buffer.nbytes for buffer in self.buffers[before:])
            if name == "value" and size > _MOST_VALUE:
                # Nothing comes after it, so nothing refers to what is left out.
                del extras[name], self.buffers[before:]
                continue
            self._parts.append(part)
        self._parts.append(_CLOSE)
        return True

    def _in_band(self, buffer: pickle.PickleBuffer) -> bool:
        """Asked by the pickler for each buffer: whether it shall copy it into the pickle."""
        try:
            view = buffer.raw()
        except BufferError:
            return True  # not contiguous
        if view.nbytes < _OUT_OF_BAND:
            return True
        self.buffers.append(view)
        return False


def rehearse() -> None:
    """As `Cell.rehearse`: write to the pages that leaving a variable writes to, or an array."""
    zeros = getattr(sys.modules.get("numpy"), "zeros", None)
    result = Result()
    result.put({"name": zeros(_OUT_OF_BAND, "b") if zeros else 0}, None)
    result.sign("")
    if zeros:
        del result  # and its array: malloc maps the next one of that size no more, but keeps it
        bytearray(b"1") * _OUT_OF_BAND


_OPEN = b"\x80\x05}X\x09\x00\x00\x00variables}"  # PROTO 5, {, "variables", {
_CLOSE_VARIABLES = b"s"  # put the inner one
_CLOSE = b"."  # STOP


def _item(name: str, dump: bytes) -> bytes:
    key = name.encode()
    return b"X" + struct.pack("<I", len(key)) + key + dump[:-1] + b"s"


def _dump(pickler: Any, stream: io.BytesIO, value: Any) -> bytes:
    stream.seek(0)
    stream.truncate()
    pickler.dump(value)
    return stream.getvalue()


def _can_be_loaded(error: BaseException) -> bool:
    """Many an exception can be pickled, but not be made again: that would spoil the result."""
    trial = io.BytesIO()
    try:
        _Pickler(trial, _PROTOCOL).dump(error)
        pickle.loads(trial.getvalue())  # noqa: S301  our own, a moment old
    except Exception:  # whatever its class's own __reduce__ or __init__ raises
        return False
    return True


def _write(path: str, pieces: Iterable[tuple[int, bytes | memoryview]]) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags, 0o600), "wb", buffering=0) as file:
        for offset, piece in pieces:
            file.seek(offset)
            view = memoryview(piece).cast("B")
            while view.nbytes:
                view = view[file.write(view) or 0 :]
