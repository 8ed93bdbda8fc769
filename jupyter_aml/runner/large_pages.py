"""Large pages for the memory that a nursery shares with everything forked from it.

A fork copies an entry of the page table for every small page, and the end of the child takes each
back: for a quick job that is a quarter of what its process costs. Of a large page they do it once.
Linux gives them (6.1 and later) for whole, aligned pieces of memory, so the small objects that
Python keeps by the megabyte, between one library and the next, are made to lie side by side.

What cannot be had is left as it was: nothing depends on it.
"""

from __future__ import annotations

import ctypes
import sys

_LARGE = 2 << 20
_COLLAPSE = 25  # MADV_COLLAPSE
_ROOM = 10 << 20
"""Bytes: about what a nursery loads. What stays empty is given back."""
_OBJECT = 512 - 33  # with what Python puts before and behind it, the largest that it keeps itself
_PIN = 1 << 19
"""Bytes between two objects that stay: no megabyte may be given back before it is filled."""

_pins: list[bytes] = []


def make_room() -> None:
    """Called first of all: what is loaded afterwards fills one piece of memory."""
    if sys.platform != "linux":
        return
    blocks = [bytes(_OBJECT) for _ in range(_ROOM // 512)]
    _pins[:] = blocks[:: _PIN // 512]


def collapse() -> None:
    """Called when everything is loaded and nothing is forked yet: that would not share it."""
    _pins.clear()
    if sys.platform != "linux":
        return
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for start, end in _writable():
        for place in range(-(-start // _LARGE) * _LARGE, end - _LARGE + 1, _LARGE):
            if madvise(place, _LARGE, _COLLAPSE):
                return  # an old kernel, or one without a large page to spare


def _writable() -> list[tuple[int, int]]:
    """Where this process's own memory lies that belongs to no file."""
    found: list[tuple[int, int]] = []
    with open("/proc/self/maps", encoding="ascii", errors="replace") as maps:
        for line in maps:
            place, mode, _, _, inode, *_ = line.split()
            if mode == "rw-p" and inode == "0":
                start, _, end = place.partition("-")
                found.append((int(start, 16), int(end, 16)))
    return found
